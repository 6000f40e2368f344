"""Calls that are proven by a code, and people who call back with a code or a reference number."""

from datetime import datetime
from typing import Annotated

import msgspec

from crypto.ids import Id
from crypto.wire.base import Caller, Number, Reply, Request
from crypto.wire.records import Found, SealedRecord
from crypto.wire.withdrawals import Reference

Code = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{6}\Z")]


class Given(Reply, frozen=True, tag="given"):
    """The code of this call, to be said to the callee. Its repr does not show it."""

    code: str
    until: datetime

    def __repr__(self) -> str:
        return f"Given({len(self.code)} digits, until {self.until})"


class GiveCode(Request[Given], frozen=True, tag="give_code"):
    """A code for the call of the record in hand; the same one as often as asked in this call."""

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    attempt: Id  # id of this call, as `Close` will name it


class Checked(Reply, frozen=True, tag="checked"):
    """Whether a call of this entrustor gave the code lately; if so of which job, and when.

    Who was called is not said. Not genuine is one answer, whatever the reason.
    """

    genuine: bool
    job: str = ""
    at: datetime | None = None


class CheckCode(Request[Checked], frozen=True, tag="check_code"):
    """An entrustor's officer asks for somebody who was called: was that really us?"""

    callers = frozenset({Caller.WEB})
    grant: str
    code: Code

    def __repr__(self) -> str:
        return f"CheckCode({len(self.code)} digits)"


class FindReference(Request[Found], frozen=True, tag="find_reference"):
    """`records.Find`, by the reference number of a letter: how it is filed in each living list."""

    callers = frozenset({Caller.WEB})
    grant: str
    job: Id
    reference: Reference

    def __repr__(self) -> str:
        return f"FindReference({self.job}, {len(self.reference)} characters)"


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a record lies."""

    list: Id
    chunk: Number
    index: Number


class FoundCall(Reply, frozen=True, tag="found_call"):
    """Whose call it was; None if no call of this job gave the code."""

    place: Place | None


class FindCall(Request[FoundCall], frozen=True, tag="find_call"):
    """`records.Find`, by the code of an earlier call. Costs the same, hit or miss."""

    callers = frozenset({Caller.WEB})
    grant: str
    job: Id
    code: Code

    def __repr__(self) -> str:
        return f"FindCall({self.job}, {len(self.code)} digits)"


Requests = GiveCode | CheckCode | FindReference | FindCall
Replies = Given | Checked | FoundCall
