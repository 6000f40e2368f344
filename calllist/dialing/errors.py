"""What can go wrong at the desk. Never says anything of a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from calllist.errors import CalllistError
from crypto.records.slips import SlipKind


class LeaseHeld(CalllistError):
    """The operator has a record in hand; its result comes first."""

    code = "lease_held"

    def __init__(self, lease_id: str) -> None:
        super().__init__(lease_id)
        self.lease_id = lease_id


class LeaseUnknown(CalllistError):
    """No such lease, or not this operator's: the two are not told apart."""

    code = "unknown_lease"


class ResultUnknown(CalllistError):
    """No such call, or not one that this person oversees: the two are not told apart."""

    code = "unknown_result"


class ResultHandedOver(CalllistError):
    """The entrustor has confirmed that it has this result: it is not changed behind its back."""

    code = "result_handed_over"


class ResultChanged(CalllistError):
    """The result has another code by now than the one that was on the screen."""

    code = "result_changed"


class ResultGiven(CalllistError):
    """The call of this lease has its result, which may still be changed: nobody is shown."""

    code = "result_given"

    def __init__(self, lease_id: str, job_id: str) -> None:
        super().__init__(lease_id)
        self.job_id = job_id


class NobodyLeft(CalllistError):
    """Nobody of this job is to be called now. `due_at`: when somebody is, if anybody."""

    code = "nobody_left"
    keeps = True  # who was given up on the way stays so

    def __init__(self, due_at: datetime | None = None) -> None:
        super().__init__("nobody_left")
        self.due_at = due_at


class OutsideHours(CalllistError):
    """The contract permits no call now. `opens_at`: when it does."""

    code = "outside_hours"

    def __init__(self, opens_at: datetime) -> None:
        super().__init__("outside_hours")
        self.opens_at = opens_at


class CodeRefused(CalllistError):
    """This result code is not in the contract's terms, or not for the desk."""

    code = "unknown_result_code"


class ReasonUnknown(CalllistError):
    """Nobody is passed over without one of the known reasons."""

    code = "unknown_reason"


class CallBackMissing(CalllistError):
    """This result needs a time to call back."""

    code = "call_back_missing"


class CallBackRefused(CalllistError):
    """The call-back time is past, outside calling hours or after the list's last day."""

    code = "call_back_refused"


class RecordOver(CalllistError):
    """The keeper says that this record was closed before (a restored copy): skipped for good."""

    code = "record_over"
    keeps = True


class RecordWithdrawn(CalllistError):
    """This record was taken out, by the entrustor (80) or as somebody who has moved or died (81):
    closed as such, and nobody was shown. Which of the two is not said at the desk."""

    code = "record_withdrawn"
    keeps = True

    def __init__(self, lease_id: str, job_id: str) -> None:
        super().__init__(lease_id)
        self.job_id = job_id


class NumberInUse(CalllistError):
    """The number of this record is in hand, or has been rung often enough, through another list
    of the job: put back, and nobody was shown."""

    code = "number_in_use"
    keeps = True

    def __init__(self, lease_id: str, job_id: str) -> None:
        super().__init__(lease_id)
        self.job_id = job_id


class TransferOver(CalllistError):
    """Whom a supervisor had taken over is not in its hand any more (a new sign-in): put back."""

    code = "transfer_over"
    keeps = True


class NumberUnreadable(CalllistError):
    """What was typed is no telephone number. It is not repeated."""

    code = "number_unreadable"


class InOtherHand(CalllistError):
    """Whoever has this number, or one of them, is in the hand of another operator."""

    code = "in_other_hand"


class Why(StrEnum):
    """What a note must not have."""

    NUMBER = "number"
    ADDRESS = "address"
    MAIL = "mail"
    LONG = "long"


@dataclass(frozen=True)
class Fault:
    """From where to where (exclusive) in a note, and why; never what stands there."""

    start: int
    end: int
    why: Why


class NoteBlocked(CalllistError):
    """The note says what it must not: nothing was stored, the call has no result yet."""

    code = "note_blocked"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("note_blocked")
        self.faults = faults
        self.where = [
            {"start": fault.start, "end": fault.end, "why": fault.why.value} for fault in faults
        ]


class NoteNeedless(CalllistError):
    """The person is done with this result: nobody would read the note."""

    code = "note_needless"


class SlipUnreadable(CalllistError):
    """Fields of the slip that cannot be read, by their names."""

    code = "slip_unreadable"

    def __init__(self, faults: Sequence[SlipKind]) -> None:
        super().__init__("slip_unreadable")
        self.faults = tuple(faults)
        self.fields = [kind.value for kind in faults]


class SlipNotReadBack(CalllistError):
    """What is on the slip has to be read back to the person once, before it is sealed."""

    code = "slip_not_read_back"
