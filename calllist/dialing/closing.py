"""What a result does to a record, to its list, and thereby to the job.

Final: the person's row content is emptied at once; the last one of a settled list ends the
list, in the same transaction. Only whoever was never reached rests first, for a call back
(`resting`). Not final: the record waits until it is due again, or goes on resting. A call counts
for the number, and so for everybody who has it (`numbers`). A number out of service makes room
for the record's next one, if the keeper knows one.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import calling_hours, numbers, resting
from calllist.dialing.errors import CallBackMissing, CallBackRefused, CodeRefused
from calllist.dialing.hand import InHand
from calllist.dialing.tables import Result
from calllist.entrustors.codes import (
    ATTEMPTS_USED_UP,
    CALL_BACK,
    CODES,
    SOON,
    TAKEN_OUT,
    CodeRule,
    Next,
)
from calllist.jobs import exposure
from calllist.jobs.lists import end_if_complete
from calllist.jobs.states import RecordState
from calllist.jobs.tables import CallList
from calllist.people.tables import Person
from crypto.ids import SUPPRESSION, WITHDRAWAL
from crypto.wire.records import Closed
from retention.custody import Custody


@dataclass(frozen=True)
class Outcome:
    """What became of a record. `code` is what was sealed (70 when the attempts are used up).
    until: another result may take its place before; only then the rest is decided."""

    job_id: str
    code: int
    final: bool
    due_at: datetime | None  # None and not final: at once
    also: str | None = None  # the lease of somebody else who has this number, if that was asked for
    until: datetime | None = None


COUNTING = (Next.RETRY, Next.SOON)  # results that use up the contract's attempts


def check(hand: InHand, code: int, call_back_at: datetime | None, now: datetime) -> CodeRule:
    """The rule of a code that the operator may record now.

    Raises CodeRefused, CallBackMissing, CallBackRefused.
    """
    rule = CODES.get(code)
    if rule is None or code not in hand.terms.codes or not rule.at_the_desk:
        raise CodeRefused(str(code))
    if rule.next is Next.CALL_BACK:
        if resting.given_up(hand.record):  # no desk may call any more
            raise CallBackRefused
        if call_back_at is None:
            raise CallBackMissing
        if not now < call_back_at < hand.holding.deadline or not calling_hours.permitted(
            hand.terms.conduct, call_back_at
        ):
            raise CallBackRefused
    return rule


def counted(hand: InHand, rule: CodeRule) -> int:
    """The code that is sealed: 70 instead of the last fruitless call the contract permits.

    A call back at the person's own wish is not fruitless: it is always kept.
    """
    if resting.given_up(hand.record):
        return rule.code
    calls = max(hand.record.attempts + 1, hand.record.rung + hand.lease.rang)
    last = calls >= hand.terms.conduct.attempts
    if rule.next in COUNTING and last and ATTEMPTS_USED_UP in hand.terms.codes:
        return ATTEMPTS_USED_UP
    return rule.code


def giving_up_of(list_id: str, chunk: int, index: int) -> str:
    """The id under which a record is closed whose number has used up the contract's calls."""
    return f"gu:{list_id}:{chunk}:{index}"


def withdrawal_of(list_id: str, chunk: int, index: int) -> str:
    """The id of a record's withdrawal: there is one, however often it is asked for."""
    return f"{WITHDRAWAL}{list_id}:{chunk}:{index}"


def suppression_of(list_id: str, chunk: int, index: int) -> str:
    """The id under which a record is closed because its person has moved or died."""
    return f"{SUPPRESSION}{list_id}:{chunk}:{index}"


def result(
    call_list: CallList, attempt: str, person_id: str, code: int, closed: Closed, *, nth: int = 0
) -> Result:
    """The sealed result as it is kept for the entrustor. nth: which call to the number it was."""
    return Result(
        id=attempt,
        entrustor_id=call_list.entrustor_id,
        job_id=call_list.job_id,
        list_id=call_list.id,
        person_id=person_id,
        code=code,
        final=closed.final,
        nth=nth,
        at=closed.at,
        sealed=closed.sealed,
        slip=closed.slip,
    )


async def settle(
    session: AsyncSession,
    custody: Custody,
    hand: InHand,
    person: Person,
    code: int,
    closed: Closed,
    *,
    call_back_at: datetime | None = None,
    for_me: bool = False,
    attempt: str | None = None,
    now: datetime,
) -> Outcome:
    """Write down what the keeper has closed: the sealed result, and what becomes of the record.

    code: what was sealed. for_me: a call-back that this operator has promised. attempt: under which
    id, if not the lease's. A call-back whose time was lost on the way is due at once.
    """
    rule, record = CODES[code], hand.record
    called_back = resting.given_up(record)
    called = rule.next is not Next.AGAIN and code not in TAKEN_OUT
    if rule.next is not Next.AGAIN:
        record.attempts += 1
    if called:
        await numbers.rung(session, record, hand.lease, hand.terms.conduct, now)
    nth, given = record.attempts * called, attempt or hand.lease.id
    session.add(result(hand.call_list, given, person.id, code, closed, nth=nth))
    if closed.final:
        await finish(session, custody, hand, code, closed.at, now)
        return Outcome(hand.job.id, code, final=True, due_at=None)
    if called_back:
        record.state = RecordState.RESTING
        await session.delete(hand.lease)
        await session.flush()
        return Outcome(hand.job.id, code, final=False, due_at=record.due_at)
    if rule.next is not Next.AGAIN or record.last_code != CALL_BACK:  # what is promised stays so
        record.last_code = code
        record.due_for = person.id if for_me and code == CALL_BACK else None
    if closed.token:
        again = await _next_number(session, hand, closed.token, now)
        return Outcome(hand.job.id, code, final=False, due_at=again)
    due = await put_off(session, hand, rule, call_back_at, now)
    return Outcome(hand.job.id, code, final=False, due_at=due)


async def finish(
    session: AsyncSession,
    custody: Custody,
    hand: InHand,
    code: int | None,
    at: datetime,
    now: datetime,
) -> None:
    """Empty the record for good, or let it rest, and end its list if this was the last one.

    code: the final result, given at `at`; None: it was closed before, by whatever. Takes locks.
    """
    record = hand.record
    called_back = resting.given_up(record)
    until = None if code is None or called_back else resting.window(hand.terms, code, at)
    record.last_code = record.last_code if code is None else code
    if until is None:
        record.sealed = record.token = record.due_at = None
        record.state = RecordState.DONE
    await session.delete(hand.lease)
    await session.flush()
    call_list = await resting.locked(session, record.list_id)
    if called_back:
        call_list.resting -= 1
    else:
        call_list.remaining -= 1
    if until is None:
        exposure.emptied(call_list, 1, now)
    else:
        await resting.rest(session, call_list, record, until)
    await end_if_complete(session, custody, call_list, now)
    await session.flush()


async def _next_number(
    session: AsyncSession, hand: InHand, token: bytes, now: datetime
) -> datetime:
    """Whoever has another number is rung there, at once: its calls count anew, or with those of
    the people who have it too. Returns from when the record is due."""
    record = hand.record
    rung = await numbers.calls_to(session, record.list_id, token)  # asks before the row changes
    record.token, record.attempts = token, 0
    record.rung, record.rung_that_day, record.rung_on = rung
    record.due_at = due = numbers.allowed(hand.terms.conduct, record, now, now)
    record.state = RecordState.WAITING
    await session.delete(hand.lease)
    await session.flush()
    return due


async def put_off(
    session: AsyncSession,
    hand: InHand,
    rule: CodeRule,
    call_back_at: datetime | None,
    now: datetime,
) -> datetime | None:
    """Let the record wait. Returns from when it is due, None for at once."""
    record = hand.record
    record.due_at = _due(hand, rule, call_back_at, now)
    record.state = RecordState.WAITING
    await session.delete(hand.lease)
    await session.flush()
    return record.due_at


def _due(
    hand: InHand, rule: CodeRule, call_back_at: datetime | None, now: datetime
) -> datetime | None:
    conduct = hand.terms.conduct
    match rule.next:
        case Next.CALL_BACK:
            return call_back_at or now
        case Next.SOON:
            return numbers.allowed(conduct, hand.record, now + SOON, now)
        case Next.AGAIN:
            return hand.record.due_at
        case _:
            due = calling_hours.retry(conduct, now)
            return numbers.allowed(conduct, hand.record, due, now)
