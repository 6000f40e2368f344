"""`calllist pin` and `calllist submit`: what is said to the keeper on its own host.

Pinning is the moment on which every later signature rests: the fingerprint is compared with
one that came by another way, never just accepted.
"""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.commands import keys
from calllist.commands.console import NO, CommandFailed, console, read
from calllist.commands.hosts import ask_keeper, in_transaction
from calllist.people.statements import hand_in_again as statements_again
from calllist.settings import Settings
from crypto.errors.base import KeeperUnavailable
from crypto.errors.statements import BadStatement, ReplayedStatement
from crypto.signed import statements
from crypto.wire.approvals import Pin, Submit
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient

CENTRE = "centre"  # the call centre's own privacy officer: signs rosters, receives nothing

Run = Annotated[Path, typer.Option("--run", help="金庫のソケット / folder of the keeper's sockets")]
DEFAULT_RUN = Path(".calllist/run")


def pin(
    context: typer.Context,
    approver: Annotated[
        str, typer.Argument(help="委託元ID または centre / entrustor id or centre")
    ],
    public: Annotated[Path, typer.Argument(help="公開鍵 / public key file (.pub)")],
    fingerprint: Annotated[
        str, typer.Option(help="別の経路で受け取った指紋 / received by another way")
    ] = "",
    run: Run = DEFAULT_RUN,
) -> None:
    """承認者の鍵を金庫に登録する / Pin an approver's keys in the keeper."""
    speak = console(context)
    held = keys.public(public)
    if not fingerprint:
        speak.confirm("pin_ask", approver=approver, fingerprint=held.fingerprint)
    elif fingerprint.strip().lower() != held.fingerprint:
        raise CommandFailed("pin_differs", NO, fingerprint=held.fingerprint)
    recipient = b"" if approver == CENTRE else held.recipient.data
    done = ask_keeper(_admin(run), Pin(approver, held.signing, recipient))
    speak.say("pinned", seq=done.seq)


def submit(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="署名済みファイル / signed file")],
    run: Run = DEFAULT_RUN,
) -> None:
    """署名済みの従事者名簿を金庫に渡す / Hand a signed roster statement to the keeper.

    契約条件は画面から渡す / Contract terms are handed in on the screen, which keeps a copy.
    """
    speak = console(context)
    try:
        signed = statements.load_signed(read(file))
    except BadStatement:
        raise CommandFailed("not_a_signed_file", file=file) from None
    done = ask_keeper(_admin(run), Submit(signed.payload, signed.key, signed.signature))
    if done.missing:
        speak.say("submitted_waits", file=file, missing=", ".join(done.missing))
    else:
        speak.say("submitted", file=file)


def resubmit(context: typer.Context) -> None:
    """新しい金庫に、署名済みの契約をすべて渡し直す / Hand every signed contract in again."""
    speak = console(context)

    async def work(session: AsyncSession, chosen: Settings) -> list[tuple[str, str]]:
        async with KeeperClient(chosen.keeper_at(Caller.WEB), pool=1) as keeper:
            return [
                (f"{version.contract_id} v{version.version}", refused)
                async for version, refused in statements_again(session, keeper)
            ]

    try:
        told = in_transaction(work)
    except KeeperUnavailable as error:
        raise CommandFailed("keeper_unavailable", socket=error) from None
    for contract, refused in told:
        speak.say("resubmitted" if not refused else "resubmit_refused", id=contract, reason=refused)
    if any(refused not in ("", ReplayedStatement.code) for _, refused in told):
        raise CommandFailed("resubmit_incomplete", NO)


def _admin(run: Path) -> Path:
    return run / Caller.ADMIN / "keeper.sock"
