"""業務完了報告書: counts that outlive the people, and the hash of every copy in the ledger."""

import hashlib

import pytest
from sqlalchemy import select

from calllist.db import transaction
from calllist.dialing.erasure import erase
from calllist.jobs.errors import JobUnknown
from calllist.mirror.pulling import pull
from calllist.mirror.tables import LedgerLine
from calllist.oversight import completion, handover
from calllist.people.roles import Role
from crypto.signed.terms import Conduct
from crypto.wire.base import Caller
from retention.states import State
from retention.tables import Holding
from tests.calllist.centre import Centre


def test_units_follow_the_rule_that_was_signed() -> None:
    by_code = {10: 4, 30: 5, 70: 2, 50: 1}
    assert completion.units(Conduct(), by_code, finished=7) == 7
    assert completion.units(Conduct(unanswered_per_unit=3), by_code, finished=7) == 5 + 2
    assert completion.units(Conduct(unanswered_per_unit=8), by_code, finished=7) == 5 + 0


@pytest.mark.asyncio
async def test_counts_stay_when_the_list_is_gone_and_another_entrustor_learns_nothing(
    centre: Centre,
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=3)
    operator = await centre.operator("suzuki", job)
    officer = await centre.person("tantou", Role.ENTRUSTOR)
    await centre.settle(received.list_id)
    for code in (10, 50, 30):
        await centre.call(operator, job, code)
    async with transaction(centre.sessions) as session:
        file = await handover.results_file(session, centre.keeper, officer.person)
        await handover.acknowledge(
            session,
            centre.keeper,
            officer.person,
            batch=file.batch,
            count=file.count,
            now=centre.now(),
        )
    async with transaction(centre.sessions) as session:
        made, content = await completion.issue(session, centre.keeper, officer.person, job.id, "en")
    total = made.total
    assert (total.rows, total.accepted, total.calls, total.contacts) == (3, 3, 3, 2)
    assert (total.finished, total.refusals, total.refusals_received, total.units) == (2, 1, 1, 2)
    assert (total.contact_percent, total.hours) == (66.7, 1)
    assert made.parts[0].by_code == total.by_code == {10: 1, 50: 1, 30: 1}
    async with transaction(centre.sessions) as session:
        async with centre.line(Caller.WORKER) as worker:
            await pull(session, worker, centre.now())
        leaves = (await session.scalars(select(LedgerLine.leaf))).all()
    assert any(hashlib.sha256(content).hexdigest().encode() in leaf for leaf in leaves)

    async with transaction(centre.sessions) as session:  # as destruction leaves it
        (await session.get_one(Holding, received.list_id)).state = State.SHREDDED
        await session.flush()
        await erase(session, received.list_id)
    async with transaction(centre.sessions) as session:
        again = await completion.report(session, officer.person, job.id)
        assert again.total == total
        stranger = officer.person
        stranger.entrustor_id = "ent_other"
        with pytest.raises(JobUnknown):
            await completion.report(session, stranger, job.id)
        session.expunge_all()
