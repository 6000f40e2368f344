"""Handing in what was decided by signature: contract versions and roster entries.

The keeper decides whether a statement counts; only then does the platform keep a row of
it. A contract version that the keeper has accepted and we have no row of may be handed in
again: so a crash between the two is healed by uploading the file again.
"""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.entrustors import contracts
from calllist.entrustors.tables import ContractVersion
from calllist.people.errors import PersonUnknown, StatementUnreadable
from calllist.people.tables import Person
from crypto import statements
from crypto.client import KeeperClient
from crypto.errors import BadStatement, ReplayedStatement
from crypto.terms import ContractTerms, RosterEntry, SignedStatement
from crypto.wire.approvals import Submit

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


async def hand_in(
    session: AsyncSession, keeper: KeeperClient, file: bytes, now: datetime
) -> ContractVersion | RosterEntry:
    """Give a signed file to the keeper, and keep a contract version's row.

    Raises StatementUnreadable, ContractUnknown, and the keeper's refusals (bad_statement,
    statement_expired, replayed_statement, unpinned_key, wider_than_contract).
    """
    signed, body = _read(file)
    if isinstance(body, ContractTerms):
        await contracts.expect(session, body)
    try:
        await keeper.call(Submit(signed.payload, signed.key, signed.signature))
    except ReplayedStatement:  # said only of a statement whose signature holds
        if isinstance(body, RosterEntry) or await contracts.is_kept(session, body):
            raise
    if isinstance(body, RosterEntry):
        return body
    return await contracts.record(session, body, signed, now)


def _read(file: bytes) -> tuple[SignedStatement, ContractTerms | RosterEntry]:
    try:
        signed = statements.load_signed(file)
        return signed, statements.read(signed.payload).body
    except BadStatement as error:
        raise StatementUnreadable from error
