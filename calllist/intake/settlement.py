"""The last step of an upload: the list opens, and we begin to owe its destruction.

One transaction of the web: receipt, state and holding stand together, or the sweep removes
what the intake process stored.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.entrustors.tables import Contract, Entrustor
from calllist.intake.frames import Completed
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.receipt import Receipt, of_facts
from calllist.intake.twice import refuse_twice
from calllist.jobs.lost import continue_list
from calllist.jobs.segments import USUAL
from calllist.jobs.states import ListState
from calllist.jobs.tables import CallList, Job, Segment
from calllist.parties.tables import Party
from calllist.people.tables import Person
from crypto.signed.terms import ContractTerms
from retention.custody import Custody
from retention.facts import Received


async def settle(
    session: AsyncSession,
    custody: Custody,
    list_id: str,
    *,
    completed: Completed,
    terms: ContractTerms,
    deadline: datetime,
    compared: Collection[str] | None,
    now: datetime,
) -> None:
    """Open the list and its holding; take over the states of a lost list whose file it is.

    compared: the lists that the file was held against while it came in; None if it may be in
    the job once more. Raises IntakeError INTERRUPTED if the sweep was faster, SAME_FILE,
    SENDER_STOPPED; KeysMissing.
    """
    row = await session.get(CallList, list_id, with_for_update=True, populate_existing=True)
    if row is None or row.state != ListState.RECEIVING or row.failure is not None:
        raise IntakeError(Problem.INTERRUPTED)
    sender = await session.get_one(Person, row.uploaded_by, populate_existing=True)
    if sender.stopped_at is not None:  # since it began: a file may take an hour
        raise IntakeError(Problem.SENDER_STOPPED)
    receipt = of_facts(completed.receipt)
    _write_down(row, completed, receipt, now)
    session.add_all(_segments(list_id, completed))
    if completed.continues is not None:
        await continue_list(session, custody, row, completed.continues, now)
    elif compared is not None:
        await refuse_twice(session, row.job_id, completed.digest, receipt, compared)
    job = await session.get_one(Job, row.job_id)
    contract = await session.get_one(Contract, terms.contract)
    await custody.open(
        session,
        id=list_id,
        entrustor_id=row.entrustor_id,
        reference=f"{job.code}-{row.number}",
        basis=f"{contract.code} v{terms.version}",
        people=receipt.accepted,
        facts=dict(await _facts(session, receipt, terms, contract)),
        deadline=deadline,
        results_first=terms.conduct.results_first is True,
        now=now,
    )


def _write_down(row: CallList, completed: Completed, receipt: Receipt, now: datetime) -> None:
    row.state = ListState.OPEN
    row.received_at = row.heard_at = now
    row.rows_seen = receipt.rows
    row.receipt = completed.receipt
    row.for_entrustor = completed.for_entrustor
    row.remaining = receipt.accepted
    row.recognition = completed.recognition


def _segments(list_id: str, completed: Completed) -> list[Segment]:
    return [
        Segment(
            list_id=list_id,
            column=group.column,
            code=group.code,
            label=group.label,
            people=group.people,
            turn=USUAL,
        )
        for group in completed.groups
    ]


async def _facts(
    session: AsyncSession, receipt: Receipt, terms: ContractTerms, contract: Contract
) -> Received:
    entrustor = await session.get_one(Entrustor, terms.entrustor)
    parties = await session.scalars(
        select(Party.name).where(Party.id.in_(terms.parties)).order_by(Party.name)
    )
    return Received(
        entrustor=entrustor.name,
        contract=contract.code,
        purpose=terms.purpose,
        rows=receipt.rows,
        accepted=receipt.accepted,
        duplicates=receipt.duplicates,
        rejected=receipt.rejected,
        not_to_be_called=receipt.not_to_be_called,
        file_hash=receipt.file_hash,
        fields=sorted({column.kind for column in receipt.columns if column.kind}),
        parties=list(parties),
        grace_hours=terms.conduct.grace_hours,
    )
