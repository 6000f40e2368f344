"""Signing in: one error for every reason, per-account throttling, a fresh secret each time."""

import asyncio
import json
import sqlite3
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import db
from calllist.db import transaction
from calllist.people import accounts, enrolment, passwords, signin, throttle
from calllist.people.errors import (
    InvitationUnknown,
    LoginMalformed,
    LoginTaken,
    NotSignedIn,
    PasswordTooWeak,
    RoleIncomplete,
    SignInRefused,
    Throttled,
)
from calllist.people.roles import Role
from calllist.people.signin import SignedIn
from calllist.people.tables import Person, SignIn, Stranger
from crypto.errors.base import Refusal
from crypto.errors.people import UnknownPerson, WrongCode
from tests.calllist.centre import PASSWORD, Centre, Someone

pytestmark = pytest.mark.asyncio


async def _password(centre: Centre, login: str, password: str, *, minutes: int = 0) -> str:
    async with transaction(centre.sessions) as session:
        later = timedelta(minutes=minutes)
        return await signin.password(session, login, password, centre.now(later))


async def test_unknown_login_and_wrong_password_are_one_error_and_throttle_alike(
    centre: Centre,
) -> None:
    for login in ("kanri", "nobody"):
        for _ in range(throttle.FREE_TRIES):
            with pytest.raises(SignInRefused):
                await _password(centre, login, "wrong password")
        with pytest.raises(Throttled):
            await _password(centre, login, PASSWORD)
    assert await _password(centre, "kanri", PASSWORD, minutes=2)


async def test_guesses_at_the_same_moment_are_all_counted(centre: Centre) -> None:
    for login in ("kanri", "nobody"):
        guesses = (_password(centre, login, "wrong password") for _ in range(8))
        refused = await asyncio.gather(*guesses, return_exceptions=True)
        assert {type(one) for one in refused} <= {SignInRefused, Throttled}
        with pytest.raises(Throttled):
            await _password(centre, login, PASSWORD)


async def test_throttling_one_account_leaves_the_others_alone(centre: Centre) -> None:
    await centre.person("kansa", Role.AUDITOR)
    for _ in range(throttle.FREE_TRIES):
        with pytest.raises(SignInRefused):
            await _password(centre, "kansa", "wrong password")
    assert await _password(centre, "kanri", PASSWORD)


async def test_yesterdays_strangers_are_forgotten(centre: Centre) -> None:
    with pytest.raises(SignInRefused):
        await _password(centre, "nobody", PASSWORD)
    async with transaction(centre.sessions) as session:
        await throttle.sweep(session, centre.now(timedelta(hours=25)))
        assert not await session.scalar(select(func.count()).select_from(Stranger))


async def test_a_password_alone_signs_nobody_in(centre: Centre) -> None:
    token = await _password(centre, "kanri", PASSWORD)
    async with transaction(centre.sessions) as session:
        assert await signin.who(session, token, "", centre.now()) is None
        with pytest.raises(NotSignedIn):
            await signin.code(session, centre.keeper, "invented", "000000", centre.now())
        with pytest.raises(WrongCode):
            await signin.code(session, centre.keeper, token, "000000", centre.now())


async def test_the_second_factor_changes_the_secret_and_ends_other_sessions(
    centre: Centre,
) -> None:
    manager = _manager(centre)
    signed = await centre.sign_in_again(manager)
    async with transaction(centre.sessions) as session:
        assert await _who(centre, session, manager.signed) is None
        assert await _who(centre, session, signed) is not None
        assert await session.scalar(select(func.count()).select_from(SignIn)) == 1


async def test_a_code_is_never_accepted_twice(centre: Centre) -> None:
    manager = _manager(centre)
    await centre.sign_in_again(manager)
    with pytest.raises(WrongCode):
        await centre.sign_in_again(manager)


async def test_after_signing_out_neither_session_nor_grant_lives(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    async with transaction(centre.sessions) as session:
        await signin.sign_out(session, centre.keeper, operator.signed.token, operator.signed.grant)
        assert await _who(centre, session, operator.signed) is None
    with pytest.raises(Refusal) as refused:
        await centre.show(operator, lease)
    assert refused.value.code == "unknown_grant"


async def test_a_stopped_account_is_over_at_once(centre: Centre) -> None:
    operator = await centre.operator("suzuki")
    async with transaction(centre.sessions) as session:
        await accounts.stop(
            session, centre.keeper, operator.person.id, by="per_x", now=centre.now()
        )
    async with transaction(centre.sessions) as session:
        assert await _who(centre, session, operator.signed) is None
    with pytest.raises(SignInRefused):
        await _password(centre, "suzuki", PASSWORD)


async def test_session_and_grant_are_worth_nothing_beside_anothers(centre: Centre) -> None:
    mine, other = _manager(centre).signed, (await centre.person("kansa", Role.AUDITOR)).signed
    async with transaction(centre.sessions) as session:
        for token, grant in ((mine.token, other.grant), (other.token, mine.grant)):
            assert await signin.who(session, token, grant, centre.now()) is None
        assert await _who(centre, session, mine) is not None


async def test_what_is_done_to_accounts_stands_in_the_ledger(centre: Centre) -> None:
    async with transaction(centre.sessions) as session:
        keeper, now = centre.keeper, centre.now()
        person, _ = await accounts.create(
            session, keeper, by="per_a", login="kansa", name="", role=Role.AUDITOR, now=now
        )
        await accounts.invite(session, keeper, person.id, by="per_b", now=now)
        for _ in range(2):  # stopped before: nothing to do, nothing to say
            await accounts.stop(session, keeper, person.id, by="per_c", now=now)
    path = centre.folder / "keeper" / "journal.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as journal:
        leaves = [json.loads(leaf) for (leaf,) in journal.execute("select leaf from ledger")]
    journal.close()
    told = [(one["code"], one["ref_by"]) for one in leaves if one.get("ref_person") == person.id]
    assert told == [
        ("account_created", "per_a"),
        ("account_invited", "per_b"),
        ("account_stopped", "per_c"),
    ]


async def test_a_flood_of_passwords_holds_neither_connections_nor_threads(
    centre: Centre, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While every guess waits, a single connection still serves whoever is at work."""
    go, begun = threading.Event(), threading.Semaphore(0)

    def slow(*_: object) -> bool:
        begun.release()
        go.wait(20)
        return False

    monkeypatch.setattr(passwords, "_same", slow)
    engine = db.engine(database, pool=1)
    makes = db.sessions(engine)

    async def guess(number: int) -> None:
        async with transaction(makes) as session:
            await signin.password(session, f"nobody{number}", PASSWORD, centre.now())

    guesses = [asyncio.create_task(guess(number)) for number in range(8)]
    try:
        for _ in range(passwords.AT_ONCE):
            assert await asyncio.to_thread(begun.acquire, timeout=10)
        async with asyncio.timeout(10), transaction(makes) as session:
            assert await _who(centre, session, _manager(centre).signed) is not None
        assert not begun.acquire(timeout=0.2)
    finally:
        go.set()
        refused = await asyncio.gather(*guesses, return_exceptions=True)
        await engine.dispose()
    assert {type(one) for one in refused} == {SignInRefused}


async def test_an_invitation_works_once_and_only_with_a_roster_statement(centre: Centre) -> None:
    async with transaction(centre.sessions) as session:
        _, token = await accounts.create(
            session,
            centre.keeper,
            by="per_x",
            login="kansa",
            name="監査",
            role=Role.AUDITOR,
            now=centre.now(),
        )
        with pytest.raises(InvitationUnknown):  # the password comes first
            await enrolment.begin_factor(session, centre.keeper, token, centre.now())
        for weak in ("short", "aaaaaaaaaaaaaaa", "kansa-no-password"):
            with pytest.raises(PasswordTooWeak):
                await enrolment.set_password(session, token, weak, centre.now())
        await enrolment.set_password(session, token, PASSWORD, centre.now())
        with pytest.raises(UnknownPerson):
            await enrolment.begin_factor(session, centre.keeper, token, centre.now())
        with pytest.raises(InvitationUnknown):
            await enrolment.look_up(session, token, centre.now(timedelta(days=4)))


async def test_accounts_are_named_and_placed(centre: Centre) -> None:
    async with transaction(centre.sessions) as session:
        for login, role, error in (
            ("kanri", Role.AUDITOR, LoginTaken),
            ("架空", Role.AUDITOR, LoginMalformed),
            ("suzuki", Role.OPERATOR, RoleIncomplete),
            ("yakuin", Role.ENTRUSTOR, RoleIncomplete),
        ):
            with pytest.raises(error):
                await accounts.create(
                    session,
                    centre.keeper,
                    by="per_x",
                    login=login,
                    name="",
                    role=role,
                    now=centre.now(),
                )


async def _who(centre: Centre, session: AsyncSession, signed: SignedIn) -> Person | None:
    return await signin.who(session, signed.token, signed.grant, centre.now())


def _manager(centre: Centre) -> Someone:
    assert centre.manager
    return centre.manager
