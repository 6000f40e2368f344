"""業務完了報告書: what was done with the lists of a job, in counts; it outlives their people.

Everything is computed from results (`called`) and receipts, which stay.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import JST
from calllist.dialing.tables import Result
from calllist.entrustors.codes import ATTEMPTS_USED_UP, label
from calllist.jobs.scope import job_and_terms
from calllist.jobs.tables import CallList, Job
from calllist.oversight.called import CALLED, FINISHED, UNANSWERED, Figures, by_code
from calllist.people.tables import Person
from crypto.signed.terms import Conduct
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event

REFUSED, INVALID = 50, 40
WORDS: Mapping[str, tuple[str, str]] = {
    "list": ("リスト", "list"),
    "rows": ("受領行数", "rows received"),
    "accepted": ("受入件数", "rows accepted"),
    "duplicates": ("重複", "duplicates"),
    "rejected": ("不備", "rows rejected"),
    "calls": ("架電数", "calls"),
    "contacts": ("本人応答", "person answered"),
    "contact_percent": ("接触率（%）", "contact rate (%)"),
    "finished": ("完了人数", "people finished"),
    "refusals": ("拒否", "refusals"),
    "refusals_received": ("拒否のうち受領済み", "refusals received"),
    "unreachable": ("架電上限", "never reached"),
    "invalid": ("無効番号", "numbers not in service"),
    "revised": ("事後訂正した結果", "results revised later"),
    "hours": ("架電した時間帯（時間）", "hours in which calls were made"),
    "first": ("最初の架電", "first call"),
    "last": ("最後の架電", "last call"),
    "units": ("請求単位", "billing units"),
    "total": ("合計", "total"),
}


@dataclass(frozen=True)
class Part(Figures):
    """One list, or all lists of the job together (number 0)."""

    number: int
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    refusals_received: int  # acknowledged by the entrustor
    revised: int  # given another code after the call
    hours: int  # hours of the clock in which a call was made
    units: int

    @property
    def refusals(self) -> int:
        return self.by_code.get(REFUSED, 0)

    @property
    def unreachable(self) -> int:
        return self.by_code.get(ATTEMPTS_USED_UP, 0)

    @property
    def invalid(self) -> int:
        return self.by_code.get(INVALID, 0)


@dataclass(frozen=True)
class Report:
    """A job's lists and their sum."""

    job: Job
    parts: tuple[Part, ...]
    total: Part


async def report(session: AsyncSession, person: Person, job_id: str) -> Report:
    """Raises JobUnknown."""
    job, terms = await job_and_terms(session, person, job_id)
    found = await session.scalars(
        select(CallList)
        .where(CallList.job_id == job_id, CallList.received_at.is_not(None))
        .order_by(CallList.number)
    )
    parts = []
    for row in found.all():
        facts = await _results(session, Result.list_id == row.id)
        parts.append(_part(row.number, [row], facts, terms.conduct))
    everything = await session.scalars(select(CallList).where(CallList.job_id == job_id))
    facts = await _results(session, Result.job_id == job_id)
    return Report(job, tuple(parts), _part(0, everything.all(), facts, terms.conduct))


async def issue(
    session: AsyncSession, keeper: KeeperClient, person: Person, job_id: str, lang: str
) -> tuple[Report, bytes]:
    """The report as CSV (UTF-8 with mark); its SHA-256 is in the ledger before it is given out.

    Raises JobUnknown, KeeperUnavailable.
    """
    made = await report(session, person, job_id)
    content = table(made, lang)
    digest = hashlib.sha256(content).hexdigest()
    await keeper.call(Event("report_issued", {"job": job_id, "sha256": digest, "by": person.id}))
    return made, content


def units(conduct: Conduct, codes: Mapping[int, int], finished: int) -> int:
    """What is billed: one for each person finished; or, where the terms say after how many
    unanswered calls, one for each person finished otherwise and one for so many of those."""
    each = conduct.unanswered_per_unit
    if isinstance(each, msgspec.UnsetType):
        return finished
    unanswered = sum(n for code, n in codes.items() if code in UNANSWERED)
    return finished - codes.get(ATTEMPTS_USED_UP, 0) + unanswered // each


def table(made: Report, lang: str) -> bytes:
    """One row for each figure, one column for each list, the sum last."""
    columns = [*made.parts, made.total]
    names = [str(part.number) if part.number else _word("total", lang) for part in columns]
    out = io.StringIO(newline="")
    write = csv.writer(out)
    write.writerow([_word("list", lang), *names])
    for name in WORDS:
        if name not in ("list", "total"):
            write.writerow([_word(name, lang), *(_cell(getattr(part, name)) for part in columns)])
    for code in sorted(made.total.by_code):
        counts = [part.by_code.get(code, 0) for part in columns]
        write.writerow([f"{code} {label(code, lang)}", *counts])
    return out.getvalue().encode("utf-8-sig")


def _word(name: str, lang: str) -> str:
    return WORDS[name][lang == "en"]


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(JST).strftime("%Y-%m-%d %H:%M")
    return "" if value is None else value


async def _results(session: AsyncSession, which: Any) -> dict[str, Any]:
    """Counts over the results of a list or a job."""
    row = (
        await session.execute(
            select(
                func.count().filter(FINISHED),
                func.count().filter(Result.code == REFUSED, Result.acknowledged_at.is_not(None)),
                func.count(Result.revised_at),
                func.count(func.date_trunc("hour", Result.at).distinct()).filter(CALLED),
                func.min(Result.at).filter(CALLED),
                func.max(Result.at).filter(CALLED),
            ).where(which)
        )
    ).one()
    names = ("finished", "refusals_received", "revised", "hours", "first", "last")
    return {"by_code": await by_code(session, which), **dict(zip(names, row, strict=True))}


def _part(
    number: int, lists: Iterable[CallList], facts: Mapping[str, Any], conduct: Conduct
) -> Part:
    rows: Counter[str] = Counter()
    for one in lists:
        for name in ("rows", "accepted", "duplicates", "rejected"):
            rows[name] += (one.receipt or {}).get(name, 0) if one.received_at else 0
    return Part(
        number=number,
        rows=rows["rows"],
        accepted=rows["accepted"],
        duplicates=rows["duplicates"],
        rejected=rows["rejected"],
        units=units(conduct, facts["by_code"], facts["finished"]),
        **facts,
    )
