"""One number and the people of a list who share it: a household is rung as one.

    in hand      nobody has a number in hand while another operator does
    beside       who else has it may be asked for in the same call, without ringing again
    limits       so many calls to a number a day, and in all, whomever they were for
    spent        the contract's calls are used up: whoever of it was not reached is given up

A call of ours counts for the number and puts off everybody else who has it; a call back that
somebody asked for is kept whatever the count says. Numbers are filed per list; what one number in
several lists of a job needs besides is `elsewhere`.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    ScalarSelect,
    String,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from calllist.clock import JST
from calllist.dialing import calling_hours
from calllist.dialing.tables import Lease
from calllist.entrustors.codes import ATTEMPTS_USED_UP, CALL_BACK
from calllist.jobs.states import RecordState
from calllist.jobs.tables import Record
from crypto.signed.terms import Conduct, ContractTerms

# Written out, because an index is chosen before values are known.
WAITING = literal_column(f"'{RecordState.WAITING}'", String)
LEASED = literal_column(f"'{RecordState.LEASED}'", String)
PROMISED = literal_column(str(CALL_BACK), Integer)

_Other = aliased(Record)

Filed = tuple[str, bytes]
"""How a number is filed: list, and its token there."""


LIST: BindParameter[str] = bindparam("list_id", type_=String)
"""The list that a question is about; named when it is asked."""

_same_number = _Other.list_id == LIST, _Other.token == Record.token

SHARING: ScalarSelect[int] = (
    select(func.count()).where(*_same_number).correlate(Record).scalar_subquery()
)
"""In a question about records of LIST: how many rows have the row's number, itself too."""

IN_HAND: ColumnElement[bool] = exists(
    select(literal_column("1", Integer))
    .where(*_same_number, _Other.state == LEASED)
    .correlate(Record)
    .offset(literal_column("0", Integer))
)
"""Likewise: whether one of them is leased. With an offset, or the database would not ask row
by row but read every lease."""


def key(token: bytes) -> int:
    """Of the advisory lock of a number."""
    return int.from_bytes(token[:8], "big", signed=True)


async def free(session: AsyncSession, list_id: str, token: bytes) -> bool:
    """Whether nobody has this number in hand; if so, nobody else gets it before our commit.

    Of two who ask at once one is refused: to wait for each other could be to wait for ever.
    """
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(key(token)))):
        return False
    held = await session.scalar(  # a question after the lock: it sees what was committed before
        select(func.count()).where(
            Record.list_id == list_id, Record.token == token, Record.state == LEASED
        )
    )
    return not held


async def beside(session: AsyncSession, list_id: str, token: bytes, but: Record) -> Record | None:
    """Somebody else who has this number and is still to be called, locked; None: nobody."""
    found: Record | None = await session.scalar(
        select(Record)
        .where(
            Record.list_id == list_id,
            Record.token == token,
            Record.state == WAITING,
            tuple_(Record.list_id, Record.chunk, Record.index)
            != (but.list_id, but.chunk, but.index),
        )
        .order_by(Record.chunk, Record.index)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return found


async def waiting(session: AsyncSession, filed: Filed) -> int:
    """How many people of a list have this number and are to be called; nobody who is leased."""
    list_id, token = filed
    count = await session.scalar(
        select(func.count()).where(
            Record.list_id == list_id, Record.token == token, Record.state == WAITING
        )
    )
    return count or 0


async def calls_to(
    session: AsyncSession, list_id: str, token: bytes
) -> tuple[int, int | None, date | None]:
    """What counts for a number so far (`rung`, `rung_that_day`, `rung_on`), by whoever has it,
    for one more who is about to have it: a call to it that is under way counts for that one too.
    """
    held = select(Record.chunk, Record.index).where(
        Record.list_id == list_id, Record.token == token, Record.state == LEASED
    )
    under_way = Lease.list_id == list_id, tuple_(Lease.chunk, Lease.index).in_(held)
    await session.execute(
        update(Lease)
        .where(*under_way)
        .values(others=Lease.others + 1)
        .execution_options(synchronize_session=False)
    )
    row = (
        await session.execute(
            select(Record.rung, Record.rung_that_day, Record.rung_on)
            .where(Record.list_id == list_id, Record.token == token)
            .order_by(Record.rung.desc())
            .limit(1)
        )
    ).first()
    return (0, None, None) if row is None else (row[0], row[1], row[2])


async def rung(
    session: AsyncSession, record: Record, lease: Lease, conduct: Conduct, now: datetime
) -> None:
    """A call of ours has ended: it counts for everybody who has the number, and nobody else of
    them is rung before a call in vain would be repeated. Say it while the row has its token."""
    if not lease.rang:
        return
    today = now.astimezone(JST).date()
    record.rung_that_day = rung_today(record, now) + 1
    record.rung, record.rung_on = record.rung + 1, today
    due = allowed(conduct, record, calling_hours.retry(conduct, now), now)
    if lease.others:
        await _count(session, record, (record.list_id, record.token or b""), due)
    for filed in filed_elsewhere(lease):
        await _count(session, record, filed, due)


async def _count(session: AsyncSession, record: Record, filed: Filed, due: datetime) -> None:
    """The number's count at every other row that has it in this list, too; who waits and was
    promised no time waits until due."""
    list_id, token = filed
    also = (
        select(Record.chunk, Record.index)
        .where(
            Record.list_id == list_id,
            Record.token == token,
            tuple_(Record.list_id, Record.chunk, Record.index)
            != (record.list_id, record.chunk, record.index),
        )
        # Who is locked is being withdrawn: nobody calls that one any more.
        .with_for_update(skip_locked=True)
    )
    rows = [(chunk, index) for chunk, index in await session.execute(also)]
    if not rows:
        return
    at = (Record.list_id == list_id) & tuple_(Record.chunk, Record.index).in_(rows)
    values = {
        "rung": record.rung,
        "rung_on": cast(record.rung_on, Date),
        "rung_that_day": record.rung_that_day,
    }
    quiet = {"synchronize_session": False}
    await session.execute(update(Record).where(at).values(values).execution_options(**quiet))
    waits = (Record.state == WAITING) & Record.last_code.is_distinct_from(PROMISED)
    await session.execute(
        update(Record)
        .where(at, waits, func.coalesce(Record.due_at, due) <= due)
        .values(due_at=due, due_for=None)
        .execution_options(**quiet)
    )


def filed_elsewhere(lease: Lease) -> list[Filed]:
    """How the number of a lease is filed in the job's other lists, as far as anybody has looked."""
    return [(list_id, bytes.fromhex(token)) for list_id, token in (lease.elsewhere or {}).items()]


def rung_today(record: Record, now: datetime) -> int:
    """How often we have rung this record's number today, Japanese time."""
    today = now.astimezone(JST).date()
    return (record.rung_that_day or 0) if record.rung_on == today else 0


def allowed(conduct: Conduct, record: Record, due: datetime, now: datetime) -> datetime:
    """`due`, or the next day's opening if the day's calls to this number are used up."""
    if rung_today(record, now) < conduct.calls_a_day:
        return due
    tomorrow = now.astimezone(JST).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(0), tzinfo=JST)
    return max(due, calling_hours.next_opening(conduct, midnight))


def spent(terms: ContractTerms, record: Record) -> bool:
    """Whether nobody may be called at this number any more, unless they asked for it."""
    used_up = record.rung >= terms.conduct.attempts and ATTEMPTS_USED_UP in terms.codes
    return used_up and record.last_code != CALL_BACK
