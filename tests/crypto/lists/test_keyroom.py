"""Lists as a whole: mint, manifest, freeze, certify; what dies with a connection."""

from datetime import timedelta

import msgspec
import pytest

from crypto.errors.keeper import BadFrame
from crypto.errors.lists import CertificateTaken, ListExists, NotShredded, UnknownList
from crypto.errors.records import DoesNotOpen
from crypto.errors.statements import UnknownContract, WiderThanContract
from crypto.lists.keyroom import Session
from crypto.standards.canonical import canonical_json
from crypto.wire.base import Caller
from crypto.wire.ledger import Event
from crypto.wire.lists import Certify, Freeze, Inspect, Mint, Opens, Shred
from crypto.wire.records import Open
from tests.crypto.world import START, TERMS, YAMADA, World, sealed, townsfolk

replace = msgspec.structs.replace


@pytest.mark.asyncio
async def test_a_list_may_only_narrow_its_contract(world: World) -> None:
    for expires in (TERMS.expires + timedelta(seconds=1), START, START - timedelta(days=1)):
        with pytest.raises(WiderThanContract):
            await world.say(Mint("lst_1", "ctr_1", 1, expires, "job_1"))
    for contract, version in (("ctr_1", 2), ("ctr_9", 1)):
        with pytest.raises(UnknownContract):
            await world.say(Mint("lst_1", contract, version, TERMS.expires, "job_1"))
    minted = await world.say(Mint("lst_1", "ctr_1", 1, TERMS.expires, "job_1"))
    assert minted.terms == canonical_json(TERMS)


@pytest.mark.asyncio
async def test_nothing_new_is_minted_under_a_version_that_was_replaced(world: World) -> None:
    """A party that the entrustor has withdrawn gets no new upload."""
    [record] = await world.upload("lst_1")
    await world.sign(replace(TERMS, version=2, parties=("pty_2",)))
    with pytest.raises(WiderThanContract, match="replaced"):
        await world.mint("lst_2")
    await world.say(Mint("lst_2", "ctr_1", 2, TERMS.expires, "job_1"))
    await world.say(Open(await world.shift("per_1"), record))  # what was minted stays as it was


@pytest.mark.asyncio
async def test_keys_without_manifest_die_with_their_connection(world: World) -> None:
    minted = await world.mint("lst_1")
    _, manifest = sealed(minted, "lst_1", [YAMADA])
    assert (await world.say(Inspect("lst_1"))).state == "pending"
    world.keeper.hang_up(world.sessions[Caller.INTAKE])
    assert (await world.say(Inspect("lst_1"))).state == "unknown"
    with pytest.raises(UnknownList):
        await world.say(manifest)


@pytest.mark.asyncio
async def test_only_the_connection_that_minted_closes_the_list(world: World) -> None:
    minted = await world.mint("lst_1")
    _, manifest = sealed(minted, "lst_1", [YAMADA])
    world.sessions[Caller.INTAKE] = Session(Caller.INTAKE)
    with pytest.raises(UnknownList):
        await world.say(manifest)


@pytest.mark.asyncio
async def test_a_list_is_minted_and_closed_to_chunks_once(world: World) -> None:
    minted = await world.mint("lst_1")
    with pytest.raises(ListExists):
        await world.mint("lst_1")
    _, manifest = sealed(minted, "lst_1", [YAMADA])
    with pytest.raises(BadFrame):
        await world.say(replace(manifest, rows=()))
    await world.say(manifest)
    with pytest.raises(UnknownList):
        await world.say(manifest)
    with pytest.raises(ListExists):
        await world.mint("lst_1")


@pytest.mark.asyncio
async def test_freezing_again_changes_nothing(world: World) -> None:
    await world.upload("lst_1")
    await world.say(Freeze("lst_1", "completed"))
    await world.say(Freeze("lst_1", "manager"))
    assert [line["trigger"] for line in world.lines("freeze")] == ["completed"]
    with pytest.raises(UnknownList):
        await world.say(Freeze("lst_9", "manager"))


@pytest.mark.asyncio
async def test_no_certificate_before_the_shred_line_and_the_same_one_afterwards(
    world: World,
) -> None:
    await world.upload("lst_1")
    await world.upload("lst_2")
    request = Certify("lst_1", "ent_1-000001", b"{}")
    for step in (Inspect("lst_1"), Freeze("lst_1", "completed")):
        await world.say(step)
        with pytest.raises(NotShredded):
            await world.say(request)
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    await world.attest("lst_1")
    with pytest.raises(BadFrame):
        await world.say(replace(request, claims=b"[1]"))
    first = await world.say(await world.certifying("lst_1"))
    await world.restart()
    assert await world.say(replace(request, claims=b"{}")) == first
    with pytest.raises(CertificateTaken):  # one certificate is not of two lists
        await world.say(replace(request, list="lst_2"))


@pytest.mark.asyncio
async def test_a_policy_altered_on_the_disk_does_not_open(world: World) -> None:
    """The keys are wrapped for the signed terms: a wider policy is another policy."""
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    database = world.home.journal.db
    database.execute("UPDATE lists SET expires = expires + 1")
    with pytest.raises(DoesNotOpen):
        await world.say(Open(grant, record))
    database.execute("UPDATE lists SET expires = expires - 1")
    await world.restart()
    database = world.home.journal.db
    wider = replace(TERMS, people_per_day=10_000)
    database.execute("UPDATE contracts SET terms = ?", (canonical_json(wider),))
    with pytest.raises(DoesNotOpen):
        await world.say(Open(grant, record))


@pytest.mark.asyncio
async def test_counts_are_of_people_and_operators(world: World) -> None:
    records = await world.upload("lst_1", townsfolk(2))
    one, other = await world.shift("per_1"), await world.shift("per_2")
    for grant, record in ((one, records[0]), (one, records[1]), (other, records[0])):
        await world.call(grant, record)
    counts = await world.say(Opens("lst_1"))
    assert (counts.opens, counts.people, counts.operators) == (3, 2, 2)


@pytest.mark.asyncio
async def test_an_event_has_room_for_ids_only(world: World) -> None:
    await world.say(Event("upload.done", {"list": "lst_1"}))
    for event in (
        Event("山田", {}),
        Event("call", {"note": "090 0000 0678"}),
        Event("call", {"x": "a" * 65}),
        Event("call", {f"k{n}": "v" for n in range(13)}),
    ):
        with pytest.raises(BadFrame):
            await world.say(event)
    assert world.lines("event")[0]["ref_list"] == "lst_1"
