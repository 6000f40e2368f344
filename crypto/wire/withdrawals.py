"""People whom the entrustor takes out of a list: found by reference number, closed one by one."""

from typing import Annotated

import msgspec

from crypto.ids import Id
from crypto.wire.base import Caller, Reply, Request
from crypto.wire.records import Closed, SealedRecord

Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
References = Annotated[tuple[Reference, ...], msgspec.Meta(min_length=1, max_length=1000)]


class Located(Reply, frozen=True, tag="located"):
    """How each reference would be filed in the list, whether it is there or not: 8 bytes each."""

    tokens: bytes


class Locate(Request[Located], frozen=True, tag="locate"):
    """How reference numbers are filed in one list, so that its records are found by them.

    By a living grant of a manager of an approved party, or of the entrustor's officer. Asking
    is counted: so many references a day as the list has people, and some.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    list: Id
    references: References

    def __repr__(self) -> str:
        return f"Locate({self.list}, {len(self.references)} references)"


class Withdraw(Request[Closed], frozen=True, tag="withdraw"):
    """Close one record for ever because its entrustor takes it out; the result is code 80.

    Nobody is shown, and whoever has the record in hand loses it. `reference`: as the entrustor
    wrote it (of a record without one, its line number): the record itself must say the same,
    for how references are filed is the operations plane's to swap. `attempt`: the caller's own
    name for this withdrawal; repeated, the same result again.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    attempt: Id
    reference: Reference

    def __repr__(self) -> str:
        return f"Withdraw({self.record!r}, {self.attempt})"


Requests = Locate | Withdraw
Replies = Located
