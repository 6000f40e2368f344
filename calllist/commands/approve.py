"""`calllist approve`: read in words what would be decided, then sign exactly that.

Runs on the approver's own machine. A request whose text could deceive the eye (control
characters, invisible or direction-changing ones) is refused unread.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from calllist.commands import keys
from calllist.commands.console import NO, CommandFailed, console, read, write
from crypto.errors.statements import BadStatement
from crypto.signed import statements, words
from crypto.signed.terms import Statement


def approve(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="承認を求めるファイル / the request")],
    key: Annotated[Path, typer.Option(help="自分の秘密の鍵 / your secret key file")],
    yes: Annotated[bool, typer.Option("--yes", help="確認せず署名 / sign unasked")] = False,
) -> None:
    """内容を確認して署名する / Read what is asked for, and sign it."""
    speak = console(context)
    request = _request(file)
    now = datetime.now(UTC)  # noqa: TID251 - the approver's own machine is an edge
    if now > request.valid_until:
        raise CommandFailed("approve_expired", NO, file=file, until=request.valid_until.isoformat())
    pair = keys.secret(key)
    speak.answer(words.in_words(request, speak.lang))
    if not yes:
        speak.confirm("approve_ask")
    target = file.with_name(file.name + ".signed")
    write(target, statements.dump_signed(statements.approve(request, pair.approver)))
    speak.say("approved", file=target, fingerprint=pair.public.fingerprint)


def _request(file: Path) -> Statement:
    try:
        request = statements.load_request(read(file))
    except BadStatement:
        raise CommandFailed("not_a_request", file=file) from None
    text = statements.dump_request(request).decode()
    if "\\" in text or not all(line.isprintable() for line in text.splitlines()):
        raise CommandFailed("not_a_request", file=file)
    return request
