"""What a shift, its secret and a second factor are at the edges: found by mutants."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import cbor2
import pytest

from crypto.errors.people import (
    ChallengeOver,
    FactorTaken,
    Locked,
    NotEnrolled,
    WrongCode,
    WrongKey,
)
from crypto.people import securitykeys
from crypto.people.factors import lose_factors
from crypto.signed.terms import RosterEntry
from crypto.wire.people import (
    BeginKey,
    ChallengeKey,
    Enrol,
    Factor,
    FactorKind,
    Grant,
    LookAtFactor,
    RegisterKey,
)
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


async def test_a_challenge_is_256_bits_and_good_to_the_end_of_its_five_minutes(
    newcomer: World,
) -> None:
    key = SoftKey()
    begun = await newcomer.say(BeginKey(NEW))
    assert len(begun.challenge) * 8 == 256
    newcomer.wait(minutes=5, microseconds=-1)
    await newcomer.say(RegisterKey(NEW, *key.create(begun.challenge)))
    begun = await newcomer.say(ChallengeKey(NEW))
    newcomer.wait(minutes=5)
    with pytest.raises(ChallengeOver):
        await answer(newcomer, key.get(begun.challenge))


async def test_five_wrong_answers_lock_for_a_quarter_of_an_hour(world: World) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            await world.say(Grant("per_1", "000000"))
    world.wait(minutes=15, microseconds=-1)
    with pytest.raises(Locked):
        await world.shift("per_1")
    world.wait(microseconds=1)
    await world.shift("per_1")


async def test_a_key_is_given_back_in_the_moment_its_person_leaves(newcomer: World) -> None:
    """By the same key a second person cannot sign in while the first one may."""
    key = SoftKey()
    await register(newcomer, key)
    await newcomer.name("per_8")
    leaves = newcomer.now + timedelta(hours=1)
    await newcomer.sign(RosterEntry(NEW, "pty_1", "sit_1", "operator", leaves, False))
    newcomer.now = leaves - timedelta(microseconds=1)
    with pytest.raises(FactorTaken):
        await register(newcomer, key, "per_8")
    newcomer.now = leaves
    await register(newcomer, key, "per_8")
    assert (await newcomer.say(LookAtFactor("per_8"))).kind is FactorKind.KEY


@pytest.mark.parametrize("kind", ["fido-u2f", "android-safetynet", "tpm", "apple"])
async def test_what_others_have_signed_about_a_key_is_not_even_parsed(
    newcomer: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Also of formats that hide their certificates elsewhere than in `x5c`."""
    asked: list[Any] = []
    monkeypatch.setattr(
        securitykeys, "verify_registration_response", lambda **given: asked.append(given)
    )
    begun = await newcomer.say(BeginKey(NEW))
    client_data, attestation = SoftKey().create(begun.challenge)
    changed = cbor2.dumps(cbor2.loads(attestation) | {"fmt": kind})
    with pytest.raises(WrongKey):
        await newcomer.say(RegisterKey(NEW, client_data, changed))
    assert not asked


async def test_a_browser_that_says_nothing_of_frames_is_in_none(newcomer: World) -> None:
    """`crossOrigin` is optional: Level 2, 5.8.1."""
    begun = await newcomer.say(BeginKey(NEW))
    client_data, attestation = SoftKey().create(begun.challenge)
    said = json.loads(client_data)
    del said["crossOrigin"]
    await newcomer.say(RegisterKey(NEW, json.dumps(said).encode(), attestation))
