"""`calllist verify`: is this deletion certificate genuine, and what does it say? Offline."""

from pathlib import Path
from typing import Annotated

import typer

from calllist.commands.certificate_key import pinned
from calllist.commands.console import NO, CommandFailed, Console, console, read
from calllist.commands.ledger import ledger_key as read_ledger_key
from crypto.signed.statements import fingerprint
from retention import certificates
from retention.errors import NotAuthentic
from retention.facts import CertificateFacts, Revocation
from retention.verify import anchored, concerns, is_revocation, revocation
from retention.verify import verify as checked
from retention.vocabulary import CHANGES, word

MAGIC = b"%PDF-"


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="消去証明書 / the certificate")],
    key: Annotated[
        Path, typer.Option(help="別の経路で受け取った公開鍵 / public key, received another way")
    ],
    document_certificate: Annotated[
        Path | None,
        typer.Option(help="PDFの署名証明書 / certificate of the PDF's signer (document.pem)"),
    ] = None,
    tsa_roots: Annotated[
        Path | None,
        typer.Option(help="時刻認証局のルート証明書(PEM) / roots of the timestamping authority"),
    ] = None,
    ledger_key: Annotated[
        Path | None, typer.Option(help="台帳の公開鍵 / the ledger's public key (ledger.pub)")
    ] = None,
    later: Annotated[
        list[Path] | None,
        typer.Option("--with", help="差替後の証明書・失効の文書 / a later edition, a revocation"),
    ] = None,
) -> None:
    """消去証明書を検証する / Verify a deletion certificate."""
    speak = console(context)
    key_bytes, content = pinned(key), read(file)
    try:
        if content.startswith(MAGIC):
            facts, original = _of_pdf(speak, content, key_bytes, document_certificate, tsa_roots)
        elif is_revocation(content):
            said = certificates.revoked(revocation(content, key_bytes), speak.lang)
            speak.answer(certificates.plain(said))
            speak.say("authentic_revocation", key=key)
            speak.say("compare", fingerprint=fingerprint(key_bytes))
            return
        else:
            facts, original = checked(content, key_bytes), content
        since = [_since(read(path), original, key_bytes, path) for path in later or ()]
        head = anchored(facts, read_ledger_key(ledger_key)) if ledger_key else None
    except NotAuthentic as refused:
        why = certificates.reason(refused.reason, speak.lang)
        raise CommandFailed("refused_certificate", NO, reason=why) from None
    speak.answer(certificates.plain(certificates.document(facts, speak.lang)))
    speak.say("authentic", key=key)
    if not since:
        speak.say("status_elsewhere")
    for one in since:
        _say_since(speak, one)
    if head is not None:
        speak.say("anchored", seq=facts.shred_seq, month=head.month, size=head.size)
    speak.say("compare", fingerprint=fingerprint(key_bytes))


def _since(later: bytes, original: bytes, key: bytes, path: Path) -> CertificateFacts | Revocation:
    """What a later document says of this original. Raises NotAuthentic; fails if it is about
    another one."""
    if is_revocation(later):
        revoked = revocation(later, key)
        if concerns(revoked, original):
            return revoked
    else:
        facts = checked(later, key)
        if concerns(facts.replaces, original):
            return facts
    raise CommandFailed("not_about_this", NO, file=path)


def _say_since(speak: Console, later: CertificateFacts | Revocation) -> None:
    if isinstance(later, Revocation):
        why = word(CHANGES.get(later.reason, (later.reason, later.reason)), speak.lang)
        at = certificates.moment(later.revoked_at, speak.lang)
        speak.say("revoked_since", at=at, reason=why)
    else:
        at = certificates.moment(later.issued_at, speak.lang)
        speak.say("replaced_since", at=at, certificate=later.certificate)


def _of_pdf(
    speak: Console, content: bytes, key: bytes, document: Path | None, roots: Path | None
) -> tuple[CertificateFacts, bytes]:
    """Check the PDF, then the original inside. Raises NotAuthentic."""
    from retention.pdf import checking  # noqa: PLC0415  # a PDF reader: 0.2 s, here only

    if document is None:
        raise CommandFailed("needs_document_certificate")
    chain = checking.certificates(read(document))
    vouching = checking.certificates(read(roots)) if roots else None
    found = checking.check(content, key, chain, vouching)
    speak.say("document_authentic", certificate=document)
    if found.stamp is None and roots:
        raise CommandFailed("stamp_missing", NO)
    if found.stamp is None:
        speak.say("document_not_stamped")
    else:
        at = certificates.moment(found.stamp.at, speak.lang)
        said = "document_stamped" if roots else "document_stamped_by_somebody"
        speak.say(said, at=at, authority=found.stamp.authority)
    return found.facts, found.envelope
