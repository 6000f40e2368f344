"""Ledger lines that cost no budget have a quota; what ends something has none."""

from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from crypto.disclosure import threshold
from crypto.errors.keeper import LineQuota
from crypto.errors.lists import NotAttested
from crypto.errors.records import NotInHand
from crypto.keeper import admission, attesting, certifying
from crypto.lists import keyroom
from crypto.records.fields import FieldKind
from crypto.signed.orders import BudgetRaise
from crypto.wire import (
    approvals,
    calls,
    ledger,
    lists,
    people,
    records,
    revisions,
    suppressions,
    transfers,
    uploads,
    withdrawals,
)
from crypto.wire.base import Caller
from crypto.wire.frames import AnyRequest
from crypto.wire.ledger import Event
from crypto.wire.lists import Attest, Freeze, Inspect, Shred
from crypto.wire.people import Enrol, RegisterKey, Revoke
from crypto.wire.records import Close, Find, Match, Open
from tests.crypto.world import START, TERMS, YAMADA, World, sealed, townsfolk

COUNTED = {  # `crypto.bookkeeping.quotas`
    *(records.Open, records.Match, records.Reveal, records.Find),
    *(people.Enrol, people.RegisterKey),
    *(lists.Mint, lists.Attest, lists.Certify, lists.Rehearse, withdrawals.Locate),
    *(calls.GiveCode, calls.CheckCode, calls.FindReference, calls.FindCall),
    *(transfers.Offer, transfers.Accept),
    revisions.Revise,
    Event,
}
NEVER_COUNTED = {  # what ends something, and what others decide by signature or in person
    *(lists.Freeze, lists.Shred, lists.Abandon, people.Revoke, approvals.Submit),
    records.Close,  # but for one in place of another
    *(approvals.Pin, people.HandToken, ledger.PinWitness),  # the administrator's own
}
BOUNDED = {  # by something else: a mint, an open, five wrong answers and a code each
    *(lists.Manifest, records.LetGo, people.Grant, people.GrantByKey),
    uploads.Address,  # a key each, and so many jobs without a list
    uploads.Unwrap,  # twice for each mint
    uploads.Tokenise,  # as many rows as were rejected
    transfers.Retract,  # once for each offer
    withdrawals.Withdraw,  # once for each person of a list
    suppressions.Suppress,  # likewise
    lists.SignDocument,  # five for each certificate
}


def test_every_verb_that_adds_a_line_has_a_quota_or_a_reason() -> None:
    """The others add none: a new verb has to be put somewhere."""
    silent = {
        *(
            approvals.Awaited,
            approvals.LookAtRecipient,
            people.LookAtFactor,
            people.BeginKey,
            people.ChallengeKey,
        ),
        *(lists.Inspect, lists.Opens, lists.Alarms, lists.Issued, records.Recall),
        lists.LookAtCertificate,
        suppressions.Suppressions,
        *(ledger.Head, ledger.Entries, ledger.ProveInclusion, ledger.ProveConsistency),
        *(ledger.Confront, ledger.Cosign),
    }
    everything = [*COUNTED, *NEVER_COUNTED, *BOUNDED, *silent]
    assert len(everything) == len(set(everything))
    assert set(everything) == set(get_args(AnyRequest))


async def until_refused(world: World, verbs: Awaitable[Any] | Any, times: int = 100) -> int:
    """How often it goes through before the quota."""
    for number in range(times):
        try:
            await world.say(verbs(number) if callable(verbs) else verbs)
        except LineQuota:
            return number
    return times


@pytest.mark.asyncio
async def test_a_person_at_the_desk_adds_so_many_lines_an_hour_and_ends_what_they_have_in_hand(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold, "DESK_EACH", 0)
    monkeypatch.setattr(threshold, "DESK_LEAST", 5)
    mine, others = await world.upload("lst_1", townsfolk(2))
    grant = await world.shift("per_1")
    assert await until_refused(world, Open(grant, mine)) == 5
    for request in (Open(grant, mine), Match(grant, mine, FieldKind.REFERENCE, "K-1")):
        with pytest.raises(LineQuota):
            await world.say(request)
    assert len(world.lines("open")) == 5
    [said] = world.lines("line_quota")
    assert (said["principal"], said["limit"]) == ("per_1", 5)

    await world.say(Open(await world.shift("per_2"), others))  # everybody has their own
    await world.restart()
    world.wait(seconds=31)
    again = await world.shift("per_1")  # a new shift is no new hour
    with pytest.raises(LineQuota):
        await world.say(Open(again, mine))
    world.wait(hours=1)
    await world.say(Open(again, mine))
    assert await until_refused(world, Open(again, mine)) == 4
    await world.say(Close(again, mine, "att_1", 30))  # a result is never one too many
    assert len(world.lines("close")) == 1
    assert len(world.lines("line_quota")) == 2


@pytest.mark.asyncio
async def test_a_result_is_never_one_too_many_but_others_in_its_place_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold, "DESK_EACH", 0)
    monkeypatch.setattr(threshold, "DESK_LEAST", 5)
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.say(Close(grant, record, "att_1", 30))
    codes = (10, 30)
    again = [Close(grant, record, "att_1", codes[n % 2], amends=True) for n in range(9)]
    assert await until_refused(world, lambda n: again[n], 9) == 4
    assert len(world.lines("amend")) == 4
    assert (await world.say(records.Recall("att_1"))).code == codes[3 % 2], "the last one stands"
    assert await until_refused(world, lambda n: again[n], 9) == 0
    assert len(world.lines("line_quota")) == 1


@pytest.mark.asyncio
async def test_the_quota_at_the_desk_grows_with_the_budget_that_was_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold, "DESK_EACH", 3)
    monkeypatch.setattr(threshold, "DESK_LEAST", 1)
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, people_per_hour=2))
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    assert await until_refused(world, Open(grant, record)) == 6
    for _ in range(3):  # what was refused does not count on
        with pytest.raises(LineQuota):
            await world.say(Open(grant, record))
    until = world.now + timedelta(days=1)
    await world.sign(BudgetRaise("ent_1", "ctr_1", until, person="per_1", people_per_hour=4))
    assert await until_refused(world, Open(grant, record)) == 12 - 7  # the refused one counted
    await world.stop()


def test_the_quota_at_the_desk_is_no_hindrance_to_whoever_calls_all_day() -> None:
    """A call has an open, a look after each of three matches, a number and a close."""
    a_call = 1 + 2 * 3 + 1 + 1
    assert 2 * a_call * TERMS.people_per_hour <= threshold.DESK_EACH * TERMS.people_per_hour
    assert threshold.DESK_LEAST >= 500


@pytest.mark.asyncio
async def test_a_number_is_searched_for_so_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold, "DESK_LEAST", 4)
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, inbound=True))
    await world.upload("lst_1")
    search = Find(await world.shift("per_1"), "job_1", YAMADA[FieldKind.PHONE])
    assert await until_refused(world, search) == 4
    assert len(world.lines("find")) == 4
    await world.stop()


@pytest.mark.asyncio
async def test_beyond_its_quota_a_refusal_is_refused_all_the_same_and_ledgered_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold, "REFUSED", 3)
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    for number in range(6):
        with pytest.raises(NotInHand):
            await world.say(Close(grant, record, f"att_{number}", 30))
    assert len(world.lines("refused")) == 3
    assert len(world.lines("line_quota")) == 1


@pytest.mark.asyncio
async def test_one_persons_factor_is_registered_so_often(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "FACTORS", 3)
    for person in ("per_8", "per_9"):
        await world.name(person)
    assert await until_refused(world, Enrol("per_9")) == 3
    with pytest.raises(LineQuota):
        await world.say(RegisterKey("per_9", b"", b""))
    await world.say(Enrol("per_8"))
    assert [line["principal"] for line in world.lines("line_quota")] == ["per_9"]
    world.wait(hours=1)
    await world.say(Enrol("per_9"))


@pytest.mark.asyncio
async def test_lists_are_minted_so_often_and_what_was_minted_is_still_taken_up_and_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyroom, "MINTED", 2)
    await world.upload("lst_1")
    minted = await world.mint("lst_2")
    with pytest.raises(LineQuota):
        await world.mint("lst_3")
    await world.say(sealed(minted, "lst_2", townsfolk(1))[1])
    await world.end("lst_2")
    await world.say(Shred("lst_2"))
    assert (await world.say(Inspect("lst_2"))).state == "shredded"
    await world.say(Revoke("per_m"))
    await world.say(Freeze("lst_1", "deadline"))
    [said] = world.lines("line_quota")
    assert said["caller"] == Caller.INTAKE


@pytest.mark.asyncio
async def test_certificates_are_signed_so_often_and_one_of_them_as_often_as_it_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certifying, "CERTIFIED", 1)
    for name in ("lst_1", "lst_2"):
        await world.upload(name)
        await world.end(name)
        await world.say(Shred(name))
        await world.attest(name)
    first, second = [await world.certifying(f"lst_{n}", n) for n in (1, 2)]
    for _ in range(5):
        await world.say(first)
    with pytest.raises(LineQuota):
        await world.say(second)
    world.wait(hours=1)
    await world.say(second)


@pytest.mark.asyncio
async def test_steps_of_a_destruction_are_attested_so_often(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attesting, "ATTESTED_EACH", 3)
    await world.upload("lst_1")
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    looked = [Attest("lst_1", "verified", {"pass": str(n)}) for n in range(9)]
    assert await until_refused(world, lambda n: looked[n]) == 3
    await world.say(looked[2])
    assert len(world.lines("attest")) == 3
    world.wait(hours=1)
    await world.say(looked[3])


@pytest.mark.asyncio
async def test_a_certificate_that_is_refused_adds_one_line_an_hour(world: World) -> None:
    await world.upload("lst_1")
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    request = await world.certifying("lst_1")
    for lines in (1, 2):
        for _ in range(5):
            with pytest.raises(NotAttested):
                await world.say(request)
        said = world.lines("certify_refused")
        assert [(line["list"], line["code"]) for line in said] == [
            ("lst_1", "not_attested")
        ] * lines
        world.wait(hours=1)


@pytest.mark.asyncio
async def test_what_was_abandoned_is_abandoned_again_without_a_line(world: World) -> None:
    world.shreds_an_hour = 0  # it waits for a signature
    await world.restart()
    await world.upload("lst_1")
    for _ in range(4):
        with pytest.raises(Exception, match="too_many_shreds"):
            await world.say(lists.Abandon("lst_1"))
    assert len(world.lines("abandon")) == 1


@pytest.mark.asyncio
async def test_a_quota_is_of_one_hour(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "FACTORS", 1)
    await world.name("per_9")
    for hour in (1, 2, 3):
        world.now = START + timedelta(hours=hour)
        await world.say(Enrol("per_9"))
        world.wait(minutes=59, seconds=59)
        with pytest.raises(LineQuota):
            await world.say(Enrol("per_9"))
