"""One person at a time: the verbs that touch a record."""

from datetime import datetime
from typing import Annotated

import msgspec

from crypto.ids import Id
from crypto.records.fields import FieldKind, Stage
from crypto.records.slips import Slip
from crypto.wire.base import Caller, Done, Number, Reply, Request


class SealedRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One record as the operations plane stores it, with the place it is bound to."""

    list: Id
    chunk: Number
    index: Number
    chunk_key: bytes  # HPKE-sealed to the list
    sealed: bytes

    def __repr__(self) -> str:
        return f"SealedRecord({self.list}/{self.chunk}/{self.index}, {len(self.sealed)} bytes)"


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field for the eyes. Its text never reaches a log: the repr shows its length."""

    kind: FieldKind
    text: str

    def __repr__(self) -> str:
        return f"Shown({self.kind}, {len(self.text)} characters)"


NOTE_CHARACTERS = 100
Note = Annotated[str, msgspec.Meta(max_length=NOTE_CHARACTERS)]


class Noted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The note of an earlier call. Its text never reaches a log: the repr shows its length."""

    text: Note

    def __repr__(self) -> str:
        return f"Noted({len(self.text)} characters)"


class Filed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a number is filed in one list, whether it is there or not."""

    list: Id
    token: bytes


class View(Reply, frozen=True, tag="view"):
    """What the eyes get of one person, and what may be asked next."""

    stage: Stage
    fields: tuple[Shown, ...]
    match: tuple[FieldKind, ...]  # what the operator may ask for and type in
    matched: tuple[FieldKind, ...]
    tries_left: int
    reveal: tuple[FieldKind, ...]
    people_left: int  # of this hour's or day's budget, whichever is less
    note: Noted | None = None  # from the stage that the terms name
    number: int = 1  # which of the record's numbers is rung
    elsewhere: tuple[Filed, ...] = ()  # its number, in the job's other living lists


class Open(Request[View], frozen=True, tag="open"):
    """The masked view of one record at its current stage.

    A grant has one record in hand: another one is refused until `Close`, or until
    `hold_seconds` after the last `Open`. A record in another grant's hand is refused
    likewise. The first `Open` of a record by a person costs one of its budget.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord


Said = Annotated[str, msgspec.Meta(max_length=200)]  # to normalise more would take seconds


class Matched(Reply, frozen=True, tag="matched"):
    """Whether both mean the same, and what is shown from now on."""

    same: bool
    view: View


class Match(Request[Matched], frozen=True, tag="match"):
    """Compare what the callee said with one field of the record in hand."""

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    kind: FieldKind
    said: Said

    def __repr__(self) -> str:
        return f"Match({self.record!r}, {self.kind}, {len(self.said)} characters)"


Phone = Annotated[str, msgspec.Meta(pattern=r"\A\+[1-9][0-9]{6,14}\Z")]  # E.164


class Found(Reply, frozen=True, tag="found"):
    """Where to look the number up: each living list of the job, with its token there."""

    filed: tuple[Filed, ...]


class Find(Request[Found], frozen=True, tag="find"):
    """Search for one number inside one job, for somebody who calls back.

    Costs one person of the budget, also if nobody is there; within the hour only once. The
    record that has this number opens at S2 for the same grant, at no further cost.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    job: Id
    phone: Phone

    def __repr__(self) -> str:
        return f"Find({self.job}, {len(self.phone)} characters)"


class Revealed(Reply, frozen=True, tag="revealed"):
    """One field in full. Its text never reaches a log."""

    text: str
    seconds: int

    def __repr__(self) -> str:
        return f"Revealed({len(self.text)} characters, {self.seconds} s)"


class Reveal(Request[Revealed], frozen=True, tag="reveal"):
    """One field of the record in hand in full, for `seconds`, with a reason."""

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    kind: FieldKind
    reason: str  # a code: "manual_dial", "read_back"


class Closed(Reply, frozen=True, tag="closed"):
    """The result, sealed, with the time the keeper gave it."""

    final: bool
    sealed: bytes  # crypto.records.sealing.seal_result
    at: datetime
    slip: bool = False  # whether a slip is in it
    token: bytes = b""  # how the record's next number is filed, if the one rung was no number


class Recalled(Closed, frozen=True, kw_only=True, tag="recalled"):
    """The result of an attempt as it was sealed, with its code."""

    code: int


class Recall(Request[Recalled], frozen=True, tag="recall"):
    """The sealed result of an attempt that the keeper closed and its caller did not store.

    Opens nothing: the result is sealed to the entrustor. Raises UnknownAttempt.
    """

    callers = frozenset({Caller.WEB, Caller.WORKER})
    attempt: Id


class LetGo(Request[Done], frozen=True, tag="let_go"):
    """Nobody is leased this record any more: whoever has it in hand lets go of it. Without a
    record: of every one of the list.

    It opens nothing: to see the record again takes its holder an `Open`, and the ledger says who
    had it in hand. In nobody's: nothing to do.
    """

    callers = frozenset({Caller.WEB, Caller.WORKER})
    list: Id
    record: tuple[Number, Number] | None = None  # chunk and index


class Close(Request[Closed], frozen=True, tag="close"):
    """Seal the result of the record in hand to the entrustor and let go of the record.

    A final code closes the record for ever: no grant opens it again, from whatever copy. Only
    after 架電上限 (70), where the contract permits searching, somebody who calls back before
    `findable_until` is still found; the keeper cuts that at a week per signed call-back day.
    Repeated with the same attempt id: the same result sealed again, nothing else. Amended, within
    60 s, by the same grant with nobody else in hand: another result in its place; the earlier
    slip, and a note of that call, stay unless others are given. Raises ResultFinal.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    attempt: Id  # id of this call, chosen by the caller once per lease
    code: int
    findable_until: datetime | None = None
    note: Note = ""  # for the next call: kept with the record until it is closed, in place of an
    # earlier one
    slip: Slip | None = None  # sealed into the result
    amends: bool = False  # in place of what this attempt was closed with, within a minute

    def __repr__(self) -> str:
        return f"Close({self.record!r}, {self.attempt}, {self.code}, {len(self.note)} characters)"


Requests = Open | Match | Reveal | Find | Recall | LetGo | Close
Replies = View | Matched | Revealed | Found | Closed | Recalled
