"""Another code for a result that stands: written down once the keeper has said it, nobody shown."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from calllist.db import transaction
from calllist.dialing import revising
from calllist.dialing.errors import (
    CodeRefused,
    NobodyLeft,
    RecordOver,
    ResultChanged,
    ResultHandedOver,
    ResultUnknown,
)
from calllist.dialing.revising import Calls
from calllist.dialing.tables import Result
from calllist.jobs.errors import JobUnknown
from calllist.jobs.states import RecordState
from calllist.jobs.tables import CallList, Job, Record
from calllist.oversight import completion, handover
from calllist.oversight.errors import HandoverChanged
from calllist.oversight.reports import periods, tables, worked
from calllist.parties.onboarding import register_site
from calllist.people.roles import Role
from crypto.errors.lists import ListOver
from crypto.errors.records import InOtherHand, NotOverseen, NotRevisable, StillChangeable
from crypto.records.sealing import open_list_keys, open_result
from crypto.wire.lists import Freeze
from crypto.wire.revisions import Reason, Revise
from tests.calllist.centre import Centre, Someone

pytestmark = pytest.mark.asyncio
MINUTE = timedelta(seconds=61)


async def called(centre: Centre, *codes: int, people: int = 3) -> tuple[Job, Someone, Someone]:
    """A job with so many calls, a minute ago; its operator and the supervisor of the site."""
    job = await centre.job()
    await centre.upload(job, people=people)
    operator = await centre.operator("suzuki", job)
    for code in codes:
        await centre.call(operator, job, code)
    supervisor = await centre.person("ota", Role.SUPERVISOR)
    await centre.wait(MINUTE)
    return job, operator, supervisor


async def listed(centre: Centre, who: Someone, job: Job, **asked: object) -> Calls:
    async with centre.sessions() as session:
        return await revising.calls(session, who.person, job.id, **asked)  # type: ignore[arg-type]


async def revise(
    centre: Centre, who: Someone, job: Job, code: int, *, was: int = 30, reason: Reason = "told"
) -> None:
    """The newest call of the job that has the code `was`."""
    async with transaction(centre.sessions) as session:
        which = select(Result.id).where(Result.job_id == job.id, Result.code == was)
        attempt = await session.scalar(which.order_by(Result.at.desc()))
        await revising.revise(
            *(session, centre.keeper, centre.custody, who.person, who.grant, job.id),
            *(attempt or "att_none",),
            was=was,
            code=code,
            reason=reason,
            now=centre.now(),  # type: ignore[arg-type]
        )


async def result(centre: Centre) -> Result:
    async with centre.sessions() as session:
        return (await session.scalars(select(Result))).one()


async def test_the_entrustor_receives_the_new_code_with_the_first_and_every_report_counts_it(
    centre: Centre,
) -> None:
    job, _, _ = await called(centre, 30, people=1)
    assert centre.manager
    before = await result(centre)
    await revise(centre, centre.manager, job, 10)
    after = await result(centre)
    assert (after.code, after.first_code, after.final, after.at) == (10, 30, True, before.at)
    assert after.revised_at
    officer = await centre.person("tantou", Role.ENTRUSTOR)
    async with centre.sessions() as session:
        call_list = (await session.scalars(select(CallList))).one()
        keys = open_list_keys(
            centre.keys.recipient,
            entrustor=centre.entrustor_id,
            list_id=call_list.id,
            sealed=call_list.for_entrustor or b"",
        )
        told = open_result(
            keys.result_key, list_id=call_list.id, attempt=after.id, sealed=after.sealed
        )
        made = await completion.report(session, officer.person, job.id)
        today = periods.today(centre.now())
        daily = await worked.report(session, centre.manager.person, job.id, today)
    assert told.revised
    assert (told.code, told.revised.first, told.revised.reason) == (10, 30, "told")
    assert (made.total.by_code, made.total.revised) == ({10: 1}, 1)
    [found] = [table for table in tables.tables(daily, "en") if table.key == "results"]
    assert "1 were given another code" in found.note


async def test_whoever_is_in_play_is_called_no_more_after_a_final_code(centre: Centre) -> None:
    job, operator, supervisor = await called(centre, 30, people=1)
    await revise(centre, supervisor, job, 50)
    async with centre.sessions() as session:
        record = (await session.scalars(select(Record))).one()
        call_list = (await session.scalars(select(CallList))).one()
    assert (record.state, record.sealed, record.last_code) == (RecordState.DONE, None, 50)
    assert (call_list.remaining, call_list.resting) == (0, 0)
    with pytest.raises(NobodyLeft):
        await centre.take(operator, job, later=timedelta(hours=4))


async def test_a_code_that_is_not_final_changes_nothing_but_the_result(centre: Centre) -> None:
    job, _, supervisor = await called(centre, 30, people=1)
    await revise(centre, supervisor, job, 31)
    async with centre.sessions() as session:
        record = (await session.scalars(select(Record))).one()
    assert (record.state, record.sealed is not None) == (RecordState.WAITING, True)
    assert (await result(centre)).final is False


async def test_who_is_final_stays_final_and_a_refusal_is_not_undone(centre: Centre) -> None:
    job, _, supervisor = await called(centre, 10, 50, people=2)
    await revise(centre, supervisor, job, 30, was=10)
    async with centre.sessions() as session:
        states = set(await session.scalars(select(Record.state)))
        finals = set(await session.scalars(select(Result.final)))
    assert (states, finals) == ({RecordState.DONE}, {True})
    with pytest.raises(NotRevisable):
        await revise(centre, supervisor, job, 10, was=50)


async def test_a_lost_commit_is_healed_by_saying_it_again_or_when_the_record_is_leased_next(
    centre: Centre,
) -> None:
    job, operator, supervisor = await called(centre, 30, people=1)
    before = await result(centre)
    await centre.keeper.call(Revise(supervisor.grant, before.id, 10, "told"))
    assert (await result(centre)).code == 30, "what a crash leaves"
    lease = await centre.take(operator, job, later=timedelta(hours=4))
    with pytest.raises(RecordOver):
        await centre.show(operator, lease)
    await revise(centre, supervisor, job, 10)
    async with centre.sessions() as session:
        record = (await session.scalars(select(Record))).one()
        call_list = (await session.scalars(select(CallList))).one()
    assert (record.state, call_list.remaining) == (RecordState.DONE, 0)
    assert ((await result(centre)).code, (await result(centre)).first_code) == (10, 30)


async def test_while_the_person_is_in_hand_nobody_is_closed(centre: Centre) -> None:
    job, operator, supervisor = await called(centre, 30, people=1)
    await centre.show(operator, await centre.take(operator, job, later=timedelta(hours=4)))
    with pytest.raises(InOtherHand):
        await revise(centre, supervisor, job, 10)
    assert (await result(centre)).code == 30


async def test_what_the_entrustor_has_confirmed_stays_and_a_file_from_before_is_not_confirmed(
    centre: Centre,
) -> None:
    job, _, supervisor = await called(centre, 30, people=1)
    officer = await centre.person("tantou", Role.ENTRUSTOR)

    async def fetched() -> handover.HandoverFile:
        async with transaction(centre.sessions) as session:
            return await handover.results_file(session, centre.keeper, officer.person)

    async def confirm(file: handover.HandoverFile) -> None:
        async with transaction(centre.sessions) as session:
            await handover.acknowledge(
                *(session, centre.keeper, officer.person),
                batch=file.batch,
                count=file.count,
                now=centre.now(),  # type: ignore[arg-type]
            )

    early = await fetched()
    await revise(centre, supervisor, job, 31)
    with pytest.raises(HandoverChanged):
        await confirm(early)
    await confirm(await fetched())
    with pytest.raises(ResultHandedOver):
        await revise(centre, supervisor, job, 30, was=31)


async def test_it_is_refused_within_the_minute_of_the_operator(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    supervisor = await centre.person("ota", Role.SUPERVISOR)
    await centre.call(await centre.operator("suzuki", job), job, 30)
    with pytest.raises(StillChangeable):
        await revise(centre, supervisor, job, 10)


async def test_what_was_on_the_screen_must_still_be_so(centre: Centre) -> None:
    job, _, supervisor = await called(centre, 30, people=1)
    attempt = (await result(centre)).id
    async with transaction(centre.sessions) as session:
        with pytest.raises(ResultChanged):
            await revising.revise(
                *(session, centre.keeper, centre.custody, supervisor.person, supervisor.grant),
                *(job.id, attempt),
                was=31,
                code=10,
                reason="told",
                now=centre.now(),  # type: ignore[arg-type]
            )


@pytest.mark.parametrize("code", [12, 21, 43, 60, 70, 80, 81, 90, 99])
async def test_codes_with_more_to_say_are_not_given_later(centre: Centre, code: int) -> None:
    job, _, supervisor = await called(centre, 30, people=1)
    with pytest.raises(CodeRefused):
        await revise(centre, supervisor, job, code)


async def test_of_a_list_that_is_over_nothing_is_changed(centre: Centre) -> None:
    job, _, supervisor = await called(centre, 30, people=1)
    assert (await listed(centre, supervisor, job)).calls[0].open
    await centre.keeper.call(Freeze((await result(centre)).list_id, "completed"))
    with pytest.raises(ListOver):
        await revise(centre, supervisor, job, 10)


async def test_a_supervisor_sees_and_revises_the_own_site_only_an_operator_nothing(
    centre: Centre,
) -> None:
    job, operator, supervisor = await called(centre, 30, people=1)
    async with transaction(centre.sessions) as session:
        site = await register_site(session, party_id=centre.party_id, name="支店")
    other = await centre.person("mori", Role.SUPERVISOR, site_id=site.id)
    assert len((await listed(centre, supervisor, job)).calls) == 1
    assert (await listed(centre, supervisor, job)).operators[0][1] == "suzuki"
    for who in (other, operator):
        found = await listed(centre, who, job)
        assert (found.calls, found.operators) == ((), ())
        with pytest.raises(ResultUnknown):
            await revise(centre, who, job, 10)
    attempt = (await result(centre)).id
    for who in (other, operator):  # and were the platform to let them
        with pytest.raises(NotOverseen):
            await centre.keeper.call(Revise(who.grant, attempt, 10, "told"))
    stranger = await centre.operator("kato")
    with pytest.raises(JobUnknown):
        await listed(centre, stranger, job)


async def test_the_list_is_a_page_of_calls_by_day_and_operator_without_anybody_called(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, operator, supervisor = await called(centre, 30, 10, 31, people=3)
    found = (await listed(centre, supervisor, job)).calls
    assert [one.code for one in found] == [31, 10, 30], "the newest first"
    assert len({one.handle for one in found}) == 3
    assert all(len(one.handle) == revising.SIGNS for one in found)
    today = periods.today(centre.now()).day
    assert len((await listed(centre, supervisor, job, day=today)).calls) == 3
    assert not (await listed(centre, supervisor, job, day=today - timedelta(days=1))).calls
    by = operator.person.id
    assert len((await listed(centre, supervisor, job, operator=by)).calls) == 3
    assert not (await listed(centre, supervisor, job, operator="per_none")).calls
    monkeypatch.setattr(revising, "PAGE", 2)
    assert [one.code for one in (await listed(centre, supervisor, job)).calls] == [31, 10]
