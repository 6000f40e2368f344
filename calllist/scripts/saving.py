"""The script in force, and the next version. No verb commits."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.jobs.errors import JobOver
from calllist.jobs.scope import job_and_terms
from calllist.jobs.states import JobState
from calllist.jobs.tables import Job
from calllist.people.tables import Person
from calllist.scripts.branches import Script
from calllist.scripts.checking import check
from calllist.scripts.errors import ScriptChanged
from calllist.scripts.tables import ScriptVersion
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event


@dataclass(frozen=True)
class Saved:
    """A version and who is answerable for it."""

    version: int
    script: Script
    by: str  # a person's name
    at: datetime


_LATEST = (
    select(ScriptVersion, Person.name)
    .join(Person, Person.id == ScriptVersion.saved_by)
    .where(ScriptVersion.job_id == bindparam("job_id"))
    .order_by(ScriptVersion.version.desc())
    .limit(1)
)


async def in_force(session: AsyncSession, job_id: str) -> Saved | None:
    """The latest version of a job's script; None if nobody has written one."""
    found = (await session.execute(_LATEST, {"job_id": job_id})).first()
    if found is None:
        return None
    row, name = found
    return Saved(row.version, msgspec.convert(row.content, Script), name, row.saved_at)


async def save(
    session: AsyncSession,
    keeper: KeeperClient,
    person: Person,
    job_id: str,
    script: Script,
    *,
    after: int,
    now: datetime,
) -> Saved:
    """The next version, in force from this transaction's commit; the same script again: nothing.

    after: the version that was edited, 0 for the proposal. Raises JobUnknown, JobOver,
    ScriptRefused, ScriptChanged.
    """
    job, terms = await job_and_terms(session, person, job_id)
    if job.state != JobState.OPEN:
        raise JobOver(job_id)
    check(script, terms.purpose)
    await session.execute(select(Job.id).where(Job.id == job_id).with_for_update())
    earlier = await in_force(session, job_id)
    if earlier is not None and earlier.script.digest == script.digest:
        return earlier
    version = earlier.version if earlier else 0
    if version != after:
        raise ScriptChanged(job_id)
    version += 1
    session.add(
        ScriptVersion(
            job_id=job_id,
            version=version,
            content=msgspec.to_builtins(script),
            saved_by=person.id,
            saved_at=now,
        )
    )
    await session.flush()
    refs = {"job": job_id, "version": str(version), "sha256": script.digest, "by": person.id}
    await keeper.call(Event("script_saved", refs))
    return Saved(version, script, person.name, now)
