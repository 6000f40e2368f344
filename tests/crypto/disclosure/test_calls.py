"""Codes that prove a call, and people who call back with a code or a letter."""

import re
import sqlite3
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace

from crypto.disclosure import calls, codes, threshold
from crypto.disclosure.tallies import WRONG_CODES
from crypto.errors.keeper import LineQuota
from crypto.errors.lists import ListOver, NotAuthorised
from crypto.errors.records import (
    BudgetHour,
    CodesUsed,
    InboundNotPermitted,
    NotInHand,
    RecordClosed,
    RoleCannotOpen,
)
from crypto.records.fields import Stage
from crypto.records.references import ReferenceTokens
from crypto.wire.calls import CheckCode, Checked, FindCall, FindReference, GiveCode, Place
from crypto.wire.lists import Freeze
from crypto.wire.records import Close, Find, Open
from tests.crypto.world import TERMS, World, townsfolk

pytestmark = pytest.mark.asyncio
INBOUND = replace(TERMS, inbound=True)
FROZEN = {("att_1", 0): "792074", ("att_1", 1): "536952", ("att_32", 0): "041837"}
FROZEN_HASH = "6a4a208eec13bd1e86be34075e0c1277"


@pytest_asyncio.fixture
async def centre(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A world whose contract permits searching, with an officer of the entrustor."""
    world = await World.at(tmp_path / "keeper")
    await world.settle(INBOUND)
    await world.hire("per_e", role="entrustor", party="ent_1", site="")
    yield world
    await world.stop()


def never_given(*given: str) -> str:
    return next(code for code in map("{:06}".format, range(9)) if code not in given)


async def test_a_code_is_of_the_call_in_hand_and_the_same_as_often_as_asked(
    centre: World,
) -> None:
    mine, other = await centre.upload("lst_1", townsfolk(2))
    grant = await centre.shift("per_1")
    with pytest.raises(NotInHand):
        await centre.say(GiveCode(grant, mine, "att_1"))
    await centre.say(Open(grant, mine))
    given = await centre.say(GiveCode(grant, mine, "att_1"))
    assert given.until == centre.now + codes.VALID
    assert given.code not in repr(given)
    assert re.fullmatch("[0-9]{6}", given.code)
    assert len(centre.lines("give_code")) == 1
    await centre.restart()
    assert await centre.say(GiveCode(grant, mine, "att_1")) == given
    assert len(centre.lines("give_code")) == 1
    [line] = centre.lines("give_code")
    assert (line["list"], line["principal"], line["attempt"]) == ("lst_1", "per_1", "att_1")
    assert line["tag"] == centre.lines("open")[0]["tag"]
    kept = centre.home.journal.db.execute("SELECT * FROM call_codes").fetchall()
    assert given.code not in str(kept)
    assert given.code not in str(centre.lines())
    with pytest.raises(NotInHand):
        await centre.say(GiveCode(grant, other, "att_2"))
    await centre.say(Close(grant, mine, "att_1", 10))
    with pytest.raises(RecordClosed):
        await centre.say(GiveCode(grant, mine, "att_1"))


async def test_another_call_with_the_same_draw_gets_the_next_code(
    centre: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = await centre.upload("lst_1", townsfolk(2))
    monkeypatch.setattr(codes.Codes, "_nth", lambda *said: f"{said[-1]:06}")
    grant = await centre.shift("per_1")
    for record, attempt, code in ((mine, "att_1", "000000"), (other, "att_2", "000001")):
        await centre.say(Open(grant, record))
        assert (await centre.say(GiveCode(grant, record, attempt))).code == code
        await centre.say(Close(grant, record, attempt, 30))


async def test_the_officer_hears_genuine_with_time_and_job_also_after_destruction(
    centre: World,
) -> None:
    [record] = await centre.upload("lst_1")
    grant, officer = await centre.shift("per_1"), await centre.shift("per_e")
    await centre.say(Open(grant, record))
    code = (await centre.say(GiveCode(grant, record, "att_1"))).code
    at = centre.now
    await centre.say(Close(grant, record, "att_1", 10))
    await centre.say(Freeze("lst_1", "completed"))
    centre.wait(hours=1)
    told = await centre.say(CheckCode(officer, code))
    assert told == Checked(True, "job_1", at)
    [line] = centre.lines("check_code")
    assert (line["principal"], line["genuine"], line["job"]) == ("per_e", 1, "job_1")
    assert "list" not in line
    assert "tag" not in line
    centre.wait(hours=10)
    assert await centre.say(CheckCode(officer, code)) == told
    centre.wait(hours=13, seconds=-1)
    officer = await centre.shift("per_e")
    assert await centre.say(CheckCode(officer, code)) == told, "24 hours, to the second"
    centre.wait(seconds=1)
    assert await centre.say(CheckCode(officer, code)) == Checked(False)


async def test_not_genuine_is_one_answer_counted_for_the_officer(centre: World) -> None:
    await centre.hire("per_f", role="entrustor", party="ent_2", site="")
    await centre.hire("per_g", role="entrustor", party="ent_1", site="")
    [record] = await centre.upload("lst_1")
    grant = await centre.shift("per_1")
    await centre.say(Open(grant, record))
    code = (await centre.say(GiveCode(grant, record, "att_1"))).code
    stranger = await centre.shift("per_f")
    assert await centre.say(CheckCode(stranger, code)) == Checked(False), "another entrustor's"
    officer = await centre.shift("per_e")
    for _ in range(WRONG_CODES):
        assert await centre.say(CheckCode(officer, never_given(code))) == Checked(False)
    assert [line["genuine"] for line in centre.lines("check_code")] == [0] * (WRONG_CODES + 1)
    for said in (code, never_given(code)):
        with pytest.raises(CodesUsed):
            await centre.say(CheckCode(officer, said))
    assert (await centre.say(CheckCode(await centre.shift("per_g"), code))).genuine
    centre.wait(hours=1)
    assert (await centre.say(CheckCode(officer, code))).genuine
    for other in ("per_1", "per_m"):
        centre.wait(seconds=31)
        with pytest.raises(NotAuthorised):
            await centre.say(CheckCode(await centre.shift(other), code))


async def test_a_reference_is_filed_as_at_intake_and_its_record_opens_at_s2_once_charged(
    centre: World,
) -> None:
    record, _ = await centre.upload("lst_1", townsfolk(2))
    await centre.upload("lst_2")
    grant = await centre.shift("per_1")
    found = await centre.say(FindReference(grant, "job_1", "ｋ－００００００0"))
    assert {filed.list: filed.token for filed in found.filed} == {
        name: ReferenceTokens(centre.index_keys[name], name).of("K-0000000")
        for name in ("lst_1", "lst_2")
    }
    view = await centre.say(Open(grant, record))
    assert (view.stage, view.people_left) == (Stage.ANSWERED, 119)
    lines = centre.lines("find")
    assert [(line["list"], line["by"]) for line in lines] == [
        ("lst_1", "reference"),
        ("lst_2", "reference"),
    ]
    assert lines[0]["tag"] not in (centre.lines("open")[0]["tag"], lines[1]["tag"])
    assert "K-0000000" not in str(centre.lines())


async def test_a_code_leads_to_its_call_at_s2_and_to_nobody_of_another_job(
    centre: World,
) -> None:
    record, other = await centre.upload("lst_1", townsfolk(2))
    await centre.upload("lst_2", job="job_2")
    grant = await centre.shift("per_1")
    await centre.say(Open(grant, record))
    code = (await centre.say(GiveCode(grant, record, "att_1"))).code
    await centre.say(Close(grant, record, "att_1", 30))
    second = await centre.shift("per_2")
    assert (await centre.say(FindCall(second, "job_2", code))).place is None
    found = await centre.say(FindCall(second, "job_1", code))
    assert found.place == Place("lst_1", record.chunk, record.index)
    view = await centre.say(Open(second, record))
    assert (view.stage, view.people_left) == (Stage.ANSWERED, 118), "a miss, and this one"
    await centre.say(Close(second, record, "att_2", 30))
    assert (await centre.say(Open(second, other))).stage is Stage.DIALLING
    assert code not in str(centre.lines())


async def test_hits_and_misses_take_the_same_statements_and_lines_and_the_same_budget(
    tmp_path: Path,
) -> None:
    """The same work, not the same time: no clock is looked at here."""
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(INBOUND, people_per_hour=9))
    records = await world.upload("lst_1", townsfolk(4))
    await world.upload("lst_2")
    grant = await world.shift("per_1")
    await world.say(Open(grant, records[0]))
    code = (await world.say(GiveCode(grant, records[0], "att_1"))).code
    await world.say(Close(grant, records[0], "att_1", 30))
    done: list[str] = []
    world.home.journal.db.set_trace_callback(done.append)

    async def work(request: Find | FindReference | FindCall) -> tuple[list[str], int]:
        before = len(world.lines())
        done.clear()
        await world.say(request)
        shapes = [" ".join(text.split("VALUES")[0].split()[:3]) for text in done]
        return shapes, len(world.lines()) - before

    second = await world.shift("per_2")
    pairs: list[tuple[Find | FindReference | FindCall, Find | FindReference | FindCall]] = [
        (Find(second, "job_1", "+819000000001"), Find(second, "job_1", "+819000099999")),
        (FindReference(second, "job_1", "K-2"), FindReference(second, "job_1", "none")),
        (FindCall(second, "job_1", code), FindCall(second, "job_1", never_given(code))),
    ]
    await work(Find(second, "job_1", "+819000077777"))  # what is looked up once is looked up
    for hit, miss in pairs:
        assert await work(hit) == await work(miss)
    for nth in range(2):
        await world.say(FindCall(second, "job_1", f"99999{nth}"))
    with pytest.raises(BudgetHour):
        await world.say(FindReference(second, "job_1", "one more"))
    await world.stop()


async def test_who_may_not_search_by_number_may_not_by_letter_or_code(
    tmp_path: Path,
) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle()
    await world.upload("lst_1")
    grant, manager = await world.shift("per_1"), await world.shift("per_m")
    for request in (FindReference, FindCall):
        with pytest.raises(InboundNotPermitted):
            await world.say(request(grant, "job_1", "000000"))
        with pytest.raises(RoleCannotOpen):
            await world.say(request(manager, "job_1", "000000"))
        with pytest.raises(ListOver):
            await world.say(request(grant, "job_9", "000000"))
    assert {line["code"] for line in world.lines("refused")} == {"inbound_not_permitted"}
    await world.stop()


async def test_codes_and_searches_have_the_quota_of_the_desk(
    centre: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold, "DESK_EACH", 0)
    monkeypatch.setattr(threshold, "DESK_LEAST", 2)
    [record] = await centre.upload("lst_1")
    grant = await centre.shift("per_1")
    await centre.say(Open(grant, record))
    await centre.say(GiveCode(grant, record, "att_1"))
    with pytest.raises(LineQuota):
        await centre.say(GiveCode(grant, record, "att_2"))
    assert len(centre.lines("give_code")) == 1
    second = await centre.shift("per_2")
    for _ in range(2):
        await centre.say(FindReference(second, "job_1", "none"))
    with pytest.raises(LineQuota):
        await centre.say(FindReference(second, "job_1", "none"))


async def test_an_officer_checks_so_many_codes_an_hour(
    centre: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "CHECKS", 2)
    [record] = await centre.upload("lst_1")
    grant, officer = await centre.shift("per_1"), await centre.shift("per_e")
    await centre.say(Open(grant, record))
    code = (await centre.say(GiveCode(grant, record, "att_1"))).code
    for _ in range(2):
        assert (await centre.say(CheckCode(officer, code))).genuine
    with pytest.raises(LineQuota):
        await centre.say(CheckCode(officer, code))
    assert len(centre.lines("check_code")) == 2
    centre.wait(hours=1)
    assert (await centre.say(CheckCode(officer, code))).genuine


async def test_a_code_leaves_the_disk_when_it_is_no_longer_valid(centre: World) -> None:
    [first] = await centre.upload("lst_1")
    grant = await centre.shift("per_1")
    await centre.say(Open(grant, first))
    await centre.say(GiveCode(grant, first, "att_1"))
    await centre.say(Close(grant, first, "att_1", 10))
    centre.wait(hours=24)
    [second] = await centre.upload("lst_2")
    grant = await centre.shift("per_1")
    await centre.say(Open(grant, second))
    await centre.say(GiveCode(grant, second, "att_2"))
    kept = centre.home.journal.db.execute("SELECT attempt FROM call_codes").fetchall()
    assert kept == [("att_2",)]


async def test_a_code_is_drawn_and_kept_as_it_always_was() -> None:
    """A keeper of tomorrow says the same code again, and knows those that were given today."""
    drawing = codes.Codes(sqlite3.connect(":memory:"), b"k" * 32)
    drawn = [drawing._nth("lst_1", attempt, nth) for attempt, nth in FROZEN]
    assert drawn == list(FROZEN.values())
    assert drawing._hash("ent_1", drawn[0]).hex() == FROZEN_HASH
