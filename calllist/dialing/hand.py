"""What an operator has in hand: the lease and what stands around it, nothing personal."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.errors import LeaseUnknown
from calllist.dialing.tables import Lease
from calllist.entrustors.codes import CODES, CodeRule
from calllist.entrustors.contracts import decode
from calllist.entrustors.tables import ContractVersion
from calllist.jobs.tables import CallList, Chunk, Job, Record
from calllist.people.tables import Person
from crypto.terms import ContractTerms
from crypto.wire.records import SealedRecord
from retention.tables import Holding


@dataclass(frozen=True)
class InHand:
    """One record in one operator's hand. `sealed` goes to the keeper and nowhere else."""

    lease: Lease
    job: Job
    call_list: CallList
    record: Record
    terms: ContractTerms
    deadline: datetime
    sealed: SealedRecord

    @property
    def codes(self) -> list[CodeRule]:
        """The results that the operator may record, in the order of their codes."""
        permitted = (rule for code, rule in sorted(CODES.items()) if code in self.terms.codes)
        return [rule for rule in permitted if rule.at_the_desk]


async def in_hand(session: AsyncSession, person: Person, lease_id: str) -> InHand:
    """This operator's lease, locked. Raises LeaseUnknown for foreign, ended, invented ones.

    A lease that has expired and has not been swept yet still counts: nobody else can have
    the record, so a late result is not lost.
    """
    found = (
        await session.execute(
            select(Lease, Job, CallList, Record, ContractVersion, Holding.deadline, Chunk)
            .join(Job, Job.id == Lease.job_id)
            .join(CallList, CallList.id == Lease.list_id)
            .join(
                Record,
                (Record.list_id == Lease.list_id)
                & (Record.chunk == Lease.chunk)
                & (Record.index == Lease.index),
            )
            .join(
                ContractVersion,
                (ContractVersion.contract_id == Job.contract_id)
                & (ContractVersion.version == Job.version),
            )
            .join(Holding, Holding.id == Lease.list_id)
            .join(Chunk, (Chunk.list_id == Lease.list_id) & (Chunk.chunk == Lease.chunk))
            .where(Lease.id == lease_id, Lease.person_id == person.id)
            .with_for_update(of=Lease)
        )
    ).first()
    if found is None:
        raise LeaseUnknown(lease_id)
    lease, job, call_list, record, version, deadline, chunk = found
    if record.sealed is None:
        raise LeaseUnknown(lease_id)
    place = SealedRecord(
        record.list_id, record.chunk, record.index, chunk.sealed_key, record.sealed
    )
    return InHand(lease, job, call_list, record, decode(version), deadline, place)
