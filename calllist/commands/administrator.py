"""`calllist administrator create`: the first account of an installation, and only the first."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import Clock
from calllist.commands.console import NO, CommandFailed, console, write
from calllist.commands.hosts import in_transaction, the_keeper
from calllist.parties import onboarding
from calllist.parties.onboarding import PartyKind
from calllist.people import accounts, statements
from calllist.settings import Settings
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient

app = typer.Typer(help="アカウント管理者 / The account administrator")
YEAR = timedelta(days=365)


@app.callback()
def _group() -> None:
    """アカウント管理者 / The account administrator"""


@app.command("create")
def create(
    context: typer.Context,
    login: Annotated[str, typer.Argument(help="ログインID / login")],
    name: Annotated[str, typer.Argument(help="氏名 / name")],
    centre: Annotated[str, typer.Option(help="受託者の名称 / legal name of the call centre")],
) -> None:
    """最初の管理者を登録する（webのホストで）/ Create the first administrator, on the web's host.

    記録台帳に残すため、金庫が動いていること / The keeper must run: its ledger keeps it.
    """
    speak = console(context)
    file = Path(f"roster-{login}.json")

    async def work(session: AsyncSession, chosen: Settings) -> str:
        if not await accounts.nobody_yet(session):
            raise CommandFailed("administrator_exists", NO)
        now = Clock(chosen.clock_offset).now()
        async with the_keeper(chosen.keeper_at(Caller.WEB)) as keeper:
            link, request = await _first(session, keeper, login, name, centre, now)
        write(file, request)  # before the commit: a lost file would be a lost account
        return f"{chosen.origin}/welcome#{link}"

    link = in_transaction(work)
    speak.say("administrator_made", login=login, file=file, link=link)


async def _first(
    session: AsyncSession,
    keeper: KeeperClient,
    login: str,
    name: str,
    centre: str,
    now: datetime,
) -> tuple[str, bytes]:
    """The invitation's secret, and the roster request that the privacy officer signs."""
    known = [p for p in await onboarding.parties(session) if p.kind == PartyKind.CENTRE]
    party = (
        known[0]
        if known
        else await onboarding.register_party(session, name=centre, kind=PartyKind.CENTRE)
    )
    person, invitation = await accounts.first(
        session, keeper, login=login, name=name, party_id=party.id, now=now
    )
    request = await statements.draft_roster(
        session, person.id, until=now + YEAR, issuer=person.id, now=now
    )
    return invitation, request
