"""A hand-over test: one invented result, which only the entrustor's key opens."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from crypto.errors.keeper import BadFrame, LineQuota, NotAllowed
from crypto.errors.records import DoesNotOpen
from crypto.errors.statements import UnpinnedEntrustor
from crypto.keeper import rehearsing
from crypto.records.sealing import RecipientKey, open_list_keys, open_result
from crypto.signed.orders import RecipientChange
from crypto.signed.statements import fingerprint
from crypto.wire.approvals import LookAtRecipient, Pin
from crypto.wire.base import Caller
from crypto.wire.lists import Rehearse
from tests.crypto.world import World

pytestmark = pytest.mark.asyncio


async def test_the_worker_is_told_which_key_is_sealed_to_whichever_way_it_came(
    tmp_path: Path,
) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle()
    asked = LookAtRecipient("ent_1")
    fresh, last = RecipientKey.generate().public.data, RecipientKey.generate().public.data
    before = (await world.say(asked, Caller.WORKER)).key
    assert before == (await world.say(Rehearse("ent_1", "test_1"), Caller.WEB)).key
    lines = len(world.lines())
    await world.say(Pin("ent_1", world.entrustor.public, fresh))
    assert (await world.say(asked, Caller.WORKER)).key == fingerprint(fresh) != before
    world.now += timedelta(minutes=1)
    await world.sign(RecipientChange("ent_1", last))
    assert (await world.say(asked, Caller.WORKER)).key == fingerprint(last)
    assert len(world.lines()) == lines + 2  # asking adds none
    with pytest.raises(UnpinnedEntrustor):
        await world.say(LookAtRecipient("ent_9"), Caller.WORKER)
    for caller in (Caller.ADMIN, Caller.INTAKE, Caller.WEB):
        with pytest.raises(NotAllowed):
            await world.say(asked, caller)
    await world.stop()


async def test_what_is_invented_can_be_taken_for_no_lists_result(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle()
    await world.upload("lst_1")
    for name in ("lst_1", "lst_2", "att_1", "xtest_1", "test"):
        with pytest.raises(BadFrame):
            await world.say(Rehearse("ent_1", name))
    await world.say(Rehearse("ent_1", "test_1"))
    for name in ("test_1", "test_2"):
        with pytest.raises(BadFrame):
            await world.upload(name)
    assert {line["test"] for line in world.lines("rehearse")} == {"test_1"}
    await world.stop()


async def test_only_the_entrustors_key_finds_the_code_and_the_line_does_not_have_it(
    tmp_path: Path,
) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle()
    made = await world.say(Rehearse("ent_1", "test_1"), Caller.WEB)
    with pytest.raises(DoesNotOpen):
        open_list_keys(
            RecipientKey.generate(), entrustor="ent_1", list_id="test_1", sealed=made.keys
        )
    keys = open_list_keys(
        world.entrustor_recipient, entrustor="ent_1", list_id="test_1", sealed=made.keys
    )
    result = open_result(keys.result_key, list_id="test_1", attempt="test_1", sealed=made.sealed)
    assert hashlib.sha256(result.reference.encode()).digest() == made.proof
    assert len(result.reference) * 5 == 60  # bits: nobody finds it by its hash
    assert set(result.reference) <= set(rehearsing.ALPHABET)
    assert (result.line, result.code, result.at) == (1, 10, world.now.isoformat())
    [line] = world.lines("rehearse")
    assert line["key"] == made.key
    assert result.reference not in str(line)
    again = await world.say(Rehearse("ent_1", "test_1"), Caller.WEB)
    assert again.proof != made.proof  # a code is said once
    with pytest.raises(UnpinnedEntrustor):
        await world.say(Rehearse("ent_9", "test_1"), Caller.WEB)
    for caller in (Caller.ADMIN, Caller.INTAKE, Caller.WORKER):
        with pytest.raises(NotAllowed):
            await world.say(Rehearse("ent_1", "test_1"), caller)
    for _ in range(rehearsing.REHEARSED - 2):
        await world.say(Rehearse("ent_1", "test_1"), Caller.WEB)
    with pytest.raises(LineQuota):
        await world.say(Rehearse("ent_1", "test_1"), Caller.WEB)
    await world.stop()
