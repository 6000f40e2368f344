"""Mappings of columns that a manager has confirmed, for an entrustor's next file.

A template is kept for the managers of one party and the files of one entrustor. It holds the
hash of a header row and column numbers, and of the header only words that we know: nothing
of a file. It is applied by itself where the header row is the same.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import ids
from calllist.jobs.errors import ListNotReady, TemplateUnknown
from calllist.jobs.scope import job_of, list_of
from calllist.jobs.tables import ColumnTemplate
from calllist.people.tables import Person


async def save(session: AsyncSession, person: Person, list_id: str, now: datetime) -> str:
    """Keep how this list's columns were mapped; what was kept for the same header row goes.

    The template's id. Raises ListUnknown; ListNotReady if the list has no receipt or its
    file no header row.
    """
    row = await list_of(session, person, list_id)
    receipt = row.receipt or {}
    if not receipt.get("header_key"):
        raise ListNotReady(list_id)
    party = str(person.party_id)
    await session.execute(
        delete(ColumnTemplate).where(
            ColumnTemplate.entrustor_id == row.entrustor_id,
            ColumnTemplate.party_id == party,
            ColumnTemplate.header_key == receipt["header_key"],
        )
    )
    template = ColumnTemplate(
        id=ids.new("tpl"),
        entrustor_id=row.entrustor_id,
        party_id=party,
        header_key=receipt["header_key"],
        places=_places(receipt["columns"]),
        words={str(one["number"]): one["header"] for one in receipt["columns"] if one["kind"]},
        width=len(receipt["columns"]),
        saved_at=now,
    )
    session.add(template)
    await session.flush()
    return template.id


async def of_job(session: AsyncSession, person: Person, job_id: str) -> list[ColumnTemplate]:
    """The templates that apply to files of this job, the newest first. Raises JobUnknown."""
    job = await job_of(session, person, job_id)
    return await of_entrustor(session, person, job.entrustor_id)


async def of_entrustor(
    session: AsyncSession, person: Person, entrustor_id: str
) -> list[ColumnTemplate]:
    """The templates of this person's party for one entrustor, the newest first."""
    query = select(ColumnTemplate).where(
        ColumnTemplate.entrustor_id == entrustor_id,
        ColumnTemplate.party_id == person.party_id,
    )
    return list(await session.scalars(query.order_by(ColumnTemplate.saved_at.desc())))


async def remove(session: AsyncSession, person: Person, job_id: str, template_id: str) -> None:
    """Forget one. Raises JobUnknown, TemplateUnknown."""
    for template in await of_job(session, person, job_id):
        if template.id == template_id:
            await session.delete(template)
            return
    raise TemplateUnknown(template_id)


def _places(columns: list[Mapping[str, Any]]) -> dict[str, list[int]]:
    """Field kind to the columns it stands in, from 1; 姓 before 名 as the receipt has them."""
    places: dict[str, list[int]] = {}
    for column in columns:
        if column["kind"]:
            places.setdefault(column["kind"], []).append(column["number"])
    return places
