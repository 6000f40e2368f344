"""From an invitation link to a working account: password, second factor, first code.

    link -> set_password -> begin_factor (QR code, shown once) -> confirm -> signed in

The factor is made and kept by the keeper, which asks for a signed roster statement first
(refusal: unknown_person). The link works until `confirm` succeeded or it expires.
"""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.people import passwords, tokens
from calllist.people.errors import InvitationUnknown
from calllist.people.signin import SignedIn, begin
from calllist.people.tables import Invitation, Person, SignIn
from crypto.client import KeeperClient
from crypto.wire.people import Enrol, Grant

ISSUER = "calllist"  # what the authenticator shows above the login


@dataclass(frozen=True)
class Factor:
    """What the person's authenticator needs, shown once and kept by nobody else."""

    secret: str = field(repr=False)  # base32, for typing
    uri: str = field(repr=False)  # otpauth://..., for a QR code


async def look_up(session: AsyncSession, token: str, now: datetime) -> Person:
    """Whose invitation this is. Raises InvitationUnknown."""
    return (await _invited(session, token, now))[1]


async def set_password(session: AsyncSession, token: str, password: str, now: datetime) -> Person:
    """Choose a password. Raises InvitationUnknown, PasswordTooWeak.

    Commits before it hashes: neither a connection nor a lock waits for that.
    """
    passwords.judge(password, (await look_up(session, token, now)).login)
    await session.commit()
    chosen = await passwords.hashed(password)
    person = await look_up(session, token, now)
    person.password = chosen
    return person


async def begin_factor(
    session: AsyncSession, keeper: KeeperClient, token: str, now: datetime
) -> Factor:
    """Have the keeper make a second factor; an unconfirmed earlier one is void.

    Raises InvitationUnknown (also while no password is set), and the keeper's
    unknown_person (no roster statement) and already_enrolled.
    """
    _, person = await _invited(session, token, now)
    if person.password is None:
        raise InvitationUnknown
    enrolled = await keeper.call(Enrol(person=person.id))
    label = quote(f"{ISSUER}:{person.login}")
    uri = f"otpauth://totp/{label}?secret={enrolled.secret}&issuer={ISSUER}"
    return Factor(secret=enrolled.secret, uri=uri)


async def confirm(
    session: AsyncSession, keeper: KeeperClient, token: str, code: str, now: datetime
) -> SignedIn:
    """The first right code: the account works, the link is used up, the shift begins.

    Raises InvitationUnknown, and the keeper's wrong_code, locked, not_enrolled.
    """
    invitation, person = await _invited(session, token, now)
    if person.password is None:
        raise InvitationUnknown
    granted = await keeper.call(Grant(person=person.id, code=code.strip()))
    invitation.used_at = now
    person.enrolled_at = now
    await session.execute(delete(SignIn).where(SignIn.person_id == person.id))
    fresh = await begin(session, person, granted.until, now, grant=granted.secret)
    return SignedIn(token=fresh, grant=granted.secret, until=granted.until, person=person)


async def _invited(session: AsyncSession, token: str, now: datetime) -> tuple[Invitation, Person]:
    found = (
        await session.execute(
            select(Invitation, Person)
            .join(Person, Person.id == Invitation.person_id)
            .where(
                Invitation.token_hash == tokens.hashed(token),
                Invitation.used_at.is_(None),
                Invitation.expires_at > now,
                Person.stopped_at.is_(None),
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).first()
    if found is None:
        raise InvitationUnknown
    return found[0], found[1]
