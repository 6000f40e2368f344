"""What an operator has in hand: the lease and what stands around it, nothing personal."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.errors import LeaseUnknown, RecordWithdrawn, ResultGiven
from calllist.dialing.tables import Lease
from calllist.entrustors.codes import CODES, TAKEN_OUT, CodeRule
from calllist.entrustors.contracts import decode
from calllist.entrustors.tables import ContractVersion, Entrustor
from calllist.jobs.states import RecordState
from calllist.jobs.tables import CallList, Chunk, Job, Record
from calllist.people.tables import Person
from crypto.signed.terms import ContractTerms
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
    entrustor: str  # its name
    holding: Holding
    sealed: SealedRecord

    @property
    def codes(self) -> list[CodeRule]:
        """The results that the operator may record."""
        return at_the_desk(self.terms)


def at_the_desk(terms: ContractTerms) -> list[CodeRule]:
    """The results that a contract permits operators to record, in the order of their codes."""
    permitted = (rule for code, rule in sorted(CODES.items()) if code in terms.codes)
    return [rule for rule in permitted if rule.at_the_desk]


# Made once. Of the chunk the key alone: the hashes beside it are a thousand records' worth.
_IN_HAND = (
    select(Lease, Job, CallList, ContractVersion, Holding, Chunk.sealed_key, Entrustor.name)
    .join(Job, Job.id == Lease.job_id)
    .join(CallList, CallList.id == Lease.list_id)
    .join(
        ContractVersion,
        (ContractVersion.contract_id == Job.contract_id) & (ContractVersion.version == Job.version),
    )
    .join(Holding, Holding.id == Lease.list_id)
    .join(Entrustor, Entrustor.id == Job.entrustor_id)
    .join(Chunk, (Chunk.list_id == Lease.list_id) & (Chunk.chunk == Lease.chunk))
    .where(Lease.id == bindparam("lease_id"), Lease.person_id == bindparam("person_id"))
    .with_for_update(of=Lease)
)


async def in_hand(
    session: AsyncSession, person: Person, lease_id: str, *, given: bool = False
) -> InHand:
    """This operator's lease and its record, locked. Raises LeaseUnknown for foreign, ended,
    invented ones; RecordWithdrawn, once, if this person has been taken out meanwhile; ResultGiven
    if the call has its result, unless `given` asks for such a one, too.

    A lease that has expired and has not been swept yet still counts: nobody else can have
    the record, so a late result is not lost.
    """
    whose = {"lease_id": lease_id, "person_id": person.id}
    found = (await session.execute(_IN_HAND, whose)).first()
    if found is None:
        raise LeaseUnknown(lease_id)
    lease, job, call_list, version, holding, key, entrustor = found
    record = await _record(session, lease)
    if record is not None and record.state == RecordState.DONE and record.last_code in TAKEN_OUT:
        await session.delete(lease)  # the operator is told; the error keeps what was done
        await session.flush()
        raise RecordWithdrawn(lease_id, job.id)
    if record is None or record.sealed is None:
        raise LeaseUnknown(lease_id)
    if lease.given_at is not None and not given:
        raise ResultGiven(lease_id, job.id)
    place = SealedRecord(record.list_id, record.chunk, record.index, key, record.sealed)
    return InHand(
        *(lease, job, call_list, record, decode(version)),
        entrustor=entrustor,
        holding=holding,
        sealed=place,
    )


async def still(session: AsyncSession, person: Person, lease_id: str) -> bool:
    """Whether this lease still holds its person; False if the person was taken out,
    or the call has its result.

    Nothing is opened, locked or lengthened. Raises LeaseUnknown.
    """
    lease = await session.scalar(
        select(Lease).where(Lease.id == lease_id, Lease.person_id == person.id)
    )
    if lease is None:
        raise LeaseUnknown(lease_id)
    record = await session.scalar(_RECORD, _place(lease))
    return record is not None and record.sealed is not None and lease.given_at is None


async def _record(session: AsyncSession, lease: Lease) -> Record | None:
    """A question of its own: joined, it would be planned over the table of every list."""
    # Lease, then record: a withdrawal waits for us, or we for it.
    return await session.scalar(_RECORD_LOCKED, _place(lease))


def _place(lease: Lease) -> dict[str, str | int]:
    return {"list_id": lease.list_id, "chunk": lease.chunk, "index": lease.index}


_RECORD = select(Record).where(
    Record.list_id == bindparam("list_id"),
    Record.chunk == bindparam("chunk"),
    Record.index == bindparam("index"),
)
_RECORD_LOCKED = _RECORD.with_for_update()
