"""From an invitation link to a working account: password, second factor, first shift.

    link -> set_password -> one of three -> signed in
        an authenticator application   begin_factor (QR code, shown once) -> confirm
        a security key                 begin_key -> register_key -> confirm_by_key
        a hardware token               (handed over beforehand) token -> confirm

The factor is kept and verified by the keeper, which asks for a signed roster statement first
(refusal: unknown_person). The link works until it has let the person in, or expires.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.people import passwords, securitykeys, tokens
from calllist.people.errors import InvitationUnknown, TokenMissing
from calllist.people.signin import SignedIn, begin
from calllist.people.tables import Invitation, Person, SignIn
from crypto.wire.client import KeeperClient
from crypto.wire.people import (
    BeginKey,
    ChallengeKey,
    Enrol,
    Factor,
    FactorKind,
    Grant,
    Granted,
    LookAtFactor,
)

ISSUER = "calllist"  # what the authenticator shows above the login


@dataclass(frozen=True)
class Secret:
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
) -> Secret:
    """Have the keeper make a second factor; an unconfirmed earlier one is void.

    Raises InvitationUnknown (also while no password is set), and the keeper's
    unknown_person (no roster statement) and already_enrolled.
    """
    _, person = await _ready(session, token, now)
    enrolled = await keeper.call(Enrol(person=person.id))
    label = quote(f"{ISSUER}:{person.login}")
    uri = f"otpauth://totp/{label}?secret={enrolled.secret}&issuer={ISSUER}"
    return Secret(secret=enrolled.secret, uri=uri)


async def look(session: AsyncSession, keeper: KeeperClient, token: str, now: datetime) -> Factor:
    """What the person has been given so far.

    Raises InvitationUnknown (also while no password is set), and the keeper's unknown_person.
    """
    _, person = await _ready(session, token, now)
    return await keeper.call(LookAtFactor(person=person.id))


async def token_of(
    session: AsyncSession, keeper: KeeperClient, token: str, now: datetime
) -> Factor:
    """The hardware token that was handed over. As `look`; raises TokenMissing."""
    factor = await look(session, keeper, token, now)
    if factor.kind is not FactorKind.TOKEN:
        raise TokenMissing
    return factor


async def begin_key(
    session: AsyncSession, keeper: KeeperClient, token: str, now: datetime
) -> dict[str, Any]:
    """What the browser asks a new security key.

    Raises InvitationUnknown, and the keeper's unknown_person, already_enrolled, keys_not_offered.
    """
    _, person = await _ready(session, token, now)
    return securitykeys.creation(await keeper.call(BeginKey(person=person.id)), person)


async def register_key(
    session: AsyncSession, keeper: KeeperClient, token: str, credential: str, now: datetime
) -> None:
    """Register the key that answered. It lets nobody in before it has signed.

    Raises InvitationUnknown, CredentialUnreadable, and the keeper's wrong_key, key_not_bound,
    factor_taken, challenge_over, already_enrolled.
    """
    _, person = await _ready(session, token, now)
    await keeper.call(securitykeys.registration(person, credential))


async def challenge_key(
    session: AsyncSession, keeper: KeeperClient, token: str, now: datetime
) -> dict[str, Any]:
    """What the browser asks the registered key. Raises InvitationUnknown, and the keeper's
    not_enrolled, locked."""
    _, person = await _ready(session, token, now)
    return securitykeys.request(await keeper.call(ChallengeKey(person=person.id)))


async def confirm(
    session: AsyncSession,
    keeper: KeeperClient,
    token: str,
    code: str,
    now: datetime,
    *,
    following: str = "",
) -> SignedIn:
    """The first right code: the account works, the link is used up, the shift begins.

    following: the next code of a hardware token that has run ahead. Raises InvitationUnknown,
    and the keeper's wrong_code, locked, not_enrolled.
    """
    invitation, person = await _ready(session, token, now)
    said = Grant(person=person.id, code=code.strip(), following=following.strip())
    return await _let_in(session, invitation, person, await keeper.call(said), now)


async def confirm_by_key(
    session: AsyncSession, keeper: KeeperClient, token: str, credential: str, now: datetime
) -> SignedIn:
    """As `confirm`, with the security key's first signature.

    Raises InvitationUnknown, CredentialUnreadable, and the keeper's wrong_key, challenge_over,
    locked, not_enrolled.
    """
    invitation, person = await _ready(session, token, now)
    granted = await keeper.call(securitykeys.assertion(person, credential))
    return await _let_in(session, invitation, person, granted, now)


async def _let_in(
    session: AsyncSession, invitation: Invitation, person: Person, granted: Granted, now: datetime
) -> SignedIn:
    invitation.used_at = now
    person.enrolled_at = now
    await session.execute(delete(SignIn).where(SignIn.person_id == person.id))
    fresh = await begin(session, person, granted.until, now, grant=granted.secret)
    return SignedIn(token=fresh, grant=granted.secret, until=granted.until, person=person)


async def _ready(session: AsyncSession, token: str, now: datetime) -> tuple[Invitation, Person]:
    """As `_invited`, once there is a password."""
    invitation, person = await _invited(session, token, now)
    if person.password is None:
        raise InvitationUnknown
    return invitation, person


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
