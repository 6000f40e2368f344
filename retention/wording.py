"""The words of a certificate, Japanese and English. Conservative: what was done and checked.

Never "irrecoverable": a certificate says which keys were destroyed under which kind of
root, which stores were looked into and how, and what remains.
"""

from collections.abc import Mapping

from retention.vocabulary import Words

LABELS: Mapping[str, Words] = {
    "title": ("消去証明書", "Deletion certificate"),
    "identity": ("証明書", "Certificate"),
    "from_keeper": ("金庫(鍵管理装置)が記録した事実", "Facts recorded by the keeper"),
    "from_worker": (
        "消去処理装置の申告(金庫は署名のみ)",
        "Claims of the destruction worker (the keeper only signed them)",
    ),
    "certificate": ("証明書番号", "Certificate no."),
    "status": ("版・状態", "Version and status"),
    "revocation": ("消去証明書の失効", "Revocation of a deletion certificate"),
    "revoked_at": ("失効日時", "Revoked at"),
    "original_was": ("正本のSHA-256", "SHA-256 of the original"),
    "by_decision": ("根拠", "By"),
    "issued_at": ("発行日時", "Issued at"),
    "entrustor": ("委託元", "Entrustor"),
    "entrustor_id": ("委託元ID", "Entrustor id"),
    "handlers": ("取扱いを承認された者", "Approved to handle the list"),
    "work": ("業務と消去の根拠", "Work and basis of deletion"),
    "reference": ("業務番号・リスト番号", "Job and list no."),
    "purpose": ("利用目的", "Purpose of use"),
    "basis": ("根拠となる契約・版", "Contract and version that require it"),
    "contract_version": ("契約ID・版", "Contract id and version"),
    "trigger": ("消去の契機", "What triggered the deletion"),
    "deadline": ("消去期限", "Erase-by date"),
    "ending": ("完了後の扱い", "After completion"),
    "subject": ("対象リスト", "The list"),
    "list": ("リストID", "List id"),
    "received_at": ("受領日時", "Received at"),
    "file_hash": (
        "受領ファイルのSHA-256(ソルト付き)",
        "SHA-256 of file received, salted",
    ),
    "file_salt": ("ソルト", "Salt"),
    "rows": ("受領行数", "Rows received"),
    "rejected": ("取込不可の行数", "Rows rejected"),
    "duplicates": ("重複の行数", "Duplicate rows"),
    "not_to_be_called": ("架電しない方の行数", "Rows not to be called"),
    "people": ("保管した件数", "Records held"),
    "fields": ("項目名", "Fields"),
    "method_section": ("消去方法と前提", "Method and preconditions"),
    "method": ("消去方法", "Method"),
    "crypto": ("暗号の仕様", "Cryptography"),
    "precondition": ("前提条件", "Precondition"),
    "media": ("機器・媒体", "Equipment and media"),
    "keys_section": ("鍵", "Keys"),
    "key": ("リストの鍵の指紋", "Fingerprint of the list's key"),
    "minted_at": ("鍵の作成日時", "Keys made at"),
    "keys_destroyed_at": ("鍵の破棄日時", "Keys destroyed at"),
    "root_kind": ("ルート鍵の種類", "Kind of root key"),
    "root_proof": ("ルート鍵の破棄の確認", "Check of the root key's destruction"),
    "epoch": ("破棄したルート鍵の世代", "Root epoch destroyed"),
    "key_copies": ("鍵の写し", "Copies of the keys"),
    "progress": ("経過", "Course of events"),
    "frozen_at": ("閲覧停止", "Nothing opened from"),
    "erased_at": ("行の削除完了", "Rows erased by"),
    "erased_rows": ("削除した行数", "Rows erased"),
    "verified_at": ("確認完了", "Checks completed at"),
    "stores": ("保存場所と確認結果", "Stores and results of the checks"),
    "hands": ("実施者・確認者", "Performed and verified by"),
    "performed_by": ("実施者", "Performed by"),
    "verified_by": ("確認者", "Verified by"),
    "recorded": ("リストと消去の記録", "The list and its end"),
    "handler_ids": ("取扱いを承認された者のID", "Ids approved to handle it"),
    "manifested_at": ("登録完了日時", "Registered at"),
    "registered": ("登録した件数", "Records registered"),
    "erased_line": ("削除の報告を記録した行番号", "Reported erased in line"),
    "verified_line": ("確認の報告を記録した行番号", "Reported checked in line"),
    "access": ("保管中の開示の記録", "Disclosures while held"),
    "opens": ("表示した回数(伏字)", "Masked views shown"),
    "people_opened": ("表示した人数", "People shown"),
    "reveals": ("1項目を全文表示した回数", "Single fields shown in full"),
    "matches": ("照合した回数", "Identity comparisons"),
    "operators": ("取り扱ったオペレーターの人数", "Operators"),
    "remains": ("残存する記録", "What remains"),
    "log_anchor": ("監査ログ", "Audit log"),
    "shred_seq": ("鍵の破棄を記録した行番号", "Ledger line of the key destruction"),
    "checkpoint": ("台帳のチェックポイント", "Ledger checkpoint"),
    "statement": ("証明文", "Statement"),
    "issuer": ("発行者", "Issuer"),
    "contract_no": ("契約番号", "Contract no."),
    "derived": ("派生物", "Derived data"),
    "backups": ("バックアップ", "Backups"),
    "place": ("実施場所・連絡先", "Place and contact"),
    "witness": ("立会者", "Witness"),
    "exceptions": ("例外", "Exceptions"),
}

# What the PDF says besides: how the paper is signed, and how it is checked.
PAPER: Mapping[str, Words] = {
    "addressee": ("{name} 御中", "To {name}"),
    "lead": (
        "{people}名の個人データについて、{at} に鍵を破棄し、保存していた行を消去しました。",
        (
            "For the personal data of {people} people the keys were destroyed at {at}, "
            "and the stored rows were erased."
        ),
    ),
    "seal": ("電子\n署名", "SIGNED"),
    "signed_by": ("金庫(鍵管理装置)の電子署名", "Electronic signature of the keeper"),
    "original_key": ("正本の署名鍵", "Key of the original"),
    "check": ("確かめ方", "How to check"),
    "original": ("正本", "Original"),
    "original_is": (
        "このPDFに添付した署名付きJSON(certificate.json、Ed25519・DSSE)",
        "The signed JSON attached to this PDF (certificate.json; Ed25519, DSSE)",
    ),
    "original_hash": ("正本のSHA-256", "SHA-256 of the original"),
    "paper": ("この文書", "This document"),
    "paper_is": (
        (
            "正本を読みやすくしたもの。PAdES(ECDSA P-256、SHA-256)で署名しています。"
            "金庫は文書のハッシュに署名し、文面は読んでいません"
        ),
        (
            "A readable form of the original, signed with PAdES (ECDSA P-256, SHA-256). "
            "The keeper signed its hash and did not read its text"
        ),
    ),
    "command": ("検証コマンド", "Command"),
    "pinned": ("検証に使う鍵", "Keys to check with"),
    "pinned_are": (
        (
            "契約時に別の経路で受け取った certificate.pub と document.pem。"
            "この文書から取り出した鍵では、確かめたことになりません"
        ),
        (
            "certificate.pub and document.pem as you received them another way at onboarding. "
            "Keys taken out of this document prove nothing"
        ),
    ),
    "check_page": ("確認ページ", "Check page"),
    "qr": (
        "QRコードに含まれるのは確認ページの番地、証明書番号、正本のSHA-256だけです",
        "The QR code has the page's address, the certificate's number and the original's SHA-256",
    ),
    "no_check_page": ("設定されていません", "None is configured"),
    "store": ("保存場所", "Store"),
    "result": ("結果", "Result"),
    "how": ("確認の方法", "How it was checked"),
    "extent": ("範囲", "Extent"),
    "second": (
        "同じ正本の英訳が続きます",
        "A translation: the Japanese pages before it say the same of the same signed original",
    ),
    "unprintable": (
        "〓は、この書体にない文字です(括弧内はその符号位置)",
        "〓 stands for a character that this typeface lacks (in brackets: its code point)",
    ),
}

# Kinds of root as the keeper names them, and the phrases for them.
ROOTS: Mapping[str, tuple[str, str]] = {
    "file": ("root_file", "root_file_limit"),
    "software-token": ("root_token", "root_token_limit"),
}
HSM = "hsm: "  # and then its maker, model and serial number
PROVEN = "old_wrap_does_not_open"  # what the keeper tried after the destruction

PHRASES: Mapping[str, Words] = {
    "issued": ("第1版・発行", "version 1, issued"),
    "reissued": ("第{edition}版・差替", "version {edition}, reissued"),
    "replaces": (
        "{certificate}(第{edition}版)を差し替えるもの。理由: {reason}",
        "Replaces no. {certificate} (version {edition}). Reason: {reason}",
    ),
    "changed_by": (
        "委託元と個人情報保護管理者が署名した決定 {statement} による",
        "By decision {statement}, signed by the entrustor and the privacy officer",
    ),
    "revoked": (
        "{certificate}(第{edition}版)は失効しています。理由: {reason}",
        "No. {certificate} (version {edition}) is revoked. Reason: {reason}",
    ),
    "method": (
        "暗号化消去(鍵の破棄)および行の論理削除",
        "Cryptographic erase (destruction of the keys), and deletion of the rows",
    ),
    "method_level": (
        "NIST SP 800-88 の消去レベルは主張しません",
        "No sanitization level of NIST SP 800-88 is claimed",
    ),
    "crypto": (
        (
            "各行 AES-256-GCM。その鍵は HPKE(MLKEM768-X25519、HKDF-SHA256、AES-256-GCM)で"
            "リストの鍵に封印"
        ),
        (
            "Each row under AES-256-GCM; its key sealed to the list's key by HPKE "
            "(MLKEM768-X25519, HKDF-SHA256, AES-256-GCM)"
        ),
    ),
    "not_fips": (
        "実装は pyca/cryptography。FIPS 140 の検証済みモジュールではありません",
        "Implementation: pyca/cryptography; not a FIPS 140 validated module",
    ),
    "precondition": (
        "受領した行は、保存の前に封印する設計です。平文を保存する処理はありません",
        "By design every row is sealed before it is stored; no step stores clear text",
    ),
    "media": (
        "この手順で搬出または廃棄した機器・媒体はなく、継続して使用します",
        "This procedure removed or discarded no equipment or media; they stay in use",
    ),
    "root_file": (
        "ファイル(ソフトウェア)。ハードウェアによる鍵の保護はありません",
        "A file (software); no hardware protects the key",
    ),
    "root_file_limit": (
        (
            "破棄の前に金庫のルート鍵ファイルと鍵保管ファイルの両方が複製されていた場合、"
            "その複製の無効化はこの証明の対象外です"
        ),
        (
            "If both the keeper's root file and its keystore had been copied before the "
            "destruction, this certificate does not cover those copies"
        ),
    ),
    "root_token": (
        "PKCS#11トークン(ソフトウェア)。ハードウェアによる鍵の保護はありません",
        "A PKCS#11 token in software; no hardware protects the key",
    ),
    "root_token_limit": (
        (
            "破棄の前に金庫のトークンのフォルダーと鍵保管ファイルの両方が複製されていた場合、"
            "その複製の無効化はこの証明の対象外です"
        ),
        (
            "If both the token's directory and the keeper's keystore had been copied before the "
            "destruction, this certificate does not cover those copies"
        ),
    ),
    "root_hsm": (
        "ハードウェアの鍵管理装置(HSM、PKCS#11)",
        "A hardware security module (PKCS#11)",
    ),
    "root_hsm_limit": (
        (
            "ルート鍵を装置から取り出せないことは製造者の表明によるもので、当方では確認していません。"
            "装置自身の複製・バックアップ機能で作られた写しは、この証明の対象外です"
        ),
        (
            "That the root key cannot be taken out is what its maker states; we did not check it. "
            "This certificate does not cover copies made by the device's own cloning or backup"
        ),
    ),
    "root_proof": (
        "破棄の後、旧ルート鍵で包んだ値を開こうとし、開かないことを確認しました",
        "After the destruction, what the old root had wrapped was tried and did not open",
    ),
    "key_copies": (
        "鍵保管ファイルは控えを取らない運用です。控えがないことは技術的には確認していません",
        "The keystore is not to be backed up; that no copy exists was not checked technically",
    ),
    "performed_by": (
        "消去処理装置(自動実行)。鍵の破棄は金庫",
        "The destruction worker (automatic); the keys by the keeper",
    ),
    "verified_by": (
        "消去処理装置(自動)。別の者による確認は行っていません",
        "The destruction worker (automatic); not verified by a separate person",
    ),
    "issuer": (
        "受託者の金庫(鍵管理装置)。自動で発行し、個人情報保護管理者の記名・押印はありません",
        "The entrustee's keeper, automatically; not signed or sealed by its privacy officer",
    ),
    "own_confirmations": (
        "各取扱者自身の確認書は、この証明書に含みません",
        "Each party's own confirmation is not part of this certificate",
    ),
    "derived": (
        (
            "架電結果は「残存する記録」のとおり。通話録音、紙、画面の写しなど、"
            "この仕組みの外で作られたものは把握していません"
        ),
        (
            'Call results: see "What remains". Recordings, paper, screenshots and whatever else '
            "was made outside this system are not known to it"
        ),
    ),
    "backups": (
        "暗号文が残るバックアップの世代と満了日は、この仕組みでは把握していません",
        "Which backups hold ciphertext, and until when, is not known to this system",
    ),
    "backups_until": (
        "開けない暗号文が次の日時まで残ることがあります(運用者が設定した保存日数による)",
        (
            "Ciphertext that does not open may stay until then, by the days of keeping that the "
            "operator has configured"
        ),
    ),
    "until": ("{day} まで", "until {day}"),
    "place": ("この証明書には記録していません", "Not recorded in this certificate"),
    "witness": ("記録していません", "None recorded"),
    "exceptions": (
        (
            "確認の対象外とした保存場所は上記のとおり。"
            "残存または確認不能の保存場所がある間、証明書は発行されません"
        ),
        (
            "Stores beyond our reach are named above. While a store holds something or could not "
            "be checked, no certificate is issued"
        ),
    ),
    "salt_elsewhere": (
        "委託元だけが、自社に封緘されたリストの鍵から導出できる(受託者は保管しない)",
        "Only the entrustor derives it, from the list keys sealed to it; kept nowhere here",
    ),
    "salted": (
        "照合方法: calllist の receipt check(ソルトと元のファイルをこの順につないだものの SHA-256)",
        "To compare: calllist receipt check (SHA-256 of the salt followed by the original file)",
    ),
    "statement_done": (
        "上記の手順を実施し、各保存場所について記載の方法と範囲で確認しました。",
        "The procedure above was carried out, and each store was checked to the extent stated.",
    ),
    "statement_self": (
        "この証明書は受託者による自己証明であり、第三者による認証ではありません。",
        "This is the entrustee's own statement, not a certification by a third party.",
    ),
    "statement_copies": (
        "消去の前に人が書き写し、または撮影した内容が残っていないことを証明するものではありません。",
        "It does not state that nothing was written down or photographed before the deletion.",
    ),
    "statement_check": (
        (
            "署名は、あらかじめ別の経路で受け取った公開鍵を使い、"
            "calllist verify FILE --key 公開鍵ファイル で確認できます。"
            "正本は署名付きJSONで、この表示は読みやすくしたものです。"
        ),
        (
            "The signature is checked with the public key you received by another way: "
            "calllist verify FILE --key PUBLIC_KEY_FILE. "
            "The signed JSON is the original; this is a readable form of it."
        ),
    ),
}

REMAINS: tuple[Words, ...] = (
    ("件数、日時、架電結果コードの集計", "Counts, times, totals of result codes"),
    (
        "架電結果(委託元だけが開ける形で封印。受領確認まで保管)",
        "Call results, sealed so that only the entrustor opens them, until it acknowledges receipt",
    ),
    (
        (
            "監査台帳(個人データなし)。対象者の符号は、委託元が控えを持つ追跡鍵で計算したもので、"
            "追跡鍵を持つ者は電話番号を台帳と照合できます。受託者の追跡鍵は破棄しました"
        ),
        (
            "The audit ledger (no personal data). Its person tags were made with the trace key: "
            "whoever holds it, as the entrustor does, can test phone numbers against the "
            "ledger. Our copy of it was destroyed"
        ),
    ),
    (
        (
            "データベースの先行書込みログ、空き領域、バックアップに、開けない暗号文が"
            "上書きまたは保存期間の満了まで残ることがあります"
        ),
        (
            "Ciphertext whose keys are destroyed may stay in the database's write-ahead log, free "
            "space and backups until they are overwritten or expire"
        ),
    ),
)
