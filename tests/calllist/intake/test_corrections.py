"""Rejected rows come again, corrected: new ones are called, known ones are shown as such."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from sqlalchemy import select

from calllist.db import transaction
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.upload import Received
from calllist.jobs.errors import ListUnknown
from calllist.jobs.tables import Finding, Job, Record
from crypto.signed.terms import Conduct
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio
HEADER = "氏名,電話番号,整理番号\n"
FIRST = HEADER + (
    "架空一,090-0000-0001,1\n架空二,03-0000-0002,2\n架空三,なし,3\n架空四,なし,4\n架空五,なし,5\n"
)


async def send(centre: Centre, job: Job, text: str, corrects: str | None = None) -> Received:
    async def body() -> AsyncIterator[bytes]:
        yield text.encode()

    assert centre.manager
    person = centre.manager.person
    return await centre.uploads().receive(person, job.id, body(), corrects=corrects)


async def lines(centre: Centre, received: Received) -> list[int]:
    async with transaction(centre.sessions) as session:
        rows = select(Record.line).where(Record.list_id == received.list_id)
        return sorted(await session.scalars(rows))


async def repeated(centre: Centre, received: Received) -> list[tuple[int, int | None]]:
    async with transaction(centre.sessions) as session:
        found = await session.execute(
            select(Finding.line, Finding.repeats)
            .where(Finding.list_id == received.list_id, Finding.code == "repeats_earlier")
            .order_by(Finding.line)
        )
        return [(line, repeats) for line, repeats in found]


async def test_by_phone_what_the_earlier_list_has_is_a_duplicate(centre: Centre) -> None:
    job = await centre.job()
    first = await send(centre, job, FIRST)
    assert (first.receipt.accepted, first.receipt.rejected) == (2, 3)
    text = HEADER + "架空三,090-0000-0003,3\n架空四,03-0000-0002,4\n"
    again = await send(centre, job, text, corrects=first.list_id)
    told = again.receipt
    assert (told.rows, told.accepted, told.duplicates, told.corrects) == (2, 1, 1, first.list_id)
    assert told.codes == {"repeats_earlier": 1}
    assert await lines(centre, again) == [2]
    assert await repeated(centre, again) == [(3, 3)]
    # Three were rejected, two have come: one is left, in all.
    with pytest.raises(IntakeError) as refused:
        await send(centre, job, text, corrects=first.list_id)
    assert (refused.value.code, refused.value.reason) == (Problem.TOO_MANY_CORRECTIONS, "1")
    last = await send(centre, job, HEADER + "架空五,090-0000-0005,5\n", corrects=first.list_id)
    assert last.receipt.accepted == 1
    with pytest.raises(IntakeError):  # none is left
        await send(centre, job, HEADER + "架空六,090-0000-0006,6\n", corrects=first.list_id)


async def test_by_person_the_second_resident_is_called(centre: Centre) -> None:
    """The same landline is two people; the same reference, or one that is done, is one."""
    conduct = msgspec.structs.replace(Conduct(), duplicates="person")
    await centre.sign_contract(conduct=conduct)
    job = await centre.job()
    first = await send(centre, job, FIRST)
    operator = await centre.operator("suzuki", job)
    await centre.call(operator, job, 10)  # the first one: nothing of its row is left
    text = HEADER + "架空四,03-0000-0002,4\n架空二,03-0000-0002,2\n架空一,090-0000-0009,1\n"
    again = await send(centre, job, text, corrects=first.list_id)
    assert await lines(centre, again) == [2]
    assert await repeated(centre, again) == [(3, 3), (4, 2)]


async def test_only_a_list_of_the_same_job_is_corrected(centre: Centre) -> None:
    first = await send(centre, await centre.job(), FIRST)
    other = await centre.job("KNK-002")
    for named in (first.list_id, "lst_none"):
        with pytest.raises(ListUnknown):
            await send(centre, other, HEADER, corrects=named)
