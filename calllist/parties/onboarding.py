"""Taking on parties and their sites."""

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import ids
from calllist.parties.tables import Party, Site
from crypto.signed.terms import HOME


class PartyKind(StrEnum):
    """What a party is to the centre."""

    CENTRE = "centre"
    SUB_ENTRUSTEE = "sub_entrustee"
    HOST = "host"


async def register_party(session: AsyncSession, *, name: str, kind: PartyKind) -> Party:
    """A new legal person. That it may handle data is decided by signed terms, not here."""
    party = Party(id=ids.new("pty"), name=name, kind=kind)
    session.add(party)
    await session.flush()
    return party


async def register_site(
    session: AsyncSession, *, party_id: str, name: str, home: bool = False
) -> Site:
    """A new place of work of a party. home: in somebody's home; the contract must permit those."""
    site = Site(id=ids.new(HOME.removesuffix("_") if home else "sit"), party_id=party_id, name=name)
    session.add(site)
    await session.flush()
    return site


async def parties(session: AsyncSession) -> list[Party]:
    """All parties, by name."""
    return list(await session.scalars(select(Party).order_by(Party.name, Party.id)))


async def sites(session: AsyncSession) -> list[Site]:
    """All sites, by name."""
    return list(await session.scalars(select(Site).order_by(Site.name, Site.id)))
