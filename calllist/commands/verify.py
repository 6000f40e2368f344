"""`calllist verify`: is this deletion certificate genuine, and what does it say? Offline."""

from pathlib import Path
from typing import Annotated

import typer

from calllist.commands.certificate_key import pinned
from calllist.commands.console import NO, CommandFailed, Console, console
from calllist.commands.ledger import ledger_key as read_ledger_key
from calllist.commands.verify_documents import Opened, Pinned, opened, refusal
from crypto.signed.statements import fingerprint
from retention import certificates
from retention.errors import NotAuthentic
from retention.facts import CertificateFacts, Revocation
from retention.verify import anchored, concerns
from retention.vocabulary import CHANGES, word


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
    trusted = Pinned(pinned(key), document_certificate, tsa_roots)
    given = opened(speak, file, trusted)
    if isinstance(given.said, Revocation):
        speak.answer(certificates.plain(certificates.revoked(given.said, speak.lang)))
        speak.say("authentic_revocation", key=key)
        speak.say("compare", fingerprint=fingerprint(trusted.key))
        return
    facts = given.said
    since = [_since(opened(speak, path, trusted), given, path) for path in later or ()]
    try:
        head = anchored(facts, read_ledger_key(ledger_key)) if ledger_key else None
    except NotAuthentic as refused:
        raise refusal(speak, file, refused) from None
    speak.answer(certificates.plain(certificates.document(facts, speak.lang)))
    speak.say("authentic", key=key)
    if not since:
        speak.say("status_elsewhere")
    for one in since:
        _say_since(speak, one)
    if head is not None:
        speak.say("anchored", seq=facts.shred_seq, month=head.month, size=head.size)
    speak.say("compare", fingerprint=fingerprint(trusted.key))


def _since(later: Opened, given: Opened, path: Path) -> CertificateFacts | Revocation:
    """What a later document says of this original; fails if it is about another one."""
    about = later.said if isinstance(later.said, Revocation) else later.said.replaces
    if not concerns(about, given.envelope):
        raise CommandFailed("not_about_this", NO, file=path)
    return later.said


def _say_since(speak: Console, later: CertificateFacts | Revocation) -> None:
    if isinstance(later, Revocation):
        why = word(CHANGES.get(later.reason, (later.reason, later.reason)), speak.lang)
        at = certificates.moment(later.revoked_at, speak.lang)
        speak.say("revoked_since", at=at, reason=why)
    else:
        at = certificates.moment(later.issued_at, speak.lang)
        speak.say("replaced_since", at=at, certificate=later.certificate)
