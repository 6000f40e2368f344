"""Taking on an entrustor. Its keys are pinned in the keeper, out of band, never here."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import ids
from calllist.entrustors.tables import Entrustor


class EntrustorKind(StrEnum):
    """Which law the entrustor stands under."""

    PRIVATE = "private"
    PUBLIC = "public"


async def register_entrustor(
    session: AsyncSession,
    *,
    name: str,
    kind: EntrustorKind,
    now: datetime,
    mail: str | None = None,
) -> Entrustor:
    """A new tenant. mail: the mailbox of its office, where notices go."""
    entrustor = Entrustor(id=ids.new("ent"), name=name, kind=kind, created_at=now, mail=mail)
    session.add(entrustor)
    await session.flush()
    return entrustor


async def entrustors(session: AsyncSession) -> list[Entrustor]:
    """All entrustors, by name."""
    return list(await session.scalars(select(Entrustor).order_by(Entrustor.name, Entrustor.id)))
