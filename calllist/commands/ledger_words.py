"""Sentences of `calllist ledger`, `witness` and `trace`."""

from collections.abc import Mapping

LEDGER_MESSAGES: Mapping[str, tuple[str, str]] = {
    # -- verify
    "not_a_log": (
        "{file} は記録台帳のフォルダーとして読み込めません。",
        "{file} cannot be read as a log folder.",
    ),
    "not_a_ledger_key": (
        "{file} は台帳の公開鍵(ledger.pub)ではありません。",
        "{file} is not a ledger's public key (ledger.pub).",
    ),
    "not_kept_heads": (
        "{file} に、この台帳のチェックポイントではないものがあります。",
        "{file} holds something that is no signed head of this ledger.",
    ),
    "ledger_month": (
        "{month}  {first:,}〜{last:,} 行目({size:,} 行)  {root}",
        "{month}  lines {first:,} to {last:,} ({size:,})  {root}",
    ),
    "ledger_counts": (
        "{lines:,} 行、リスト {lists:,} 件",
        "{lines:,} lines about {lists:,} lists and everything else",
    ),
    "ledger_right": (
        "台帳は正しく、控えのチェックポイントの後に増えただけです。",
        "The log is right, and has only grown since the heads that were kept.",
    ),
    "ledger_right_as_far_as_it_goes": (
        (
            "台帳は署名されたところまで正しいものです。末尾の切捨ては、"
            "証人が控えたチェックポイント(--heads)と比べて初めて分かります。"
        ),
        (
            "The log is right as far as it is signed. Whether its end was cut off shows only "
            "against heads that a witness has kept (--heads)."
        ),
    ),
    "ledger_wrong": (
        "台帳は正しくありません: {count} か所。",
        "The log is WRONG in {count} place(s).",
    ),
    "ledger_bad_checkpoint": (
        "× {where}: チェックポイントがないか、この鍵の署名ではありません",
        "x {where}: no checkpoint, or not signed by this key",
    ),
    "ledger_other_head": (
        "× {where}: 行から計算したハッシュが署名と違います({at} 行)",
        "x {where}: the lines lead to another head than the signed one (size{at})",
    ),
    "ledger_broken_chain": (
        "× {where}: 前の月から続いていません",
        "x {where}: not chained to the month before",
    ),
    "ledger_wrong_month": (
        "× {where}: 最初の行が別の月のものです",
        "x {where}: its first line is of another month",
    ),
    "ledger_bad_tile": (
        "× {where}: ハッシュのタイルが行と合いません",
        "x {where}: the hash tile does not fit the lines",
    ),
    "ledger_bad_entries": (
        "× {where}: 行を読み込めません",
        "x {where}: the lines cannot be read",
    ),
    "ledger_gap_in_log": (
        "×{at} 行目: 通し番号が続いていません",
        "x line{at}: the numbers do not follow each other",
    ),
    "ledger_gap_in_list": (
        "× リスト {where}:{at} リスト内の番号が続いていません",
        "x list {where}:{at} the list's own numbers do not follow each other",
    ),
    "ledger_shorter_than_seen": (
        "× {where}: 控えのチェックポイント({at} 行)より短いか、内容が違います",
        "x {where}: shorter than, or another than, the head that was kept (size{at})",
    ),
    "ledger_mirror_empty": ("× DB に写しがありません", "x the database has no mirror"),
    "ledger_mirror_gap": (
        "× DB の写しに欠けた行があります({at} 行あり)",
        "x the mirror has gaps (it has{at} lines)",
    ),
    "ledger_mirror_other": (
        "× DB の写しが台帳と違います: {where}{at}",
        "x the mirror differs from the log: {where}{at}",
    ),
    # -- certificates
    "anchored": (
        "消去の行({seq:,} 行目)は、{month} の署名された台帳({size:,} 行)にあります。",
        "Its shred line {seq:,} is in the ledger under the signed head of {month} ({size:,}).",
    ),
    # -- proofs
    "prove_what": (
        "--line か --since のどちらか一方を指定してください。",
        "Give either --line or --since.",
    ),
    "not_provable": ("証明できません({why})。", "That cannot be proven ({why})."),
    "proof_written": ("証明を書き出しました: {file}", "Proof written: {file}"),
    "proof_refused": (
        "{file} は証明になっていません({why})。",
        "{file} proves nothing ({why}).",
    ),
    "proof_of_line": (
        "台帳の {seq:,} 行目で、{month} の署名付きチェックポイント({size:,} 行)に含まれます。",
        "This is line {seq:,} of the ledger, under the signed head of {month} (size {size:,}).",
    ),
    "proof_of_growth": (
        "{month} の台帳は {old:,} 行から {new:,} 行へ、増えただけです。",
        "The log of {month} has only grown, from {old:,} lines to {new:,}.",
    ),
    # -- mirror
    "mirrored": ("台帳の {count:,} 行を DB に写しました。", "{count:,} lines mirrored."),
    "mirror_differs": (
        "写した行が、金庫の署名したチェックポイントと合いません({why})。何も保存していません。",
        "The lines do not lead to the head the keeper signed ({why}). Nothing was stored.",
    ),
    # -- witness
    "not_a_witness_key": (
        "{file} は証人の公開鍵ではありません。",
        "{file} is not a witness's public key.",
    ),
    "pin_witness_ask": (
        "証人 {name} の鍵として登録します。\n  {key}\n別の経路で受け取った鍵と一致しますか?",
        "Pin as the key of witness {name}:\n  {key}\nIs it the one received by another way?",
    ),
    "witness_what": (
        "台帳のURL(https://...)と --log-key を指定してください。",
        "Give the platform's address (https://...) and --log-key.",
    ),
    "witness_name": (
        "証人の名前に空白や + は使えません: {name}",
        "A witness's name has no space and no plus: {name}",
    ),
    "witness_key_made": (
        (
            "証人の鍵を作成しました。\n  {secret}  秘密の鍵。この機器から出さないでください。\n"
            "  {public}  公開鍵。受託者に渡し、金庫に登録してもらってください。"
        ),
        (
            "Witness key made.\n  {secret}  secret: it stays on this machine.\n"
            "  {public}  public: have it pinned in the keeper."
        ),
    ),
    "witness_unreachable": (
        "{url} に接続できないか、応答がありません({why})。何も確認していません。",
        "{url} cannot be reached or does not answer ({why}). Nothing was checked.",
    ),
    "witness_first": (
        "最初の控えです: {month} {size:,} 行。ここから先の切捨てと書換えが分かるようになります。",
        "The first head kept: {month}, size {size:,}. From here on nothing is cut off unseen.",
    ),
    "witness_grown": (
        "台帳は増えただけです({old_month} {old:,} 行 → {month} {new:,} 行)。控えて連署しました。",
        "The log has only grown ({old_month} {old:,} -> {month} {new:,}). Kept and cosigned.",
    ),
    "witness_inconsistent": (
        (
            "台帳が、以前に控えた内容と食い違います({why})。切り捨てられたか、書き換えられています。\n"
            "連署していません。控えは残っています。受託者の監査人に連絡してください。"
        ),
        (
            "The log contradicts the head that was kept ({why}): it was cut off or rewritten.\n"
            "Nothing was cosigned; the kept head stays. Tell the auditor."
        ),
    ),
    "witness_not_taken": (
        "控えましたが、連署を渡せませんでした。証人の鍵が金庫に登録されているか確かめてください。",
        "Kept, but the cosignature was not taken: is the witness's key pinned in the keeper?",
    ),
    # -- trace
    "trace_number": (
        "{line} 行目は電話番号として読めません。",
        "Line {line} cannot be read as a phone number.",
    ),
    "extract_refused": (
        "{file} は受け入れられません({why})。台帳の抜粋ではないか、変えられています。",
        "{file} is refused ({why}): no extract of this ledger, or changed.",
    ),
    "trace_head": (
        "証明の基準: {month} のチェックポイント({size:,} 行) {root}",
        "Proven against the head of {month} (size {size:,}) {root}",
    ),
    "trace_whole": (
        "{list}: 1〜{n:,} 行目に欠けなし。鍵は消去済みで、この後に表示はありません。",
        "{list}: lines 1 to {n:,} without a gap; its keys are gone, nothing was shown later.",
    ),
    "trace_living": (
        "{list}: 1〜{n:,} 行目に欠けなし。存続中で、この後の行はまだ分かりません。",
        "{list}: lines 1 to {n:,} without a gap; it lives, later lines are not known yet.",
    ),
    "trace_gap": (
        "{list}: 行に欠けがあります({n:,} 行目まで)。「扱われていない」とは言えません。",
        "{list}: lines are MISSING (up to {n:,}): nothing can be said of who is not found.",
    ),
    "trace_no_key": (
        "{list}: 鍵がなく調べられません({n:,} 行)。--results に結果ファイルを指定してください。",
        "{list}: not looked into, its key is not at hand ({n:,} lines); see --results.",
    ),
    "trace_found": (
        "番号 {asked:,} 件について、{lines:,} 行が見つかりました。",
        "{lines:,} line(s) found about {asked:,} number(s).",
    ),
    "trace_not_found": (
        "{count:,} 件は、上の範囲(欠けのないリスト {lists:,} 件)では扱われていません。",
        "{count:,} number(s) were not handled within the coverage above ({lists:,} whole lists).",
    ),
    "trace_unknown": (
        "{count:,} 件は見つかりませんが、欠けのないリストがなく、扱われていないとは言えません。",
        "{count:,} number(s) not found; but no list is covered whole: that says nothing.",
    ),
}
