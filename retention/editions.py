"""What has become of certificates: in force, replaced (差替済), revoked (失効).

Said only by documents that the keeper has signed and that are about exactly this original;
what the rows around them say is held against them and never believed alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from retention.errors import NotAuthentic
from retention.facts import CertificateFacts
from retention.tables import Certificate
from retention.verify import concerns, revocation, verify


class Status(StrEnum):
    """What a certificate is worth today."""

    IN_FORCE = "in_force"
    REPLACED = "replaced"
    REVOKED = "revoked"
    UNKNOWN = "unknown"  # documents and rows do not fit together: nothing is vouched for


@dataclass(frozen=True)
class Standing:
    """The status of one certificate, and what its change says of it."""

    status: Status
    reason: str = ""  # code of `retention.vocabulary.CHANGES`
    at: datetime | None = None  # of the change
    successor: str = ""  # of a replaced one: the id of the next edition


UNKNOWN = Standing(Status.UNKNOWN)
IN_FORCE = Standing(Status.IN_FORCE)


def standing(
    envelope: bytes, key: bytes, *, later: Iterable[bytes] = (), revoked: bytes = b""
) -> Standing:
    """What these documents say of this certificate; UNKNOWN if one of them is not genuine, or
    about another.

    later: the edition that replaces it, if one does. revoked: its revocation, if there is one.
    """
    try:
        about = verify(envelope, key)
        if revoked:
            return _revoked(about, envelope, revoked, key)
        for one in later:
            return _replaced(about, envelope, verify(one, key))
    except NotAuthentic:
        return UNKNOWN
    return IN_FORCE


def standings(rows: Sequence[Certificate], key: bytes) -> dict[str, Standing]:
    """That of every certificate, by its id. rows: of each list all editions."""
    families: dict[str, list[Certificate]] = {}
    for row in rows:
        families.setdefault(row.holding_id, []).append(row)
    return {name: one for family in families.values() for name, one in _of(family, key).items()}


def _of(family: list[Certificate], key: bytes) -> dict[str, Standing]:
    """Of one list's editions: UNKNOWN, all of them, if one is missing, changed or another's."""
    family.sort(key=lambda row: row.edition)
    whole = [row.edition for row in family] == [*range(1, len(family) + 1)]
    if not whole or not all(fits(row, key) for row in family):
        return {row.id: UNKNOWN for row in family}
    following: Mapping[str | None, bytes] = {row.replaces: row.envelope.encode() for row in family}
    return {
        row.id: standing(
            row.envelope.encode(),
            key,
            later=[following[row.id]] if row.id in following else (),
            revoked=(row.revocation or "").encode(),
        )
        for row in family
    }


def fits(row: Certificate, key: bytes) -> bool:
    """Whether a row's original is genuine, and about what the row says that it is about."""
    try:
        facts = verify(row.envelope.encode(), key)
    except NotAuthentic:
        return False
    before = facts.replaces.certificate if facts.replaces else None
    whose = (facts.certificate, facts.list, facts.entrustor, facts.claims.number)
    which = (facts.edition, before)
    return (whose, which) == (
        (row.id, row.holding_id, row.entrustor_id, row.number),
        (row.edition, row.replaces),
    )


def _replaced(about: CertificateFacts, envelope: bytes, later: CertificateFacts) -> Standing:
    before = later.replaces
    same = (later.list, later.entrustor) == (about.list, about.entrustor)
    if before is None or not concerns(before, envelope) or not same:
        raise NotAuthentic("contents")
    return Standing(Status.REPLACED, before.reason, later.issued_at, later.certificate)


def _revoked(about: CertificateFacts, envelope: bytes, document: bytes, key: bytes) -> Standing:
    said = revocation(document, key)
    if not concerns(said, envelope) or said.certificate != about.certificate:
        raise NotAuthentic("contents")
    return Standing(Status.REVOKED, said.reason, said.revoked_at)
