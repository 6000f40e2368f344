"""The sentence for each code, in Japanese and English. A code without one says so itself."""

from calllist.web.door_sentences import DOORS
from calllist.web.file_sentences import FILES
from calllist.web.remark_sentences import REMARKS
from calllist.web.said_sentences import SAID

_SENTENCES: dict[str, tuple[str, str]] = {
    # nobody's fault: it recovers by itself
    "keeper_unavailable": (
        "金庫に接続できません。復旧すると自動的に再開します。",
        "The keeper cannot be reached. Work resumes by itself when it is back.",
    ),
    "database_unavailable": (
        "データベースに接続できません。復旧すると自動的に再開します。",
        "The database cannot be reached. Work resumes by itself when it is back.",
    ),
    "ledger_unavailable": (
        "記録台帳に書き込めないため、何も表示しません。復旧すると自動的に再開します。",
        "The ledger cannot be written, so nothing is shown. Work resumes by itself.",
    ),
    "ledger_shorter": (
        "記録台帳が、以前に確認された内容と食い違います。金庫は停止しています。管理者に連絡してください。",
        "The ledger is not the one that was seen before: the keeper has stopped. Tell somebody.",
    ),
    "event_quota": (
        "1時間に記録できる操作の数を超えました。しばらくしてからお試しください。",
        "More events than one hour may have. Please try again later.",
    ),
    "line_quota": (
        "1時間にできる操作の回数を超えました。しばらくしてからお試しください。",
        "More of this than one hour may have. Please try again later.",
    ),
    "not_in_the_ledger": (
        "記録台帳にありません。",
        "That is not in the ledger, or not yet.",
    ),
    "bad_note": (
        "この台帳の署名付きチェックポイントではありません。",
        "Not a signed head of this ledger, cosigned by a pinned witness.",
    ),
    "internal": (
        "システムエラーが発生しました。番号を管理者にお知らせください。",
        "An unexpected error occurred. Please tell your administrator the number.",
    ),
    "unknown_parameter": (
        "「{reason}」という項目はありません。known にある名前だけが使えます。",
        "There is no parameter “{reason}”. It may be one of those in `known`.",
    ),
    "invalid_request": ("入力に誤りがあります。", "Something in the input is not valid."),
    "period_malformed": (
        "期間は 2026-11-23（日）か 2026-11（月）の形で指定してください。",
        "A period is a day like 2026-11-23 or a month like 2026-11.",
    ),
    "not_found": ("ページが見つかりません。", "There is no such page."),
    "method_not_allowed": ("この操作はできません。", "That cannot be done here."),
    "body_too_large": ("送信内容が大きすぎます。", "What was sent is too large."),
    "media_refused": ("この形式では受け付けません。", "This kind of content is not accepted here."),
    "host_refused": ("このアドレスでは利用できません。", "The platform has another address."),
    "form_unreadable": (
        "送信内容を読み取れません。画面を開き直して、もう一度お試しください。",
        "What was sent cannot be read. Please reload the screen and try again.",
    ),
    "refused": ("この操作はできません。", "That cannot be done."),
    # what is decided by signature
    "statement_unreadable": (
        "署名済みファイルとして読み取れません。",
        "The file is not a signed statement.",
    ),
    "bad_statement": ("署名が正しくありません。", "The signature does not hold."),
    "replayed_statement": ("このファイルは受理済みです。", "This statement was accepted before."),
    "statement_expired": ("署名の有効期限外です。", "The statement is not in force now."),
    "unpinned_key": (
        "登録された鍵による署名ではありません。",
        "It was not signed with the key that is pinned for this.",
    ),
    "unpinned_entrustor": ("委託元の鍵が未登録です。", "The entrustor's keys are not pinned yet."),
    "wider_than_contract": ("契約の範囲を超えています。", "It exceeds the contract."),
    "unknown_contract": (
        "契約が見つからないか、署名済みの版がありません。",
        "There is no such contract, or nothing of it is signed.",
    ),
    "contract_taken": ("この契約番号は使われています。", "This contract number is taken."),
    # jobs and lists
    "unknown_job": ("業務が見つかりません。", "There is no such job."),
    "unknown_call_list": ("リストが見つかりません。", "There is no such list."),
    "job_over": ("この業務は終了しています。", "The job is over."),
    "contract_superseded": (
        "契約の新しい版が署名されています。新しい業務を作成して取り込んでください。",
        "A later version of the contract is signed. Please create a new job for this list.",
    ),
    "job_code_taken": ("この業務コードは使われています。", "This job code is taken."),
    "job_code_malformed": (
        "業務コードは半角英数字とハイフンの2～32文字です。",
        "A job code is 2 to 32 letters, digits and hyphens.",
    ),
    "wrap_up_refused": (
        "後処理の目安は10～900秒です。空欄にすると目安なしになります。",
        "Wrap-up may take 10 to 900 seconds; leave it empty for no limit.",
    ),
    "list_not_ready": (
        "リストは受信中か、取込エラーです。",
        "The list is still being received, or was refused.",
    ),
    "keys_missing": (
        (
            "金庫のディスクが失われ、この業務のリストの鍵がありません。1分ほど待ってから、同じファイルを"
            "もう一度取り込んでください。架電済みの方には再びかけません。"
        ),
        (
            "The keeper's disk was lost, and with it keys of this job's lists. Wait a minute, then "
            "upload the same file again: nobody who is done is called again."
        ),
    ),
    "keys_lost": (
        "金庫のディスクとともに鍵が失われたリストです。開くことも、破棄を証明することもできません。",
        (
            "The keys of this list were lost with the keeper's disk: it neither opens, nor can its "
            "destruction be certified."
        ),
    ),
    "list_deadline": ("期限が正しくありません。", "The deadline is not possible."),
    "party_not_approved": (
        "委託元が承認していない事業者です。",
        "The entrustor has not approved this party.",
    ),
    "site_not_approved": ("委託元が承認していない拠点です。", "This site is not approved."),
    "not_an_operator": ("オペレーターではありません。", "This person is not an operator."),
    # the desk
    "screen_locked": (
        "離席のため画面をロックしました。認証コードまたはセキュリティキーで再開できます。",
        "The screen was locked. Your code or security key resumes the shift.",
    ),
    "lease_held": (
        "対応中の方がいます。先に結果を登録してください。",
        "You have a person in hand. Please record the result first.",
    ),
    "unknown_lease": (
        "いま対応中の方ではありません。登録が済んだか、期限やリストの終了で開けなくなりました。",
        "This person is not in your hand: done with, handed back, or the list is over.",
    ),
    "nobody_left": ("いま架電する方はいません。", "There is nobody to call now."),
    "outside_hours": ("架電可能時間外です。", "Outside calling hours."),
    "unknown_reason": (
        "見送る理由を選んでください。",
        "Please choose why this person is not called now.",
    ),
    "unknown_result_code": ("この結果は登録できません。", "This result cannot be recorded."),
    "unknown_code": ("この結果は契約にありません。", "The contract has no such result."),
    "record_over": ("この方は完了しています。次の方へお進みください。", "This person is done."),
    "record_closed": ("この方は完了しています。", "This person is done."),
    "list_over": ("このリストは終了し、開けません。", "This list is over: nothing opens."),
    "list_pending": ("リストは受信中です。", "The list is still being received."),
    "unknown_list": ("このリストの鍵がありません。", "The keeper has no keys of this list."),
    "holding_over": ("このリストは終了し、開けません。", "This list is over: nothing opens."),
    "unknown_holding": ("このリストは保管していません。", "This list is not held."),
    "hand_full": (
        "別の方の対応が終わっていません。先に結果を登録してください。",
        "Another person is in hand. Please record the result first.",
    ),
    "in_other_hand": ("ほかのオペレーターが対応中です。", "Another operator has this person."),
    "not_in_hand": ("画面を開き直してください。", "Please reload the screen."),
    "budget_hour": (
        "1時間に表示できる人数に達しました。",
        "You have reached the number of people you may see in an hour.",
    ),
    "budget_day": (
        "1日に表示できる人数に達しました。",
        "You have reached the number of people you may see in a day.",
    ),
    "budget_30_days": (
        "30日間に表示できる人数の上限に達しました。引上げには委託元の署名が必要です。",
        "The number of people within 30 days is used up; the entrustor can raise it by signature.",
    ),
    "budget_job": (
        "この業務で表示できる人数の上限に達しました。引上げには委託元の署名が必要です。",
        "The number of people in this job is used up; the entrustor can raise it by signature.",
    ),
    "budget_list": (
        "このリストで表示できる人数の上限に達しました。引上げには委託元の署名が必要です。",
        "The number of people of this list is used up; the entrustor can raise it by signature.",
    ),
    "budget_entrustor": (
        "この委託元について24時間に表示できる人数の上限に達しました。",
        "The number of people of this entrustor within 24 hours is used up.",
    ),
    "not_authorised": (
        (
            "消去の権限が確認できないため、鍵は消去せず凍結したままにしています。"
            "管理者の終了操作、委託元の指示または署名が必要です。"
        ),
        (
            "Nobody with the right to it has ended this list: it stays frozen, its keys are kept. "
            "It takes the manager, the entrustor's order, or a signature."
        ),
    ),
    "root_unavailable": (
        "金庫がルート鍵に届かないため、待っています。つながれば自動で続けます。",
        "The keeper cannot reach its root key. It goes on by itself once it can.",
    ),
    "not_frozen": (
        "金庫ではまだ終了になっていません。期限、または終了の操作を待っています。",
        "The keeper has not ended it yet: it waits for the deadline, or for somebody to end it.",
    ),
    "clocks_disagree": (
        "時計に食い違いがあるため、期限による鍵の消去を止めています。開くことはできません。",
        "The clocks disagree, so expiry destroys no keys for now. Nothing opens meanwhile.",
    ),
    "list_held": (
        "法的な理由により消去を保留しています。保留中は誰も開けません。",
        "Kept from destruction for a legal reason. Nobody opens it meanwhile.",
    ),
    "too_many_shreds": (
        "1時間に消去できるリストの数を超えたため待っています。枠が空くか、署名による許可があれば進みます。",
        "More lists than may be shredded in an hour: it waits for room, or for a signed order.",
    ),
    "stopped": (
        "処理が途中で止まりました。自動で繰り返しています。保守担当者に確認させてください。",
        "The worker stopped half-way and tries again. Have maintenance look at it.",
    ),
    "issuer_approves": (
        "申請した人と承認する人が同じです。別の人が申請してください。",
        "Who asked for it approves it: somebody else has to ask.",
    ),
    "statement_foreign": (
        "ほかの委託元についての署名済みファイルです。",
        "This statement concerns another entrustor.",
    ),
    "tries_used": ("照合の回数を使い切りました。", "No tries are left for this person."),
    "tries_used_today": (
        "照合の誤りが1日の上限に達しました。管理者に連絡してください。",
        "You have reached a day's limit of mismatches. Please tell your manager.",
    ),
    "reveals_used": (
        "1時間に全文表示できる回数に達しました。",
        "You have reached the number of fields you may have revealed in an hour.",
    ),
    "withdrawn": (
        "委託元が取り下げた方です。表示しません。",
        "The entrustor has withdrawn this person: not shown.",
    ),
    "record_withdrawn": (
        "対象外となった方のため、この方への架電は終了しました。次の方へお進みください。",
        "This person is not to be called any more, and was closed as such. Please go on.",
    ),
    "number_in_use": (
        "別のリストでこの番号に架電中か、本日の回数まで架電済みです。次の方へお進みください。",
        "Through another list this number is being called, or was called enough. Please go on.",
    ),
    "inbound_not_permitted": (
        "この契約では電話番号の検索が認められていません。",
        "The contract does not permit searching for a number.",
    ),
    "number_unreadable": (
        "読み取れません。電話番号は市外局番から、確認番号は6桁で入力してください。",
        "This cannot be read. Numbers go with their area code, codes have six digits.",
    ),
    "foreign_job": (
        "この業務には別の契約のリストがあります。",
        "This job has lists of another contract.",
    ),
    "not_matchable": ("この項目は照合できません。", "This field cannot be matched."),
    "not_understood": ("入力を読み取れません。", "What was typed cannot be read."),
    "not_revealable": ("この項目は全文表示できません。", "This field may not be revealed."),
    "does_not_open": ("記録を開けません。", "The record does not open."),
    # overseers
    "unknown_certificate": ("証明書が見つかりません。", "There is no such certificate."),
    "handover_untested": (
        "委託元が試験ファイルをまだ開いていません。確認されると、架電を始められます。",
        "The entrustor has not opened its test file yet: calls begin once it has.",
    ),
    "handover_code_wrong": (
        "確認コードが違います。試験ファイルを開き直して、確かめてください。",
        "That is not the code in the test file. Please open the file and look again.",
    ),
    "handover_changed": (
        "結果が更新されています。もう一度取得してください。",
        "The results have changed. Please fetch the file again.",
    ),
    "not_revoked": (
        "この証明書の失効の文書はありません。",
        "There is no revocation of this certificate.",
    ),
    "certificate_changed": (
        "保管されている文書が、この番号で発行した証明書と一致しません。内容は表示しません。受領せずにご連絡ください。",
        (
            "What is kept here is not the certificate issued under this number. It is not shown: "
            "do not acknowledge it, and tell us."
        ),
    ),
    "certificate_not_in_force": (
        "差替済または失効した証明書は受領できません。有効な証明書をご覧ください。",
        "A replaced or revoked certificate is not acknowledged. See the one in force.",
    ),
    "pdf_not_yet": (
        "PDFは作成中です。しばらくしてからもう一度お試しください。証明書そのもの(JSON)は受け取れます。",
        "The PDF is still being made: try again soon. The certificate itself (JSON) is there.",
    ),
    "nothing_to_hand_over": ("受け取る結果はありません。", "No results are waiting."),
    **DOORS,
    **FILES,
    **REMARKS,
    **SAID,
}


def sentence(code: str, lang: str, reason: str = "") -> str:
    """What to tell people, `ja` or `en`. reason: of the refusal, where the sentence names it."""
    ja, en = _SENTENCES.get(code, (code, code))
    return (en if lang == "en" else ja).replace("{reason}", reason)
