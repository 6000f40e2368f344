"""Jobs: who may know of them, who may work on them, how they end."""

from datetime import timedelta

import pytest

from calllist.db import transaction
from calllist.entrustors import contracts
from calllist.entrustors.tables import PartyChange
from calllist.intake.problems import TooManyUploads
from calllist.jobs import lists, scope, work
from calllist.jobs.errors import (
    ContractSuperseded,
    JobCodeMalformed,
    JobCodeTaken,
    JobOver,
    JobUnknown,
    ListDeadline,
    NotAnOperator,
    PartyNotApproved,
)
from calllist.jobs.states import ListState
from calllist.jobs.tables import CallList, Job
from calllist.people.roles import Role
from calllist.people.tables import Person
from calllist.web.problems import problem_of
from crypto.errors.lists import ListOver
from retention.errors import HoldingOver
from retention.tables import Holding
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio


async def _sees(centre: Centre, person: Person) -> int:
    async with centre.sessions() as session:
        return len(await scope.jobs_of(session, person))


async def test_each_role_sees_its_own_jobs(centre: Centre) -> None:
    job = await centre.job()
    assert centre.manager
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    auditor = await centre.person("kansa", Role.AUDITOR)
    administrator = await centre.person("admin", Role.ADMINISTRATOR)
    operator = await centre.operator("suzuki")
    seen = [
        await _sees(centre, who.person)
        for who in (centre.manager, officer, auditor, administrator, operator)
    ]
    assert seen == [1, 1, 1, 0, 0]
    other = Person(id="per_x", role=Role.ENTRUSTOR, entrustor_id="ent_other")
    async with centre.sessions() as session:
        for stranger in (other, administrator.person, operator.person):
            with pytest.raises(JobUnknown):
                await scope.job_of(session, stranger, job.id)


async def test_a_party_that_the_entrustor_dropped_knows_nothing_of_new_jobs(
    centre: Centre,
) -> None:
    await centre.sign_contract(parties=("pty_other",))
    with pytest.raises(PartyNotApproved):
        await centre.job()


@pytest.mark.parametrize(
    ("said", "knows"),
    [
        ((False,), False),
        ((False, True), True),
        ((True, False), False),
    ],
)
async def test_the_latest_decision_of_its_entrustor_says_whether_a_party_knows_a_job(
    centre: Centre, said: tuple[bool, ...], knows: bool
) -> None:
    job = await centre.job()
    await _decide(centre, job, *said)
    await _decide(centre, job, *(not one for one in said), party="pty_other")
    await _decide(centre, job, *(not one for one in said), version=job.version - 1)
    assert centre.manager
    assert await _sees(centre, centre.manager.person) == knows
    async with centre.sessions() as session:
        terms = await contracts.terms_of(session, job.contract_id, job.version)
        assert (centre.party_id in await contracts.parties(session, terms)) == knows
        if not knows:
            with pytest.raises(JobUnknown):
                await scope.job_of(session, centre.manager.person, job.id)


async def _decide(
    centre: Centre, job: Job, *said: bool, party: str = "", version: int | None = None
) -> None:
    """The entrustor approves the party, or withdraws it, one after the other."""
    party, version = party or centre.party_id, job.version if version is None else version
    async with transaction(centre.sessions) as session:
        for nth, approved in enumerate(said):
            at = centre.now() + timedelta(seconds=nth)
            session.add(
                PartyChange(
                    nonce=f"{party}{version}{nth}",
                    contract_id=job.contract_id,
                    party_id=party,
                    approved=approved,
                    issued_at=at,
                    version=version,
                    payload=b"",
                    key="",
                    signature=b"",
                    decided_at=at,
                )
            )


async def test_job_codes_are_codes(centre: Centre) -> None:
    await centre.job("KNK-001")
    with pytest.raises(JobCodeTaken):
        await centre.job("KNK-001")
    with pytest.raises(JobCodeMalformed):
        await centre.job("山田様の件")


async def test_only_operators_are_assigned(centre: Centre) -> None:
    job = await centre.job()
    assert centre.manager
    async with transaction(centre.sessions) as session:
        who = centre.manager.person
        with pytest.raises(NotAnOperator):
            await work.assign(session, centre.keeper, who, job.id, who.id, centre.now())


async def test_an_unassigned_operator_gets_nobody_more(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    assert centre.manager
    async with transaction(centre.sessions) as session:
        who = centre.manager.person
        await work.unassign(session, centre.keeper, who, job.id, operator.person.id)
    await centre.show(operator, lease)  # the one in hand may be finished
    await centre.record(operator, lease, 10)
    with pytest.raises(JobUnknown):
        await centre.take(operator, job)


async def test_closing_a_job_releases_every_list_and_nothing_opens_any_more(
    centre: Centre,
) -> None:
    job = await centre.job()
    received = [await centre.upload(job), await centre.upload(job)]
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    assert centre.manager
    who = centre.manager.person
    for _ in range(2):  # repeated: nothing to do
        async with transaction(centre.sessions) as session:
            await lists.close_job(
                session,
                centre.keeper,
                centre.custody,
                who,
                job.id,
                centre.now(),
                grant=centre.manager.grant,
            )
    async with centre.sessions() as session:
        for one in received:
            assert (await session.get_one(CallList, one.list_id)).state == ListState.OVER
            assert (await session.get_one(Holding, one.list_id)).trigger == "manager"
    with pytest.raises((HoldingOver, ListOver)):
        await centre.show(operator, lease)
    with pytest.raises(JobOver):
        await centre.upload(job)


async def test_whoever_had_a_record_of_an_ended_list_in_hand_goes_on_at_once(
    centre: Centre,
) -> None:
    job, other = await centre.job("KNK-001"), await centre.job("KNK-002")
    await centre.upload(job)
    await centre.upload(other)
    operator = await centre.operator("suzuki", job)
    assert centre.manager
    who = centre.manager.person
    async with transaction(centre.sessions) as session:
        await work.assign(session, centre.keeper, who, other.id, operator.person.id, centre.now())
    await centre.show(operator, await centre.take(operator, job))
    async with transaction(centre.sessions) as session:
        await lists.close_job(
            session,
            centre.keeper,
            centre.custody,
            who,
            job.id,
            centre.now(),
            grant=centre.manager.grant,
        )
    _, view = await centre.show(operator, await centre.take(operator, other))
    assert view.fields


async def test_a_list_may_not_outlive_its_contract(centre: Centre) -> None:
    job = await centre.job()
    for days in (-1, 31):
        with pytest.raises(ListDeadline):
            await centre.upload(job, expires=centre.now(timedelta(days=days)))


async def test_a_new_list_comes_under_the_latest_version_or_not_at_all(centre: Centre) -> None:
    job = await centre.job("KNK-001")
    before = await centre.upload(job)
    await centre.sign_contract(hold_seconds=60)
    with pytest.raises(ContractSuperseded):
        await centre.upload(job)
    await centre.upload(await centre.job("KNK-002"))
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, before.list_id)).state == ListState.OPEN


async def test_what_a_manager_is_told_of_it() -> None:
    for error, status in ((ContractSuperseded("job_1"), 409), (TooManyUploads(), 429)):
        told = [problem_of(error, lang) for lang in ("ja", "en")]
        assert [one.status for one in told] == [status] * 2
        assert len({error.code, *(one.detail for one in told)}) == 3
