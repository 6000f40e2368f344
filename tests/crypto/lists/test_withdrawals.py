"""People whom the entrustor takes out: found by reference, closed one by one, shown to nobody."""

import secrets

import msgspec
import pytest

from crypto.errors.lists import ListOver, NotAuthorised, UnknownList
from crypto.errors.people import GrantOver, UnknownGrant
from crypto.errors.records import AnotherPerson, NotInHand, RecordClosed
from crypto.errors.statements import ForeignJob
from crypto.errors.uploads import TooManyCorrections, TooManyReferences, TooManyWithdrawals
from crypto.lists.withdrawals import LEAST_BY_MANAGER, REFERENCES_A_DAY
from crypto.records.fields import FieldKind
from crypto.records.forms import reference
from crypto.records.references import NOTHING, ReferenceTokens, places
from crypto.records.sealing import open_list_keys, open_result, token
from crypto.wire.lists import Freeze, Shred
from crypto.wire.people import Revoke
from crypto.wire.records import Close, Match, Open, SealedRecord
from crypto.wire.uploads import CorrectedRow, Tokenise
from crypto.wire.withdrawals import Locate, Withdraw
from tests.crypto.world import World, sealed, townsfolk

replace = msgspec.structs.replace


async def withdrawn(
    world: World, record: SealedRecord, attempt: str = "wd_1", reference: str = ""
) -> bytes:
    """By the manager, under the reference that `townsfolk` gave to this row."""
    grant = await world.managers_grant()
    named = reference or townsfolk(record.index + 1)[-1][FieldKind.REFERENCE]
    return (await world.say(Withdraw(grant, record, attempt, named))).sealed


@pytest.mark.asyncio
async def test_a_withdrawn_person_is_closed_for_ever_and_the_result_is_the_entrustors(
    world: World,
) -> None:
    first, second = await world.upload("lst_1", townsfolk(2))
    sealed_result = await withdrawn(world, first)
    keys = open_list_keys(
        world.entrustor_recipient,
        entrustor="ent_1",
        list_id="lst_1",
        sealed=world.for_entrustor["lst_1"],
    )
    result = open_result(keys.result_key, list_id="lst_1", attempt="wd_1", sealed=sealed_result)
    assert (result.line, result.code) == (2, 80)
    assert result.reference == townsfolk(2)[0].get(FieldKind.REFERENCE, "")
    grant = await world.shift("per_1")
    await world.restart()
    with pytest.raises(RecordClosed):
        await world.say(Open(grant, first))
    await world.say(Open(grant, second))
    assert await withdrawn(world, first) == sealed_result, "repeated: the same result"
    with pytest.raises(RecordClosed):
        await withdrawn(world, first, "wd_2")
    [line] = world.lines("withdraw")
    assert (line["principal"], line["code"], line["list"]) == ("per_m", 80, "lst_1")
    assert line["tag"]


@pytest.mark.asyncio
async def test_whoever_has_the_record_in_hand_loses_it(world: World) -> None:
    first, second = await world.upload("lst_1", townsfolk(2))
    grant = await world.shift("per_1")
    await world.say(Open(grant, first))
    await withdrawn(world, first)
    for request in (
        Open(grant, first),
        Match(grant, first, FieldKind.BIRTH_DATE, "1950-01-02"),
        Close(grant, first, "att_1", 30),
    ):
        with pytest.raises(RecordClosed):
            await world.say(request)
    await world.say(Open(grant, second))  # the hand is free at once


@pytest.mark.asyncio
async def test_a_call_that_was_closed_stays_as_it_was_closed(world: World) -> None:
    [record] = await world.upload("lst_1")
    await world.call(await world.shift("per_1"), record, code=10, attempt="att_1")
    with pytest.raises(RecordClosed):
        await withdrawn(world, record)
    assert not world.lines("withdraw")


@pytest.mark.asyncio
async def test_who_may_take_people_out(world: World) -> None:
    [record] = await world.upload("lst_1")
    await world.hire("per_e", role="entrustor", party="ent_1")
    await world.hire("per_e2", role="entrustor", party="ent_2")
    await world.hire("per_m2", role="manager", party="pty_9")
    operator, ended = await world.shift("per_1"), await world.shift("per_2")
    await world.say(Revoke("per_2"))
    foreign = [await world.shift(person) for person in ("per_e2", "per_m2")]
    for grant, refusal in (
        (operator, NotAuthorised),
        (ended, UnknownGrant),
        (secrets.token_urlsafe(32), UnknownGrant),
        *((grant, NotAuthorised) for grant in foreign),
    ):
        with pytest.raises(refusal):
            await world.say(Locate(grant, "lst_1", ("A1",)))
        with pytest.raises(refusal):
            await world.say(Withdraw(grant, record, "wd_1", "K-0000123"))
    officer = await world.shift("per_e")
    await world.say(Locate(officer, "lst_1", ("A1",)))
    await world.say(Withdraw(officer, record, "wd_1", "K-0000123"))
    world.wait(hours=13)
    with pytest.raises((GrantOver, UnknownGrant)):
        await world.say(Locate(officer, "lst_1", ("A1",)))


@pytest.mark.asyncio
async def test_references_are_filed_as_intake_filed_them_and_asking_is_counted(
    world: World,
) -> None:
    await world.upload("lst_1", townsfolk(2), days=3)
    filed = ReferenceTokens(world.index_keys["lst_1"], "lst_1").column(["A-1", "", "0042"])
    grant = await world.managers_grant()
    located = await world.say(Locate(grant, "lst_1", ("42", "Ａ‐１", "B")))
    wanted = [located.tokens[at : at + 8] for at in (0, 8, 16)]
    assert places(filed, wanted) == [(0, wanted[1]), (2, wanted[0])]
    assert world.lines("locate")[0]["references"] == 3
    some = tuple(str(n) for n in range(1000))
    for _ in range(REFERENCES_A_DAY // 1000):
        await world.say(Locate(grant, "lst_1", some))
    with pytest.raises(TooManyReferences):
        await world.say(Locate(grant, "lst_1", ("1", "2", "3", "4")))
    with pytest.raises(TooManyReferences):
        await world.say(Locate(grant, "lst_1", ("1", "2", "3", "4")))
    assert [line["code"] for line in world.lines("refused")] == ["too_many_references"]
    await world.say(Locate(grant, "lst_1", ("1", "2", "3")))  # three times its people, and no more
    world.wait(hours=24)
    await world.say(Locate(await world.managers_grant(), "lst_1", ("1", "2", "3", "4")))


@pytest.mark.asyncio
async def test_beyond_half_of_a_list_the_entrustor_itself_has_to_say_it(world: World) -> None:
    """A manager's sign-in in wrong hands ends no list for good within the day."""
    records = await world.upload("lst_1", townsfolk(LEAST_BY_MANAGER + 2), days=3)
    await world.hire("per_e", role="entrustor", party="ent_1")
    for n, record in enumerate(records[:LEAST_BY_MANAGER]):
        await withdrawn(world, record, f"wd_{n}")
    *_, last, very_last = records
    for _ in range(2):
        with pytest.raises(TooManyWithdrawals):
            await withdrawn(world, last, "wd_x")
    assert [line["code"] for line in world.lines("refused")] == ["too_many_withdrawals"]
    await world.say(Withdraw(await world.shift("per_e"), last, "wd_x", f"K-{LEAST_BY_MANAGER:07}"))
    world.wait(hours=24)
    await withdrawn(world, very_last, "wd_y")


@pytest.mark.asyncio
async def test_a_day_is_any_24_hours_and_does_not_begin_anew_at_midnight(world: World) -> None:
    """Half before midnight and half behind it would be all of a list within a minute."""
    records = await world.upload("lst_1", townsfolk(LEAST_BY_MANAGER + 1), days=3)
    for n, record in enumerate(records[:-1]):
        await withdrawn(world, record, f"wd_{n}")
    for _ in range(23):
        world.wait(hours=1)
        with pytest.raises(TooManyWithdrawals):
            await withdrawn(world, records[-1], "wd_x")
    world.wait(hours=1)
    await withdrawn(world, records[-1], "wd_x")


@pytest.mark.asyncio
async def test_of_a_list_that_is_over_nothing_is_said(world: World) -> None:
    first, second = await world.upload("lst_1", townsfolk(2))
    await world.say(Freeze("lst_1", "completed"))
    grant = await world.managers_grant()
    with pytest.raises(ListOver):
        await world.say(Locate(grant, "lst_1", ("1",)))
    assert not world.lines("locate")
    await withdrawn(world, first)  # shows nothing: as a call in hand is closed
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    with pytest.raises(ListOver):
        await withdrawn(world, second, "wd_2")


@pytest.mark.asyncio
async def test_an_attempt_is_of_one_record(world: World) -> None:
    first, second = await world.upload("lst_1", townsfolk(2))
    await withdrawn(world, first)
    with pytest.raises(NotInHand):
        await withdrawn(world, second)


@pytest.mark.asyncio
async def test_a_list_of_which_everybody_was_taken_out_is_completed(world: World) -> None:
    for n, record in enumerate(await world.upload("lst_1", townsfolk(3))):
        await withdrawn(world, record, f"wd_{n}")
    await world.say(Freeze("lst_1", "completed"))
    await world.say(Shred("lst_1"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0012", "12"),
        ("１２", "12"),
        ("12.0", "12"),
        ("a-1", "Ａ－１"),
        (" 7 8 ", "78"),
        ("000", "0"),
    ],
)
def test_one_number_in_two_spellings_is_filed_alike(one: str, other: str) -> None:
    tokens = ReferenceTokens(bytes(32), "lst_1")
    assert tokens.of(one) == tokens.of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("12", "120"), ("1-2", "12"), ("12.5", "125"), ("A", "B")]
)
def test_two_numbers_are_not(one: str, other: str) -> None:
    tokens = ReferenceTokens(bytes(32), "lst_1")
    assert tokens.of(one) != tokens.of(other)


def test_no_reference_is_found_by_nothing() -> None:
    tokens = ReferenceTokens(bytes(32), "lst_1")
    assert tokens.of(" 　") == NOTHING
    assert not places(tokens.column(["", "1"]), [NOTHING])
    assert reference("ABC123") == "ABC123"
    assert tokens.of("1") != ReferenceTokens(bytes(32), "lst_2").of("1")
    assert tokens.of("1") != ReferenceTokens(b"\x01" * 32, "lst_1").of("1")


# -- corrected rows --------------------------------------------------------------------------


async def corrected(world: World, rejected: int) -> None:
    """A list that rejected so many rows, and another of its job about to be received."""
    minted = await world.mint("lst_1")
    _, manifest = sealed(
        minted, "lst_1", townsfolk(2), key=world.index_keys.setdefault("lst_1", bytes(32))
    )
    await world.say(replace(manifest, rejected=rejected))
    await world.mint("lst_2")


def row(n: int) -> CorrectedRow:
    return CorrectedRow(f"+8190000000{n:02}", str(n))


@pytest.mark.asyncio
async def test_corrected_rows_are_filed_as_the_earlier_list_filed_its_own(world: World) -> None:
    await corrected(world, 2)
    told = await world.say(Tokenise("lst_2", "lst_1", (row(1), row(2))))
    assert told.phones == tuple(token(bytes(32), "lst_1", row(n).phone) for n in (1, 2))
    assert told.references == ReferenceTokens(bytes(32), "lst_1").column(["1", "2"])
    line = world.lines("tokenise")[0]
    assert (line["list"], line["rows"], line["by"]) == ("lst_1", 2, "lst_2")


@pytest.mark.asyncio
async def test_no_more_rows_than_were_rejected_in_all(world: World) -> None:
    await corrected(world, 3)
    with pytest.raises(TooManyCorrections, match="3"):
        await world.say(Tokenise("lst_2", "lst_1", (row(1), row(2), row(3), row(4))))
    await world.say(Tokenise("lst_2", "lst_1", (row(1), row(2))))
    await world.restart()
    await world.mint("lst_3")
    with pytest.raises(TooManyCorrections, match="1"):
        await world.say(Tokenise("lst_3", "lst_1", (row(1), row(2))))
    await world.say(Tokenise("lst_3", "lst_1", (row(3),)))


@pytest.mark.asyncio
async def test_a_list_that_is_still_on_its_way_has_nothing_to_correct(world: World) -> None:
    await world.mint("lst_1")
    await world.mint("lst_2")
    with pytest.raises(UnknownList):
        await world.say(Tokenise("lst_2", "lst_1", (row(1),)))


@pytest.mark.asyncio
async def test_only_within_one_job_and_while_the_earlier_list_lives(world: World) -> None:
    await corrected(world, 3)
    await world.mint("lst_9", job="job_9")
    with pytest.raises(ForeignJob):
        await world.say(Tokenise("lst_9", "lst_1", (row(1),)))
    await world.say(Freeze("lst_1", "completed"))
    with pytest.raises(ListOver):
        await world.say(Tokenise("lst_2", "lst_1", (row(1),)))


@pytest.mark.asyncio
async def test_nobody_is_closed_in_anothers_place_whatever_the_filing_says(world: World) -> None:
    """Who can write our tables can swap how two people are filed, and the lines they stood on."""
    first, second = await world.upload("lst_1", townsfolk(2))
    for wrong in ("K-0000001", "1", "K-000000"):
        with pytest.raises(AnotherPerson):
            await withdrawn(world, first, reference=wrong)
    assert {line["code"] for line in world.lines("refused")} == {"another_person"}
    assert not world.lines("withdraw")
    await world.say(Open(await world.shift("per_1"), first))  # still to be called
    await withdrawn(world, second, reference="ｋ－０００００01")  # as people write it


@pytest.mark.asyncio
async def test_without_a_reference_the_line_is_the_name(world: World) -> None:
    [person] = townsfolk(1)
    [record] = await world.upload("lst_1", [person | {FieldKind.REFERENCE: ""}])
    with pytest.raises(AnotherPerson):
        await withdrawn(world, record, reference="3")
    await withdrawn(world, record, reference="2")


@pytest.mark.asyncio
async def test_asking_in_anothers_place_counts_as_asking(world: World) -> None:
    [record] = await world.upload("lst_1", townsfolk(1))
    grant = await world.managers_grant()
    some = tuple(str(n) for n in range(1000))
    for _ in range(REFERENCES_A_DAY // 1000):
        await world.say(Locate(grant, "lst_1", some))
    for _ in range(3):
        with pytest.raises(AnotherPerson):
            await withdrawn(world, record, reference="K-9")
    with pytest.raises(TooManyReferences):
        await withdrawn(world, record, reference="K-9")
