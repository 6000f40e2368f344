"""`calllist verify`: is this deletion certificate genuine, and what does it say? Offline."""

from pathlib import Path
from typing import Annotated

import typer

from calllist.commands.certificate_key import pinned
from calllist.commands.console import NO, CommandFailed, console, read
from calllist.commands.ledger import ledger_key as read_ledger_key
from crypto.statements import fingerprint
from retention import certificates
from retention.errors import NotAuthentic
from retention.verify import anchored
from retention.verify import verify as checked


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="消去証明書 / the certificate")],
    key: Annotated[
        Path, typer.Option(help="別の経路で受け取った公開鍵 / public key, received another way")
    ],
    ledger_key: Annotated[
        Path | None, typer.Option(help="台帳の公開鍵 / the ledger's public key (ledger.pub)")
    ] = None,
) -> None:
    """消去証明書を検証する / Verify a deletion certificate."""
    speak = console(context)
    key_bytes = pinned(key)
    try:
        facts = checked(read(file), key_bytes)
        head = anchored(facts, read_ledger_key(ledger_key)) if ledger_key else None
    except NotAuthentic as refused:
        why = certificates.reason(refused.reason, speak.lang)
        raise CommandFailed("refused_certificate", NO, reason=why) from None
    speak.answer(certificates.plain(certificates.document(facts, speak.lang)))
    speak.say("authentic", key=key)
    if head is not None:
        speak.say("anchored", seq=facts.shred_seq, month=head.month, size=head.size)
    speak.say("compare", fingerprint=fingerprint(key_bytes))
