"""Somebody has moved or died (60): the entrustor's other records of that person are not called."""

import msgspec

from crypto.ids import Id
from crypto.wire.base import Caller, Reply, Request
from crypto.wire.records import Closed, SealedRecord


class Suppression(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to look for further records of one person: how its numbers are filed in one list,
    whether anybody of that list has them or not."""

    list: Id
    because: Id  # the call that said so
    tokens: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"Suppression({self.list}, {self.because}, {len(self.tokens)} tokens)"


class Told(Reply, frozen=True, tag="suppressions"):
    """Of the last day, in lists that live."""

    suppressions: tuple[Suppression, ...]


class Suppressions(Request[Told], frozen=True, tag="tell_suppressions"):
    """Whose further records are to be closed, as far as the keeper can say it: by number."""

    callers = frozenset({Caller.WORKER})


class Suppress(Request[Closed], frozen=True, tag="suppress"):
    """Close one record for ever because it is that person's: the result is code 81.

    Nobody is shown, and whoever has the record in hand loses it. The record itself must say the
    same number and the same reference or name: a household's others stay. `attempt`: the caller's
    own name for it; repeated, the same result again.
    """

    callers = frozenset({Caller.WORKER})
    record: SealedRecord
    because: Id
    attempt: Id


Requests = Suppressions | Suppress
Replies = Told
