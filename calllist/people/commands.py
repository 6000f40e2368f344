"""The command line's session: begun by a one-time code that a signed-in browser shows.

    browser (signed in) ──offer──► code, five minutes ──typed into `calllist sign-in`──► session

Neither password nor second factor is ever typed into a terminal, so every kind of factor will
do, and the browser's own shift goes on. The session may do what a route allows commands to do
(upload, read receipts), and ends with the shift that it is of. Nothing lives longer: a shared
key for scripts is how one person's work becomes nobody's.

Taking people out needs the keeper's grant of the shift. A browser lends it with a code that
is asked for so: sealed under the code until that is typed, then with the command alone.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.people import tokens
from calllist.people.errors import CommandCodeUnknown
from calllist.people.tables import Person, SignIn
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event

CODE_LIFE = timedelta(minutes=5)
CODE_BYTES = 10  # 80 bits: nobody guesses one of them within five minutes
GROUP = 4  # characters between hyphens
NONCE = bytes(12)  # SP 800-38D, 5.2.1.1; safe: the key is of one code, which seals one grant


@dataclass(frozen=True)
class Offered:
    """A code to be typed into the command line, once."""

    code: str = field(repr=False)
    until: datetime


@dataclass(frozen=True)
class CommandSession:
    """The session of one command line. grant: of the shift, where the browser lent it."""

    token: str = field(repr=False)
    grant: str = field(repr=False)
    until: datetime
    person: Person


async def offer(session: AsyncSession, person: Person, now: datetime, *, lent: str = "") -> Offered:
    """A fresh code for this person; an earlier one is void.

    lent: the shift's grant, so that the command can take people out (取下げ) as well.
    """
    await session.execute(
        delete(SignIn).where(
            SignIn.person_id == person.id, SignIn.command.is_(True), SignIn.complete.is_(False)
        )
    )
    text = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
    offered = _remember(session, person.id, _hashed(text), now, now + CODE_LIFE)
    offered.lent_grant = _under(text).encrypt(NONCE, lent.encode(), None) if lent else None
    await session.flush()
    parts = [text[at : at + GROUP] for at in range(0, len(text), GROUP)]
    return Offered("-".join(parts), now + CODE_LIFE)


async def take(
    session: AsyncSession, keeper: KeeperClient, code: str, now: datetime
) -> CommandSession:
    """Begin the command's session, for as long as the shift lasts. Raises CommandCodeUnknown."""
    row = await session.execute(
        delete(SignIn)
        .where(
            SignIn.token_hash == _hashed(code),
            SignIn.command.is_(True),
            SignIn.complete.is_(False),
            SignIn.expires_at > now,
        )
        .returning(SignIn.person_id, SignIn.lent_grant)
    )
    person_id, sealed = row.one_or_none() or (None, None)
    person = None if person_id is None else await session.get(Person, person_id)
    until = await _shift(session, person, now)
    if person is None or until is None:
        raise CommandCodeUnknown
    grant = _under(code).decrypt(NONCE, sealed, None).decode() if sealed else ""
    token = tokens.new()
    begun = _remember(session, person.id, tokens.hashed(token), now, until)
    begun.complete, begun.grant_hash = True, tokens.hashed(grant) if grant else None
    await session.flush()
    said = {"person": person.id, "by": person.id} | ({"lent": "grant"} if grant else {})
    await keeper.call(Event("command_signed_in", said))
    return CommandSession(token, grant, until, person)


async def who(session: AsyncSession, token: str, now: datetime) -> Person | None:
    """The person of a command's living session, or None."""
    return await session.scalar(
        select(Person)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.token_hash == tokens.hashed(token),
            SignIn.command.is_(True),
            SignIn.complete.is_(True),
            SignIn.expires_at > now,
            Person.stopped_at.is_(None),
        )
    )


async def was_lent(session: AsyncSession, token: str, grant: str) -> bool:
    """Whether the browser lent this command's session this grant."""
    lent = select(SignIn.grant_hash).where(
        SignIn.token_hash == tokens.hashed(token), SignIn.command.is_(True)
    )
    return bool(grant) and await session.scalar(lent) == tokens.hashed(grant)


async def sign_out(session: AsyncSession, token: str) -> bool:
    """End a command's session; False if the token is none of a command."""
    ended = await session.scalar(
        delete(SignIn)
        .where(SignIn.token_hash == tokens.hashed(token), SignIn.command.is_(True))
        .returning(SignIn.person_id)
    )
    return ended is not None


async def _shift(session: AsyncSession, person: Person | None, now: datetime) -> datetime | None:
    """The end of the person's shift in a browser; None without one."""
    if person is None or person.stopped_at is not None:
        return None
    until: datetime | None = await session.scalar(
        select(func.max(SignIn.expires_at)).where(
            SignIn.person_id == person.id,
            SignIn.complete.is_(True),
            SignIn.command.is_(False),
            SignIn.expires_at > now,
        )
    )
    return until


def _remember(
    session: AsyncSession,
    person_id: str,
    hashed: bytes,
    now: datetime,
    until: datetime,
) -> SignIn:
    remembered = SignIn(
        token_hash=hashed,
        person_id=person_id,
        complete=False,
        command=True,
        created_at=now,
        expires_at=until,
    )
    session.add(remembered)
    return remembered


def _hashed(code: str) -> bytes:
    """However it was typed; never equal to the hash of a cookie."""
    return tokens.hashed(f"command code {_letters(code)}")


def _under(code: str) -> AESGCM:
    """What the code itself seals: 80 random bits of five minutes need no stretching."""
    return AESGCM(
        hashlib.blake2b(_letters(code).encode(), digest_size=32, person=b"lent grant").digest()
    )


def _letters(code: str) -> str:
    return "".join(part for part in code.upper() if part.isalnum())
