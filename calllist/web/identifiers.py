"""The ids that a statement is drafted with, by the names that people know: for those who draft."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.entrustors import contracts
from calllist.entrustors import onboarding as entrustors
from calllist.entrustors.contracts import ContractUnknown
from calllist.oversight import held
from calllist.parties import onboarding as parties
from calllist.people.roles import Role
from calllist.people.tables import Person
from calllist.web.i18n import N_, translate

LIST = N_("%(job)s 第%(number)s号")


async def _approved(session: AsyncSession, entrustor: str) -> set[str]:
    """Parties that this entrustor's contracts name: others are none of its business."""
    named: set[str] = set()
    for contract in await contracts.contracts(session, entrustor):
        with suppress(ContractUnknown):  # drafted, not signed yet
            version = await contracts.in_force(session, contract.id)
            named |= set(await contracts.parties(session, contracts.decode(version)))
    return named


async def known(
    session: AsyncSession, person: Person, lang: str, now: datetime
) -> list[tuple[str, str, str]]:
    """(option of `calllist statement`, name, id) of what this person may know of."""
    own = person.entrustor_id if person.role == Role.ENTRUSTOR else None
    told = [("--issuer", person.name, person.id)]
    told += [
        ("--entrustor", row.name, row.id)
        for row in await entrustors.entrustors(session)
        if own in (None, row.id)
    ]
    told += [("--contract", row.code, row.id) for row in await contracts.contracts(session, own)]
    approved = None if own is None else await _approved(session, own)
    told += [
        ("party", row.name, row.id)
        for row in await parties.parties(session)
        if approved is None or row.id in approved
    ]
    told += [
        ("list", translate(lang, LIST) % {"job": row.job_code, "number": row.number}, row.list_id)
        for row in await held.held(session, person, now)
        if row.living
    ]
    return told
