"""Second factors: what a person on the roster proves itself with, besides the password.

    nothing -> registered, or handed over -> confirmed (it let the person in once)

One factor per person: a second way in would be a second way for others. What has been
confirmed is replaced only under a roster statement that says `new_factor`, once (D14, D30).
Five wrong answers in a row lock the person for 15 minutes, whatever the kind.

Seeds lie here wrapped under the keystore's factor key; of a security key only the public half.
"""

import base64
import secrets
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from crypto.errors.people import (
    AlreadyEnrolled,
    KeysNotOffered,
    Locked,
    NotEnrolled,
    WrongCode,
    WrongKey,
)
from crypto.people.challenges import Challenges
from crypto.people.factorbook import Codes, Factorbook, Held, Key, lose_seeds
from crypto.people.roster import Roster, end_every_grant
from crypto.people.securitykeys import Assertion, SecurityKeys
from crypto.people.seeds import Seeds
from crypto.standards.canonical import micros, moment
from crypto.standards.oath import Generator, Position, accepted, resynchronised
from crypto.wire.people import Factor, FactorKind, HandToken

SEED_BYTES = 20  # RFC 4226, 4, R6: 160 bits recommended
APP = Generator()
SERIAL = "token:"  # before the serial, where a key has its credential id


class Passed(NamedTuple):
    """The factor let the person in."""

    kind: FactorKind
    found_again: bool = False  # by two codes: the token had run ahead


class Factors:
    """Everybody's factors. `factor_key` wraps seeds at rest; without `keys` none is offered."""

    def __init__(
        self,
        db: sqlite3.Connection,
        roster: Roster,
        factor_key: bytes,
        keys: SecurityKeys | None,
        counted: Callable[[datetime], datetime],
    ) -> None:
        """counted: of a verb's moment, by what a lock counts (`crypto.host.clocks`)."""
        self._counted = counted
        self._book, self._roster, self._keys = Factorbook(db), roster, keys
        self._seeds, self._challenges = Seeds(factor_key), Challenges(db)

    # -- registering -----------------------------------------------------------------------

    def look_at(self, person: str, now: datetime) -> Factor:
        """Raises UnknownPerson, RosterOver."""
        self._roster.entry(person, now)
        row, replaceable = self._book.find(person), self._book.replaceable(person)
        if row is None or not row.held:
            return Factor(FactorKind.NONE, False, replaceable, APP.digits, "")
        if row.kind is FactorKind.KEY:
            return Factor(row.kind, row.confirmed, replaceable, 0, "")
        serial = (row.name or "").removeprefix(SERIAL)
        return Factor(row.kind, row.confirmed, replaceable, row.codes.generator.digits, serial)

    def enrol(self, person: str, now: datetime) -> str:
        """A fresh TOTP seed, base32. Raises UnknownPerson, RosterOver, AlreadyEnrolled."""
        self._roster.entry(person, now)
        seed = secrets.token_bytes(SEED_BYTES)
        held = Codes(self._seeds.wrapped(person, seed), APP)
        self._book.register(person, FactorKind.APP, held, None, used=0)
        return base64.b32encode(seed).decode()

    def hand_over(self, token: HandToken, now: datetime) -> None:
        """Raises UnknownPerson, RosterOver, AlreadyEnrolled, FactorTaken."""
        self._roster.entry(token.person, now)
        name = f"{SERIAL}{token.serial}"
        self._book.refuse_taken(name, token.person, now)
        held = Codes(self._seeds.wrapped(token.person, token.seed), token.generator)
        self._book.register(token.person, FactorKind.TOKEN, held, name, used=token.counter - 1)

    def begin_key(self, person: str, now: datetime) -> tuple[bytes, str]:
        """Challenge and relying party. Raises UnknownPerson, RosterOver, AlreadyEnrolled,
        KeysNotOffered."""
        self._roster.entry(person, now)
        keys = self._offered()
        if not self._book.replaceable(person):
            raise AlreadyEnrolled(person)
        return self._challenges.make(person, now, registers=True), keys.party

    def register_key(
        self, person: str, client_data: bytes, attestation: bytes, now: datetime
    ) -> str:
        """Its model (AAGUID). Uses the challenge up.

        Raises UnknownPerson, RosterOver, AlreadyEnrolled, ChallengeOver, KeysNotOffered, and
        WrongKey, KeyNotBound, FactorTaken, after which the caller commits all the same.
        """
        self._roster.entry(person, now)
        keys = self._offered()
        challenge = self._challenges.use_up(person, now, registers=True)
        made = keys.register(challenge, client_data, attestation)
        name = f"key:{made.credential.hex()}"
        self._book.refuse_taken(name, person, now)
        held = Key(made.credential, made.public_key, made.model)
        self._book.register(person, FactorKind.KEY, held, name, used=made.signatures)
        return made.model

    # -- letting in ------------------------------------------------------------------------

    def remember_wrong(self, person: str, now: datetime) -> bool:
        """Count a wrong answer; True if the person is locked from now on."""
        return self._book.remember_wrong(person, self._counted(now))

    def check_code(self, person: str, code: str, following: str, now: datetime) -> Passed:
        """Use up a code, or two in a row of a token.

        Raises UnknownPerson, RosterOver, NotEnrolled, Locked, and WrongCode, which the caller
        must make durable with `remember_wrong`.
        """
        row = self._unlocked(person, now)
        if row.kind is FactorKind.KEY:
            raise WrongCode(person)
        held, at, seconds = row.codes, Position(row.used, row.drift), micros(now) // 1_000_000
        seed = self._seeds.unwrapped(person, held.seed)
        found_again = bool(following) and row.kind is FactorKind.TOKEN
        if found_again:
            place = resynchronised(seed, held.generator, (code, following), at, seconds)
        else:
            place = accepted(seed, held.generator, code, at, seconds)
        if place is None:
            raise WrongCode(person)
        # The clock of a telephone is set by its network: only a token's drift is worth following.
        drift = place.drift if row.kind is FactorKind.TOKEN else 0
        self._book.accept(person, place.used, drift)
        return Passed(row.kind, found_again)

    def challenge_key(self, person: str, now: datetime) -> tuple[bytes, str, bytes]:
        """Challenge, relying party, credential id.

        Raises UnknownPerson, RosterOver, NotEnrolled (also with a factor of another kind),
        Locked, KeysNotOffered.
        """
        row = self._unlocked(person, now)
        if row.kind is not FactorKind.KEY:
            raise NotEnrolled(person)
        party = self._offered().party
        return self._challenges.make(person, now, registers=False), party, row.key.credential

    def check_key(self, person: str, assertion: Assertion, now: datetime) -> Passed:
        """Use up the challenge.

        Raises UnknownPerson, RosterOver, NotEnrolled, Locked, ChallengeOver, KeysNotOffered, and
        WrongKey, which the caller must make durable with `remember_wrong`. Its detail is
        "count" for a good signature whose count has not risen: the key may have been copied.
        """
        row = self._unlocked(person, now)
        keys = self._offered()
        challenge = self._challenges.use_up(person, now, registers=False)
        if row.kind is not FactorKind.KEY or assertion.credential != row.key.credential:
            raise WrongKey
        count = keys.verify(challenge, row.key.public_key, assertion)
        if count <= row.used and (count or row.used):  # Level 2, 7.2, step 21
            raise WrongKey("count")
        self._book.accept(person, count, 0)
        return Passed(row.kind)

    def _unlocked(self, person: str, now: datetime) -> Held:
        """Raises UnknownPerson, RosterOver, NotEnrolled, Locked."""
        self._roster.entry(person, now)
        row = self._book.find(person)
        if row is None or not row.held:
            raise NotEnrolled(person)
        left = moment(row.locked_until) - self._counted(now)
        if left > timedelta(0):
            raise Locked((now + left).isoformat(timespec="seconds"))
        return row

    def _offered(self) -> SecurityKeys:
        if self._keys is None:
            raise KeysNotOffered
        return self._keys


def lose_factors(db: sqlite3.Connection) -> tuple[int, int]:
    """The factor key was lost with the keystore: no seed opens any more, every shift ends. How
    many of both.

    Who had confirmed a factor still counts as having one: another one needs a signed statement
    (D14), or a burnt disk would be the moment to take somebody's place. Security keys, of which
    nothing secret was kept, work on.
    """
    return lose_seeds(db), end_every_grant(db)
