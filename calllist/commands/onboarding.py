"""`calllist entrustor|party|site add`: who there is, before anybody has an account."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import mailboxes
from calllist.clock import Clock
from calllist.commands.console import CommandFailed, console
from calllist.commands.hosts import in_transaction
from calllist.entrustors.onboarding import EntrustorKind, register_entrustor
from calllist.entrustors.tables import Entrustor
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
    mail: Annotated[
        str | None, typer.Option(help="担当課の共用アドレス / mailbox of its office, for notices")
    ] = None,
) -> None:
    """委託元を登録する / Register an entrustor."""
    box = _mailbox(mail) if mail else None

    async def work(session: AsyncSession, chosen: Settings) -> str:
        now = Clock(chosen.clock_offset).now()
        return (await register_entrustor(session, name=name, kind=kind, now=now, mail=box)).id

    console(context).say("registered", id=in_transaction(work), name=name)


@entrustor.command("mail")
def set_mail(
    context: typer.Context,
    entrustor_id: Annotated[str, typer.Argument(help="ent_...")],
    address: Annotated[str, typer.Argument(help="空なら送らない / empty: no mail")],
) -> None:
    """お知らせの送り先を変える / Change where notices go."""
    box = _mailbox(address) if address else None

    async def work(session: AsyncSession, _: Settings) -> str:
        found = await session.get(Entrustor, entrustor_id)
        if found is None:
            raise CommandFailed("not_registered", id=entrustor_id)
        found.mail = box
        return found.name

    console(context).say("registered", id=entrustor_id, name=in_transaction(work))


def _mailbox(text: str) -> str:
    if not mailboxes.plausible(text):
        raise CommandFailed("bad_mailbox")
    return text


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
