"""Every sentence of the command line, Japanese and English."""

from collections.abc import Mapping

from calllist.commands.health_words import HEALTH_MESSAGES
from calllist.commands.ledger_words import LEDGER_MESSAGES
from calllist.commands.seal_words import SEAL_MESSAGES
from calllist.commands.upload_words import UPLOAD_MESSAGES
from calllist.commands.verify_words import VERIFY_MESSAGES

MESSAGES: Mapping[str, tuple[str, str]] = {
    # -- files and options
    "cannot_read": ("{file} を読み込めません({why})。", "Cannot read {file} ({why})."),
    "cannot_write": ("{file} に書き込めません({why})。", "Cannot write {file} ({why})."),
    "exists_already": (
        "{file} はすでにあります。上書きはしません。別の名前を指定してください。",
        "{file} exists already and is not overwritten. Choose another name.",
    ),
    "file_too_large": ("{file} は大きすぎます。", "{file} is too large."),
    "not_confirmed": ("中止しました。何も変更していません。", "Stopped. Nothing was changed."),
    "interrupted": ("中断しました。", "Interrupted."),
    "bad_argument": (
        "{name} の指定がないか、正しくありません。使い方: {help}",
        "{name}: missing, or cannot be used. See {help}.",
    ),
    "not_understood": (
        "指定が正しくありません({detail})。使い方: {help}",
        "Not understood ({detail}). See {help}.",
    ),
    # -- keys
    "keys_made": (
        (
            "鍵を作成しました。\n"
            "  {secret}  秘密の鍵です。この機器から出さず、安全な場所に控えを保管してください。\n"
            "  {public}  公開鍵です。受託者に渡し、指紋を電話など別の経路で照合してください。\n"
            "  指紋: {fingerprint}"
        ),
        (
            "Keys made.\n"
            "  {secret}  the secret: never leaves this machine; keep a safe copy.\n"
            "  {public}  the public half: hand it over; compare the fingerprint by another way.\n"
            "  Fingerprint: {fingerprint}"
        ),
    ),
    "key_open_to_others": (
        "{file} がほかの利用者から読める状態です。chmod 600 {file} を実行してください。",
        "{file} can be read by others. Run: chmod 600 {file}",
    ),
    "not_a_key_file": (
        "{file} は秘密の鍵のファイル(.key)として使えません。",
        "{file} cannot be used as a secret key file (.key).",
    ),
    "not_a_public_key_file": (
        "{file} は公開鍵のファイルとして使えません。",
        "{file} cannot be used as a public key file.",
    ),
    # -- approve
    "not_a_request": (
        "{file} は承認を求めるファイルではありません。",
        "{file} is not a file that asks for approval.",
    ),
    "approve_expired": (
        "{file} の承認期限({until})を過ぎています。作り直しを依頼してください。",
        "{file} could be approved until {until}; ask for a new one.",
    ),
    "approve_ask": ("この内容に署名しますか?", "Sign this?"),
    "approved": (
        "署名しました: {file}\n署名に使った鍵の指紋: {fingerprint}",
        "Signed: {file}\nFingerprint of the key: {fingerprint}",
    ),
    # -- canaries
    "canaries_drafted": (
        (
            "カナリア(おとり)番号 {count} 件を封緘しました: {file}\n"
            "  封緘した一覧の指紋: {fingerprint}\n"
            "  calllist approve で同じ指紋を確かめて署名し、受託者に渡してください。"
            "番号の一覧は手元に残し、渡さないでください。"
        ),
        (
            "Sealed {count} canary number(s): {file}\n"
            "  Fingerprint of the sealed list: {fingerprint}\n"
            "  Check that calllist approve shows the same one, sign, and hand the file over. "
            "Keep the list of numbers to yourself."
        ),
    ),
    "canary_unreadable": (
        "{file} の {line} 行目は電話番号ではありません。",
        "Line {line} of {file} is no telephone number.",
    ),
    "canaries_missing": ("{file} に番号がありません。", "There is no number in {file}."),
    "canaries_not_text": ("{file} は UTF-8 の文字列ではありません。", "{file} is not UTF-8 text."),
    "not_the_keepers_key": (
        "{file} は金庫の公開鍵(keeper.pub)ではありません。",
        "{file} is not the keeper's public key (keeper.pub).",
    ),
    # -- verify
    # -- results
    "not_a_results_file": (
        "{file} は架電結果のファイルではありません。",
        "{file} is not a results file.",
    ),
    "results_key_wrong": (
        "この鍵では開けません。委託元の鍵({entrustor} に登録したもの)を指定してください。",
        "This key does not open the file. Use the key registered for {entrustor}.",
    ),
    "results_test": (
        "試験ファイルです。確認コード {word} を「架電結果の受取り」の画面に入力してください。",
        "This is the test file. Please enter the code {word} on the page of results.",
    ),
    "results_final": (
        "終了したリストの最後の結果を含みます: {lists}",
        "With the last results of lists that have ended: {lists}",
    ),
    "results_revised": (
        "うち {count} 件は、あとから結果コードが訂正されています(CSV の右端の3列)。",
        "{count} of them were given another code later (the last three columns).",
    ),
    "results_unmapped": (
        "CP932 にない文字を \\uXXXX の形で書き出した行: {lines}。UTF-8 ならそのまま書き出せます。",
        "Lines with characters that CP932 lacks, written as \\uXXXX: {lines}. UTF-8 keeps them.",
    ),
    "encoding_unknown": (
        "{text}: 文字コードは utf-8 か cp932 です。",
        "{text}: the encoding is utf-8 or cp932.",
    ),
    "results_damaged": (
        "開けない結果が {count} 件あります(番号: {attempts})。受託者に連絡してください。",
        "{count} result(s) do not open (ids: {attempts}). Please tell the call centre.",
    ),
    "results_opened": (
        "架電結果 {count} 件を書き出しました。",
        "{count} call result(s) written.",
    ),
    # -- residue
    "needles_missing": (
        "探す文字列を標準入力に1行1件で渡してください。",
        "Give the strings to look for on standard input, one a line.",
    ),
    "needles_not_text": (
        "標準入力が UTF-8 の文字列ではありません。",
        "Standard input is not UTF-8 text.",
    ),
    "needle_too_short": (
        "{line} 行目の文字列は短すぎます(6バイト以上。漢字なら3文字以上)。",
        "The string in line {line} is too short (at least 6 bytes in every encoding).",
    ),
    "store_malformed": (
        "--store は 名前=パス の形で指定してください: {text}",
        "--store wants NAME=PATH: {text}",
    ),
    "no_stores": (
        "{home} がありません。--home か --store を指定してください。",
        "There is no {home}. Use --home or --store.",
    ),
    "residue_PASS": (
        "なし      {store}: {files:,} ファイル、{bytes:,} バイトを読みました",
        "clean     {store}: read {files:,} files, {bytes:,} bytes",
    ),
    "residue_FAILED": (
        (
            "残存あり  {store}: {hits:,} か所(文字列の番号: {needles})。"
            "{files:,} ファイル、{bytes:,} バイトを読みました"
        ),
        (
            "FOUND     {store}: {hits:,} places (strings no. {needles}); "
            "read {files:,} files, {bytes:,} bytes"
        ),
    ),
    "residue_UNKNOWN": (
        (
            "確認不能  {store}: 読めないファイル {unread:,} 件。"
            "{files:,} ファイル、{bytes:,} バイトを読みました"
        ),
        (
            "UNKNOWN   {store}: {unread:,} files could not be read; "
            "read {files:,} files, {bytes:,} bytes"
        ),
    ),
    "residue_missing": (
        "          {store} はこのホストにありません。場所を --store {store}=場所 で指定すること",
        "          {store} is not on this host; where it is, name it: --store {store}=PATH",
    ),
    "residue_OUTSIDE": (
        "対象外    {store}: 場所の指定がないため読んでいません(--store {store}=場所)",
        "not read  {store}: nobody said where it is (--store {store}=PATH)",
    ),
    "residue_limits": (
        "圧縮または暗号化された内容、実行中のメモリ、別ホストのデータは対象外です。",
        (
            "Not looked into: compressed or encrypted contents, running memory, what lies on "
            "other hosts."
        ),
    ),
    # -- the platform's hosts
    "setting_missing": (
        (
            "環境変数 {names} が設定されていません。このコマンドは業務系のホストで、"
            "業務系と同じ設定を与えて実行します。"
        ),
        (
            "The environment variable {names} is not set. This command runs on a host of the "
            "platform, with the platform's own settings."
        ),
    ),
    "setting_wrong": (
        "環境変数の値が正しくありません({detail})。",
        "An environment variable cannot be used ({detail}).",
    ),
    "database_unavailable": (
        "データベースに接続できません。何も変更していません。",
        "The database cannot be reached. Nothing was changed.",
    ),
    "database_unprepared": (
        "データベースの準備ができていません。先に migrations を適用してください。",
        "The database is not prepared. Apply the migrations first.",
    ),
    "keeper_unavailable": (
        "金庫に接続できません({socket})。金庫のホストで、起動していることを確かめてください。",
        "The keeper does not answer at {socket}. Run this on its host while it runs.",
    ),
    "keeper_refused": ("金庫が断りました: {refusal}", "The keeper refused: {refusal}"),
    "pin_ask": (
        (
            "{approver} の鍵として登録します。\n  指紋: {fingerprint}\n"
            "別の経路で受け取った指紋と一致しますか?"
        ),
        (
            "Pin as the key of {approver}:\n  Fingerprint: {fingerprint}\n"
            "Is it the fingerprint that you received by another way?"
        ),
    ),
    "pin_differs": (
        "指紋が違います。登録していません。ファイルの指紋: {fingerprint}",
        "The fingerprint differs; nothing was pinned. The file's: {fingerprint}",
    ),
    "seed_file_refused": (
        "シードファイルを読めません: {why}",
        "The seed file cannot be used: {why}",
    ),
    "token_file_refused": (
        (
            "{file} の {place} 番目({what})を読み取れません。\n"
            "暗号化されたPSKCは、先に製造元の道具で開いてください。"
        ),
        (
            "{file}: entry {place} ({what}) cannot be read.\n"
            "Open an encrypted PSKC file with its maker's tool first."
        ),
    ),
    "no_such_token": (
        (
            "トークン {given} はファイルにありません(収録 {count} 本)。"
            "--person 製造番号=従事者ID の形で指定してください。"
        ),
        "Token {given} is not in the file ({count} there). Use --person SERIAL=PERSON.",
    ),
    "token_handed_over": (
        "トークン {serial} を {person} に割り当てました(台帳 {seq} 行目)。",
        "Token {serial} is {person}'s now (ledger line {seq}).",
    ),
    "tokens_handed_over": (
        "終わりました。{file} には種(シード)が残っています。消去してください。",
        "Done. {file} still holds the seeds: destroy it.",
    ),
    "pinned": ("登録しました(台帳 {seq} 行目)。", "Pinned (ledger line {seq})."),
    "certificates_made": (
        (
            "{folder} に証明書を作りました(接続先 {host}、{days} 日間有効)。\n"
            "  keeper/    金庫のホストへ   web/, worker/  それぞれのホストへ(鍵は 0600 のまま)\n"
            "  authority/ は金庫の管理者が保管し、どのホストにも置かないでください。"
        ),
        (
            "Certificates are in {folder}, for the host {host}, valid for {days} days.\n"
            "  keeper/    to the keeper's host    web/, worker/  to theirs (keys stay 0600)\n"
            "  authority/ stays with the keeper's administrator, on none of these hosts."
        ),
    ),
    "authority_refused": (
        "認証局の鍵を使えません: {detail}",
        "The authority's key cannot be used: {detail}",
    ),
    "not_a_signed_file": (
        "{file} は署名済みのファイルではありません。calllist approve で署名してください。",
        "{file} is not a signed file. Sign it with calllist approve.",
    ),
    "resubmitted": ("受け付けました: {id}", "Accepted: {id}"),
    "resubmit_refused": ("断られました: {id} ({reason})", "Refused: {id} ({reason})"),
    "resubmit_incomplete": (
        "期限の過ぎた契約は、委託元が次の版に署名し直す必要があります。",
        "Where the time to hand in has passed, the entrustor has to sign the next version.",
    ),
    "submitted": ("金庫が受け付けました: {file}", "The keeper accepted {file}."),
    "submitted_waits": (
        "署名を受け付けました: {file}\nほかの承認者の署名を待っています: {missing}",
        "The signature was accepted: {file}\nIt waits for the signature of: {missing}",
    ),
    "administrator_exists": (
        "管理者のアカウントはすでにあります。追加は画面から行ってください。",
        "There is an administrator already; add others on the screen.",
    ),
    "administrator_made": (
        (
            "管理者 {login} を登録しました。続けて次の順に行ってください。\n"
            "  1. 個人情報保護管理者が署名: calllist approve {file} --key KEYFILE\n"
            "  2. 金庫のホストで受付:       calllist submit {file}.signed\n"
            "  3. 72時間以内に招待リンクを開き、パスワードと認証アプリを登録:\n"
            "     {link}"
        ),
        (
            "Administrator {login} created. Next:\n"
            "  1. the privacy officer signs:      calllist approve {file} --key KEYFILE\n"
            "  2. on the keeper's host:           calllist submit {file}.signed\n"
            "  3. within 72 hours open the invitation, set password and authenticator:\n"
            "     {link}"
        ),
    ),
    "platform_refused": ("受け付けられません: {refusal}", "Refused: {refusal}"),
    "registered": ("登録しました: {id}  {name}", "Registered: {id}  {name}"),
    "contract_drafted": (
        (
            "契約条件の案を {file} に書き出しました(契約 {contract}、第{version}版)。\n"
            "委託元が自社の機器で確認し、calllist approve {file} --key KEYFILE で署名します。"
        ),
        (
            "Draft terms written to {file} (contract {contract}, version {version}).\n"
            "The entrustor reads it and signs on its own machine:\n"
            "  calllist approve {file} --key KEYFILE"
        ),
    ),
    "statement_drafted": (
        (
            "申請ファイル {file} を作成しました。承認者が自分の機器で内容を確認し、署名します。\n"
            "  calllist approve {file} --key KEYFILE\n"
            "2者の署名が要るものは、同じファイルをそれぞれが別の名前の写しで署名します。"
        ),
        (
            "Request written to {file}. The approver reads and signs it on a machine of "
            "their own:\n"
            "  calllist approve {file} --key KEYFILE\n"
            "Where two must sign, each signs a copy of the same file."
        ),
    ),
    "statement_malformed": (
        "この内容の申請は作れません: {detail}",
        "No such request can be made: {detail}",
    ),
    "bad_mailbox": (
        "メールアドレスを1つだけ指定してください。",
        "Please give one mail address.",
    ),
    "not_registered": ("登録されていません: {id}", "Not registered: {id}"),
    "bad_date": (
        "日付は 2027-03-31 の形で指定してください: {text}",
        "Write the date like 2027-03-31: {text}",
    ),
    **HEALTH_MESSAGES,
    **LEDGER_MESSAGES,
    **SEAL_MESSAGES,
    **UPLOAD_MESSAGES,
    **VERIFY_MESSAGES,
}
