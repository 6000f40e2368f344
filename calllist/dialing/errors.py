"""What can go wrong at the desk. Never says anything of a person."""

from datetime import datetime

from calllist.errors import CalllistError


class LeaseHeld(CalllistError):
    """The operator has a record in hand; its result comes first."""

    code = "lease_held"

    def __init__(self, lease_id: str) -> None:
        super().__init__(lease_id)
        self.lease_id = lease_id


class LeaseUnknown(CalllistError):
    """No such lease, or not this operator's: the two are not told apart."""

    code = "unknown_lease"


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
    """The entrustor took this record out: closed with code 80, and nobody was shown."""

    code = "record_withdrawn"
    keeps = True

    def __init__(self, lease_id: str, job_id: str) -> None:
        super().__init__(lease_id)
        self.job_id = job_id


class NumberUnreadable(CalllistError):
    """What was typed is no telephone number. It is not repeated."""

    code = "number_unreadable"


class InOtherHand(CalllistError):
    """Whoever has this number, or one of them, is in the hand of another operator."""

    code = "in_other_hand"
