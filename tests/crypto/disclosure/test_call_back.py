"""架電上限: closed for every desk, and found by whom the person calls, until a window ends."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from crypto.errors.records import InOtherHand, NotInHand, RecordClosed
from crypto.records.fields import FieldKind, Stage
from crypto.signed.terms import Conduct
from crypto.wire.base import Caller
from crypto.wire.lists import Freeze
from crypto.wire.records import Close, Find, Match, Open, Reveal, SealedRecord
from crypto.wire.withdrawals import Withdraw
from tests.crypto.world import START, TERMS, YAMADA, World

replace = msgspec.structs.replace
CODES = {10: True, 12: False, 30: False, 70: True}
INBOUND = replace(TERMS, inbound=True, codes=CODES)
PHONE = YAMADA[FieldKind.PHONE]
EVENING = START + timedelta(hours=8)

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def centre(tmp_path: Path):  # type: ignore[no-untyped-def]
    world = await World.at(tmp_path / "keeper")
    await world.settle(INBOUND)
    yield world
    await world.stop()


async def given_up(world: World, person: str = "per_1") -> tuple[str, SealedRecord]:
    """A grant and the record that it has closed without contact."""
    [record] = await world.upload("lst_1", [YAMADA])
    grant = await world.shift(person)
    await world.say(Open(grant, record))
    assert (await world.say(Close(grant, record, "att_1", 70, EVENING))).final
    return grant, record


async def test_without_a_search_it_is_closed_for_everybody(centre: World) -> None:
    grant, record = await given_up(centre)
    other = await centre.shift("per_2")
    for who in (grant, other):
        with pytest.raises(RecordClosed):
            await centre.say(Open(who, record))
    await centre.say(Find(other, "job_1", PHONE))
    with pytest.raises(RecordClosed):  # another's search is not this one's
        await centre.say(Open(grant, record))


async def test_who_calls_back_is_found_asked_and_closed_for_good(centre: World) -> None:
    _, record = await given_up(centre)
    grant = await centre.shift("per_2")
    await centre.say(Find(grant, "job_1", PHONE))
    assert (await centre.say(Open(grant, record))).stage is Stage.ANSWERED
    said = await centre.say(Match(grant, record, FieldKind.BIRTH_DATE, "S50.1.2"))
    assert said.view.stage is Stage.VERIFIED
    assert (await centre.say(Open(grant, record))).stage is Stage.VERIFIED
    await centre.say(Close(grant, record, "att_2", 10))
    with pytest.raises(RecordClosed):
        await centre.say(Open(grant, record))
    with pytest.raises(RecordClosed):
        await centre.say(Match(grant, record, FieldKind.BIRTH_DATE, "S50.1.2"))


async def test_the_search_of_one_grant_takes_it_into_one_hand(centre: World) -> None:
    first, record = await given_up(centre)
    second = await centre.shift("per_2")
    for grant in (first, second):
        await centre.say(Find(grant, "job_1", PHONE))
    await centre.say(Open(first, record))
    with pytest.raises(InOtherHand):
        await centre.say(Open(second, record))


async def test_a_result_that_is_not_final_brings_nobody_back_into_the_queue(centre: World) -> None:
    other, record = await given_up(centre)
    grant = await centre.shift("per_2")
    await centre.say(Find(grant, "job_1", PHONE))
    await centre.say(Open(grant, record))
    await centre.say(Close(grant, record, "att_2", 12))
    with pytest.raises(RecordClosed):
        await centre.say(Open(other, record))
    await centre.say(Find(other, "job_1", PHONE))  # but who calls once more is found once more
    assert (await centre.say(Open(other, record))).stage is Stage.ANSWERED


async def test_after_its_window_no_search_finds_it(centre: World) -> None:
    _, record = await given_up(centre)
    centre.now = EVENING
    grant = await centre.shift("per_2")
    await centre.say(Find(grant, "job_1", PHONE))
    with pytest.raises(RecordClosed):
        await centre.say(Open(grant, record))


async def test_a_conversation_that_crosses_the_end_of_the_window_keeps_its_result(
    centre: World,
) -> None:
    _, record = await given_up(centre)
    centre.now = EVENING - timedelta(minutes=1)
    grant = await centre.shift("per_2")
    await centre.say(Find(grant, "job_1", PHONE))
    await centre.say(Open(grant, record))
    centre.wait(minutes=5)
    assert (await centre.say(Open(grant, record))).stage is Stage.ANSWERED
    assert (await centre.say(Close(grant, record, "att_2", 10))).final


async def test_a_hand_that_was_let_go_after_the_window_opens_nothing(centre: World) -> None:
    _, record = await given_up(centre)
    centre.now = EVENING - timedelta(minutes=1)
    grant = await centre.shift("per_2")
    await centre.say(Find(grant, "job_1", PHONE))
    await centre.say(Open(grant, record))
    centre.wait(seconds=INBOUND.hold_seconds + 1)
    with pytest.raises(RecordClosed):
        await centre.say(Open(grant, record))
    with pytest.raises(NotInHand):
        await centre.say(Reveal(grant, record, FieldKind.PHONE, "manual_dial"))


@pytest.mark.parametrize("days", [0, 1, 3])
async def test_a_window_is_cut_at_a_week_per_signed_day(tmp_path: Path, days: int) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(INBOUND, conduct=Conduct(call_back_days=days)))
    [record] = await world.upload("lst_1", [YAMADA])
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.say(Close(grant, record, "att_1", 70, START + timedelta(days=365)))
    [line] = world.lines("close")
    until = (START + timedelta(weeks=days)).isoformat()
    assert line.get("findable_until") == (until if days else None)
    await world.stop()


@pytest.mark.parametrize(
    ("terms", "code", "until"),
    [
        (INBOUND, 10, EVENING),
        (INBOUND, 70, None),
        (replace(INBOUND, inbound=False), 70, EVENING),
    ],
    ids=["contact", "no window asked for", "no searching"],
)
async def test_only_no_contact_under_a_contract_that_permits_searching_rests(
    tmp_path: Path, terms, code: int, until
) -> None:  # type: ignore[no-untyped-def]
    world = await World.at(tmp_path / "keeper")
    await world.settle(terms)
    [record] = await world.upload("lst_1", [YAMADA])
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.say(Close(grant, record, "att_1", code, until))
    assert "findable_until" not in world.lines("close")[0]
    if terms.inbound:
        await world.say(Find(grant, "job_1", PHONE))
    with pytest.raises(RecordClosed):
        await world.say(Open(grant, record))
    await world.stop()


async def test_a_second_window_is_never_opened(centre: World) -> None:
    _, record = await given_up(centre)
    grant = await centre.shift("per_2")
    await centre.say(Find(grant, "job_1", PHONE))
    await centre.say(Open(grant, record))
    await centre.say(Close(grant, record, "att_2", 70, EVENING))
    with pytest.raises(RecordClosed):
        await centre.say(Open(grant, record))


async def test_its_entrustor_can_still_take_it_out_and_then_nobody_finds_it(
    centre: World,
) -> None:
    _, record = await given_up(centre)
    await centre.say(Withdraw(await centre.managers_grant(), record, "wd_1", "K-0000123"))
    grant = await centre.shift("per_2")
    await centre.say(Find(grant, "job_1", PHONE))
    with pytest.raises(RecordClosed):
        await centre.say(Open(grant, record))


async def test_its_list_may_be_completed_meanwhile(centre: World) -> None:
    """For the keeper it is closed: whoever waits for its window is the platform."""
    await given_up(centre)
    await centre.say(Freeze("lst_1", "completed"), Caller.WEB)
    assert centre.lines("freeze")[-1]["trigger"] == "completed"
