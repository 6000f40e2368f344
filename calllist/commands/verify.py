"""`calllist verify`: is this deletion certificate genuine, and what does it say? Offline."""

from pathlib import Path
from typing import Annotated

import typer

from calllist.commands.certificate_key import pinned
from calllist.commands.console import NO, CommandFailed, Console, console
from calllist.commands.ledger import ledger_key as read_ledger_key
from calllist.commands.verify_documents import Pinned, opened, refusal
from crypto.signed.statements import fingerprint
from retention import certificates, succession
from retention.errors import AboutAnother, NotAuthentic
from retention.facts import Revocation
from retention.succession import Since
from retention.verify import anchored


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
    given, documents = opened(speak, file, trusted), later or []
    if isinstance(given.said, Revocation):
        if documents:  # nothing comes after a revocation
            raise CommandFailed("not_about_this", NO, file=documents[0])
        speak.answer(certificates.plain(certificates.revoked(given.said, speak.lang)))
        speak.say("authentic_revocation", key=key)
        speak.say("compare", fingerprint=fingerprint(trusted.key))
        return
    facts = given.said
    try:
        since = succession.since(
            facts, given.envelope, [opened(speak, path, trusted) for path in documents]
        )
        head = anchored(facts, read_ledger_key(ledger_key)) if ledger_key else None
    except AboutAnother as stranger:
        raise CommandFailed("not_about_this", NO, file=documents[stranger.place]) from None
    except NotAuthentic as refused:
        raise refusal(speak, file, refused) from None
    speak.answer(certificates.plain(certificates.document(facts, speak.lang)))
    speak.say("authentic", key=key)
    if not documents:
        speak.say("status_elsewhere")
    _say(speak, since)
    if head is not None:
        speak.say("anchored", seq=facts.shred_seq, month=head.month, size=head.size)
    speak.say("compare", fingerprint=fingerprint(trusted.key))


def _say(speak: Console, since: Since) -> None:
    """What has become of it."""
    newest, revoked = since.newest, since.revoked
    if newest:
        at = certificates.moment(newest.issued_at, speak.lang)
        speak.say("replaced_since", at=at, certificate=newest.certificate)
    if revoked:
        why = certificates.change(revoked.reason, speak.lang)
        at = certificates.moment(revoked.revoked_at, speak.lang)
        said = "revoked_edition" if newest or not since.whole else "revoked_since"
        speak.say(said, at=at, certificate=revoked.certificate, reason=why)
    if not since.whole:
        speak.say("editions_missing")
