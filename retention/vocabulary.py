"""Codes of certificates and what people read instead of them, Japanese and English.

A code that has no words here is shown as it is (`retention.certificates`): old certificates
stay readable, new codes are never left out.
"""

from collections.abc import Mapping

Words = tuple[str, str]  # Japanese, English

LANGUAGES = ("ja", "en")

TRIGGERS: Mapping[str, Words] = {
    "completed": ("業務の完了", "completion of the work"),
    "manager": ("管理者による業務の終了", "job closed by the manager"),
    "deadline": ("消去期限の到来", "erase-by date reached"),
    "entrustor": ("委託元の指示", "order of the entrustor"),
    "restored": ("消去済み(データベースの復元後)", "destroyed before the database was restored"),
    "canary": ("カナリア(おとり)番号への接触による凍結", "freeze after a canary was touched"),
}

CHANGES: Mapping[str, Words] = {  # why a certificate was replaced or revoked
    "name": ("名称の誤記", "a name was misspelled"),
    "number": ("契約番号などの誤記", "a contract number or the like was misspelled"),
    "claim": ("消去処理装置の申告の誤り", "a claim of the destruction worker was wrong"),
    "in_error": ("誤って発行した", "it was issued in error"),
    "wrong_list": ("別のリストの証明書である", "it is the certificate of another list"),
    "wrong_claim": (
        "消去処理装置の申告が事実と違う",
        "what the destruction worker claimed is not so",
    ),
    "key_compromised": ("署名鍵の漏えいのおそれ", "the signing key may have leaked"),
}

ENDINGS: Mapping[str, Words] = {
    "results_first": (
        "返還後消去(結果の受領か期限まで、鍵の破棄を待つ)",
        "erased after return: once the results are received, or at the deadline",
    ),
    "at_once": ("消去(結果の受領を待たない)", "erased without waiting for results to be received"),
}

STORES: Mapping[str, Words] = {
    "keeper": ("金庫の鍵", "keys in the keeper"),
    "row_count": ("受領件数と削除行数", "records received and rows erased"),
    "records": ("データベース: 対象者の行", "database: rows of people"),
    "chunks": ("データベース: 封印された鍵", "database: sealed keys"),
    "leases": ("データベース: 対応中の行", "database: leases"),
    "receipt": ("データベース: 取込結果の見出し", "database: header words of the receipt"),
    "findings": ("データベース: 取込結果の明細", "database: receipt findings"),
    "other_tables": ("データベース: 当社のものでない表", "database: tables that are not ours"),
    "broker": ("処理待ち行列", "message broker"),
    "temp": ("一時フォルダー", "temporary folders"),
    "logs": ("動作記録", "logs"),
    "mirror": ("台帳の写し", "copy of the ledger"),
    "previews": ("取込前の確認", "previews"),
    "notes": ("対応メモ", "notes"),
    "result_backend": ("処理結果の置場", "task result store"),
    "swap": ("スワップ", "swap"),
    "proxy_logs": ("中継装置の動作記録", "logs of the proxy"),
    "carrier": ("通信事業者の通話記録", "the carrier's call records"),
    "own_copy": ("アップロードした方の手元のファイル", "the uploader's own copy of the file"),
    "wal": ("先行書込みログ", "write-ahead log"),
    "backups": ("バックアップ", "backups"),
}

OUTCOMES: Mapping[str, Words] = {
    "PASS": ("残存なし", "nothing left"),
    "FAILED": ("残存あり", "something left"),
    "UNKNOWN": ("確認不能", "could not be checked"),
    "OUTSIDE": ("確認の対象外", "beyond our reach, not checked"),
}

METHODS: Mapping[str, Words] = {
    "asked": ("金庫への照会", "asked the keeper"),
    "compared": ("件数の突合", "numbers compared"),
    "counted": ("全行の計数", "all rows counted"),
    "searched": ("全内容の走査", "contents searched"),
    "absent": ("設けていません", "there is none"),
    "nothing_kept": (
        "受理した者がなく、保存したものがありません",
        "nobody was accepted, nothing was kept",
    ),
    "not_reached": ("確認していません", "not checked"),
}

REASONS: Mapping[str, Words] = {
    "not_json": (
        "証明書の形式(JSON)ではありません。ファイルが壊れているか、別のファイルです。",
        "This is not a certificate (no JSON): the file is damaged or a different one.",
    ),
    "not_an_envelope": (
        "署名付き証明書の形式ではありません。項目の名前か構造が違います。",
        "This is not a signed certificate: a field's name or the structure differs.",
    ),
    "too_long": (
        "ファイルが大きすぎます。証明書ではありません。",
        "The file is too large to be a certificate.",
    ),
    "spelling": (
        "書き方が正本と違います。発行後に1文字以上が変えられています。",
        "It is not spelled like the original: at least one character was changed after issue.",
    ),
    "payload_type": (
        "消去証明書ではない種類の文書です。",
        "This is a document of another kind, not a deletion certificate.",
    ),
    "other_key": (
        "指定の公開鍵とは別の鍵の証明書です。鍵か証明書が違います。",
        "It names another key than the one you gave: wrong key or wrong certificate.",
    ),
    "signature": (
        "署名が合いません。内容か署名が発行後に変えられています。",
        "The signature does not match: contents or signature were changed after issue.",
    ),
    "not_anchored": (
        "台帳の証明が付いていません(以前の版の証明書です)。",
        "It carries no proof of its ledger line (a certificate of an earlier version).",
    ),
    "anchor": (
        "台帳の証明が合いません。消去の行が、署名された台帳にありません。",
        "The proof fails: its line is not in the ledger that was signed.",
    ),
    "not_signed": (
        "署名のないPDFです。",
        "This PDF is not signed.",
    ),
    "signed_twice": (
        "署名が複数あるPDFです。発行後に何かが加えられています。",
        "This PDF has several signatures: something was added after issue.",
    ),
    "appended": (
        "署名の後ろに内容が加えられたPDFです。",
        "Something was appended to this PDF after it was signed.",
    ),
    "cut_off": (
        "PDFの終わりが欠けています。",
        "The end of this PDF is missing.",
    ),
    "pdf_hole": (
        "PDFの署名欄の書き方が正本と違います。発行後に変えられています。",
        "The place of the PDF's signature is not spelled as issued: it was changed.",
    ),
    "pdf_signature_form": (
        "PDFの署名に、発行時にはなかった項目か書き方があります。",
        "The PDF's signature has parts or a spelling that it was not issued with.",
    ),
    "pdf_signature": (
        "PDFの署名が合いません。内容か署名が発行後に変えられています。",
        "The PDF's signature does not match: contents or signature were changed after issue.",
    ),
    "pdf_other_key": (
        "指定の署名証明書(document.pem)とは別の鍵で署名されたPDFです。",
        "This PDF was signed by another key than that of the document.pem you gave.",
    ),
    "pdf_attachment": (
        "PDFに正本(certificate.json)が1つだけ添付されていません。",
        "The PDF does not hold exactly one original (certificate.json).",
    ),
    "stamp": (
        "タイムスタンプが壊れているか、このPDFのものではありません。",
        "The timestamp is damaged, or belongs to something else.",
    ),
    "stamp_root": (
        "タイムスタンプが、指定の認証局のものではありません。",
        "The timestamp is not vouched for by the authority that you gave.",
    ),
    "no_certificates": (
        "証明書(PEM)のファイルではありません。",
        "This file holds no certificates (PEM).",
    ),
    "contents": (
        "署名は正しいものの、証明書の項目がこの版では読めません。",
        "The signature is right, but this version cannot read the certificate's fields.",
    ),
}

COMPARISONS: Mapping[str, Words] = {
    "PASS": ("一致", "equal"),
    "FAILED": ("不一致", "different"),
}

PURPOSES: Mapping[str, Words] = {
    "sales": ("販売勧誘", "sales"),
    "health_check": ("健診勧奨", "health-check reminder"),
    "payment_notice": ("納付案内", "payment notice"),
}

FIELDS: Mapping[str, Words] = {
    "phone": ("電話番号", "phone number"),
    "phone_alt": ("その他の電話番号", "further phone numbers"),
    "name": ("氏名", "name"),
    "name_kana": ("フリガナ", "reading of the name"),
    "organisation": ("団体名", "organisation"),
    "reference": ("整理番号", "reference number"),
    "birth_date": ("生年月日", "date of birth"),
    "sex": ("性別", "sex"),
    "postal": ("郵便番号", "postal code"),
    "address": ("住所", "address"),
    "subject": ("用件", "subject"),
    "amount": ("金額", "amount"),
    "due_date": ("期限", "due date"),
    "sensitive": ("要配慮個人情報", "special-care personal information"),
}


def word(words: Words, lang: str) -> str:
    """One of a pair. Japanese unless the language is English."""
    return words[1] if lang == "en" else words[0]
