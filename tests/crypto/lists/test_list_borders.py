"""What a list does at the edges of its life: found by mutants that nobody noticed."""

import asyncio
import base64
import contextlib
import gc
import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from crypto.errors.keeper import BadFrame
from crypto.errors.lists import ListExists, ListOver, ListPending, NotAuthorised
from crypto.errors.records import RecordClosed
from crypto.errors.statements import ForeignJob, WiderThanContract
from crypto.keeper import certifying
from crypto.keys.opening import OpenList
from crypto.keys.vault import KeystoreRefused
from crypto.lists.authority import HOUR
from crypto.wire.lists import Abandon, Certify, Freeze, Inspect, Mint, Opens, Shred
from crypto.wire.people import Revoke
from crypto.wire.records import Close, LetGo, Open
from tests.crypto.world import TERMS, YAMADA, World, sealed, townsfolk

pytestmark = pytest.mark.asyncio
replace = msgspec.structs.replace


async def state(world: World, list_id: str = "lst_1") -> str:
    return (await world.say(Inspect(list_id))).state


async def test_what_changes_nothing_answers_with_the_last_line_there_is(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    nothing = (Revoke("per_9"), LetGo("lst_9"), Abandon("lst_9"))
    assert [(await world.say(request)).seq for request in nothing] == [0, 0, 0]
    await world.settle()
    await world.upload("lst_1")
    await world.say(Freeze("lst_1", "completed"))
    last = world.lines()[-1]["seq"]
    for request in (*nothing, Freeze("lst_1", "completed")):
        assert (await world.say(request)).seq == last
    assert world.lines()[-1]["seq"] == last
    await world.stop()


async def test_a_list_that_waits_for_its_manifest_is_not_minted_again(world: World) -> None:
    await world.mint("lst_1")
    with pytest.raises(ListExists):
        await world.mint("lst_1")
    assert len(world.lines("mint")) == 1


async def test_a_list_that_waits_for_its_manifest_has_nothing_to_freeze(world: World) -> None:
    await world.mint("lst_1")
    with pytest.raises(ListPending):
        await world.say(Freeze("lst_1", "manager"))


async def test_an_upload_that_broke_is_said_to_be_abandoned_though_it_was_frozen(
    world: World,
) -> None:
    await world.upload("lst_1")
    await world.say(Freeze("lst_1", "manager"))
    await world.say(Abandon("lst_1"))
    assert [line["list"] for line in world.lines("abandon", "shred")] == ["lst_1"] * 2


async def test_of_two_mints_in_one_commit_one_has_the_list(world: World) -> None:
    answers = await asyncio.gather(world.mint("lst_1"), world.mint("lst_1"), return_exceptions=True)
    minted = [answer for answer in answers if not isinstance(answer, Exception)]
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [ListExists]
    await world.say(sealed(minted[0], "lst_1", [YAMADA])[1])  # type: ignore[arg-type]
    assert await state(world) == "open"


async def test_an_expiry_without_offset_is_none(world: World) -> None:
    naive = (world.now + timedelta(days=1)).replace(tzinfo=None)
    with pytest.raises(WiderThanContract):
        await world.say(Mint("lst_1", "ctr_1", 1, naive, "job_1"))


async def test_of_two_contracts_that_mint_for_one_job_the_first_manifest_has_it(
    world: World,
) -> None:
    await world.sign(replace(TERMS, contract="ctr_2"))
    one, two = await world.mint("lst_1"), await world.mint("lst_2", contract="ctr_2")
    await world.say(sealed(one, "lst_1", [YAMADA])[1])
    with pytest.raises(ForeignJob):
        await world.say(sealed(two, "lst_2", [YAMADA])[1])
    with pytest.raises(ForeignJob):
        await world.mint("lst_3", contract="ctr_2")


async def test_what_was_closed_before_stays_closed_and_counts_as_done(world: World) -> None:
    """It continues a list whose keys were lost: three of its ten records had a final result."""
    grant = await world.shift("per_1")
    minted = await world.mint("lst_1")
    records, manifest = sealed(minted, "lst_1", townsfolk(10), chunk_rows=9)
    await world.say(replace(manifest, closed=(b"\x03\x00", b"\x01")))
    for record in (records[0], records[9]):
        with pytest.raises(RecordClosed):
            await world.say(Open(grant, record))
    for record in records[2:8]:
        await world.call(grant, record, code=10)
    await world.say(Open(grant, records[8]))
    await world.say(Freeze("lst_1", "completed"))
    with pytest.raises(NotAuthorised):  # one is open yet
        await world.say(Shred("lst_1"))
    await world.say(Close(grant, records[8], "att_9", 10))
    await world.say(Shred("lst_1"))
    assert await state(world) == "shredded"


async def test_in_the_moment_of_its_expiry_a_list_holds_nobodys_hand(world: World) -> None:
    [short] = await world.upload("lst_1", days=1 / 24)
    [long] = await world.upload("lst_2")
    grant = await world.shift("per_1")
    world.wait(minutes=50)
    await world.say(Open(grant, short))
    world.wait(minutes=10)
    await world.say(Open(grant, long))


async def test_in_the_moment_in_which_a_hold_ends_nothing_is_in_hand(world: World) -> None:
    [record] = await world.upload("lst_1")
    await world.say(Open(await world.shift("per_1"), record))
    world.wait(seconds=TERMS.hold_seconds)
    await world.say(LetGo("lst_1"))
    assert not world.lines("let_go")


async def test_only_an_officer_ends_a_list_for_the_entrustor(world: World) -> None:
    await world.upload("lst_1")
    for person, role in (("per_o", "operator"), ("per_n", "manager")):
        await world.hire(person, role=role, party="ent_1")
        with pytest.raises(NotAuthorised):
            await world.say(Freeze("lst_1", "entrustor", await world.shift(person)))
    assert await state(world) == "open"


async def test_the_hour_of_shreds_is_over_to_the_microsecond(world: World) -> None:
    world.shreds_an_hour = 1
    await world.restart()
    for name in ("lst_1", "lst_2"):
        await world.upload(name, days=9)
        await world.end(name)
    await world.say(Shred("lst_1"))
    world.now += HOUR
    await world.say(Shred("lst_2"))
    assert await state(world, "lst_2") == "shredded"


async def test_a_refused_shred_is_alerted_once_a_day_to_the_microsecond(world: World) -> None:
    await world.upload("lst_1", days=9)
    await world.say(Freeze("lst_1", "manager"))
    for later, alerts in (
        (timedelta(0), 1),
        (timedelta(hours=24, microseconds=-1), 1),
        (timedelta(microseconds=1), 2),
    ):
        world.now += later
        with pytest.raises(NotAuthorised):
            await world.say(Shred("lst_1"))
        assert len(world.lines("shred_refused")) == alerts


async def test_a_journal_that_speaks_of_other_keys_refuses_its_keystore(world: World) -> None:
    """The second of two checks: the ledger's own digest of the keystore is asked before."""
    await world.upload("lst_1")
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    epoch = world.home.keystore.epoch
    await world.stop()
    for told, why in (
        (f"epoch = {epoch}", f"epoch {epoch} was destroyed"),
        ("epoch = NULL, shredded_at = NULL", "keys are missing: lst_1"),
    ):
        with contextlib.closing(sqlite3.connect(world.folder / "journal.db")) as database, database:
            database.execute(f"UPDATE lists SET {told}")  # noqa: S608
        with pytest.raises(KeystoreRefused, match=why):
            await world.start()


async def test_what_was_shown_is_counted_by_list(world: World) -> None:
    grant = await world.shift("per_1")
    one, another = await world.upload("lst_1", townsfolk(2))
    [elsewhere] = await world.upload("lst_2")
    for record in (one, elsewhere):
        await world.call(grant, record)
    await world.say(Freeze("lst_1", "completed"))
    counts = [await world.say(Opens(name)) for name in ("lst_1", "lst_2")]
    assert [(count.people, count.opens, count.operators) for count in counts] == [(1, 1, 1)] * 2
    with pytest.raises(ListOver):
        await world.say(Open(grant, another))


def open_lists() -> set[str]:
    """The lists whose keys lie open in this process."""
    return {one._list for one in gc.get_objects() if isinstance(one, OpenList)}


async def test_the_keys_of_a_list_that_is_over_do_not_lie_open_in_memory(world: World) -> None:
    [frozen] = await world.upload("lst_frozen")
    [expired] = await world.upload("lst_expired")
    grant = await world.shift("per_1")
    for record in (frozen, expired):
        await world.call(grant, record)
    assert open_lists() >= {"lst_frozen", "lst_expired"}
    await world.say(Freeze("lst_frozen", "manager"))
    assert "lst_frozen" not in open_lists()
    world.wait(days=1)
    with pytest.raises(ListOver):
        await world.say(Open(await world.shift("per_2"), expired))
    assert "lst_expired" not in open_lists()


async def test_a_certificate_says_when_its_list_was_minted_frozen_and_shredded(
    world: World,
) -> None:
    await world.upload("lst_1", days=3)
    moments = {"minted_at": world.now, "expires": world.now + timedelta(days=3)}
    world.wait(minutes=5)
    await world.end("lst_1")
    moments["frozen_at"] = world.now
    world.wait(minutes=5)
    await world.say(Shred("lst_1"))
    moments["shredded_at"] = world.now
    said = json.loads(base64.b64decode(json.loads(await world.certify("lst_1"))["payload"]))
    assert {name: said[name] for name in moments} == {
        name: moment.isoformat() for name, moment in moments.items()
    }


async def test_a_certificate_has_its_line_and_claims_of_a_bounded_length(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.upload("lst_1")
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    await world.attest("lst_1")
    request = await world.certifying("lst_1")
    monkeypatch.setattr(certifying, "CLAIMS_BYTES", len(request.claims))
    for claims in (request.claims + b" ", b"[1]", b"{", b"\xff", b"{}"):
        with pytest.raises(BadFrame, match="claims"):
            await world.say(Certify("lst_1", "ent_1-000001", claims))
    await world.say(request)
    [line] = world.lines("certify")
    assert (line["list"], line["certificate"]) == ("lst_1", "ent_1-000001")
