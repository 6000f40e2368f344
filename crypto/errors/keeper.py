"""The keeper itself: callers, frames, the ledger."""

from crypto.errors.base import Refusal


class NotAllowed(Refusal):
    """This caller class may not say this verb."""

    code = "not_allowed"


class BadFrame(Refusal):
    """The message is outside the schema; the connection ends."""

    code = "bad_frame"


class LedgerUnavailable(Refusal):
    """The ledger could not be written, so nothing happened and nothing was shown."""

    code = "ledger_unavailable"


class LedgerShorter(Refusal):
    """Somebody keeps a signed head that this ledger does not begin with: it was rolled back or
    rewritten. Nothing is done any more, also after a restart; `detail` names the head."""

    code = "ledger_shorter"


class BadNote(Refusal):
    """Not a signed head of this ledger, or without the signature that it needs."""

    code = "bad_note"


class UnknownLine(Refusal):
    """The ledger has no such line, or no such month or size."""

    code = "unknown_line"


class LineQuota(Refusal):
    """As many ledger lines as `detail` an hour were had for nothing: no more before the next."""

    code = "line_quota"


class EventQuota(Refusal):
    """This caller class has added as many events within the hour as it may."""

    code = "event_quota"
