"""Slowing down whoever guesses passwords: per login, existing or not, never per address.

Logins that do not exist are counted under a short hash, so that an answer never tells
which logins exist. After `FREE_TRIES` each wrong password locks for twice as long as the
one before, up to `LOCK_MOST`.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.people.errors import Throttled
from calllist.people.tables import Person, Stranger

FREE_TRIES = 5
LOCK_FIRST = timedelta(minutes=1)
LOCK_MOST = timedelta(minutes=15)
HASH_BYTES = 8  # a collision of two strangers only throttles both
KEPT = timedelta(hours=24)


async def refuse_while_locked(
    session: AsyncSession, person: Person | None, login: str, now: datetime
) -> None:
    """Raises Throttled while this login is locked."""
    account: Person | Stranger | None = person
    if account is None:
        account = await session.get(Stranger, _hash(login))
    if account is not None and account.locked_until is not None and account.locked_until > now:
        raise Throttled(account.locked_until)


async def failed(session: AsyncSession, person: Person | None, login: str, now: datetime) -> None:
    """Count a wrong password. The request that calls this must commit (`keeps`)."""
    account: Person | Stranger = person or await _stranger(session, login, now)
    account.failures += 1
    beyond = account.failures - FREE_TRIES
    if beyond >= 0:
        account.locked_until = now + min(LOCK_FIRST * 2 ** min(beyond, 10), LOCK_MOST)
    await session.flush()


async def forgive(person: Person) -> None:
    """A right password ends the counting."""
    person.failures = 0
    person.locked_until = None


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Forget strangers of yesterday."""
    await session.execute(delete(Stranger).where(Stranger.heard_at <= now - KEPT))


async def _stranger(session: AsyncSession, login: str, now: datetime) -> Stranger:
    """The counter of a login that does not exist, locked; two guesses at once share it."""
    fresh = {"login_hash": _hash(login), "failures": 0, "heard_at": now}
    await session.execute(insert(Stranger).values(fresh).on_conflict_do_nothing())
    stranger = await session.get_one(
        Stranger, _hash(login), with_for_update=True, populate_existing=True
    )
    stranger.heard_at = now
    return stranger


def _hash(login: str) -> bytes:
    return hashlib.sha256(login.encode()).digest()[:HASH_BYTES]
