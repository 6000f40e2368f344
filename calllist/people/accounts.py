"""Accounts: one natural person, one role, never shared, never re-enabled once stopped.

An account alone opens nothing: a second factor needs a signed roster statement in the
keeper (`calllist.people.statements`), and a record a party that the entrustor approved.
"""

import re
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import ids
from calllist.entrustors.tables import Entrustor
from calllist.parties.tables import Site
from calllist.people import tokens
from calllist.people.errors import LoginMalformed, LoginTaken, PersonUnknown, RoleIncomplete
from calllist.people.roles import AT_A_SITE, OF_PARTY, Role
from calllist.people.tables import Invitation, Person, SignIn
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event
from crypto.wire.people import Revoke

INSTALLER = "installer"  # who types `calllist administrator create`: no account yet
INVITATION_LIFE = timedelta(hours=72)
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


async def create(
    session: AsyncSession,
    keeper: KeeperClient,
    *,
    by: str,
    login: str,
    name: str,
    role: Role,
    party_id: str | None = None,
    site_id: str | None = None,
    entrustor_id: str | None = None,
    now: datetime,
) -> tuple[Person, str]:
    """A new account and the secret of its invitation link (/welcome#secret).

    Kept in the ledger, as done by the person `by`. Raises LoginTaken, LoginMalformed,
    RoleIncomplete.
    """
    person, secret = await _create(session, login, name, role, party_id, site_id, entrustor_id, now)
    await _say(keeper, "account_created", person.id, by)
    return person, secret


async def first(
    session: AsyncSession,
    keeper: KeeperClient,
    *,
    login: str,
    name: str,
    party_id: str,
    now: datetime,
) -> tuple[Person, str]:
    """As `create`, for the first administrator, whom nobody of the platform makes."""
    made = await _create(session, login, name, Role.ADMINISTRATOR, party_id, None, None, now)
    await _say(keeper, "account_created", made[0].id, INSTALLER)
    return made


async def invite(
    session: AsyncSession, keeper: KeeperClient, person_id: str, *, by: str, now: datetime
) -> str:
    """A fresh invitation link's secret; earlier ones of the person end.

    Kept in the ledger. Raises PersonUnknown, also for stopped accounts.
    """
    person = await session.get(Person, person_id)
    if person is None or person.stopped_at is not None:
        raise PersonUnknown(person_id)
    secret = await _invitation(session, person_id, now)
    await _say(keeper, "account_invited", person_id, by)
    return secret


async def stop(
    session: AsyncSession, keeper: KeeperClient, person_id: str, *, by: str, now: datetime
) -> None:
    """End an account at once and for ever: sessions, grant, invitations.

    Kept in the ledger. Raises PersonUnknown. Stopped before: nothing to do.
    """
    person = await session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise PersonUnknown(person_id)
    if person.stopped_at is not None:
        return
    await keeper.call(Revoke(person=person_id))  # first: it holds whatever becomes of the rows
    person.stopped_at = now
    person.password = None
    await session.execute(delete(SignIn).where(SignIn.person_id == person_id))
    await session.execute(delete(Invitation).where(Invitation.person_id == person_id))
    await _say(keeper, "account_stopped", person_id, by)


async def end_shift(
    session: AsyncSession, keeper: KeeperClient, person_id: str, *, by: str
) -> None:
    """Sign somebody out at once: sessions and grant. The account stays.

    The grant ends first, so that nothing opens even if the rest does not come to pass. Kept in
    the ledger. Raises PersonUnknown.
    """
    if await session.get(Person, person_id) is None:
        raise PersonUnknown(person_id)
    await keeper.call(Revoke(person=person_id))
    await session.execute(delete(SignIn).where(SignIn.person_id == person_id))
    await _say(keeper, "shift_ended", person_id, by)


async def at_work(session: AsyncSession, now: datetime) -> frozenset[str]:
    """The ids of those who are signed in."""
    found = select(SignIn.person_id).where(SignIn.complete.is_(True), SignIn.expires_at > now)
    return frozenset(await session.scalars(found))


async def everyone(session: AsyncSession) -> list[Person]:
    """All accounts, the living first, by login."""
    order = (Person.stopped_at.is_not(None), Person.login)
    return list(await session.scalars(select(Person).order_by(*order)))


async def operators(session: AsyncSession, party_ids: tuple[str, ...]) -> list[Person]:
    """Living operators of these parties, by login: whom a manager may assign."""
    return list(
        await session.scalars(
            select(Person)
            .where(
                Person.role == Role.OPERATOR,
                Person.party_id.in_(party_ids),
                Person.stopped_at.is_(None),
            )
            .order_by(Person.login)
        )
    )


async def nobody_yet(session: AsyncSession) -> bool:
    """Whether this installation has no administrator yet (`calllist administrator create`)."""
    found = select(func.count()).select_from(Person).where(Person.role == Role.ADMINISTRATOR)
    return (await session.scalar(found)) == 0


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Forget invitations that can no longer be used."""
    await session.execute(delete(Invitation).where(Invitation.expires_at <= now))


async def _create(
    session: AsyncSession,
    login: str,
    name: str,
    role: Role,
    party_id: str | None,
    site_id: str | None,
    entrustor_id: str | None,
    now: datetime,
) -> tuple[Person, str]:
    login = login.strip().casefold()
    if not LOGIN.fullmatch(login):
        raise LoginMalformed
    if await session.scalar(select(Person.id).where(Person.login == login)) is not None:
        raise LoginTaken
    await _check_place(session, role, party_id, site_id, entrustor_id)
    person = Person(
        id=ids.new("per"),
        login=login,
        name=name.strip() or login,
        role=role,
        party_id=party_id,
        site_id=site_id,
        entrustor_id=entrustor_id,
        failures=0,
        created_at=now,
    )
    session.add(person)
    await session.flush()
    return person, await _invitation(session, person.id, now)


async def _invitation(session: AsyncSession, person_id: str, now: datetime) -> str:
    await session.execute(delete(Invitation).where(Invitation.person_id == person_id))
    token = tokens.new()
    session.add(
        Invitation(
            token_hash=tokens.hashed(token), person_id=person_id, expires_at=now + INVITATION_LIFE
        )
    )
    await session.flush()
    return token


async def _say(keeper: KeeperClient, code: str, person_id: str, by: str) -> None:
    await keeper.call(Event(code, {"person": person_id, "by": by}))


async def _check_place(
    session: AsyncSession,
    role: Role,
    party_id: str | None,
    site_id: str | None,
    entrustor_id: str | None,
) -> None:
    if role == Role.ENTRUSTOR:
        if entrustor_id is None or await session.get(Entrustor, entrustor_id) is None:
            raise RoleIncomplete
        return
    if entrustor_id is not None:
        raise RoleIncomplete
    if role in OF_PARTY and party_id is None:
        raise RoleIncomplete
    if role in AT_A_SITE and site_id is None:
        raise RoleIncomplete
    if site_id is not None:
        site = await session.get(Site, site_id)
        if site is None or site.party_id != party_id:
            raise RoleIncomplete
