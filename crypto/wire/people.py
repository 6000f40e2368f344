"""Second factors and shifts.

A person has one factor: an authenticator application, a hardware token handed over by the
keeper's administrator, or a security key. Until it has let the person in once, it may be
registered anew; afterwards another one needs a roster statement with `new_factor`, which
lets one in. A token that was handed over is replaced by that way only, or by another token.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from crypto.ids import Id
from crypto.standards.oath import COUNTERS, Generator, Seed
from crypto.wire.base import Caller, Done, Reply, Request

Code = Annotated[str, msgspec.Meta(max_length=16)]  # 6 or 8 digits, or what was typed instead
Counter = Annotated[int, msgspec.Meta(ge=0, lt=COUNTERS)]
Challenge = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
# Bounds of what a browser brings from a security key; about 250, 400, 40 and 72 bytes are usual.
ClientData = Annotated[bytes, msgspec.Meta(max_length=2048)]
Attestation = Annotated[bytes, msgspec.Meta(max_length=4096)]
AuthenticatorData = Annotated[bytes, msgspec.Meta(max_length=1024)]
Signature = Annotated[bytes, msgspec.Meta(max_length=512)]
Credential = Annotated[bytes, msgspec.Meta(max_length=1023)]  # WebAuthn Level 2, 5.8.3


class FactorKind(StrEnum):
    """What a person proves itself with, besides the password."""

    NONE = "none"  # nothing yet
    APP = "app"
    TOKEN = "token"  # noqa: S105 - a thing, no secret
    KEY = "key"


class Enrolled(Reply, frozen=True, tag="enrolled"):
    """A fresh seed, which only this answer carries."""

    secret: str  # base32, for the person's authenticator; shown once, kept by nobody else


class Enrol(Request[Enrolled], frozen=True, tag="enrol"):
    """Make a TOTP secret (RFC 6238) for a person whom a roster statement names."""

    callers = frozenset({Caller.WEB, Caller.ADMIN})
    person: Id


class HandToken(Request[Done], frozen=True, tag="hand_token"):
    """Register the hardware token that a person is handed, from its maker's seed file.

    Said on the keeper's own host only. A serial number is one person's, until that person has
    another factor or has left.
    """

    callers = frozenset({Caller.ADMIN})
    person: Id
    serial: Id
    seed: Seed
    generator: Generator
    counter: Counter = 0  # HOTP: of the next code


class Factor(Reply, frozen=True, tag="factor"):
    """What the screens ask a person for."""

    kind: FactorKind
    confirmed: bool  # it has let the person in once
    replaceable: bool  # an application or a security key may be registered now
    digits: int  # of a code; 0 for a security key
    serial: str  # of a token, else empty


class LookAtFactor(Request[Factor], frozen=True, tag="look_at_factor"):
    """Which factor a person has. Nothing of it that lets anybody in."""

    callers = frozenset({Caller.WEB})
    person: Id


class KeyBegun(Reply, frozen=True, tag="key_begun"):
    """What a browser needs to register a key or to let it sign."""

    challenge: Challenge  # good once, for five minutes
    party: str  # relying party id: the host in the origin this keeper was started with
    credential: Credential  # the key that is asked to sign; empty while registering


class BeginKey(Request[KeyBegun], frozen=True, tag="begin_key"):
    """Make a challenge for registering a security key (FIDO2). Ends the person's earlier one."""

    callers = frozenset({Caller.WEB})
    person: Id


class RegisterKey(Request[Done], frozen=True, tag="register_key"):
    """Register the security key that answered the challenge of `BeginKey`."""

    callers = frozenset({Caller.WEB})
    person: Id
    client_data: ClientData
    attestation: Attestation


class ChallengeKey(Request[KeyBegun], frozen=True, tag="challenge_key"):
    """Make a challenge for the person's security key. Ends the person's earlier one."""

    callers = frozenset({Caller.WEB})
    person: Id


class Granted(Reply, frozen=True, tag="granted"):
    """A shift."""

    secret: str  # 256 random bits, base64url; the keeper keeps only its hash
    until: datetime
    role: str


class Grant(Request[Granted], frozen=True, tag="grant"):
    """Verify a code and grant this person one shift. Ends the person's earlier grant.

    The first right code confirms a fresh factor. No TOTP step and no HOTP counter is accepted
    twice; five wrong codes lock the person for 15 minutes. `following` is the next code of a
    hardware token: with two in a row it is found again when it has run ahead.
    """

    callers = frozenset({Caller.WEB})
    person: Id
    code: Code
    following: Code = ""


class GrantByKey(Request[Granted], frozen=True, tag="grant_by_key"):
    """As `Grant`, for what a security key signed over the challenge of `ChallengeKey`."""

    callers = frozenset({Caller.WEB})
    person: Id
    credential: Credential
    client_data: ClientData
    authenticator_data: AuthenticatorData
    signature: Signature


class Revoke(Request[Done], frozen=True, tag="revoke"):
    """End the grant of a person at once. Unknown or ended: nothing to do.

    `grant` is shown by its bearer, who signs out. Without it the shift is taken away, also when
    it is over: what it has ended and nobody has begun to shred, somebody else has to end.
    """

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.ADMIN})
    person: Id
    grant: str = ""


Requests = (
    Enrol
    | HandToken
    | LookAtFactor
    | BeginKey
    | RegisterKey
    | ChallengeKey
    | Grant
    | GrantByKey
    | Revoke
)
Replies = Enrolled | Factor | KeyBegun | Granted
