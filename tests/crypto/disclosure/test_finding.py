"""Find: one number, for somebody who calls back. Hits and misses cost the same."""

import asyncio
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from crypto.errors.base import Refusal
from crypto.errors.keeper import LedgerUnavailable, NotAllowed
from crypto.errors.lists import ListOver
from crypto.errors.people import UnknownGrant
from crypto.errors.records import (
    BudgetDay,
    BudgetHour,
    BudgetJob,
    BudgetList,
    InboundNotPermitted,
    PartyNotApproved,
    RoleCannotOpen,
    SiteNotApproved,
)
from crypto.errors.statements import ForeignJob
from crypto.records.fields import FieldKind, Stage
from crypto.records.sealing import ListKeys, open_list_keys, person_tag, token
from crypto.wire.base import Caller
from crypto.wire.lists import Freeze, Mint
from crypto.wire.records import Close, Find, Found, Match, Open
from tests.crypto.world import TERMS, YAMADA, World, townsfolk

replace = msgspec.structs.replace
INBOUND = replace(TERMS, inbound=True)
PHONE = YAMADA[FieldKind.PHONE]
NOBODY = "+819000099999"


@pytest_asyncio.fixture
async def centre(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A world whose contract permits searching."""
    world = await World.at(tmp_path / "keeper")
    await world.settle(INBOUND)
    yield world
    await world.stop()


def keys(world: World, list_id: str) -> ListKeys:
    return open_list_keys(
        world.entrustor_recipient,
        entrustor="ent_1",
        list_id=list_id,
        sealed=world.for_entrustor[list_id],
    )


@pytest.mark.asyncio
async def test_a_search_answers_the_numbers_token_in_each_living_list_of_the_job(
    centre: World,
) -> None:
    for name, job in (
        ("lst_1", "job_1"),
        ("lst_2", "job_1"),
        ("lst_3", "job_2"),
        ("lst_4", "job_1"),
    ):
        await centre.upload(name, job=job)
    await centre.say(Freeze("lst_4", "completed"))
    found = await centre.say(Find(await centre.shift("per_1"), "job_1", PHONE))
    assert {filed.list: filed.token for filed in found.filed} == {
        name: token(centre.index_keys[name], name, PHONE) for name in ("lst_1", "lst_2")
    }


@pytest.mark.asyncio
async def test_a_search_is_in_the_ledger_of_every_list_before_it_is_answered(
    centre: World,
) -> None:
    await centre.upload("lst_1")
    await centre.upload("lst_2")
    grant = await centre.shift("per_1")
    await centre.say(Find(grant, "job_1", NOBODY))
    lines = centre.lines("find")
    assert [(line["list"], line["principal"], line["site"]) for line in lines] == [
        ("lst_1", "per_1", "sit_1"),
        ("lst_2", "per_1", "sit_1"),
    ]
    assert [line["tag"] for line in lines] == [
        person_tag(keys(centre, name).trace_key, name, NOBODY) for name in ("lst_1", "lst_2")
    ]
    assert NOBODY not in str(centre.lines())


@pytest.mark.asyncio
async def test_hits_and_misses_cost_one_person_and_the_same_number_within_the_hour_nothing(
    tmp_path: Path,
) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(INBOUND, people_per_hour=2))
    await world.upload("lst_1")
    grant = await world.shift("per_1")
    for phone in (PHONE, NOBODY, PHONE, NOBODY, PHONE):
        await world.say(Find(grant, "job_1", phone))
    with pytest.raises(BudgetHour):
        await world.say(Find(grant, "job_1", "+819000088888"))
    assert (
        world.lines("refused")[-1] | {"job": "job_1", "code": "budget_hour"}
        == (world.lines("refused")[-1])
    )
    await world.restart()
    with pytest.raises(BudgetHour):
        await world.say(Find(grant, "job_1", "+819000088888"))
    world.wait(hours=1)
    await world.say(Find(grant, "job_1", "+819000088888"))
    await world.stop()


@pytest.mark.asyncio
async def test_the_record_found_opens_at_s2_and_is_not_charged_again(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(INBOUND, people_per_hour=2))
    record, other = await world.upload("lst_1", townsfolk(2))
    grant = await world.shift("per_1")
    await world.say(Find(grant, "job_1", "+819000000000"))
    view = await world.say(Open(grant, record))
    assert (view.stage, view.people_left) == (Stage.ANSWERED, 1)
    assert (await world.say(Open(grant, record))).people_left == 1
    said = Match(grant, record, FieldKind.BIRTH_DATE, "S50.1.2")
    assert (await world.say(said)).view.people_left == 1
    await world.say(Close(grant, record, "att_1", 30))
    await world.say(Find(grant, "job_1", "+819000000000"))
    view = await world.say(Open(grant, other))
    assert (view.stage, view.people_left) == (Stage.DIALLING, 0)
    await world.stop()


@pytest.mark.asyncio
async def test_of_a_household_one_opens_on_the_search_and_each_further_one_costs(
    centre: World,
) -> None:
    couple = [YAMADA, YAMADA | {FieldKind.REFERENCE: "K-0000124"}]
    [one, two] = await centre.upload("lst_1", couple)
    grant = await centre.shift("per_1")
    await centre.say(Find(grant, "job_1", PHONE))
    left = []
    for record in (one, two, one):
        view = await centre.say(Open(grant, record))
        assert view.stage is Stage.ANSWERED
        left.append(view.people_left)
        await centre.say(Close(grant, record, f"att_{len(left)}", 30))
    assert left == [119, 118, 118]


def household(people: int) -> list[dict[FieldKind, str]]:
    """So many people with one number."""
    return [YAMADA | {FieldKind.REFERENCE: f"K-{n:07}"} for n in range(people)]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("cap", "refusal"),
    [
        ("people_per_hour", BudgetHour),
        ("people_per_job", BudgetJob),
        ("people_per_list", BudgetList),
    ],
)
async def test_a_number_searched_for_again_after_a_new_sign_in_shows_nobody_new_for_free(
    tmp_path: Path, cap: str, refusal: type[Refusal]
) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(INBOUND, **{cap: 2}))
    one, two, _ = await world.upload("lst_1", household(3))
    for number, record in enumerate((one, two)):
        grant = await world.shift("per_1")
        await world.say(Find(grant, "job_1", PHONE))
        assert (await world.say(Open(grant, record))).people_left == 1 - number
        await world.say(Close(grant, record, f"att_{number}", 30))
        world.wait(minutes=1)
    for _ in range(2):
        with pytest.raises(refusal):
            await world.say(Find(await world.shift("per_1"), "job_1", PHONE))
        await world.restart()
        world.wait(minutes=1)
    await world.stop()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("cap", "refusal"),
    [("people_per_day", BudgetDay), ("people_per_job", BudgetJob), ("people_per_list", BudgetList)],
)
async def test_a_number_searched_for_once_an_hour_shows_nobody_new_for_free(
    tmp_path: Path, cap: str, refusal: type[Refusal]
) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(INBOUND, **{"people_per_hour": 2, cap: 2}))
    one, two, _ = await world.upload("lst_1", household(3))
    grant = await world.shift("per_1")
    for number, record in enumerate((one, two)):
        await world.say(Find(grant, "job_1", PHONE))
        assert (await world.say(Open(grant, record))).people_left == 1 - number
        await world.say(Close(grant, record, f"att_{number}", 30))
        world.wait(hours=1)
    with pytest.raises(refusal):
        await world.say(Find(grant, "job_1", PHONE))
    await world.stop()


@pytest.mark.asyncio
async def test_somebody_seen_before_who_calls_back_is_the_same_person(centre: World) -> None:
    [record, other] = await centre.upload("lst_1", townsfolk(2))
    left = []
    for number in range(3):
        grant = await centre.shift("per_1")
        await centre.say(Find(grant, "job_1", "+819000000000"))
        left.append((await centre.say(Open(grant, record))).people_left)
        await centre.say(Close(grant, record, f"att_{number}", 30))
        await centre.restart()
        centre.wait(minutes=1)
    grant = await centre.shift("per_1")
    assert [*left, (await centre.say(Open(grant, other))).people_left] == [119, 119, 119, 118]


@pytest.mark.asyncio
async def test_the_record_found_counts_in_its_own_list_and_the_search_in_none(
    tmp_path: Path,
) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(INBOUND, people_per_list=1))
    [first] = await world.upload("lst_1", townsfolk(1))
    [found, _] = await world.upload("lst_2", household(2))
    grant = await world.shift("per_1")
    await world.say(Find(grant, "job_1", PHONE))  # counts in lst_1 until somebody is found
    await world.say(Open(grant, found))
    await world.say(Close(grant, found, "att_1", 30))
    await world.say(Find(grant, "job_1", PHONE))  # the same person
    await world.say(Open(grant, first))
    await world.say(Close(grant, first, "att_2", 30))
    for _ in range(2):
        with pytest.raises(BudgetList):
            await world.say(Find(grant, "job_1", NOBODY))
        await world.restart()
    rows = world.home.journal.db.execute("SELECT list, chunk FROM seen ORDER BY list").fetchall()
    assert rows == [("lst_1", 0), ("lst_2", 0)]
    await world.stop()


@pytest.mark.asyncio
async def test_a_search_stays_paid_until_the_opening_is_durable(centre: World) -> None:
    [one, two] = await centre.upload("lst_1", household(2))
    grant, journal = await centre.shift("per_1"), centre.home.journal
    await centre.say(Find(grant, "job_1", PHONE))
    done = await asyncio.gather(
        centre.say(Open(grant, one)),
        journal.run(lambda: journal.db.execute("INSERT INTO nowhere VALUES (1)")),  # type: ignore[arg-type,return-value]
        return_exceptions=True,
    )
    assert [type(each) for each in done] == [LedgerUnavailable] * 2
    assert (await centre.say(Open(grant, two))).people_left == 119
    await centre.say(Close(grant, two, "att_1", 30))
    assert (await centre.say(Open(grant, one))).people_left == 118


@pytest.mark.asyncio
async def test_what_another_grant_searched_for_does_not_count(centre: World) -> None:
    [record] = await centre.upload("lst_1")
    await centre.say(Find(await centre.shift("per_1"), "job_1", PHONE))
    second = await centre.shift("per_2")
    await centre.say(Find(second, "job_1", NOBODY))
    view = await centre.say(Open(second, record))
    assert (view.stage, view.people_left) == (Stage.DIALLING, 118)


@pytest.mark.asyncio
async def test_who_may_search(centre: World) -> None:
    await centre.upload("lst_1")
    grant = await centre.shift("per_1")
    for caller in (Caller.WORKER, Caller.INTAKE, Caller.ADMIN):
        with pytest.raises(NotAllowed):
            await centre.say(Find(grant, "job_1", PHONE), caller)
    with pytest.raises(UnknownGrant):
        await centre.say(Find("nonsense", "job_1", PHONE))
    with pytest.raises(RoleCannotOpen):
        await centre.say(Find(await centre.shift("per_m"), "job_1", PHONE))
    centre.wait(seconds=31)
    await centre.hire("per_3", party="pty_9")
    with pytest.raises(PartyNotApproved):
        await centre.say(Find(await centre.shift("per_3"), "job_1", PHONE))
    await centre.hire("per_4", site="sit_9")
    with pytest.raises(SiteNotApproved):
        await centre.say(Find(await centre.shift("per_4"), "job_1", PHONE))
    assert [line["code"] for line in centre.lines("refused")] == [
        "party_not_approved",
        "site_not_approved",
    ]


@pytest.mark.asyncio
async def test_a_contract_that_does_not_permit_it_forbids_it(world: World) -> None:
    await world.upload("lst_1")
    with pytest.raises(InboundNotPermitted):
        await world.say(Find(await world.shift("per_1"), "job_1", PHONE))
    assert world.lines("refused")[-1]["code"] == "inbound_not_permitted"


@pytest.mark.asyncio
async def test_nothing_is_found_in_lists_that_are_over_or_jobs_nobody_knows(
    centre: World,
) -> None:
    await centre.upload("lst_1")
    grant = await centre.shift("per_1")
    with pytest.raises(ListOver):
        await centre.say(Find(grant, "job_9", PHONE))
    await centre.say(Freeze("lst_1", "completed"))
    with pytest.raises(ListOver):
        await centre.say(Find(grant, "job_1", PHONE))


@pytest.mark.asyncio
async def test_lists_of_one_job_stand_under_one_contract(centre: World) -> None:
    await centre.upload("lst_1")
    await centre.sign(replace(INBOUND, contract="ctr_2", version=1))
    with pytest.raises(ForeignJob):
        await centre.say(Mint("lst_2", "ctr_2", 1, centre.now.replace(day=20), "job_1"))


@pytest.mark.parametrize("phone", ["090-0000-0678", "+81", "+0900000678", "山田 花子", "+8190" * 9])
def test_only_one_number_fits_into_a_search(phone: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(Find("g", "job_1", phone)), type=Find)


def test_a_search_does_not_print_its_number() -> None:
    assert PHONE not in repr(Find("g", "job_1", PHONE))
    assert not any("key" in field for field in Found.__struct_fields__)


@pytest.mark.asyncio
async def test_each_of_several_searches_is_paid_once_in_any_order(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(INBOUND, people_per_hour=3))
    folk = townsfolk(3)
    records = await world.upload("lst_1", folk)
    grant = await world.shift("per_1")
    for person in folk:
        await world.say(Find(grant, "job_1", person[FieldKind.PHONE]))
    for record in (records[1], records[0], records[2]):
        view = await world.say(Open(grant, record))
        assert (view.stage, view.people_left) == (Stage.ANSWERED, 0)
        await world.say(Close(grant, record, f"att_{record.index}", 30))
    await world.stop()
