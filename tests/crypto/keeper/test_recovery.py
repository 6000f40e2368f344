"""Beginning again after the keeper's disk is lost, with and without the journal's backup."""

import asyncio
import base64
import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from crypto.errors.keeper import BadFrame, BadNote
from crypto.errors.lists import KeysLost, ListOver, NotShredded
from crypto.errors.people import AlreadyEnrolled, NotEnrolled, UnknownGrant
from crypto.errors.records import DoesNotOpen, RecordClosed
from crypto.keeper import recovery
from crypto.keeper.home import HomeRefused
from crypto.keys.keystore import Keystore, KeystoreRefused
from crypto.ledger.checkpoint import ED25519_NOTE, read_key, verify
from crypto.ledger.reading import verify_log
from crypto.wire.base import Caller
from crypto.wire.ledger import Confront, Head
from crypto.wire.lists import Abandon, Certify, Freeze, Inspect, Manifest, Shred
from crypto.wire.people import Enrol, Grant
from crypto.wire.records import Close, Open, Recall, SealedRecord
from tests.crypto.world import TERMS, World, sealed, townsfolk

pytestmark = pytest.mark.asyncio


async def lose_the_disk(world: World) -> None:
    """All but what its backup brings back: journal, ledger, signing keys."""
    await world.stop()
    for part in world.folder.iterdir():
        if part.name not in ("journal.db", "ledger", "signing"):
            shutil.rmtree(part) if part.is_dir() else part.unlink()


async def recover(world: World) -> recovery.Lost:
    return await asyncio.to_thread(recovery.recover, world.folder, world.now)


@pytest_asyncio.fixture
async def burnt(world: World) -> World:
    """One list in mid-work, one shredded; then the disk is gone, and its administrator acts."""
    await world.upload("lst_gone")
    await world.end("lst_gone")
    await world.say(Shred("lst_gone"))
    first, *_ = await world.upload("lst_1", townsfolk(3))
    await world.call(await world.shift("per_1"), first, attempt="att_1")
    await lose_the_disk(world)
    await recover(world)
    await world.restart()
    return world


async def test_a_journal_alone_starts_only_after_it_was_declared_lost(world: World) -> None:
    await world.upload("lst_1")
    await lose_the_disk(world)
    with pytest.raises(KeystoreRefused):
        await world.start()
    assert (await recover(world)).lists == ("lst_1",)
    await world.restart()


async def test_every_list_without_keys_is_lost_and_the_ledger_names_it(burnt: World) -> None:
    assert [line.get("list") for line in burnt.lines("keys_lost")] == ["lst_1"]
    (line,) = burnt.lines("keystore_lost")
    assert (line["lists"], line["factors"]) == (1, 3)
    assert line["grants"]
    assert (await burnt.say(Inspect("lst_1"))).state == "lost"
    assert (await burnt.say(Inspect("lst_gone"))).state == "shredded"
    numbers = [leaf["n"] for leaf in burnt.lines() if leaf.get("list") == "lst_1"]
    assert numbers == list(range(1, len(numbers) + 1))  # one ledger, without a gap


async def test_lost_keys_are_never_certified_as_destroyed(burnt: World) -> None:
    for ending in (Freeze("lst_1", "entrustor"), Abandon("lst_1")):
        assert (await burnt.say(ending)).seq == burnt.lines()[-1]["seq"]
    with pytest.raises(KeysLost):
        await burnt.say(Shred("lst_1"))
    with pytest.raises(NotShredded):
        await burnt.say(Certify("lst_1", "ent_1-000001", b"{}"))
    assert [line["list"] for line in burnt.lines("freeze", "shred")] == ["lst_gone"]


async def test_what_was_shredded_before_is_certified_by_a_line_of_the_new_log(
    burnt: World,
) -> None:
    payload = base64.b64decode(json.loads(await burnt.certify("lst_gone"))["payload"])
    said = json.loads(payload)
    (line,) = burnt.lines("shred")
    assert (line["restated"], said["shred_seq"]) == (1, line["seq"])
    assert int(said["checkpoint"].split("\n")[1]) > line["seq"]


async def test_a_mirror_that_saw_more_than_the_backup_has_stops_nothing(world: World) -> None:
    """To the old log a shorter one is an attack; the new one has a key and a name of its own."""
    await world.upload("lst_1", townsfolk(2))
    await world.stop()
    shutil.copytree(world.folder, world.folder.parent / "backup")
    await world.start()
    await world.upload("lst_2")  # in no backup
    seen = (await world.say(Head())).checkpoint
    await world.stop()
    shutil.rmtree(world.folder)
    (world.folder.parent / "backup").rename(world.folder)
    await lose_the_disk(world)
    await recover(world)
    await world.restart()
    with pytest.raises(BadNote):
        await world.say(Confront(seen))
    assert (await world.say(Inspect("lst_2"))).state == "unknown"
    await world.upload("lst_3")


async def test_the_log_as_restored_is_set_aside_and_named(burnt: World) -> None:
    (aside,) = burnt.folder.glob("ledger.2*")
    (line,) = burnt.lines("keystore_lost")
    name, key = read_key((aside / "ledger.pub").read_text().strip(), ED25519_NOTE)
    assert name == line["log"]
    assert verify_log(aside, key).sound  # all of it, by anybody
    head = verify((aside / str(line["month"]) / "checkpoint").read_text(), key)
    assert (head.size, head.root.hex()) == (line["size"], line["root"])
    assert (burnt.folder / "public" / "ledger.pub").read_text() != (
        aside / "ledger.pub"
    ).read_text()


async def test_results_that_were_sealed_are_still_handed_out(burnt: World) -> None:
    assert (await burnt.say(Recall("att_1"))).sealed


async def test_every_shift_ends_and_a_burnt_disk_lets_nobody_take_a_persons_place(
    burnt: World,
) -> None:
    with pytest.raises(NotEnrolled):
        await burnt.say(Grant("per_1", burnt.code("per_1")))
    with pytest.raises(AlreadyEnrolled):
        await burnt.say(Enrol("per_1"))
    burnt.wait(seconds=1)
    await burnt.hire("per_1", new_factor=True)
    grant = await burnt.shift("per_1")
    records = await burnt.upload("lst_2", townsfolk(1))
    await burnt.say(Open(grant, records[0]))


async def test_shifts_from_before_open_nothing(world: World) -> None:
    grant = await world.shift("per_1")
    records = await world.upload("lst_1", townsfolk(2))
    await lose_the_disk(world)
    await recover(world)
    await world.restart()
    with pytest.raises(UnknownGrant):
        await world.say(Open(grant, records[0]))
    world.wait(seconds=1)
    await world.hire("per_1", new_factor=True)
    with pytest.raises(ListOver):
        await world.say(Open(await world.shift("per_1"), records[0]))


async def test_a_crash_while_recovering_is_healed_by_recovering_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.upload("lst_1")
    await lose_the_disk(world)

    def crash(*_: Any) -> None:
        raise OSError("the process dies here")

    with monkeypatch.context() as patch:
        patch.setattr(Keystore, "create", crash)
        with pytest.raises(OSError, match="dies here"):
            await recover(world)
    with pytest.raises(HomeRefused, match="interrupted"):
        await world.start()
    await recover(world)
    await world.restart()
    assert [line["list"] for line in world.lines("keys_lost")] == ["lst_1"]


async def test_nothing_is_declared_lost_that_is_there(world: World, tmp_path: Path) -> None:
    await world.stop()
    with pytest.raises(HomeRefused, match="keystore is here"):
        await recover(world)
    (tmp_path / "empty").mkdir(mode=0o700)
    with pytest.raises(HomeRefused, match="no journal"):
        recovery.recover(tmp_path / "empty", world.now)
    assert recovery.main(["--home", str(world.folder), "--yes"]) == 2


async def test_a_keystore_that_turns_up_again_is_refused(world: World) -> None:
    """What was declared lost stays lost: nobody brings it back behind the ledger's back."""
    await world.upload("lst_1")
    await world.stop()
    kept = {
        path.relative_to(world.folder): path.read_bytes()
        for path in [world.folder / "keystore", *(world.folder / "roots").iterdir()]
    }
    await lose_the_disk(world)
    await recover(world)
    for path, content in kept.items():
        (world.folder / path).write_bytes(content)
        (world.folder / path).chmod(0o600)
    with pytest.raises(KeystoreRefused):
        await world.start()


# -- records closed from the start ---------------------------------------------------------


async def continued(world: World, closed: tuple[bytes, ...], people: int = 3) -> list[SealedRecord]:
    minted = await world.mint("lst_2")
    records, manifest = sealed(minted, "lst_2", townsfolk(people), chunk_rows=2)
    await world.say(msgspec.structs.replace(manifest, closed=closed), Caller.INTAKE)
    return records


async def test_what_was_final_before_the_loss_never_opens_in_the_list_that_continues(
    world: World,
) -> None:
    """Record 1 of chunk 0: the keeper refuses it, whatever the web says."""
    records = await continued(world, (b"\x02", b""))
    grant = await world.shift("per_1")
    with pytest.raises(RecordClosed):
        await world.say(Open(grant, records[1]))
    for record in (records[0], records[2]):
        await world.call(grant, record)
    assert world.lines("manifest")[-1]["closed"] == 1


async def test_rows_that_are_not_there_are_not_closed(world: World) -> None:
    """They would count: a list would be complete, and free to shred, with nobody called."""
    for number, closed in enumerate(((b"\x04", b""), (b"", b"\x02"), (b"\x00\x01", b""))):
        minted = await world.mint(f"lst_9{number}")
        _, manifest = sealed(minted, f"lst_9{number}", townsfolk(3), chunk_rows=2)
        with pytest.raises(BadFrame):
            await world.say(msgspec.structs.replace(manifest, closed=closed), Caller.INTAKE)


async def test_a_manifest_closes_chunk_by_chunk_or_not_at_all(world: World) -> None:
    with pytest.raises(BadFrame):
        await continued(world, (b"\x01",))


async def test_closing_from_the_start_opens_nothing_else(world: World) -> None:
    """It narrows only, and no other list is touched."""
    (other,) = await world.upload("lst_1", townsfolk(1))
    records = await continued(world, (b"\x03", b"\x01"))
    grant = await world.shift("per_1")
    for record in records:
        with pytest.raises(RecordClosed):
            await world.say(Open(grant, record))
    beyond = SealedRecord("lst_2", 0, 40, records[0].chunk_key, records[0].sealed)
    with pytest.raises(DoesNotOpen):
        await world.say(Open(grant, beyond))
    await world.say(Open(grant, other))
    await world.say(Close(grant, other, "att_9", 10))


# -- without any backup --------------------------------------------------------------------


async def test_a_new_keeper_takes_up_a_contract_at_the_version_its_entrustor_signs(
    world: World,
) -> None:
    """Versions 1 to 3 went with the journal, and may no longer be handed in: 4 begins again."""
    await world.stop()
    shutil.rmtree(world.folder)
    await world.restart()
    terms = msgspec.structs.replace(TERMS, version=4)
    await world.settle(terms)
    assert world.lines("statement")[0]["about"] == "contract ctr_1 version 4"


async def test_a_manifest_without_closed_records_is_what_it_was(world: World) -> None:
    assert Manifest("l", (), (), bytes(32), b"").closed == ()
