"""Lists whose keys were lost with the keeper's disk: noticed, then continued or ended.

    open | settled -> lost -> over

The rows of a lost list still say, line by line, who was called, who is to be called back and
who is done. The same file uploaded again makes a new list that takes all of it over
(`continue_list`); a different file is an ordinary new list. Nothing here opens anything.

How a file is known again without being kept stands in `calllist.intake.recognition`.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.entrustors import contracts
from calllist.entrustors.codes import ATTEMPTS_USED_UP
from calllist.entrustors.tables import ContractVersion
from calllist.jobs.errors import KeysMissing
from calllist.jobs.states import CALLED, ListState, RecordState
from calllist.jobs.tables import CallList, Job, Record
from retention.custody import FINISHED, Custody
from retention.states import State, Trigger
from retention.tables import Holding

OVER = "old.state = :done OR old.last_code = :given_up"  # nobody calls them any more
TAKE_OVER = text(  # nothing of it comes from outside
    "UPDATE records AS new SET attempts = old.attempts, last_code = old.last_code,"  # noqa: S608
    " rung = old.rung, rung_that_day = old.rung_that_day, rung_on = old.rung_on,"
    " due_at = old.due_at, due_for = old.due_for,"
    f" state = CASE WHEN {OVER} THEN :done ELSE :waiting END,"
    f" sealed = CASE WHEN {OVER} THEN NULL ELSE new.sealed END,"
    f" token = CASE WHEN {OVER} THEN NULL ELSE new.token END"
    " FROM records AS old"
    " WHERE new.list_id = :new AND old.list_id = :old AND old.line = new.line"
)


@dataclass(frozen=True)
class LostList:
    """A list that waits for its file: how it is recognised, and which lines are closed for ever."""

    id: str
    recognition: bytes
    done: tuple[int, ...]


# -- noticing --------------------------------------------------------------------------------


async def notice(session: AsyncSession, custody: Custody, now: datetime) -> list[str]:
    """Ask the keeper about every list that we still hold; the lists found without keys.

    Also the other way round: keys that are there after all (the keeper had been started on
    another disk) make a lost list callable again, unless it was continued or ended meanwhile.
    """
    held = await session.execute(
        select(Holding.id, Holding.state).where(Holding.state.not_in(FINISHED)).order_by(Holding.id)
    )
    lost = []
    for list_id, state in held.all():
        there = await custody.has_keys(list_id)
        if there == (state == State.LOST):
            row = await _locked(session, list_id)
            if there:
                await _found(session, custody, row)
            else:
                await _lost(session, custody, row, now)
                lost.append(list_id)
    return lost


async def _lost(session: AsyncSession, custody: Custody, row: CallList, now: datetime) -> None:
    await custody.lose(session, row.id, now=now)
    if row.state in CALLED:
        row.state = ListState.LOST
    await session.flush()


async def _found(session: AsyncSession, custody: Custody, row: CallList) -> None:
    if row.state == ListState.LOST and await custody.find_again(session, row.id):
        row.state = ListState.OPEN
        await session.flush()


# -- continuing ------------------------------------------------------------------------------


async def waiting(session: AsyncSession, custody: Custody, job: Job) -> list[LostList]:
    """The lists of a job that wait for their file again.

    Raises KeysMissing while a list's keys are gone and nobody has noticed: its file would be
    taken for a new list, and everybody called again. The sweep notices within a minute.
    """
    lists = await session.scalars(
        select(CallList).where(CallList.job_id == job.id).order_by(CallList.number)
    )
    found = []
    for row in lists.all():
        if row.state in CALLED and not await custody.has_keys(row.id):
            raise KeysMissing(row.id)
        if row.state == ListState.LOST and row.recognition is not None:
            done = await session.scalars(
                select(Record.line).where(
                    Record.list_id == row.id,
                    (Record.state == RecordState.DONE) | (Record.last_code == ATTEMPTS_USED_UP),
                )
            )
            found.append(LostList(row.id, row.recognition, tuple(sorted(done))))
    return found


async def renew_terms(session: AsyncSession, job: Job, latest: ContractVersion) -> None:
    """Move a job with a lost list under its contract's latest version, the only one under which
    the file can be received again."""
    lost = await session.scalar(
        select(func.count())
        .select_from(CallList)
        .where(CallList.job_id == job.id, CallList.state == ListState.LOST)
    )
    if lost and contracts.decode(latest).contract == job.contract_id:
        job.version = latest.version
        await session.flush()


async def continue_list(
    session: AsyncSession, custody: Custody, new: CallList, old_id: str, now: datetime
) -> None:
    """Take every state over, line by line: attempts, call-backs, last results, who is done.

    From here on nothing of the old list is needed but its sealed results, which stay: its
    rows are due to be erased. Call it before the new list opens. Raises KeysMissing if the
    old list has ended in the meantime.
    """
    old = await _locked(session, old_id)
    if old.state != ListState.LOST or old.job_id != new.job_id:
        raise KeysMissing(old_id)
    await session.flush()
    states = {
        "done": RecordState.DONE.value,
        "waiting": RecordState.WAITING.value,
        "given_up": ATTEMPTS_USED_UP,
    }
    await session.execute(TAKE_OVER, {"new": new.id, "old": old_id, **states})
    new.remaining = (
        await session.scalar(
            select(func.count())
            .select_from(Record)
            .where(Record.list_id == new.id, Record.state != RecordState.DONE)
        )
    ) or 0
    old.continued_by = new.id
    old.state = ListState.OVER
    await custody.release(session, old_id, Trigger.MANAGER, grant="", now=now)  # no keys left
    await session.flush()


async def continued(session: AsyncSession, list_id: str) -> CallList | None:
    """The list whose states this one took over."""
    return await session.scalar(select(CallList).where(CallList.continued_by == list_id))


async def _locked(session: AsyncSession, list_id: str) -> CallList:
    return (
        await session.scalars(
            select(CallList)
            .where(CallList.id == list_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()
