"""The same file is not taken into one job twice, unless its sender says so.

It is held against the lists of the job that are called, by what is kept to know their files
again (`recognition`): inside the intake process while it comes in, and once more when it is
opened, against those that were opened meanwhile.
"""

import asyncio
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.intake.frames import KnownFile
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.receipt import Receipt, of_facts
from calllist.intake.recognition import taken_twice
from calllist.jobs.states import CALLED
from calllist.jobs.tables import CallList, Job


async def known_files(
    session: AsyncSession, job_id: str, but: Collection[str] = ()
) -> tuple[KnownFile, ...]:
    """What is known of the files of a job's lists that are called."""
    rows = await session.scalars(
        select(CallList).where(
            CallList.job_id == job_id,
            CallList.state.in_(CALLED),
            CallList.recognition.is_not(None),
            CallList.id.not_in(but),
        )
    )
    found = []
    for row in rows:
        receipt = of_facts(row.receipt)
        kept = row.recognition or b""
        found.append(KnownFile(row.id, row.number, kept, receipt.written, receipt.sheet))
    return tuple(found)


async def refuse_twice(
    session: AsyncSession,
    job_id: str,
    digest: bytes,
    receipt: Receipt,
    compared: Collection[str],
) -> None:
    """Raises IntakeError SAME_FILE if a list that is none of `compared` is this very file.

    From here to the end of the transaction no other list of the job opens: of two that came at
    once the later one sees the earlier.
    """
    await session.execute(select(Job.id).where(Job.id == job_id).with_for_update(key_share=True))
    since = await known_files(session, job_id, compared)
    number = await asyncio.to_thread(taken_twice, digest, receipt, since)
    if number is not None:
        raise IntakeError(Problem.SAME_FILE, reason=str(number))
