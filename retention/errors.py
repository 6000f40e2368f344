"""What can go wrong with a holding. Errors name ids and codes, never contents."""

from typing import ClassVar


class RetentionError(Exception):
    """The family of this floor. `code` is stable: screens and the command line translate it."""

    code: ClassVar[str]


class HoldingUnknown(RetentionError):
    """No holding has this id."""

    code = "unknown_holding"


class HoldingOver(RetentionError):
    """The holding is released or past its deadline: nothing of it may be shown any more."""

    code = "holding_over"


class NotDue(RetentionError):
    """Nobody has released the holding, or its grace still runs: it may not be destroyed yet."""

    code = "not_due"


class NotVerified(RetentionError):
    """A store still holds something, or could not be checked. No certificate may follow."""

    code = "not_verified"

    def __init__(self, holding: str, failure: str) -> None:
        super().__init__(f"{holding}: {failure}")
        self.failure = failure


class NotAuthentic(RetentionError):
    """This is not a certificate of the pinned key. Nothing it says may be relied on."""

    code = "not_authentic"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AboutAnother(RetentionError):
    """A later document is about another certificate, or contradicts the others. `place`: which of
    those given, from 0."""

    code = "about_another"

    def __init__(self, place: int) -> None:
        super().__init__(f"document {place}")
        self.place = place


class CertificateMissing(RetentionError):
    """No certificate has this id."""

    code = "certificate_missing"


class NotStamped(RetentionError):
    """The timestamping authority gave no token that holds; it is asked again. `reason`: a code."""

    code = "not_stamped"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NeedleTooShort(RetentionError):
    """A needle is so short that chance alone would find it. `line` counts from 1."""

    code = "needle_too_short"

    def __init__(self, line: int) -> None:
        super().__init__(f"needle {line}")
        self.line = line
