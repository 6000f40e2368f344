"""The sentences of statements, Japanese and English. Used by `crypto.signed.words`."""

from collections.abc import Mapping

JA = {
    "contract": "契約条件 {contract} 第{version}版(委託元 {entrustor})",
    "roster": "従事者名簿: {person} を {party} / {site} の {role} として登録",
    "purpose": "利用目的: {purpose}",
    "expires": "開示の期限: {expires}",
    "until": "最終就業日: {until}",
    "new_factor": "新しい二要素認証の登録を許可(登録済みのものは無効になります)",
    "field": "  {kind}: 発信前 {s1} · 応答後 {s2} · 本人確認後 {s3}{extra}",
    "match": " · 照合可",
    "reveal": " · 全文表示可({seconds}秒)",
    "askable": "askable(呼び出す名前は1つだけ: カナ、なければ漢字)",
    "identity": "本人確認: {kinds} のうち {count} 項目、誤り {tries} 回まで"
    "(担当者1人の誤りは24時間に {day} 回まで)",
    "codes": "終了とする結果コード: {final} / 継続: {open}",
    "hands": "取扱いを承認する事業者: {parties} · 拠点: {sites}",
    "any": "制限なし",
    "home": "在宅での取扱い: 可",
    "no_home": "在宅での取扱い: 不可",
    "budget": "1人のオペレーターが見る人数の上限:",
    "people_per_hour": "  1時間に {count} 名",
    "people_per_day": "  24時間に {count} 名",
    "people_per_30_days": "  30日間に {count} 名",
    "people_per_job": "  1つの業務を通じて {count} 名",
    "people_per_list": "  1つのリストを通じて {count} 名",
    "people_per_entrustor_day": "  委託元ごとに24時間に {count} 名",
    "reveals": "1人のオペレーターの全文表示: 1時間に {reveals_per_hour} 項目まで",
    "inbound": "折返し電話の番号検索: 可(1件ずつ)",
    "call_back": "つながらなかった方の折返し: 架電上限の後、{days}営業日の終わりまで受けます",
    "no_inbound": "折返し電話の番号検索: 不可",
    "hold": "1件を手元に置く時間: {hold_seconds}秒まで",
    "notes": "次の架電のためのメモ(100字まで): 可。{stage} から表示し、"
    "記録の完了か消去でなくなります",
    "slips": "申し送り票で委託元に伝える項目: {kinds}",
    "hours": "架電時間: 平日 {w0}-{w1}時、土日祝 {h0}-{h1}時 · "
    "1人・1番号 {attempts} 回まで、1日 {day} 回まで · 間隔 {retry}分",
    "results_first": "完了後の扱い: 返還後消去(結果の受領か期限まで凍結して待ちます)",
    "erase_at_once": "完了後の扱い: 消去(結果のお受け取りを待ちません)",
    "unanswered_per_unit": "請求単位: つながらない架電 {calls} 回で1単位、完了した方は1人1単位",
    "handover_test": "架電の開始: 委託元が結果の試験ファイルを開いてから",
    "end": "完了から消去まで: {grace} 時間 · 重複の判定: {duplicates}",
    "sealed_only": "ファイルの受渡し: 委託元が暗号化したもの(age)だけを受け取る",
    "plain_too": "ファイルの受渡し: 暗号化していないものも受け取る",
    "segments": "区分として符号で残す列: {columns}(値は各列50種まで、20名以上に共通のものだけ。"
    "架電の順番と集計に使う)",
    "no_segments": "区分として残す列: なし",
    "recipient": "委託元 {entrustor} の受取り用の鍵を変更(今後受領するリストから)\n"
    "  新しい鍵の指紋: {fingerprint}",
    "raise": "人数の上限の引上げ: {who}(契約 {contract}、委託元 {entrustor})",
    "person": "従事者 {person}",
    "role": "役割 {role} の全員",
    "raise_until": "引上げの期限: {until}",
    "approve": "事業者 {party} の取扱いを承認: 契約 {contract}(委託元 {entrustor})。"
    "今後受領するリストから",
    "withdraw": "事業者 {party} の承認を取消し: 契約 {contract}(委託元 {entrustor})。"
    "受領済みのリストも直ちに開けなくなります",
    "hold_on": "リスト {list}(委託元 {entrustor})の消去を保留。保留中は誰も開けません\n"
    "  理由: {reason}",
    "hold_off": "リスト {list}(委託元 {entrustor})の消去の保留を解除\n  理由: {reason}",
    "extension": "リスト {list}(委託元 {entrustor})の期限を {until} まで延長。"
    "権限のない停止と、管理者の終了操作による停止は解除されます",
    "shred": "次のリストの鍵の消去を許可(承認者 {entrustor})。元に戻せません",
    "shred_list": "  {list}",
    "canaries": "カナリア(おとり)番号の登録: 契約 {contract}(委託元 {entrustor})。"
    "鍵管理装置だけが読めます\n"
    "  封緘した一覧の指紋: {fingerprint}",
    "reissue": "消去証明書 {certificate} の差替(委託元 {entrustor}、リスト {list})。"
    "差替前の証明書も残ります",
    "revocation": "消去証明書 {certificate} の失効(委託元 {entrustor}、リスト {list})。"
    "元に戻せません。失効した証明書も残ります",
    "why": "  理由: {why}({code})",
    "reissued_name": "名称の誤記",
    "reissued_number": "契約番号などの誤記",
    "reissued_claim": "消去処理装置の申告の誤り",
    "revoked_in_error": "誤って発行した",
    "revoked_wrong_list": "別のリストの証明書である",
    "revoked_wrong_claim": "消去処理装置の申告が事実と違う",
    "revoked_key_compromised": "署名鍵の漏えいのおそれ",
    "correct_entrustor": "  訂正後の委託元の名称: {value}",
    "correct_contract": "  訂正後の契約番号: {value}",
    "correct_purpose": "  訂正後の利用目的: {value}",
    "correct_parties": "  訂正後の取扱いを承認された者(全員): {value}",
    "correct_rows": "  訂正後の受領行数: {value}",
    "correct_rejected": "  訂正後の取込不可の行数: {value}",
    "correct_duplicates": "  訂正後の重複の行数: {value}",
    "correct_not_to_be_called": "  訂正後の架電しない方の行数: {value}",
    "reissue_keeps": "  これ以外(消去の日時、件数、確認結果)は変わりません",
    "envelope": "申請者 {issuer} · 申請 {issued} · 有効期限 {valid} · 番号 {nonce}",
}
EN = {
    "contract": "Contract terms {contract}, version {version} (entrustor {entrustor})",
    "roster": "Roster: {person} works for {party} at {site} as {role}",
    "purpose": "Purpose: {purpose}",
    "expires": "Nothing opens after: {expires}",
    "until": "Last working day: {until}",
    "new_factor": "May register a new second factor, which replaces the one registered",
    "field": "  {kind}: dialling {s1} · answered {s2} · verified {s3}{extra}",
    "match": " · may be matched",
    "reveal": " · may be revealed in full ({seconds} s)",
    "askable": "askable (the one name to ask for: the reading, else the kanji)",
    "identity": "Identity check: {count} of {kinds}, {tries} mismatches at most "
    "({day} a day per person who asks)",
    "codes": "Result codes that end a record: {final} / that do not: {open}",
    "hands": "Approved parties: {parties} · sites: {sites}",
    "any": "any",
    "home": "Work from home: permitted",
    "no_home": "Work from home: not permitted",
    "budget": "People one operator may see, at most:",
    "people_per_hour": "  {count} an hour",
    "people_per_day": "  {count} in 24 hours",
    "people_per_30_days": "  {count} in 30 days",
    "people_per_job": "  {count} in all of one job",
    "people_per_list": "  {count} in all of one list",
    "people_per_entrustor_day": "  {count} of one entrustor in 24 hours",
    "reveals": "Fields one operator may have revealed: {reveals_per_hour} an hour",
    "inbound": "Search by number when somebody calls back: permitted, one at a time",
    "call_back": "Whoever was never reached may call back until the end of {days} business day(s)",
    "no_inbound": "Search by number when somebody calls back: not permitted",
    "hold": "A record stays in hand for at most {hold_seconds} s",
    "notes": "Notes for the next call (up to 100 characters): kept, shown from {stage} on, gone "
    "with the record",
    "slips": "Handed over to the entrustor on a slip: {kinds}",
    "hours": "Calling hours: weekdays {w0}-{w1}, weekends and holidays {h0}-{h1} · "
    "{attempts} calls per person and number, {day} a day · {retry} min apart",
    "results_first": "After completion: erased once the results are received, or at the deadline",
    "erase_at_once": "After completion: erased, without waiting for the results to be received",
    "unanswered_per_unit": "Billed: one unit for {calls} unanswered calls, and one for each person "
    "finished otherwise",
    "handover_test": "Calls begin once the entrustor has opened a test file of results",
    "end": "From completion to destruction: {grace} h · duplicates by: {duplicates}",
    "sealed_only": "Files: only those that the entrustor has encrypted (age) are received",
    "plain_too": "Files: plain ones are received too",
    "segments": "Columns kept as groups, by a code: {columns} (at most 50 values each, only those "
    "that 20 people share; for the order of calls and for counts)",
    "no_segments": "Columns kept as groups: none",
    "recipient": "Entrustor {entrustor} receives with another key, from the next list on\n"
    "  Fingerprint of the new key: {fingerprint}",
    "raise": "More people may be seen by {who} (contract {contract}, entrustor {entrustor})",
    "person": "person {person}",
    "role": "everybody in the role {role}",
    "raise_until": "Until: {until}",
    "approve": "Party {party} is approved for contract {contract} (entrustor {entrustor}), "
    "for lists received from now on",
    "withdraw": "The approval of party {party} for contract {contract} (entrustor {entrustor}) "
    "is withdrawn; nothing opens for its people from now on",
    "hold_on": "List {list} (entrustor {entrustor}) is kept from destruction; nobody opens it "
    "meanwhile\n  Reason: {reason}",
    "hold_off": "List {list} (entrustor {entrustor}) is no longer kept from destruction\n"
    "  Reason: {reason}",
    "extension": "List {list} (entrustor {entrustor}) lives until {until}; "
    "a freeze that nobody had a right to, or that a manager ordered, ends",
    "shred": "The keys of these lists may be destroyed (approver {entrustor}). No way back",
    "shred_list": "  {list}",
    "canaries": "Canary numbers: contract {contract} (entrustor {entrustor}). "
    "Only the keeper reads them\n  Fingerprint of the sealed list: {fingerprint}",
    "reissue": "Deletion certificate {certificate} is replaced (entrustor {entrustor}, list "
    "{list}); the one replaced is kept",
    "revocation": "Deletion certificate {certificate} is revoked (entrustor {entrustor}, list "
    "{list}). No way back; the certificate is kept",
    "why": "  Reason: {why} ({code})",
    "reissued_name": "a name was misspelled",
    "reissued_number": "a contract number or the like was misspelled",
    "reissued_claim": "a claim of the destruction worker was wrong",
    "revoked_in_error": "it was issued in error",
    "revoked_wrong_list": "it is the certificate of another list",
    "revoked_wrong_claim": "what the destruction worker claimed is not so",
    "revoked_key_compromised": "the signing key may have leaked",
    "correct_entrustor": "  Name of the entrustor, corrected: {value}",
    "correct_contract": "  Contract number, corrected: {value}",
    "correct_purpose": "  Purpose, corrected: {value}",
    "correct_parties": "  Approved to handle the list (all of them), corrected: {value}",
    "correct_rows": "  Rows received, corrected: {value}",
    "correct_rejected": "  Rows rejected, corrected: {value}",
    "correct_duplicates": "  Duplicate rows, corrected: {value}",
    "correct_not_to_be_called": "  Rows not to be called, corrected: {value}",
    "reissue_keeps": "  Nothing else changes: no time, no count of what was erased, no result",
    "envelope": "Asked for by {issuer} on {issued} · valid until {valid} · number {nonce}",
}
WORDS: Mapping[str, Mapping[str, str]] = {"ja": JA, "en": EN}
