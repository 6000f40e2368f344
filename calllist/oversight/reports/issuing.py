"""A copy that is handed out: its hash is in the ledger before it is."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.oversight.reports import paper, tables, worked
from calllist.oversight.reports.periods import Period
from calllist.oversight.reports.workbook import MEDIA_TYPE, workbook
from calllist.people.tables import Person
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event


class Form(StrEnum):
    """What a report can be taken away as."""

    XLSX = "xlsx"
    PDF = "pdf"


MEDIA = {Form.XLSX: MEDIA_TYPE, Form.PDF: "application/pdf"}


@dataclass(frozen=True)
class Copy:
    """A file and what it is called: the job's code and the period, nobody's name."""

    name: str
    content: bytes
    media_type: str


async def issue(
    session: AsyncSession,
    keeper: KeeperClient,
    person: Person,
    job_id: str,
    period: Period,
    form: Form,
    *,
    lang: str,
    now: datetime,
) -> Copy:
    """Raises JobUnknown, KeeperUnavailable."""
    made = await worked.report(session, person, job_id, period)
    content = await asyncio.to_thread(_content, made, form, lang, now)  # a PDF takes a while
    digest = hashlib.sha256(content).hexdigest()
    refs = {"job": job_id, "period": period.text, "sha256": digest, "by": person.id}
    await keeper.call(Event("report_issued", refs))
    return Copy(f"report-{made.job.code}-{period.text}.{form}", content, MEDIA[form])


def _content(made: worked.Report, form: Form, lang: str, now: datetime) -> bytes:
    if form is Form.PDF:
        return paper.paper(made, now, lang)
    heading = tables.title(made.period, lang)
    return workbook(heading, tables.facts(made, now, lang), tables.tables(made, lang))
