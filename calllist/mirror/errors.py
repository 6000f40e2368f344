"""What the mirror cannot show."""

from calllist.errors import CalllistError


class NotInTheLedger(CalllistError):
    """The mirror has no such month, head, tile or line (yet)."""

    code = "not_in_the_ledger"
