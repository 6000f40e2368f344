"""What `calllist verify` says, Japanese and English."""

from collections.abc import Mapping

VERIFY_MESSAGES: Mapping[str, tuple[str, str]] = {
    "authentic": (
        "正しい証明書です。署名は {key} の鍵のもので、1ビットも変えられていません。",
        "Authentic: signed by the key in {key}, and not one bit has been changed.",
    ),
    "authentic_revocation": (
        "正しい失効の文書です。署名は {key} の鍵のものです。",
        "An authentic revocation, signed by the key in {key}.",
    ),
    "status_elsewhere": (
        (
            "差し替えられたか、失効したかは、この証明書だけでは分かりません。新しい版・失効の文書(--with)、"
            "または台帳に記録されています。"
        ),
        (
            "Whether it was replaced or revoked since is not in this certificate: a later edition, "
            "a revocation (--with), and the ledger, say so."
        ),
    ),
    "replaced_since": (
        (
            "この証明書は差し替えられています。指定された文書のうち最も新しい版は "
            "{certificate}({at} 発行)です。"
        ),
        "This certificate was replaced. The newest edition given: {certificate}, issued {at}.",
    ),
    "revoked_since": (
        "この証明書は、{at} に失効しました。理由: {reason}",
        "This certificate was revoked on {at}: {reason}",
    ),
    "revoked_edition": (
        "差替後の版 {certificate} は、{at} に失効しました。理由: {reason}",
        "Edition {certificate}, which replaced it, was revoked on {at}: {reason}",
    ),
    "editions_missing": (
        "間の版が指定されていないため、同じ証明書の版であることは、鍵の署名した番号で判断しました。",
        (
            "Editions between were not given: that these are editions of one certificate is told "
            "by their signed numbers alone."
        ),
    ),
    "not_about_this": (
        "{file} は、この証明書の差替でも失効でもないか、ほかの文書と食い違っています。",
        "{file} neither replaces nor revokes this certificate, or contradicts what else was given.",
    ),
    "compare": (
        "鍵の指紋: {fingerprint} 契約時の書面と見比べてください。",
        "Fingerprint of the key: {fingerprint} Compare it with the one in your contract.",
    ),
    "document_authentic": (
        "{file} は正しいPDFです。{certificate} の鍵で署名され、署名の後に何も加えられていません。",
        "{file}: authentic PDF, signed by the key of {certificate}; nothing was added since.",
    ),
    "document_stamped": (
        "タイムスタンプ: {at} ({authority}、指定の認証局のもの)",
        "Timestamp: {at} ({authority}, vouched for by the roots you gave)",
    ),
    "document_stamped_by_somebody": (
        (
            "タイムスタンプ: {at} ({authority})。壊れてはいませんが、"
            "誰のものかは確かめていません(--tsa-roots)。"
        ),
        ("Timestamp: {at} ({authority}). It is whole; whose it is was not checked (--tsa-roots)."),
    ),
    "document_not_stamped": ("タイムスタンプはありません。", "There is no timestamp."),
    "stamp_missing": (
        (
            "タイムスタンプがありません。確かめるルート証明書(--tsa-roots)が"
            "指定されているので、認めません。"
        ),
        (
            "There is no timestamp. Roots to check one against were given (--tsa-roots),"
            " so this is refused."
        ),
    ),
    "needs_document_certificate": (
        (
            "PDFの検証には、契約時に受け取った署名証明書(document.pem)が必要です: "
            "--document-certificate で指定してください。"
        ),
        (
            "A PDF is checked with the document certificate that you received at onboarding: "
            "give it with --document-certificate."
        ),
    ),
    "refused_certificate": (
        "{file} は受け入れられません。理由: {reason}",
        "{file} is refused: {reason}",
    ),
}
