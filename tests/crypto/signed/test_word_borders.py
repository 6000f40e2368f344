"""The least that a contract may ask for; whose word is whose: found by mutants."""

from typing import Any

import msgspec
import pytest

from crypto.errors.statements import BadStatement, UnknownContract, UnpinnedEntrustor, UnpinnedKey
from crypto.records.fields import FieldKind
from crypto.signed.approvals import Approvals
from crypto.signed.statements import ApproverKey
from crypto.signed.terms import IdentityRule
from crypto.wire.approvals import Pin
from crypto.wire.people import Enrol, Revoke
from tests.crypto.world import TERMS, World

pytestmark = pytest.mark.asyncio
replace = msgspec.structs.replace
BORN = FieldKind.BIRTH_DATE

LEAST: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # what just passes, what does not
    name: ({name: 1}, {name: 0})
    for name in (
        "people_per_30_days",
        "people_per_job",
        "people_per_list",
        "people_per_entrustor_day",
        "hold_seconds",
        "reveal_seconds",
        "reveals_per_hour",
    )
} | {
    "people_per_hour": ({"people_per_hour": 1}, {"people_per_hour": 0}),
    "people_per_hour ": (
        {"people_per_hour": 7, "people_per_day": 7},
        {"people_per_hour": 8, "people_per_day": 7},
    ),
    "identity.tries": (
        {"identity": IdentityRule(1, (BORN,), tries=1)},
        {"identity": IdentityRule(1, (BORN,), tries=0)},
    ),
    "identity.tries_per_day": (
        {"identity": IdentityRule(1, (BORN,), tries=4, tries_per_day=4)},
        {"identity": IdentityRule(1, (BORN,), tries=4, tries_per_day=3)},
    ),
    "identity.count": (
        {"identity": IdentityRule(1, (BORN,))},
        {"identity": IdentityRule(0, (BORN,))},
    ),
    "identity.count ": (
        {"identity": IdentityRule(1, (BORN, BORN))},
        {"identity": IdentityRule(2, (BORN, BORN))},
    ),
}


@pytest.mark.parametrize("name", LEAST)
async def test_a_limit_has_a_least_value_and_nothing_below_it(world: World, name: str) -> None:
    passes, fails = LEAST[name]
    with pytest.raises(BadStatement, match=name.strip().replace(".", r"\.")):
        await world.sign(replace(TERMS, version=2, **fails))
    await world.sign(replace(TERMS, version=2, **passes))


async def test_nobody_who_is_not_pinned_has_a_word(world: World) -> None:
    """Their key, their recipient and their contracts: none of them is anybody else's."""
    stranger = ApproverKey.generate()
    with pytest.raises(UnpinnedKey):
        await world.sign(replace(TERMS, version=2), by=stranger)
    with pytest.raises(UnpinnedKey):
        await world.sign(replace(TERMS, version=2), by=world.centre)
    approvals = Approvals(world.home.journal.db)
    with pytest.raises(UnpinnedEntrustor):
        approvals.recipient("ent_9")
    for ask in (approvals.terms, approvals.issued):
        with pytest.raises(UnknownContract):
            ask("ctr_1", 9)
    assert approvals.issued("ctr_1", 1) > 0


async def test_the_centre_seals_to_nobody_unless_it_names_a_key(world: World) -> None:
    with pytest.raises(BadStatement, match="recipient"):
        await world.say(Pin("centre", world.centre.public, b"no key"))
    with pytest.raises(BadStatement, match="recipient"):
        await world.say(Pin("ent_1", world.entrustor.public, b""))
    await world.say(Pin("centre", world.centre.public, b""))


async def test_enrolling_and_the_end_of_a_shift_are_said_once_in_the_ledger(world: World) -> None:
    await world.name("per_9")
    await world.say(Enrol("per_9"))
    assert [line["principal"] for line in world.lines("enrol")].count("per_9") == 1
    await world.shift("per_1")
    done = await world.say(Revoke("per_1"))
    [line] = world.lines("revoke")
    assert (line["seq"], line["principal"]) == (done.seq, "per_1")
    await world.upload("lst_1")
    before = len(world.lines())
    again = await world.say(Revoke("per_1"))
    assert (again.seq, len(world.lines())) == (before - 1, before)
