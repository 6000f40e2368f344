"""A result that stands is found to be wrong: a supervisor or manager gives another code for it."""

from datetime import datetime
from typing import Literal

import msgspec

from crypto.ids import Id
from crypto.wire.base import Caller, Number, Reply, Request

Reason = Literal["pressed", "told", "recording", "callee"]  # wrong key; the operator says so;
# heard in the recording; the person has said so since


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where in its list a record lies."""

    chunk: Number
    index: Number


class Revised(Reply, frozen=True, tag="revised"):
    """The result as it stands now, sealed to the entrustor with both codes."""

    code: int
    final: bool
    sealed: bytes  # crypto.records.sealing.seal_result, with a `Revision`
    at: datetime  # of the revision; the call's own time is in what is sealed
    closed: Place | None = None  # the record, if nobody calls it any more because of this


class Revise(Request[Revised], frozen=True, tag="revise"):
    """Another code for one attempt, once its minute is over; nobody is shown.

    By a living grant of a supervisor, for calls of the own site, or of a manager, for those of the
    own party. It never opens a record again, and closes one that is in play if the code is final.
    Repeated with the same code: the same answer. Raises NotOverseen, UnknownAttempt, ListOver,
    StillChangeable, SameResult, NotRevisable, InOtherHand.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    attempt: Id
    code: int
    reason: Reason


Requests = Revise
Replies = Revised
