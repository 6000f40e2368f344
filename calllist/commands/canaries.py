"""`calllist canaries draft`: numbers that the entrustor owns, sealed to the keeper's eyes.

Runs on the entrustor's own machine. The request shows nobody which numbers they are; it is
signed with `calllist approve` and handed in like any other statement. The same people stand
in the file that is uploaded, as rows like all the others.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from calllist.commands.console import CommandFailed, console, read, write
from calllist.dialing.errors import NumberUnreadable
from calllist.dialing.inbound import e164
from crypto.errors.base import KeyFileRefused
from crypto.records.sealing import Recipient, seal_canaries
from crypto.signed import keyfile, statements
from crypto.signed.orders import Canaries

TIME_TO_SIGN = timedelta(days=14)

app = typer.Typer(help="カナリア(おとり)番号 / Canary numbers")


@app.callback()
def _group() -> None:
    """カナリア(おとり)番号 / Canary numbers"""


@app.command("draft")
def draft(
    context: typer.Context,
    numbers: Annotated[Path, typer.Argument(help="1行1番号 / one number a line")],
    keeper: Annotated[Path, typer.Option(help="keeper.pub")],
    entrustor: Annotated[str, typer.Option(help="ent_...")],
    contract: Annotated[str, typer.Option(help="ctr_...")],
    issuer: Annotated[str, typer.Option(help="作成者 / who drafts it")] = "canaries",
    output: Annotated[Path, typer.Option("-o", "--output", help="FILE")] = Path("canaries.json"),
) -> None:
    """自社の番号を封緘し、承認を求めるファイルにする / Seal numbers you own for signing."""
    speak = console(context)
    found = _numbers(numbers)
    sealed = seal_canaries(_keeper(keeper), entrustor=entrustor, contract=contract, numbers=found)
    now = datetime.now(UTC)  # noqa: TID251 - the entrustor's own machine is an edge
    request = statements.prepare(
        Canaries(entrustor, contract, sealed), issuer=issuer, now=now, valid_for=TIME_TO_SIGN
    )
    write(output, statements.dump_request(request))
    speak.say(
        "canaries_drafted",
        file=output,
        count=len(found),
        fingerprint=statements.fingerprint(sealed),
    )


def _numbers(path: Path) -> list[str]:
    """The distinct numbers of a file, E.164. Fails with the line that is none, not quoting it."""
    try:
        lines = read(path).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise CommandFailed("canaries_not_text", file=path) from None
    found: dict[str, None] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found[e164(line)] = None
            except NumberUnreadable:
                raise CommandFailed("canary_unreadable", file=path, line=number) from None
    if not found:
        raise CommandFailed("canaries_missing", file=path)
    return list(found)


def _keeper(path: Path) -> Recipient:
    try:
        return keyfile.load_recipient(path)
    except KeyFileRefused:
        code = "not_the_keepers_key" if path.exists() else "cannot_read"
        raise CommandFailed(code, file=path, why="-") from None
