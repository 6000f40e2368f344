"""Signing in: password here, second factor in the keeper, which grants the shift.

    nobody -> password right (cookie, incomplete) -> factor right (new cookie, grant) -> out
                                   ^-------- nobody at the screen: locked --------'

Session and grant belong together: one is worth nothing beside another shift's.

An unknown login, a wrong password, a stopped or never enrolled account: the same error
after about the same time. Throttling is per login, existing or not, never per address:
400 seats share one. The grant's secret goes to the browser, its hash to the session.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.people import commands, passwords, securitykeys, tokens
from calllist.people.errors import NotSignedIn, SignInRefused
from calllist.people.tables import Person, SignIn
from calllist.people.throttle import failed, forgive, refuse_while_locked
from crypto.wire.client import KeeperClient
from crypto.wire.people import ChallengeKey, Factor, Grant, Granted, LookAtFactor, Revoke

CODE_WINDOW = timedelta(minutes=10)  # between the password and the second factor
LOCKED = timedelta(hours=1)  # for so long a locked screen asks for the second factor alone


@dataclass(frozen=True)
class SignedIn:
    """A complete sign-in. Both secrets go into cookies; neither is stored."""

    token: str = field(repr=False)
    grant: str = field(repr=False)
    until: datetime
    person: Person


async def password(session: AsyncSession, login: str, password: str, now: datetime) -> str:
    """Check a password. Returns the secret of an incomplete session, for `code`.

    Commits before it hashes: neither a connection nor a lock waits for that. So account and
    throttle are looked at again afterwards, locked: guesses at the same moment all count.
    Raises SignInRefused, or Throttled before the password is even looked at.
    """
    login = login.strip().casefold()
    account = select(Person).where(Person.login == login)
    person = await session.scalar(account)
    await refuse_while_locked(session, person, login, now)
    stored = _password_of(person)
    await session.commit()
    right = await passwords.same(stored, password)
    person = await session.scalar(
        account.with_for_update(of=Person), execution_options={"populate_existing": True}
    )
    await refuse_while_locked(session, person, login, now)
    if person is None or not right or _password_of(person) != stored:
        await failed(session, person, login, now)
        raise SignInRefused
    await forgive(person)
    return await begin(session, person, now + CODE_WINDOW, now)


async def factor(session: AsyncSession, keeper: KeeperClient, token: str, now: datetime) -> Factor:
    """What to ask the person for, who has given the password: a code, or the security key.

    Raises NotSignedIn if the password step is missing or too long ago, and the keeper's
    unknown_person, roster_over.
    """
    person = await _waiting(session, token, now)
    return await keeper.call(LookAtFactor(person=person.id))


async def challenge(
    session: AsyncSession, keeper: KeeperClient, token: str, now: datetime
) -> dict[str, Any]:
    """What the browser asks the security key, once. Raises as `code`, and keys_not_offered."""
    person = await _waiting(session, token, now)
    return securitykeys.request(await keeper.call(ChallengeKey(person=person.id)))


async def code(
    session: AsyncSession,
    keeper: KeeperClient,
    token: str,
    code: str,
    now: datetime,
    *,
    following: str = "",
) -> SignedIn:
    """Verify the one-time code in the keeper and begin a shift with a new secret.

    following: the next code of a hardware token that has run ahead. Ends every other session
    of the person, as the keeper ends the earlier grant. Raises NotSignedIn if the password step
    is missing or too long ago, and the keeper's refusals (wrong_code, locked, not_enrolled).
    """
    person = await _waiting(session, token, now)
    said = Grant(person=person.id, code=code.strip(), following=following.strip())
    return await _complete(session, person, await keeper.call(said), now)


async def key(
    session: AsyncSession, keeper: KeeperClient, token: str, credential: str, now: datetime
) -> SignedIn:
    """As `code`, with what the security key signed.

    Raises CredentialUnreadable besides, and the keeper's wrong_key and challenge_over.
    """
    person = await _waiting(session, token, now)
    granted = await keeper.call(securitykeys.assertion(person, credential))
    return await _complete(session, person, granted, now)


async def _complete(
    session: AsyncSession, person: Person, granted: Granted, now: datetime
) -> SignedIn:
    await session.execute(delete(SignIn).where(SignIn.person_id == person.id))
    fresh = await begin(session, person, granted.until, now, grant=granted.secret)
    return SignedIn(token=fresh, grant=granted.secret, until=granted.until, person=person)


async def begin(
    session: AsyncSession, person: Person, until: datetime, now: datetime, *, grant: str = ""
) -> str:
    """Remember a browser until `until`: complete with a grant. The secret for its cookie."""
    token = tokens.new()
    session.add(
        SignIn(
            token_hash=tokens.hashed(token),
            person_id=person.id,
            complete=bool(grant),
            grant_hash=tokens.hashed(grant) if grant else None,
            created_at=now,
            expires_at=until,
        )
    )
    await session.flush()
    return token


async def who(session: AsyncSession, token: str, grant: str, now: datetime) -> Person | None:
    """The person of a complete, living session if `grant` is of the same shift, or None."""
    shown = {"token": tokens.hashed(token), "grant": tokens.hashed(grant), "now": now}
    return await session.scalar(_ON_SHIFT, shown)


async def waiting_for_code(session: AsyncSession, token: str, now: datetime) -> Person | None:
    """The person who has given the password and not yet the code, or None."""
    return await session.scalar(_HALF_WAY, {"token": tokens.hashed(token), "now": now})


async def _waiting(session: AsyncSession, token: str, now: datetime) -> Person:
    """Raises NotSignedIn."""
    person = await waiting_for_code(session, token, now)
    if person is None:
        raise NotSignedIn
    return person


async def sign_out(session: AsyncSession, keeper: KeeperClient, token: str, grant: str) -> None:
    """End the session, the grant, and the sessions of commands. Unknown: nothing to do.

    A command's session ends alone: the shift in the browser goes on.
    grant: of the shift itself. Without it the keeper takes the shift away, with the
    destructions it has ordered that are still to come (crypto D46).
    """
    if await commands.sign_out(session, token):
        return
    person_id = await session.scalar(
        delete(SignIn).where(SignIn.token_hash == tokens.hashed(token)).returning(SignIn.person_id)
    )
    if person_id is not None:
        await session.execute(delete(SignIn).where(SignIn.person_id == person_id))
        await keeper.call(Revoke(person=person_id, grant=grant))


async def lock(
    session: AsyncSession, keeper: KeeperClient, token: str, grant: str, now: datetime
) -> None:
    """Nobody is at the screen: the grant ends in the keeper, so that nothing opens, and the session
    is what it was after the password. The sessions of commands end.

    The second factor brings back a shift of its own; after LOCKED the password too is asked for.
    Raises NotSignedIn.
    """
    row = await session.get(SignIn, tokens.hashed(token), with_for_update=True)
    if row is None or not row.complete or row.command:
        raise NotSignedIn
    row.complete, row.grant_hash = False, None
    row.expires_at = min(row.expires_at, now + LOCKED)
    await session.execute(
        delete(SignIn).where(SignIn.person_id == row.person_id, SignIn.command.is_(True))
    )
    await session.flush()
    await keeper.call(Revoke(person=row.person_id, grant=grant))


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Forget sessions that are over."""
    await session.execute(delete(SignIn).where(SignIn.expires_at <= now))


def _password_of(person: Person | None) -> str | None:
    """The stored hash, if this account may sign in at all."""
    if person is None or person.stopped_at is not None or person.enrolled_at is None:
        return None
    return person.password


def _person(state: ColumnElement[bool]) -> Select[Person]:
    """The person of a living session in this state. Made once, asked at every request."""
    return (
        select(Person)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.token_hash == bindparam("token"),
            state,
            SignIn.expires_at > bindparam("now"),
            Person.stopped_at.is_(None),
        )
    )


_ON_SHIFT = _person(
    and_(SignIn.command.is_(False), SignIn.grant_hash == bindparam("grant")),
)
_HALF_WAY = _person(and_(SignIn.complete.is_(False), SignIn.command.is_(False)))
