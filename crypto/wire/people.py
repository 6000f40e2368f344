"""Second factors and shifts."""

from datetime import datetime

from crypto.wire.base import Caller, Done, Id, Reply, Request


class Enrolled(Reply, frozen=True, tag="enrolled"):
    """A fresh seed, which only this answer carries."""

    secret: str  # base32, for the person's authenticator; shown once, kept by nobody else


class Enrol(Request[Enrolled], frozen=True, tag="enrol"):
    """Make a TOTP secret (RFC 6238) for a person whom a roster statement names.

    Refused once the factor has been confirmed: another one needs a roster statement with
    `new_factor`, which lets one in.
    """

    callers = frozenset({Caller.WEB, Caller.ADMIN})
    person: Id


class Granted(Reply, frozen=True, tag="granted"):
    """A shift."""

    secret: str  # 256 random bits, base64url; the keeper keeps only its hash
    until: datetime
    role: str


class Grant(Request[Granted], frozen=True, tag="grant"):
    """Verify a code and grant this person one shift. Ends the person's earlier grant.

    The first right code confirms a fresh factor. A TOTP step is never accepted twice; five
    wrong codes lock the person for 15 minutes.
    """

    callers = frozenset({Caller.WEB})
    person: Id
    code: str


class Revoke(Request[Done], frozen=True, tag="revoke"):
    """End the grant of a person at once. Unknown or ended: nothing to do."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.ADMIN})
    person: Id


Requests = Enrol | Grant | Revoke
Replies = Enrolled | Granted
