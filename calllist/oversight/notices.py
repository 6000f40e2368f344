"""What overseers must be told: raised once, shown until it is over, mailed by the worker.

    notices.tell(session, "overdue", list_id=…, entrustor_id=…, now=now)     # again: nothing
    notices.over(session, "overdue", list_id=…, now=now)                     # the reason is gone

A notice holds a code, ids, counts and times: it may travel by mail. Who hears of it follows
from its code; an entrustor's officer hears of its own lists only, a manager of the lists whose
jobs it sees, and of its own party's operators.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.jobs.scope import jobs_of
from calllist.jobs.tables import CallList
from calllist.oversight.tables import Notice
from calllist.people.roles import Role
from calllist.people.tables import Person

OVERSEERS = frozenset({Role.MANAGER, Role.ENTRUSTOR, Role.AUDITOR})
CENTRE = frozenset({Role.MANAGER, Role.AUDITOR})


@dataclass(frozen=True)
class Kind:
    """Who hears of it, and whether somebody must act."""

    audience: frozenset[Role]
    urgent: bool


KINDS: Mapping[str, Kind] = {
    "deadline_near": Kind(OVERSEERS, urgent=False),  # facts: days, left (people not yet reached)
    "overdue": Kind(OVERSEERS, urgent=True),  # past its deadline or order, and not yet shredded
    "keys_remain": Kind(CENTRE, urgent=True),  # facts: count, since, lists (some): not in our books
    "uncertified": Kind(OVERSEERS, urgent=True),  # shredded, and no certificate for long
    "check_failed": Kind(OVERSEERS, urgent=True),  # facts: stores that still hold something
    "check_unknown": Kind(OVERSEERS, urgent=True),  # facts: stores that could not be read
    "budgets_near": Kind(CENTRE, urgent=False),  # facts: near, used_up (operators, how many)
    "held": Kind(OVERSEERS, urgent=False),  # a legal hold stands; never silent
    "certificate_issued": Kind(frozenset({Role.ENTRUSTOR}), urgent=False),  # facts: certificate
    "certificate_waits": Kind(frozenset({Role.ENTRUSTOR}), urgent=False),  # not acknowledged
    "certificate_replaced": Kind(OVERSEERS, urgent=False),  # facts: certificate, days
    "certificate_revoked": Kind(OVERSEERS, urgent=True),  # facts: certificate
    "results_wait": Kind(frozenset({Role.ENTRUSTOR}), urgent=False),  # facts: results, days
    "certificate_missing": Kind(CENTRE, urgent=True),  # in the ledger, not in our tables
    "clocks_disagree": Kind(CENTRE, urgent=True),  # facts: seconds
    "mail_failing": Kind(CENTRE, urgent=True),  # facts: boxes (calllist.oversight.mail, Failing)
    "worker_silent": Kind(CENTRE, urgent=True),  # no sweep has ended for minutes
}


def identity(code: str, list_id: str | None, mark: str) -> str:
    """The id of the one notice of this kind about this, told once however often it is found."""
    said = "\x00".join((code, list_id or "", mark))
    return "ntc_" + hashlib.sha256(said.encode()).hexdigest()[:32]


async def tell(
    session: AsyncSession,
    code: str,
    *,
    now: datetime,
    entrustor_id: str | None = None,
    party_id: str | None = None,
    list_id: str | None = None,
    mark: str = "",
    facts: Mapping[str, Any] | None = None,
) -> str:
    """Raise a notice; its id. One that stands gets the latest facts, one that was over stands
    again.

    mark: what tells this occasion from another of the same kind (the deadline it warns of).
    facts: what its words need. Raises KeyError for a code that has no `Kind`.
    """
    if code not in KINDS:
        raise KeyError(code)
    values = {
        "id": identity(code, list_id, mark),
        "code": code,
        "entrustor_id": entrustor_id,
        "party_id": party_id,
        "list_id": list_id,
        "facts": dict(facts or {}),
        "raised_at": now,
        "over_at": None,
    }
    statement = insert(Notice).values(values)
    since = case((Notice.over_at.is_(None), Notice.raised_at), else_=statement.excluded.raised_at)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[Notice.id],
            set_={"facts": statement.excluded.facts, "raised_at": since, "over_at": None},
        )
    )
    return str(values["id"])


async def over(
    session: AsyncSession, code: str, *, now: datetime, list_id: str | None = None
) -> None:
    """The reason has gone: every notice of this kind about this list leaves the screens."""
    await session.execute(
        update(Notice)
        .where(
            Notice.code == code,
            Notice.list_id.is_not_distinct_from(list_id),
            Notice.over_at.is_(None),
        )
        .values(over_at=now)
        .execution_options(synchronize_session=False)
    )


async def only(session: AsyncSession, code: str, standing: set[str], *, now: datetime) -> None:
    """Every other notice of this kind is over. standing: ids, all that stand by now."""
    await session.execute(
        update(Notice)
        .where(Notice.code == code, Notice.over_at.is_(None), Notice.id.not_in(standing))
        .values(over_at=now)
        .execution_options(synchronize_session=False)
    )


async def current(session: AsyncSession, person: Person) -> list[Notice]:
    """What this person must hear of now: the urgent first, then the latest first."""
    codes = [code for code, kind in KINDS.items() if Role(person.role) in kind.audience]
    query = select(Notice).where(Notice.over_at.is_(None), Notice.code.in_(codes))
    if person.role == Role.ENTRUSTOR:
        query = query.where(Notice.entrustor_id == person.entrustor_id)
    elif person.role == Role.MANAGER:
        jobs = [job.id for job in await jobs_of(session, person)]
        lists = select(CallList.id).where(CallList.job_id.in_(jobs))
        query = query.where(
            Notice.list_id.is_(None) | Notice.list_id.in_(lists),
            Notice.party_id.is_(None) | (Notice.party_id == person.party_id),
        )
    found = await session.scalars(query.order_by(Notice.raised_at.desc(), Notice.id))
    return sorted(found, key=lambda notice: not KINDS[notice.code].urgent)
