"""`calllist entrustor|party|site add`: who there is, before anybody has an account."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import Clock
from calllist.commands.console import console
from calllist.commands.hosts import in_transaction
from calllist.entrustors.onboarding import EntrustorKind, register_entrustor
from calllist.parties.onboarding import PartyKind, register_party, register_site
from calllist.settings import Settings

entrustor = typer.Typer(help="委託元 / Entrustors")
party = typer.Typer(help="受託者・再委託先 / Parties")
site = typer.Typer(help="拠点 / Sites")


@entrustor.callback()
def _entrustors() -> None:
    """委託元 / Entrustors"""


@party.callback()
def _parties() -> None:
    """受託者・再委託先 / Parties"""


@site.callback()
def _sites() -> None:
    """拠点 / Sites"""


@entrustor.command("add")
def add_entrustor(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="名称 / legal name")],
    kind: Annotated[EntrustorKind, typer.Option(help="private / public")],
) -> None:
    """委託元を登録する / Register an entrustor."""

    async def work(session: AsyncSession, chosen: Settings) -> str:
        now = Clock(chosen.clock_offset).now()
        return (await register_entrustor(session, name=name, kind=kind, now=now)).id

    console(context).say("registered", id=in_transaction(work), name=name)


@party.command("add")
def add_party(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="名称 / legal name")],
    kind: Annotated[PartyKind, typer.Option(help="centre / sub_entrustee / host")],
) -> None:
    """受託者・再委託先を登録する / Register a party."""

    async def work(session: AsyncSession, _: Settings) -> str:
        return (await register_party(session, name=name, kind=kind)).id

    console(context).say("registered", id=in_transaction(work), name=name)


@site.command("add")
def add_site(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="名称 / name")],
    party: Annotated[str, typer.Option(help="pty_...")],
    home: Annotated[bool, typer.Option("--home", help="在宅の拠点 / in somebody's home")] = False,
) -> None:
    """拠点を登録する / Register a site of a party."""

    async def work(session: AsyncSession, _: Settings) -> str:
        return (await register_site(session, party_id=party, name=name, home=home)).id

    console(context).say("registered", id=in_transaction(work), name=name)
