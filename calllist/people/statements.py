"""Handing in what was decided by signature, of every kind.

The keeper decides whether a statement counts; only then does the platform keep a row of
it. A contract version that the keeper has accepted and we have no row of may be handed in
again: so a crash between the two is healed by uploading the file again.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.entrustors import contracts, rehearsal
from calllist.entrustors.tables import ContractVersion
from calllist.people.errors import PersonUnknown, StatementForeign, StatementUnreadable
from calllist.people.tables import Person
from crypto.errors.base import Refusal
from crypto.errors.statements import BadStatement, ReplayedStatement
from crypto.signed import statements
from crypto.signed.orders import Extension, PartyDecision, RecipientChange
from crypto.signed.terms import ContractTerms, RosterEntry, SignedStatement, StatementBody
from crypto.wire.approvals import Submit
from crypto.wire.client import KeeperClient

TIME_TO_SIGN = timedelta(days=14)


async def draft_roster(
    session: AsyncSession,
    person_id: str,
    *,
    until: datetime,
    issuer: str,
    now: datetime,
    new_factor: bool = False,
) -> bytes:
    """The file in which the centre's privacy officer names a person to the keeper.

    new_factor: the person may replace the second factor it has confirmed (a lost telephone).
    Raises PersonUnknown.
    """
    person = await session.get(Person, person_id)
    if person is None or person.stopped_at is not None:
        raise PersonUnknown(person_id)
    entry = RosterEntry(
        person=person.id,
        party=person.party_id or person.entrustor_id or "",
        site=person.site_id or "",
        role=person.role,
        until=until,
        new_factor=new_factor,
    )
    return statements.dump_request(
        statements.prepare(entry, issuer=issuer, now=now, valid_for=TIME_TO_SIGN)
    )


@dataclass(frozen=True)
class HandedIn:
    """A signed file that the keeper took. `missing`: approvers whose signature is still due;
    until then nothing is decided."""

    body: StatementBody
    missing: tuple[str, ...] = ()


async def hand_in(
    session: AsyncSession,
    keeper: KeeperClient,
    file: bytes,
    now: datetime,
    *,
    of: str | None = None,
) -> HandedIn:
    """Give a signed file to the keeper, and keep what it says of contracts.

    of: only statements that concern this entrustor (its own officer hands them in).
    Raises StatementUnreadable, StatementForeign, ContractUnknown, and the keeper's refusals
    (bad_statement, statement_expired, replayed_statement, unpinned_key, issuer_approves,
    wider_than_contract, list_over, unknown_list).
    """
    signed, body = _read(file)
    if of is not None and getattr(body, "entrustor", None) != of:
        raise StatementForeign
    if isinstance(body, ContractTerms):
        await contracts.expect(session, body)
    missing: tuple[str, ...] = ()
    try:
        submitted = await keeper.call(Submit(signed.payload, signed.key, signed.signature))
        missing = submitted.missing
    except ReplayedStatement:  # said only of a statement whose signature holds
        if not await _left_behind(session, body):
            raise
    if isinstance(body, ContractTerms):
        await contracts.record(session, body, signed, now)
    elif isinstance(body, PartyDecision):
        await contracts.record_party(session, body, signed, now)
    elif isinstance(body, RecipientChange) and not missing:
        await rehearsal.forget(session, body.entrustor)
    return HandedIn(body, missing)


async def _left_behind(session: AsyncSession, body: StatementBody) -> bool:
    """Whether the keeper has it and we may not: a crash between the two."""
    if isinstance(body, ContractTerms):
        return not await contracts.is_kept(session, body)
    return isinstance(body, PartyDecision | Extension)  # taken up again, they change nothing


async def hand_in_again(
    session: AsyncSession, keeper: KeeperClient
) -> AsyncIterator[tuple[ContractVersion, str]]:
    """Give every contract version that we keep to a keeper that began anew; each with "" or the
    code of its refusal (replayed_statement: it has it; statement_expired: the entrustor has to
    sign its next version). Roster entries are not kept here: the privacy officer signs anew.
    """
    for version in await contracts.versions(session):
        try:
            await keeper.call(Submit(version.payload, version.key, version.signature))
        except Refusal as refused:
            yield version, refused.code
        else:
            yield version, ""


def _read(file: bytes) -> tuple[SignedStatement, StatementBody]:
    try:
        signed = statements.load_signed(file)
        return signed, statements.read(signed.payload).body
    except BadStatement as error:
        raise StatementUnreadable from error
