"""Sentences of `calllist sign-in`, `upload` and `receipt`."""

from collections.abc import Mapping

UPLOAD_MESSAGES: Mapping[str, tuple[str, str]] = {
    # -- the platform
    "url_malformed": ("{url} は接続先として使えません。", "{url} is no address of a platform."),
    "url_in_clear": (
        "暗号化されない接続(http)では送信しません。https で指定してください: {url}",
        "Not connecting to {url}: nothing is sent without TLS. Use https.",
    ),
    "away": ("{url} に接続できません({why})。", "{url} cannot be reached ({why})."),
    "tls_trouble": (
        "{url} の証明書を確認できません({why})。何も送信していません。",
        "The certificate of {url} cannot be verified ({why}). Nothing was sent.",
    ),
    "declined": ("受け付けられません: {said}", "Declined: {said}"),
    "no_words": ("理由は不明です。", "No reason was given."),
    "at_line": ("{number} 行目", "line {number}"),
    "at_column": ("{number} 列目", "column {number}"),
    # -- signing in
    "sign_in_how": (
        (
            "ブラウザーで {url}/command を開き(サインイン済みの画面で)、"
            "「コードを表示」を押してください。"
        ),
        "Open {url}/command in the browser where you are signed in, and press “Show a code”.",
    ),
    "sign_in_code": ("コード(入力しても表示されません)", "Code (not shown while you type)"),
    "signed_in": (
        (
            "サインインしました({until} まで。勤務の終了とともに終わります)。\n"
            "  控え: {file}(本人だけが読めます。リストの送信と受領書の表示だけに使えます)"
        ),
        (
            "Signed in until {until}, or until your shift ends.\n"
            "  Kept in {file} (yours only; good for uploads and receipts, nothing else)."
        ),
    ),
    "signed_in_lent": (
        (
            "サインインしました({until} まで。勤務の終了とともに終わります)。\n"
            "  控え: {file}(本人だけが読めます。リストの送信、受領書の表示、取下げに使えます)"
        ),
        (
            "Signed in until {until}, or until your shift ends.\n"
            "  Kept in {file} (yours only; good for uploads, receipts and withdrawals)."
        ),
    ),
    "sign_in_first": (
        "サインインしていないか、勤務が終わっています。calllist sign-in URL を実行してください。",
        "Not signed in, or the shift is over. Run: calllist sign-in URL",
    ),
    "signed_in_elsewhere": (
        "別の接続先({url})にサインインしています。calllist sign-in をやり直してください。",
        "Signed in to another platform ({url}). Run calllist sign-in again.",
    ),
    "session_open_to_others": (
        "{file} がほかの利用者から読める状態です。削除して、サインインし直してください。",
        "{file} can be read by others. Remove it and sign in again.",
    ),
    "signed_out": ("サインアウトしました。", "Signed out."),
    "signed_out_here": (
        "この機器からは消しました。{url} には伝えられず、勤務の終了とともに無効になります。",
        "Removed here, but {url} could not be told. It ends with the shift.",
    ),
    # -- sending
    "not_a_file": ("{file} はファイルではありません。", "{file} is no regular file."),
    "column_malformed": (
        "--column は 種類=見出し の形で、種類ごとに1回指定してください: {text}",
        "--column wants KIND=HEADER, once for each kind: {text}",
    ),
    "column_unknown": (
        "--column の種類 {kind} はありません。使えるもの: {known}",
        "--column knows no kind {kind}. It may be: {known}",
    ),
    "encoding_unknown": (
        "--encoding {text} は使えません。使えるもの: {known}",
        "--encoding knows no {text}. It may be: {known}",
    ),
    "moment_malformed": (
        "--expires は 2027-03-31T18:00:00+09:00 の形で指定してください: {text}",
        "--expires wants a time with its zone, like 2027-03-31T18:00:00+09:00: {text}",
    ),
    "no_such_job": (
        "業務 {job} がありません。業務コードかIDを確かめてください。",
        "There is no job {job}. Check its code or id.",
    ),
    "sending_begins": ("送信を始めます({size})。", "Sending {size}."),
    "sending_line": (
        "取込 {share}%、{rows:,} 行({each:,} 行/秒)、送信 {sent} / {size} {rest}",
        "{share}% in, {rows:,} rows ({each:,} rows/s), sent {sent} of {size} {rest}",
    ),
    "sending_bar": (
        "{rows:,} 行  {each:,} 行/秒  送信 {sent} / {size}  {rest}",
        "{rows:,} rows  {each:,} rows/s  sent {sent} / {size}  {rest}",
    ),
    "sending_left": ("残り {seconds}", "{seconds} left"),
    "sending_sealing": ("登録しています", "storing"),
    "sending_waits": ("回線の回復を待っています", "waiting for the line"),
    "sending_broke": (
        "回線が切れました({times} 回目)。続きから送ります。",
        "The line broke (no. {times}). Going on where it broke.",
    ),
    "given_up": (
        "{url} につながりません。リストは保存されていません。もう一度実行してください。",
        "{url} stayed away for too long. The list was not stored. Please run it again.",
    ),
    "given_up_whole": (
        (
            "全部を送った後、{url} から返事がありません。保存された可能性があります。"
            "業務の画面でリストを確かめてから、もう一度実行してください。"
        ),
        (
            "Everything was sent, but {url} has not answered. The list may have been stored: "
            "look at the job before you run this again."
        ),
    ),
    "file_taken_twice": (
        (
            "受け付けられません: この業務の第{number}号と同じファイルです。何も保存していません。\n"
            "全員が2回載ってもよいときは --again を付けます。(same_file)"
        ),
        (
            "Declined: list no. {number} of this job is this very file. Nothing was stored.\n"
            "If everybody is meant to be in the job twice, add --again. (same_file)"
        ),
    ),
    "file_changed": (
        "{file} は読み込み中に変更されました。リストは保存されていません。",
        "{file} changed while it was read. Nothing was stored.",
    ),
    "upload_ended": (
        "中止しました。リストは保存されていません。",
        "Ended. Nothing of the list was stored.",
    ),
    "upload_ended_late": (
        "中止しましたが、保存済みの可能性があります。業務の画面でリストを確かめてください。",
        "Ended, but the list may have been stored already: look at the job.",
    ),
    "upload_stored": (
        "取り込みました。行ごとの結果: calllist receipt show {list} --csv",
        "Stored. Line by line: calllist receipt show {list} --csv",
    ),
    "upload_nobody": (
        "受け入れた行は1行もありません。理由: calllist receipt show {list} --csv",
        "Not one row was accepted. The reasons: calllist receipt show {list} --csv",
    ),
    # -- withdrawing
    "withdraw_told": (
        (
            "整理番号のある行: {given:,}\n対象から外した方: {withdrawn:,}\n"
            "すでに終了していた方: {already:,}\nこの業務にない番号: {unmatched:,}"
        ),
        (
            "rows with a reference number: {given:,}\ntaken out: {withdrawn:,}\n"
            "done before: {already:,}\nnot on any list of this job: {unmatched:,}"
        ),
    ),
    "withdraw_lines": (
        "この業務にない番号の行: {lines}{more}",
        "lines of numbers that are on no list: {lines}{more}",
    ),
    "withdraw_broken": (
        (
            "{url} との通信が切れました。途中まで外した可能性があります。"
            "同じファイルでもう一度実行してください(二度外れることはありません)。"
        ),
        (
            "The line to {url} broke. Some may have been taken out: run it again with the same "
            "file; nobody is taken out twice."
        ),
    ),
    # -- preview
    "preview_head": (
        "{rows:,} 行を見ました({encoding}、見出しは {header} 行目)。何も保存していません。",
        "Looked at {rows:,} rows ({encoding}, header in line {header}). Nothing was stored.",
    ),
    "preview_headless": (
        "{rows:,} 行を見ました({encoding}、見出しなし)。何も保存していません。",
        "Looked at {rows:,} rows ({encoding}, no header row). Nothing was stored.",
    ),
    "preview_dropped": ("取り込まない", "dropped"),
    "preview_trouble": ("このままでは取り込めません: {said}", "It would be refused: {said}"),
    # -- receipts
    "receipt_head": ("受領書  第{number}号  {list}", "Receipt  list no. {number}  {list}"),
    "count_rows": ("行数", "rows"),
    "count_accepted": ("受け入れ", "accepted"),
    "count_not_to_be_called": ("架電しない(再勧誘禁止)", "not to be called"),
    "count_duplicates": ("重複", "duplicates"),
    "count_rejected": ("不備", "rejected"),
    "count_blank": ("空行(行数に含まず)", "blank (not among the rows)"),
    "count_gaiji": ("外字を含む行", "with gaiji"),
    "count_restored": ("先頭の0を補った行", "leading zero restored"),
    "receipt_encoding": ("文字コード", "encoding"),
    "receipt_dropped": ("取り込まなかった列", "columns dropped unread"),
    "receipt_hash": (
        "ファイルの指紋(ソルト付きSHA-256)",
        "fingerprint of the file (salted SHA-256)",
    ),
    "receipt_continues": (
        "鍵を失ったリスト {list} の続きです。状態を引き継ぎました。",
        "It continues the list {list}, whose keys were lost, with its states.",
    ),
    "not_a_receipt": (
        (
            "{file} は受領書(calllist receipt show --json)ではありません。"
            "消去証明書の場合は --certificate-key を指定してください。"
        ),
        (
            "{file} is no receipt (calllist receipt show --json), nor a certificate that "
            "--certificate-key verifies."
        ),
    ),
    "list_keys_missing": (
        "リスト {list} の封緘された鍵がありません。--keys に受領書、結果か台帳の抜粋を指定します。",
        "The sealed keys of list {list} are missing: give --keys (receipt, results, extract).",
    ),
    "same_file": (
        "一致しました。{file} は、リスト {list} として受領されたファイルです。",
        "The same: {file} is the file that was received as list {list}.",
    ),
    "ledger_and_its_key": (
        "--ledger と --log-key は、両方を指定します。",
        "--ledger and --log-key go together.",
    ),
    "ledger_says_the_same": (
        "台帳の {line} 行目も同じです: リスト {list}、受け入れ {rows:,} 行、同じ指紋。",
        "Line {line} of the ledger says the same: list {list}, {rows:,} rows, this fingerprint.",
    ),
    "ledger_knows_no_list": (
        "この台帳の抜粋には、リスト {list} を受領した記録がありません。",
        "This extract of the ledger has no line that the list {list} was received.",
    ),
    "ledger_says_otherwise": (
        "台帳の {line} 行目は、リスト {list} について別の内容(行数か指紋)を記録しています。",
        "Line {line} of the ledger says OTHERWISE of list {list} (rows or fingerprint).",
    ),
    "other_file": (
        "一致しません。{file} は、リスト {list} として受領されたファイルではありません。",
        "NOT the same: {file} is not the file that was received as list {list}.",
    ),
}
