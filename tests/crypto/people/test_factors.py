"""One factor per person, replaced by signature only; hardware tokens; locking; shifts."""

from datetime import timedelta

import pytest

from crypto.errors.people import (
    AlreadyEnrolled,
    FactorTaken,
    GrantOver,
    Locked,
    NotEnrolled,
    RosterOver,
    WrongCode,
    WrongKey,
)
from crypto.people.factors import lose_factors
from crypto.signed.terms import RosterEntry
from crypto.standards.oath import AHEAD, Digest, Generator, Oath
from crypto.wire.people import (
    BeginKey,
    ChallengeKey,
    Enrol,
    Factor,
    FactorKind,
    Grant,
    GrantByKey,
    HandToken,
    LookAtFactor,
    RegisterKey,
)
from crypto.wire.records import Open
from tests.crypto.codes import shown
from tests.crypto.softkey import (
    HONEST,
    NEW,
    SoftKey,
    prove,
    register,
)
from tests.crypto.world import START, World

SEED = bytes(range(20))
BUTTON = Generator(Oath.HOTP)
CLOCK = Generator(Oath.TOTP, Digest.SHA256, 8, 60)

pytestmark = pytest.mark.asyncio


async def locked_out(world: World) -> None:
    with pytest.raises(Locked):
        await world.say(ChallengeKey(NEW))
    with pytest.raises(Locked):
        await world.say(GrantByKey(NEW, b"", b"", b"", b""))


async def test_five_wrong_answers_lock_whatever_the_kind(newcomer: World) -> None:
    key = SoftKey()
    await register(newcomer, key)
    await prove(newcomer, key)
    for _ in range(3):
        with pytest.raises(WrongKey):
            await prove(newcomer, key, HONEST.but(origin="https://evil.test"))
    for _ in range(2):  # a code from who has a key is a wrong answer, too
        with pytest.raises(WrongCode):
            await newcomer.say(Grant(NEW, "000000"))
    await newcomer.restart()
    await locked_out(newcomer)
    newcomer.wait(minutes=15)
    await prove(newcomer, key)


async def test_locking_survives_a_new_registration(newcomer: World) -> None:
    await newcomer.say(Enrol(NEW))
    for _ in range(5):
        with pytest.raises(WrongCode):
            await newcomer.say(Grant(NEW, "000000"))
    await register(newcomer, SoftKey())
    await locked_out(newcomer)


# -- one factor per person, replaced by signature only -------------------------------------


async def test_a_confirmed_factor_gives_way_to_a_key_only_by_statement(world: World) -> None:
    await world.shift("per_1")
    with pytest.raises(AlreadyEnrolled):
        await world.say(BeginKey("per_1"))
    await world.name("per_1", new_factor=True)
    key = SoftKey()
    await register(world, SoftKey(), "per_1")  # it was broken, it never signed: once more
    await register(world, key, "per_1")
    with pytest.raises(WrongCode):  # the application's codes are over
        await world.say(Grant("per_1", world.code("per_1", 1)))
    await prove(world, key, person="per_1")
    for request in (Enrol("per_1"), BeginKey("per_1")):
        with pytest.raises(AlreadyEnrolled):
            await world.say(request)


async def test_a_key_begun_before_another_factor_was_confirmed_comes_too_late(
    newcomer: World,
) -> None:
    begun = await newcomer.say(BeginKey(NEW))
    newcomer.wait(seconds=1)
    await newcomer.hire(NEW)
    await newcomer.shift(NEW)
    with pytest.raises(AlreadyEnrolled):
        await newcomer.say(RegisterKey(NEW, *SoftKey().create(begun.challenge)))


async def test_a_key_or_token_is_one_persons_until_that_person_has_left(newcomer: World) -> None:
    await newcomer.name("per_8")
    key = SoftKey()
    await register(newcomer, key)
    with pytest.raises(FactorTaken):
        await register(newcomer, key, "per_8")
    await newcomer.say(HandToken("per_8", "T-1", SEED, BUTTON))
    with pytest.raises(FactorTaken):
        await newcomer.say(HandToken(NEW, "T-1", SEED, BUTTON))
    newcomer.wait(days=31)  # both have left
    await newcomer.name(NEW)
    await newcomer.say(HandToken(NEW, "T-1", SEED, BUTTON))
    await newcomer.name("per_8")
    with pytest.raises(NotEnrolled):
        await newcomer.say(Grant("per_8", shown(SEED, BUTTON, 0)))
    await register(newcomer, key, "per_8")


# -- hardware tokens -----------------------------------------------------------------------


async def test_a_token_lets_in_and_each_code_is_good_once(newcomer: World) -> None:
    await newcomer.say(HandToken(NEW, "T-1", SEED, BUTTON, counter=5))
    assert await newcomer.say(LookAtFactor(NEW)) == Factor(FactorKind.TOKEN, False, False, 6, "T-1")
    with pytest.raises(WrongCode):
        await newcomer.say(Grant(NEW, shown(SEED, BUTTON, 4)))
    await newcomer.say(Grant(NEW, shown(SEED, BUTTON, 5 + AHEAD - 1)))
    await newcomer.restart()
    for counter in (5, 5 + AHEAD - 1):
        with pytest.raises(WrongCode):
            await newcomer.say(Grant(NEW, shown(SEED, BUTTON, counter)))
    assert newcomer.lines("hand_token")[-1]["serial"] == "T-1"


async def test_a_token_that_ran_ahead_is_found_again_by_two_codes_in_a_row(
    newcomer: World,
) -> None:
    await newcomer.say(HandToken(NEW, "T-1", SEED, BUTTON))
    first, second = shown(SEED, BUTTON, 100), shown(SEED, BUTTON, 101)
    with pytest.raises(WrongCode):
        await newcomer.say(Grant(NEW, first))
    with pytest.raises(WrongCode):
        await newcomer.say(Grant(NEW, second, following=first))
    await newcomer.say(Grant(NEW, first, following=second))
    assert newcomer.lines("grant")[-1]["found_again"] == 1
    with pytest.raises(WrongCode):
        await newcomer.say(Grant(NEW, first, following=second))
    await newcomer.say(Grant(NEW, shown(SEED, BUTTON, 102)))


async def test_guessing_two_codes_locks_as_guessing_one_does(newcomer: World) -> None:
    await newcomer.say(HandToken(NEW, "T-1", SEED, BUTTON))
    for _ in range(5):
        with pytest.raises(WrongCode):
            await newcomer.say(Grant(NEW, "000000", following="000000"))
    with pytest.raises(Locked):
        await newcomer.say(Grant(NEW, shown(SEED, BUTTON, 0)))


async def test_a_drifting_token_is_followed_and_a_telephone_is_not(newcomer: World) -> None:
    await newcomer.say(HandToken(NEW, "T-1", SEED, CLOCK))
    for ahead in (1, 2, 3):
        newcomer.wait(hours=1)
        step = int(newcomer.now.timestamp()) // 60
        await newcomer.say(Grant(NEW, shown(SEED, CLOCK, step + ahead)))
    await newcomer.say(Grant("per_1", newcomer.code("per_1", 1)))
    newcomer.wait(hours=1)
    with pytest.raises(WrongCode):
        await newcomer.say(Grant("per_1", newcomer.code("per_1", 2)))
    with pytest.raises(WrongCode):  # nor does a second code widen its window
        await newcomer.say(
            Grant("per_1", newcomer.code("per_1", 5), following=newcomer.code("per_1", 6))
        )


async def test_a_token_handed_over_is_not_replaced_by_whoever_has_the_invitation(
    newcomer: World,
) -> None:
    await newcomer.say(HandToken(NEW, "T-1", SEED, BUTTON))
    for request in (Enrol(NEW), BeginKey(NEW)):
        with pytest.raises(AlreadyEnrolled):
            await newcomer.say(request)
    await newcomer.say(HandToken(NEW, "T-2", SEED[::-1], BUTTON))  # the first was broken
    await newcomer.say(Grant(NEW, shown(SEED[::-1], BUTTON, 0)))
    with pytest.raises(AlreadyEnrolled):
        await newcomer.say(HandToken(NEW, "T-3", SEED, BUTTON))
    await newcomer.name(NEW, new_factor=True)
    await newcomer.say(HandToken(NEW, "T-3", SEED, BUTTON))
    await newcomer.say(Grant(NEW, shown(SEED, BUTTON, 0)))


async def test_no_seed_lies_in_the_clear_and_a_key_survives_a_lost_keystore(
    newcomer: World,
) -> None:
    await newcomer.name("per_8")
    key = SoftKey()
    await register(newcomer, key, "per_8")
    granted = await prove(newcomer, key, person="per_8")
    await newcomer.say(HandToken(NEW, "T-1", SEED, BUTTON))
    for path in newcomer.folder.glob("journal.db*"):
        data = path.read_bytes()
        assert SEED not in data
        assert SEED.hex().encode() not in data
        assert granted.secret.encode() not in data
    assert lose_factors(newcomer.home.journal.db)[0] == 4  # three applications and the token
    with pytest.raises(NotEnrolled):
        await newcomer.say(Grant(NEW, shown(SEED, BUTTON, 0)))
    await prove(newcomer, key, person="per_8")


# -- shifts --------------------------------------------------------------------------------


async def test_a_grant_is_for_one_site(world: World) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    world.wait(minutes=1)
    until = START + timedelta(days=30)
    await world.sign(RosterEntry("per_1", "pty_1", "sit_2", "operator", until))
    with pytest.raises(GrantOver):
        await world.say(Open(grant, record))


async def test_who_has_left_registers_nothing_and_proves_nothing(newcomer: World) -> None:
    key = SoftKey()
    await register(newcomer, key)
    begun = await newcomer.say(ChallengeKey(NEW))
    newcomer.wait(days=31)
    for request in (
        BeginKey(NEW),
        ChallengeKey(NEW),
        LookAtFactor(NEW),
        HandToken(NEW, "T-1", SEED, BUTTON),
        GrantByKey(NEW, *key.get(begun.challenge)),
        RegisterKey(NEW, *key.create(begun.challenge)),
    ):
        with pytest.raises(RosterOver):
            await newcomer.say(request)
