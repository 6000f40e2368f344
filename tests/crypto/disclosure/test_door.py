"""Every check of the door, and the order in which they come."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from crypto.errors.base import Refusal
from crypto.errors.keeper import NotAllowed
from crypto.errors.lists import ListOver, ListPending, UnknownList
from crypto.errors.people import GrantOver, UnknownGrant
from crypto.errors.records import (
    BudgetDay,
    BudgetHour,
    DoesNotOpen,
    HandFull,
    InOtherHand,
    NotInHand,
    NotMatchable,
    NotRevealable,
    NotUnderstood,
    PartyNotApproved,
    RecordClosed,
    RoleCannotOpen,
    SiteNotApproved,
    TriesUsed,
    TriesUsedToday,
    UnknownAttempt,
    UnknownCode,
)
from crypto.records.fields import FieldKind, Stage
from crypto.wire.base import Caller
from crypto.wire.lists import Freeze, Shred
from crypto.wire.people import Revoke
from crypto.wire.records import Close, LetGo, Match, Open, Recall, Reveal, SealedRecord
from tests.crypto.world import TERMS, YAMADA, World, sealed, townsfolk

replace = msgspec.structs.replace
BORN = FieldKind.BIRTH_DATE

# -- the order -----------------------------------------------------------------------------

ORDER: list[type[Refusal]] = [
    NotAllowed,
    UnknownGrant,
    RoleCannotOpen,
    UnknownList,
    PartyNotApproved,
    SiteNotApproved,
    RecordClosed,
    HandFull,
    BudgetHour,
    ListOver,
    DoesNotOpen,
]


@pytest.mark.asyncio
@pytest.mark.parametrize("first", ORDER, ids=lambda refusal: refusal.code)
async def test_the_first_thing_wrong_decides(first: type[Refusal], tmp_path: Path) -> None:
    """Everything from `first` on is wrong at once; the checks before it are satisfied."""
    wrong = set(ORDER[ORDER.index(first) :])
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, people_per_hour=1))
    closed, living = await world.upload("lst_1", townsfolk(2))
    [other] = await world.upload("lst_2")
    await world.call(await world.shift("per_2"), closed, code=10)
    if PartyNotApproved in wrong or SiteNotApproved in wrong:
        world.wait(seconds=1)
        await world.hire(
            "per_1",
            party="pty_9" if PartyNotApproved in wrong else "pty_1",
            site="sit_9" if SiteNotApproved in wrong else "sit_1",
        )
    grant = await world.shift("per_m" if RoleCannotOpen in wrong else "per_1")
    if BudgetHour in wrong and not wrong & {PartyNotApproved, SiteNotApproved, RoleCannotOpen}:
        await world.say(Open(grant, other))
        if HandFull not in wrong:
            await world.say(Close(grant, other, "att_1", 30))
    if ListOver in wrong:
        await world.say(Freeze("lst_1", "manager"))
    target = closed if RecordClosed in wrong else living
    request = Open(
        "nonsense" if UnknownGrant in wrong else grant,
        SealedRecord(
            "lst_9" if UnknownList in wrong else target.list,
            target.chunk,
            target.index,
            target.chunk_key,
            flipped(target.sealed) if DoesNotOpen in wrong else target.sealed,
        ),
    )
    with pytest.raises(first):
        await world.say(request, Caller.INTAKE if NotAllowed in wrong else Caller.WEB)
    await world.stop()


def flipped(data: bytes, at: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


# -- grant ---------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_grant_ends_with_the_shift(world: World) -> None:
    grant = await world.shift("per_1")
    [record] = await world.upload("lst_1")
    world.wait(hours=12)
    with pytest.raises(GrantOver):
        await world.say(Open(grant, record))


@pytest.mark.asyncio
async def test_a_later_grant_and_a_revocation_end_the_earlier_one_and_free_its_record(
    world: World,
) -> None:
    [record] = await world.upload("lst_1")
    first = await world.shift("per_1")
    await world.say(Open(first, record))
    world.wait(seconds=30)
    second = await world.shift("per_1")
    with pytest.raises(UnknownGrant):
        await world.say(Open(first, record))
    await world.say(Open(second, record))
    await world.say(Revoke("per_1"))
    with pytest.raises(UnknownGrant):
        await world.say(Open(second, record))
    await world.say(Open(await world.shift("per_2"), record))


# -- policy --------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_pending_list_has_no_record_to_open(world: World) -> None:
    minted = await world.mint("lst_1")
    records, _ = sealed(minted, "lst_1", [YAMADA])
    with pytest.raises(UnknownList):
        await world.say(Open(await world.shift("per_1"), records[0]))
    with pytest.raises(ListPending):
        await world.say(Freeze("lst_1", "manager"))


@pytest.mark.asyncio
async def test_one_record_in_hand_until_its_result_or_until_the_hold_ends(world: World) -> None:
    first, second = await world.upload("lst_1", townsfolk(2))
    grant = await world.shift("per_1")
    await world.say(Open(grant, first))
    with pytest.raises(HandFull):
        await world.say(Open(grant, second))
    await world.say(Open(grant, first))  # reloading shows the same person
    await world.say(Close(grant, first, "att_1", 30))
    await world.say(Open(grant, second))
    world.wait(seconds=TERMS.hold_seconds)
    with pytest.raises(NotInHand):  # though nobody else has taken it
        await world.say(Match(grant, second, BORN, "1975-01-02"))
    await world.say(Open(grant, first))


@pytest.mark.asyncio
async def test_a_record_is_in_one_hand_only(world: World) -> None:
    [record] = await world.upload("lst_1")
    one, other = await world.shift("per_1"), await world.shift("per_2")
    await world.say(Open(one, record))
    with pytest.raises(InOtherHand):
        await world.say(Open(other, record))
    world.wait(seconds=TERMS.hold_seconds)
    await world.say(Open(other, record))
    with pytest.raises(NotInHand):
        await world.say(Close(one, record, "att_1", 30))


@pytest.mark.asyncio
@pytest.mark.parametrize("whole", [False, True])
async def test_a_record_whose_lease_has_ended_is_let_go_of_and_the_ledger_says_whose_it_was(
    world: World, whole: bool
) -> None:
    mine, others = await world.upload("lst_1", townsfolk(2))
    one, other = await world.shift("per_1"), await world.shift("per_2")
    await world.say(Open(one, mine))
    await world.say(LetGo("lst_1", (others.chunk, others.index)))  # in nobody's
    await world.say(LetGo("lst_9"))
    with pytest.raises(InOtherHand):
        await world.say(Open(other, mine))
    assert not world.lines("let_go")
    for _ in range(2):
        await world.say(LetGo("lst_1", None if whole else (mine.chunk, mine.index)))
    assert [line["principal"] for line in world.lines("let_go")] == ["per_1"]
    await world.say(Open(other, mine))
    for request in (
        Match(one, mine, FieldKind.REFERENCE, "K-0000000"),
        Close(one, mine, "att_1", 10),
    ):
        with pytest.raises(NotInHand):  # it is the other's now
            await world.say(request)


@pytest.mark.asyncio
@pytest.mark.parametrize("over", ["frozen", "expired"])
async def test_what_is_in_hand_of_a_list_that_is_over_blocks_nobody(
    world: World, over: str
) -> None:
    [first] = await world.upload("lst_1", days=0.01)
    [second] = await world.upload("lst_2")
    grant = await world.shift("per_1")
    await world.say(Open(grant, first))
    if over == "frozen":
        await world.say(Freeze("lst_1", "manager"))
    else:
        world.wait(minutes=15)
    await world.say(Open(grant, second))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "request_for",
    [
        lambda grant, record: Match(grant, record, BORN, "1975-01-02"),
        lambda grant, record: Reveal(grant, record, FieldKind.PHONE, "manual_dial"),
        lambda grant, record: Close(grant, record, "att_1", 30),
    ],
    ids=["match", "reveal", "close"],
)
async def test_only_the_record_in_hand_is_matched_revealed_or_closed(
    world: World, request_for: Callable[[str, SealedRecord], Match | Reveal | Close]
) -> None:
    first, second = await world.upload("lst_1", townsfolk(2))
    grant = await world.shift("per_1")
    with pytest.raises(NotInHand):
        await world.say(request_for(grant, first))
    await world.say(Open(grant, first))
    with pytest.raises(NotInHand):
        await world.say(request_for(grant, second))
    await world.say(request_for(grant, first))


@pytest.mark.asyncio
async def test_a_final_result_closes_the_record_for_ever_also_after_a_restart(
    world: World,
) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.call(grant, record, code=10)
    for _ in range(2):
        for holder in (grant, await world.shift("per_2")):
            with pytest.raises(RecordClosed):
                await world.say(Open(holder, record))
        await world.restart()
        world.wait(seconds=90)


# -- stage ---------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_the_keeper_holds_the_stage_and_another_grant_begins_again(world: World) -> None:
    [record] = await world.upload("lst_1")
    one, other = await world.shift("per_1"), await world.shift("per_2")
    await world.say(Open(one, record))
    wrong = await world.say(Match(one, record, BORN, "1975-01-03"))
    assert (wrong.same, wrong.view.stage, wrong.view.tries_left) == (False, Stage.ANSWERED, 2)
    right = await world.say(Match(one, record, BORN, "1975-01-02"))
    assert (right.same, right.view.stage, right.view.matched) == (True, Stage.VERIFIED, (BORN,))
    await world.restart()
    assert (await world.say(Open(one, record))).stage == Stage.VERIFIED
    await world.say(Close(one, record, "att_1", 30))
    again = await world.say(Open(other, record))
    assert (again.stage, again.matched, again.tries_left) == (Stage.DIALLING, (), 2)


@pytest.mark.asyncio
async def test_who_takes_over_an_expired_hand_begins_again(world: World) -> None:
    [record] = await world.upload("lst_1")
    one, other = await world.shift("per_1"), await world.shift("per_2")
    await world.say(Open(one, record))
    await world.say(Match(one, record, BORN, "1975-01-02"))
    world.wait(seconds=TERMS.hold_seconds)
    assert (await world.say(Open(other, record))).stage == Stage.DIALLING


@pytest.mark.asyncio
async def test_after_a_result_the_same_grant_begins_again(world: World) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.say(Match(grant, record, BORN, "1975-01-02"))
    await world.say(Close(grant, record, "att_1", 30))
    assert (await world.say(Open(grant, record))).stage == Stage.DIALLING


@pytest.mark.asyncio
async def test_a_mismatch_after_verification_does_not_lower_the_stage(world: World) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.say(Match(grant, record, BORN, "1975-01-02"))
    wrong = await world.say(Match(grant, record, FieldKind.REFERENCE, "K-9"))
    assert (wrong.same, wrong.view.stage) == (False, Stage.VERIFIED)


@pytest.mark.asyncio
async def test_two_matches_where_the_contract_asks_for_two(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, identity=replace(TERMS.identity, count=2)))
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    for _ in range(2):  # the same field twice is one match
        half = await world.say(Match(grant, record, BORN, "S50.1.2"))
        assert half.view.stage == Stage.ANSWERED
    whole = await world.say(Match(grant, record, FieldKind.REFERENCE, "Ｋ－００００１２３"))
    assert whole.view.stage == Stage.VERIFIED
    await world.stop()


@pytest.mark.asyncio
async def test_three_mismatches_for_life_across_operators(world: World) -> None:
    [record] = await world.upload("lst_1")
    for person in ("per_1", "per_2", "per_1"):
        world.wait(seconds=60)
        grant = await world.shift(person)
        await world.say(Open(grant, record))
        assert not (await world.say(Match(grant, record, BORN, "1980-01-01"))).same
        await world.say(Revoke(person))
    world.wait(seconds=60)
    grant = await world.shift("per_2")
    assert (await world.say(Open(grant, record))).match == ()
    with pytest.raises(TriesUsed):
        await world.say(Match(grant, record, BORN, "1975-01-02"))
    assert world.lines("refused")[-1]["code"] == "tries_used"


@pytest.mark.asyncio
async def test_what_cannot_be_read_costs_no_try(world: World) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    with pytest.raises(NotUnderstood):
        await world.say(Match(grant, record, BORN, "昭和50年13月2日"))
    assert (await world.say(Open(grant, record))).tries_left == 3


@pytest.mark.asyncio
async def test_only_what_the_contract_names_is_matched_or_revealed(world: World) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    for kind in (FieldKind.NAME, FieldKind.ADDRESS):
        with pytest.raises(NotMatchable):
            await world.say(Match(grant, record, kind, "山田花子"))
        with pytest.raises(NotRevealable):
            await world.say(Reveal(grant, record, kind, "manual_dial"))
    with pytest.raises(NotRevealable):
        await world.say(Reveal(grant, record, FieldKind.PHONE, "curiosity"))


# -- budget --------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_the_budget_counts_distinct_people_in_sliding_windows(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, people_per_hour=2, people_per_day=3))
    records = await world.upload("lst_1", townsfolk(5), days=3)
    grant = await world.shift("per_1")
    await world.call(grant, records[0])
    await world.call(grant, records[0])  # the same person again costs nothing
    await world.call(grant, records[1])
    with pytest.raises(BudgetHour):
        await world.say(Open(grant, records[2]))
    await world.call(grant, records[1])  # and may be reloaded when nothing is left
    world.wait(hours=1)
    await world.call(grant, records[2])
    await world.restart()
    with pytest.raises(BudgetDay):
        await world.say(Open(grant, records[3]))
    assert [line["code"] for line in world.lines("refused")] == ["budget_hour", "budget_day"]
    world.wait(hours=24)
    await world.call(await world.shift("per_1"), records[3])
    await world.stop()


@pytest.mark.asyncio
async def test_a_new_grant_does_not_renew_the_budget(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, people_per_hour=1))
    first, second = await world.upload("lst_1", townsfolk(2))
    await world.call(await world.shift("per_1"), first)
    world.wait(minutes=1)
    grant = await world.shift("per_1")
    with pytest.raises(BudgetHour):
        await world.say(Open(grant, second))
    await world.stop()


# -- expiry --------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_nothing_opens_past_the_expiry_though_nobody_froze(world: World) -> None:
    [record] = await world.upload("lst_1", days=0.25)
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    world.wait(hours=6)
    for request in (Open(grant, record), Open(grant, record)):
        with pytest.raises(ListOver):
            await world.say(request)


@pytest.mark.asyncio
async def test_a_call_in_hand_at_the_freeze_is_still_closed_until_the_keys_are_shredded(
    world: World,
) -> None:
    """A refusal must reach the entrustor; whoever has nothing in hand closes nothing."""
    mine, other = await world.upload("lst_1", townsfolk(2))
    grant = await world.shift("per_1")
    await world.say(Open(grant, mine))
    await world.say(Freeze("lst_1", "manager"))
    with pytest.raises(NotInHand):
        await world.say(Close(grant, other, "att_2", 50))
    closed = await world.say(Close(grant, mine, "att_1", 50))
    assert closed.final
    assert closed.sealed


@pytest.mark.asyncio
async def test_after_the_shred_not_even_a_call_in_hand_is_closed(world: World) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.end("lst_1")
    await world.say(Shred("lst_1"), Caller.WORKER)
    with pytest.raises(ListOver):
        await world.say(Close(grant, record, "att_1", 50))


@pytest.mark.asyncio
async def test_a_frozen_list_stays_frozen_also_after_a_restart(world: World) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.say(Freeze("lst_1", "manager"))
    for request in (
        Open(grant, record),
        Match(grant, record, BORN, "1975-01-02"),
        Reveal(grant, record, FieldKind.PHONE, "manual_dial"),
    ):
        with pytest.raises(ListOver):
            await world.say(request)
    await world.restart()
    with pytest.raises(ListOver):
        await world.say(Open(grant, record))


# -- authenticity --------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_changed_moved_or_forged_record_does_not_open_and_leaves_no_line(
    world: World,
) -> None:
    first, second, third = await world.upload("lst_1", townsfolk(3), chunk_rows=2)
    [foreign] = await world.upload("lst_2")
    minted = await world.mint("lst_3")
    [forged], _ = sealed(minted, "lst_3", [YAMADA])
    grant = await world.shift("per_1")
    move = {
        "changed": replace(first, sealed=flipped(first.sealed, 20)),
        "truncated": replace(first, sealed=first.sealed[:10]),
        "empty": replace(first, sealed=b""),
        "to another record": replace(first, sealed=second.sealed),
        "to another chunk": replace(first, sealed=third.sealed),
        "key of another chunk": replace(first, chunk_key=third.chunk_key),
        "changed key": replace(first, chunk_key=flipped(first.chunk_key)),
        "no key": replace(first, chunk_key=b""),
        "from another list": replace(foreign, list="lst_1"),
        "another list's chunk key": replace(first, chunk_key=foreign.chunk_key),
        "made after the manifest": replace(forged, list="lst_1"),
        "a chunk of which the manifest does not know": replace(first, chunk=7),
        "a row of which the manifest does not know": replace(third, index=1),
    }
    for record in move.values():
        with pytest.raises(DoesNotOpen):
            await world.say(Open(grant, record))
    assert world.lines("open") == []
    await world.say(Open(grant, first))


@pytest.mark.asyncio
async def test_a_chunk_key_that_the_manifest_did_not_commit_to_does_not_open(
    world: World,
) -> None:
    """Whoever holds the list's public key can seal a chunk; only the manifest's ones open."""
    minted = await world.mint("lst_1")
    _, manifest = sealed(minted, "lst_1", [YAMADA])
    [forged], _ = sealed(minted, "lst_1", [YAMADA])
    await world.say(manifest)
    with pytest.raises(DoesNotOpen):
        await world.say(Open(await world.shift("per_1"), forged))


@pytest.mark.asyncio
async def test_a_row_added_to_a_chunk_after_its_manifest_does_not_open(world: World) -> None:
    minted = await world.mint("lst_1")
    [first, second], manifest = sealed(minted, "lst_1", townsfolk(2))
    await world.say(replace(manifest, rows=(1,)))
    grant = await world.shift("per_1")
    with pytest.raises(DoesNotOpen):
        await world.say(Open(grant, second))
    await world.say(Open(grant, first))


# -- close ---------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_repeated_close_is_the_same_result_and_nothing_else(world: World) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    first = await world.say(Close(grant, record, "att_1", 10))
    await world.end("lst_1")
    await world.restart()
    world.wait(minutes=1)
    assert await world.say(Close(grant, record, "att_1", 30)) == first
    assert len(world.lines("close")) == 1


@pytest.mark.asyncio
async def test_the_sealed_result_of_an_attempt_is_recalled_whatever_became_of_the_list(
    world: World,
) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    closed = await world.say(Close(grant, record, "att_1", 10))
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    recalled = await world.say(Recall("att_1"))
    assert (recalled.sealed, recalled.code, recalled.final) == (closed.sealed, 10, True)
    assert recalled.at == closed.at
    with pytest.raises(UnknownAttempt):
        await world.say(Recall("att_9"))


@pytest.mark.asyncio
async def test_an_attempt_belongs_to_its_record_and_its_person(world: World) -> None:
    first, second = await world.upload("lst_1", townsfolk(2))
    grant, other = await world.shift("per_1"), await world.shift("per_2")
    await world.call(grant, first, attempt="att_1")
    await world.say(Open(grant, second))
    with pytest.raises(NotInHand):
        await world.say(Close(grant, second, "att_1", 30))
    with pytest.raises(NotInHand):
        await world.say(Close(other, first, "att_1", 30))


@pytest.mark.asyncio
async def test_a_code_outside_the_contract_is_refused(world: World) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    with pytest.raises(UnknownCode):
        await world.say(Close(grant, record, "att_1", 99))


@pytest.mark.asyncio
async def test_a_list_is_not_sifted_for_its_canaries_unseen(world: World) -> None:
    """A match of a record that is not in hand is ledgered, and counts like a wrong answer."""
    terms = TERMS.identity.tries_per_day
    _, *others = await world.upload("lst_s", townsfolk(4))
    grant = await world.shift("per_1")
    for turn in range(terms):
        with pytest.raises(NotInHand):
            await world.say(Match(grant, others[turn % 3], FieldKind.REFERENCE, "1"))
    with pytest.raises(TriesUsedToday):
        await world.say(Match(grant, others[0], FieldKind.REFERENCE, "1"))
    said = [line["code"] for line in world.lines("refused")]
    assert said == ["not_in_hand"] * terms + ["tries_used_today"]
