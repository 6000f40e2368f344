"""Reissued and revoked certificates (差替・失効): their documents, fetched from the keeper.

    two signatures -> the keeper signs the document and keeps it, with a line in its ledger
    mirrored line  -> `owed` -> `store`, one document a transaction -> screens, API, PDF

A document that is there, genuine and about its row is not owed: a sweep that was killed, a
database that was restored, a column that somebody has emptied or overwritten are all healed
by sweeping again. The rows only carry what the keeper has signed; what they say by
themselves is never shown (`retention.editions`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.mirror.tables import LedgerLine
from crypto.errors.base import KeeperUnavailable
from crypto.errors.lists import NotCertified
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head
from crypto.wire.lists import LookAtCertificate
from retention import editions
from retention.editions import Standing, Status
from retention.errors import NotAuthentic
from retention.facts import CertificateFacts
from retention.tables import Certificate
from retention.verify import concerns, revocation, verify

KINDS = ("reissue", "revoke_certificate")


@dataclass(frozen=True)
class Change:
    """A line of the ledger: this certificate is no longer in force."""

    at: datetime
    list_id: str
    certificate: str
    successor: str  # "": revoked


class _Line(msgspec.Struct):
    certificate: str
    replaces: str = ""


async def owed(session: AsyncSession, keeper: KeeperClient) -> list[Change]:
    """Changes whose document is not here as the keeper signed it, in the order of the ledger.

    Raises KeeperUnavailable.
    """
    changes = await _changes(session)
    if not changes:
        return []
    key = (await keeper.call(Head())).certificate_key
    lists = {change.list_id for change in changes}
    found = await session.scalars(select(Certificate).where(Certificate.holding_id.in_(lists)))
    rows = {row.id: row for row in found}
    return [change for change in changes if not _here(change, rows, key)]


async def absent(session: AsyncSession, before: datetime) -> list[Change]:
    """Changes from before that moment of whose document nothing at all is here."""
    changes = [change for change in await _changes(session) if change.at <= before]
    lists = {change.list_id for change in changes}
    found = await session.execute(
        select(Certificate.id, Certificate.revocation).where(Certificate.holding_id.in_(lists))
    )
    rows = {name: document for name, document in found.all()}  # noqa: C416
    return [
        change
        for change in changes
        if (change.successor or change.certificate) not in rows
        or not (change.successor or rows[change.certificate])
    ]


async def store(session: AsyncSession, keeper: KeeperClient, change: Change) -> bool:
    """Write one document down; whether it could be: nothing is to be done, without an error, while
    the certificate that it is about is not here itself. Done before: nothing to do.

    Raises NotAuthentic for a document that is not genuine, or about something else; and what
    the keeper refuses with.
    """
    row = await session.get(Certificate, change.certificate, with_for_update=True)
    if row is None:
        return False
    key = (await keeper.call(Head())).certificate_key
    if _here(change, await _family(session, row), key):
        return True
    if change.successor:
        told = await keeper.call(LookAtCertificate(change.successor))
        facts = verify(told.envelope, key)
        session.add(_edition(row, change, facts, told.envelope))
    else:
        told = await keeper.call(LookAtCertificate(change.certificate))
        said = revocation(told.revocation, key)
        if not concerns(said, row.envelope.encode()):
            raise NotAuthentic("contents")
        row.revocation, row.revoked_at = told.revocation.decode(), said.revoked_at
    await session.flush()
    return True


async def standings(
    session: AsyncSession, keeper: KeeperClient, rows: Sequence[Certificate]
) -> Mapping[str, Standing]:
    """The status of these certificates, by id, as far as the documents here go; UNKNOWN while the
    keeper, whose key they are checked with, is away."""
    lists = {row.holding_id for row in rows}
    family = await session.scalars(select(Certificate).where(Certificate.holding_id.in_(lists)))
    try:
        key = (await keeper.call(Head())).certificate_key
    except KeeperUnavailable:
        return {row.id: editions.UNKNOWN for row in rows}
    return editions.standings(list(family), key)


async def standing(keeper: KeeperClient, certificate: Certificate) -> Standing:
    """The status of one certificate as the keeper itself knows it at this moment.

    UNKNOWN if the row here is not what the keeper has signed. Raises KeeperUnavailable.
    """
    try:
        told = await keeper.call(LookAtCertificate(certificate.id))
    except NotCertified:
        return editions.UNKNOWN
    key = (await keeper.call(Head())).certificate_key
    mine = certificate.envelope.encode()
    if told.envelope != mine or not editions.fits(certificate, key):
        return editions.UNKNOWN
    later = []
    if told.successor:
        later.append((await keeper.call(LookAtCertificate(told.successor))).envelope)
    return editions.standing(mine, key, later=later, revoked=told.revocation)


def _edition(
    before: Certificate, change: Change, facts: CertificateFacts, envelope: bytes
) -> Certificate:
    """The row of a later edition. Raises NotAuthentic."""
    made = Certificate(
        id=change.successor,
        entrustor_id=before.entrustor_id,
        number=before.number,
        holding_id=before.holding_id,
        edition=facts.edition,
        replaces=before.id,
        envelope=envelope.decode(),
        issued_at=facts.issued_at,
    )
    said = (facts.certificate, facts.list, facts.entrustor)
    if said != (made.id, made.holding_id, made.entrustor_id) or not concerns(
        facts.replaces, before.envelope.encode()
    ):
        raise NotAuthentic("contents")
    return made


def _here(change: Change, rows: Mapping[str, Certificate], key: bytes) -> bool:
    """Whether the document is there. One that is, and is not genuine, only a revocation's: that of
    an edition is its row, which nobody of ours overwrites."""
    if change.successor:
        return change.successor in rows
    row = rows.get(change.certificate)
    if row is None:
        return False
    if row.revocation is None or row.revoked_at is None:
        return False
    told = editions.standing(row.envelope.encode(), key, revoked=row.revocation.encode())
    return told.status is Status.REVOKED and told.at == row.revoked_at


async def _family(session: AsyncSession, row: Certificate) -> dict[str, Certificate]:
    found = await session.scalars(
        select(Certificate).where(Certificate.holding_id == row.holding_id)
    )
    return {one.id: one for one in found}


async def _changes(session: AsyncSession) -> list[Change]:
    """Of every log: what a keeper that is gone has signed was written down in its time."""
    found = await session.execute(
        select(LedgerLine.kind, LedgerLine.at, LedgerLine.list_id, LedgerLine.leaf)
        .where(LedgerLine.kind.in_(KINDS))
        .order_by(LedgerLine.at, LedgerLine.seq)
    )
    return [
        _change(kind, at, list_id or "", msgspec.json.decode(leaf, type=_Line))
        for kind, at, list_id, leaf in found
    ]


def _change(kind: str, at: datetime, list_id: str, line: _Line) -> Change:
    if kind == "reissue":
        return Change(at, list_id, line.replaces, line.certificate)
    return Change(at, list_id, line.certificate, "")
