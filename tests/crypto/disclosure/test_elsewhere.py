"""One number in several lists of a job: only who opens one of its records learns where."""

from pathlib import Path

import msgspec
import pytest

from crypto.records.fields import FieldKind
from crypto.records.sealing import token
from crypto.wire.lists import Freeze
from crypto.wire.records import Close, Match, Open
from tests.crypto.world import TERMS, YAMADA, World

pytestmark = pytest.mark.asyncio
replace = msgspec.structs.replace
PHONE, FURTHER = FieldKind.PHONE, FieldKind.PHONE_ALT
SECOND = "+819000000345"


def filed(world: World, phone: str, *lists: str) -> dict[str, bytes]:
    return {name: token(world.index_keys[name], name, phone) for name in lists}


async def test_a_person_comes_with_its_numbers_token_in_each_other_living_list_of_the_job(
    tmp_path: Path,
) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(TERMS)
    jobs = {"lst_1": "job_1", "lst_2": "job_1", "lst_3": "job_2", "lst_4": "job_1"}
    records = {name: await world.upload(name, job=job) for name, job in jobs.items()}
    await world.say(Freeze("lst_4", "completed"))
    grant = await world.shift("per_1")
    record = records["lst_1"][0]
    view = await world.say(Open(grant, record))
    there = filed(world, YAMADA[PHONE], "lst_2")
    assert {one.list: one.token for one in view.elsewhere} == there
    matched = await world.say(Match(grant, record, FieldKind.BIRTH_DATE, "1950-01-01"))
    assert {one.list: one.token for one in matched.view.elsewhere} == there
    await world.say(Close(grant, record, "att_1", 10))
    alone = await world.say(Open(grant, records["lst_3"][0]))
    assert alone.elsewhere == (), "another job's lists are not told"
    [reached] = await world.upload("lst_5", [{FieldKind.REFERENCE: "K-1"}])
    await world.say(Close(grant, records["lst_3"][0], "att_2", 10))
    assert (await world.say(Open(grant, reached))).elsewhere == (), "there is no number"
    await world.stop()


async def test_it_is_the_number_that_is_rung(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    codes = {10: True, 40: True}
    fields = TERMS.fields | {FURTHER: TERMS.fields[PHONE]}
    await world.settle(replace(TERMS, codes=codes, fields=fields))
    [record] = await world.upload("lst_1", [YAMADA | {FURTHER: SECOND}])
    await world.upload("lst_2")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.say(Close(grant, record, "att_1", 40))
    view = await world.say(Open(grant, record))
    assert {one.list: one.token for one in view.elsewhere} == filed(world, SECOND, "lst_2")
    await world.stop()
