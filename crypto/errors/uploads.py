"""A file that its entrustor encrypted, or rows that correct an earlier list."""

from crypto.errors.base import Refusal


class HeaderUnreadable(Refusal):
    """Not a header of an age file, or one that was altered."""

    code = "sealed_header"


class SealedElsewhere(Refusal):
    """Encrypted to another key than this job's: another job's, or one that was destroyed."""

    code = "sealed_elsewhere"


class SecondHeader(Refusal):
    """This upload has shown another file before."""

    code = "second_header"


class TakenInBefore(Refusal):
    """This very file is a list of the job already."""

    code = "taken_in_before"


class SealedOnly(Refusal):
    """The contract takes files only that the entrustor has encrypted."""

    code = "sealed_only"


class TooManyAddresses(Refusal):
    """So many jobs of this contract have a key and no list yet."""

    code = "too_many_addresses"


class TooManyCorrections(Refusal):
    """More rows than the list to be corrected has rejected. `detail`: how many are left."""

    code = "too_many_corrections"


class TooManyWithdrawals(Refusal):
    """A manager has taken so many people out of this list today. The entrustor's officer may go
    on. `detail`: how many may be."""

    code = "too_many_withdrawals"


class TooManyReferences(Refusal):
    """So many references of this list were asked for within 24 hours. `detail`: how many may be."""

    code = "too_many_references"
