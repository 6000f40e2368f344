"""The roles of people. One person has one role; nobody of these sees more than one record."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is here, and what it sees of people on lists."""

    MANAGER = "manager"  # counts
    OPERATOR = "operator"  # one masked record
    ENTRUSTOR = "entrustor"  # its own counts, results, certificates
    AUDITOR = "auditor"  # counts and certificates of all
    ADMINISTRATOR = "administrator"  # accounts, nothing of any list
