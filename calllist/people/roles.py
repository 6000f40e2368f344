"""The roles of people. One person has one role; nobody of these sees more than one record."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is here, and what it sees of people on lists."""

    MANAGER = "manager"  # counts
    SUPERVISOR = "supervisor"  # who sits where at its own site, and counts
    OPERATOR = "operator"  # one masked record
    ENTRUSTOR = "entrustor"  # its own counts, results, certificates
    AUDITOR = "auditor"  # counts and certificates of all
    ADMINISTRATOR = "administrator"  # accounts, nothing of any list


OF_PARTY = frozenset({Role.MANAGER, Role.SUPERVISOR, Role.OPERATOR})  # of a call centre
AT_A_SITE = frozenset({Role.SUPERVISOR, Role.OPERATOR})
