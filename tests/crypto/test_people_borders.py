"""What a shift, its secret and a second factor are at the edges: found by mutants."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from crypto.errors.people import NotEnrolled, WrongKey
from crypto.factors import lose_factors
from crypto.wire.people import ChallengeKey, Enrol, Factor, FactorKind, Grant, LookAtFactor
from tests.crypto.softkey import NEW, SoftKey, answer, prove, register
from tests.crypto.world import World

pytestmark = pytest.mark.asyncio


async def test_a_shift_is_twelve_hours_and_its_secret_256_bits(world: World) -> None:
    granted = await world.say(Grant("per_1", world.code("per_1")))
    assert granted.until == world.now + timedelta(hours=12)
    assert len(base64.urlsafe_b64decode(granted.secret + "=")) * 8 == 256


async def test_what_somebody_has_is_told_also_if_it_is_nothing(newcomer: World) -> None:
    nothing = Factor(FactorKind.NONE, False, True, 6, "")
    assert await newcomer.say(LookAtFactor(NEW)) == nothing
    seed = (await newcomer.say(Enrol(NEW))).secret
    assert len(base64.b32decode(seed)) * 8 == 160  # RFC 4226, 4, R6
    app = Factor(FactorKind.APP, False, True, 6, "")
    assert await newcomer.say(LookAtFactor(NEW)) == app
    with pytest.raises(NotEnrolled):  # it is no key
        await newcomer.say(ChallengeKey(NEW))
    await newcomer.shift("per_1")
    lose_factors(newcomer.home.journal.db)
    assert await newcomer.say(LookAtFactor(NEW)) == nothing
    confirmed = Factor(FactorKind.NONE, False, False, 6, "")
    assert await newcomer.say(LookAtFactor("per_1")) == confirmed  # not to be replaced


async def test_a_copied_key_that_has_signed_as_often_is_found_out(newcomer: World) -> None:
    key = SoftKey(count=7)
    await register(newcomer, key)
    copy = replace(key)
    copy._key = key._key
    await prove(newcomer, key)
    with pytest.raises(WrongKey):
        await prove(newcomer, copy)
    assert newcomer.lines("wrong_key")[-1]["copied"] == 1


async def test_a_key_answers_for_its_own_credential_and_while_it_is_the_persons(
    newcomer: World,
) -> None:
    key = SoftKey()
    await register(newcomer, key)
    await prove(newcomer, key)
    begun = await newcomer.say(ChallengeKey(NEW))
    with pytest.raises(WrongKey):
        await answer(newcomer, key.get(begun.challenge)._replace(credential=b"another"))
    begun = await newcomer.say(ChallengeKey(NEW))
    await newcomer.name(NEW, new_factor=True)
    await newcomer.say(Enrol(NEW))
    with pytest.raises(WrongKey):
        await answer(newcomer, key.get(begun.challenge))
    assert [line.get("copied") for line in newcomer.lines("wrong_key")] == [None, None]
