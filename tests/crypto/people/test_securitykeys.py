"""Security keys (FIDO2): whom they let in, and what does not let anybody in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crypto.errors.people import (
    ChallengeOver,
    KeyNotBound,
    KeysNotOffered,
    NotEnrolled,
    UnknownGrant,
    WrongKey,
)
from crypto.people.securitykeys import Assertion, OriginRefused, SecurityKeys
from crypto.standards.oath import Digest, Generator, Oath
from crypto.wire.people import (
    BeginKey,
    ChallengeKey,
    Enrol,
    Factor,
    FactorKind,
    LookAtFactor,
    RegisterKey,
    Revoke,
)
from crypto.wire.records import Open
from tests.crypto.softkey import (
    COPIED_ELSEWHERE,
    HONEST,
    NEW,
    PRESENT,
    VERIFIED,
    Said,
    SoftKey,
    answer,
    prove,
    register,
)
from tests.crypto.world import ORIGIN, World

SEED = bytes(range(20))
BUTTON = Generator(Oath.HOTP)
CLOCK = Generator(Oath.TOTP, Digest.SHA256, 8, 60)

pytestmark = pytest.mark.asyncio


# -- a security key lets one person in -----------------------------------------------------


@pytest.mark.parametrize(
    "key", [SoftKey(), SoftKey(None), SoftKey(algorithm="EdDSA"), SoftKey(algorithm="RS256")]
)
async def test_a_registered_key_opens_a_record(newcomer: World, key: SoftKey) -> None:
    [record] = await newcomer.upload("lst_1")
    await register(newcomer, key)
    assert await newcomer.say(LookAtFactor(NEW)) == Factor(FactorKind.KEY, False, True, 0, "")
    granted = await prove(newcomer, key)
    assert await newcomer.say(LookAtFactor(NEW)) == Factor(FactorKind.KEY, True, False, 0, "")
    await newcomer.say(Open(granted.secret, record))
    await newcomer.restart()
    again = await prove(newcomer, key)
    with pytest.raises(UnknownGrant):  # one live grant per person
        await newcomer.say(Open(granted.secret, record))
    await newcomer.say(Revoke(NEW))
    with pytest.raises(UnknownGrant):
        await newcomer.say(Open(again.secret, record))
    assert newcomer.lines("register_key")[-1]["model"] == "cb69481e-8ff7-4039-93ec-0a2729a154a8"
    assert [line["factor"] for line in newcomer.lines("grant")] == ["key", "key"]


LIES: dict[str, Callable[[Said], Said]] = {
    "another origin": lambda said: said.but(origin="https://calls.example.jp.evil.test"),
    "another port": lambda said: said.but(origin=f"{ORIGIN}:8443"),
    "no https": lambda said: said.but(origin="http://calls.example.jp"),
    "another party": lambda said: said.but(party="example.jp"),
    "framed by another site": lambda said: said.but(framed=True),
    "framed, said oddly": lambda said: said.but(framed="yes"),
    "nobody verified": lambda said: said.but(flags=PRESENT),
    "nobody present": lambda said: said.but(flags=VERIFIED),
    "signed for something else": lambda said: said.but(kind="payment.get"),
}


async def test_a_key_that_signs_in_other_circumstances_is_refused(newcomer: World) -> None:
    for lie in LIES.values():
        with pytest.raises(WrongKey):
            await register(newcomer, SoftKey(), said=lie(HONEST))
        with pytest.raises(NotEnrolled):
            await newcomer.say(ChallengeKey(NEW))
    key = SoftKey()
    await register(newcomer, key)
    for lie in LIES.values():
        with pytest.raises(WrongKey):
            await prove(newcomer, key, lie(HONEST))
        await prove(newcomer, key)
    assert len(newcomer.lines("wrong_key")) == len(LIES)


FORGERIES: dict[str, Callable[[Assertion, Assertion], Assertion]] = {
    "another key signed": lambda mine, theirs: mine._replace(signature=theirs.signature),
    "another key's credential": lambda _, theirs: theirs,
    "another key under this credential": lambda mine, theirs: theirs._replace(
        credential=mine.credential
    ),
    "no signature": lambda mine, _: mine._replace(signature=b""),
    "a bit changed": lambda mine, _: mine._replace(
        authenticator_data=mine.authenticator_data[:-1] + b"\xff"
    ),
    "cut short": lambda mine, _: mine._replace(authenticator_data=mine.authenticator_data[:36]),
    "something appended": lambda mine, _: mine._replace(
        authenticator_data=mine.authenticator_data + b"\x00"
    ),
    "no JSON": lambda mine, _: mine._replace(client_data=b"\xff"),
    "a list": lambda mine, _: mine._replace(client_data=b"[]"),
    "deep": lambda mine, _: mine._replace(client_data=b"[" * 2048),
    "nothing": lambda mine, _: mine._replace(client_data=b"", authenticator_data=b""),
}


async def test_what_the_key_did_not_sign_is_refused(newcomer: World) -> None:
    mine, theirs = SoftKey(), SoftKey()
    await register(newcomer, mine)
    for forge in FORGERIES.values():
        begun = await newcomer.say(ChallengeKey(NEW))
        forged = forge(mine.get(begun.challenge), theirs.get(begun.challenge))
        with pytest.raises(WrongKey):
            await answer(newcomer, forged)
        await prove(newcomer, mine)


async def test_an_answer_is_good_once_and_only_for_the_challenge_it_was_asked(
    newcomer: World,
) -> None:
    key = SoftKey()
    await register(newcomer, key)
    first = await newcomer.say(ChallengeKey(NEW))
    signed = key.get(first.challenge)
    await answer(newcomer, signed)
    with pytest.raises(ChallengeOver):
        await answer(newcomer, signed)
    await newcomer.say(ChallengeKey(NEW))
    with pytest.raises(WrongKey):  # replayed into the next ceremony
        await answer(newcomer, signed)
    with pytest.raises(ChallengeOver):  # which that has ended
        await answer(newcomer, key.get(first.challenge))


async def test_a_challenge_is_short_lived_and_for_one_purpose(newcomer: World) -> None:
    key = SoftKey()
    asked = await newcomer.say(BeginKey(NEW))
    newcomer.wait(minutes=5)
    with pytest.raises(ChallengeOver):
        await newcomer.say(RegisterKey(NEW, *key.create(asked.challenge)))
    await register(newcomer, key)
    late = await newcomer.say(ChallengeKey(NEW))
    newcomer.wait(minutes=5)
    with pytest.raises(ChallengeOver):
        await answer(newcomer, key.get(late.challenge))
    registering = await newcomer.say(BeginKey(NEW))
    with pytest.raises(ChallengeOver):
        await answer(newcomer, key.get(registering.challenge))
    signing = await newcomer.say(ChallengeKey(NEW))
    with pytest.raises(ChallengeOver):
        await newcomer.say(RegisterKey(NEW, *key.create(signing.challenge)))
    early = await newcomer.say(ChallengeKey(NEW))
    await newcomer.say(ChallengeKey(NEW))  # a later one ends the earlier one
    with pytest.raises(WrongKey):
        await answer(newcomer, key.get(early.challenge))
    assert not newcomer.lines("grant")


async def test_another_persons_challenge_is_not_ones_own(newcomer: World) -> None:
    await newcomer.name("per_8")
    mine, theirs = SoftKey(), SoftKey()
    await register(newcomer, mine)
    await register(newcomer, theirs, "per_8")
    begun = await newcomer.say(ChallengeKey("per_8"))
    await newcomer.say(ChallengeKey(NEW))
    with pytest.raises(WrongKey):
        await answer(newcomer, mine.get(begun.challenge))
    await answer(newcomer, theirs.get(begun.challenge), person="per_8")


async def test_a_count_that_does_not_rise_tells_of_a_copied_key(newcomer: World) -> None:
    key = SoftKey(count=7)
    await register(newcomer, key)
    await prove(newcomer, key)
    copy = replace(key, count=6)
    copy._key = key._key
    with pytest.raises(WrongKey):
        await prove(newcomer, copy)
    assert newcomer.lines("wrong_key")[-1]["copied"] == 1
    silent = replace(key, count=None)
    silent._key = key._key
    with pytest.raises(WrongKey):  # nor may it stop counting
        await prove(newcomer, silent)
    await prove(newcomer, key)


CERTIFIED = SoftKey()

# -- which keys may be registered ----------------------------------------------------------


async def test_a_passkey_that_is_copied_elsewhere_is_no_key_of_one_person(
    newcomer: World,
) -> None:
    flags = PRESENT | VERIFIED | COPIED_ELSEWHERE
    with pytest.raises(KeyNotBound):
        await register(newcomer, SoftKey(), said=HONEST.but(flags=flags))
    with pytest.raises(NotEnrolled):
        await newcomer.say(ChallengeKey(NEW))


@pytest.mark.parametrize(
    ("key", "statement", "taken"),
    [
        (SoftKey(), {}, True),  # "packed", signed by the key itself
        (CERTIFIED, {"x5c": [CERTIFIED.certificate()]}, False),  # a chain nobody asked for
        (SoftKey(), {"sig": b"other"}, False),
        (SoftKey(algorithm="ES512"), None, False),
        (SoftKey(id=bytes(1023)), None, True),
        (SoftKey(id=bytes(1024)), None, False),
        (SoftKey(id=b""), None, False),
    ],
    ids=["self", "certified", "badly signed", "P-521", "longest id", "long id", "no id"],
)
async def test_what_a_key_may_be(
    newcomer: World, key: SoftKey, statement: dict[str, Any] | None, taken: bool
) -> None:
    begun = await newcomer.say(BeginKey(NEW))
    made = key.create(begun.challenge, statement=statement)
    if taken:
        await newcomer.say(RegisterKey(NEW, *made))
        return
    with pytest.raises(WrongKey):
        await newcomer.say(RegisterKey(NEW, *made))
    with pytest.raises(ChallengeOver):  # a challenge is used up by a wrong answer, too
        await newcomer.say(RegisterKey(NEW, *SoftKey().create(begun.challenge)))


@pytest.mark.parametrize("attestation", [b"", b"\xa0", b"\x81" * 4096, bytes(4096), b"\xff" * 99])
async def test_what_is_no_attestation_is_refused(newcomer: World, attestation: bytes) -> None:
    begun = await newcomer.say(BeginKey(NEW))
    client_data, _ = SoftKey().create(begun.challenge)
    with pytest.raises(WrongKey):
        await newcomer.say(RegisterKey(NEW, client_data, attestation))


@pytest.mark.parametrize(
    ("origin", "party"),
    [
        ("https://calls.example.jp", "calls.example.jp"),
        ("https://calls.example.jp:8443", "calls.example.jp"),
        ("http://localhost:8000", "localhost"),
        ("http://calls.example.jp", None),
        ("ftp://localhost", None),
        ("http://127.0.0.1:8000", None),
        ("https://192.0.2.1", None),
        ("https://[2001:db8::1]", None),
        ("https://calls.example.jp/", None),
        ("https://calls.example.jp/app", None),
        ("calls.example.jp", None),
        ("https://", None),
    ],
)
async def test_an_origin_is_one_where_browsers_offer_keys(origin: str, party: str | None) -> None:
    if party is None:
        with pytest.raises(OriginRefused):
            SecurityKeys(origin)
    else:
        assert SecurityKeys(origin).party == party


async def test_a_keeper_that_knows_no_origin_offers_no_keys(newcomer: World) -> None:
    newcomer.origin = None
    await newcomer.restart()
    with pytest.raises(KeysNotOffered):
        await newcomer.say(BeginKey(NEW))
    await newcomer.say(Enrol(NEW))
