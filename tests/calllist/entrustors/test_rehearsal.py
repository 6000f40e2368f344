"""No desk opens before the entrustor has opened a test file with its own key."""

import msgspec
import pytest

from calllist.commands import results
from calllist.db import transaction
from calllist.dialing import inbound
from calllist.embedded.postgres import Postgres
from calllist.entrustors import rehearsal
from calllist.entrustors.contracts import terms_for
from calllist.entrustors.onboarding import EntrustorKind, register_entrustor
from calllist.entrustors.purposes import Purpose
from calllist.entrustors.rehearsal import HandoverCodeWrong, HandoverUntested
from calllist.entrustors.tables import HandoverTest
from calllist.jobs.tables import Job
from calllist.people import statements
from calllist.people.roles import Role
from calllist.upkeep import upkeep
from crypto.records.sealing import RecipientKey
from crypto.signed import statements as signing
from crypto.signed.keyfile import KeyPair
from crypto.signed.orders import RecipientChange
from crypto.signed.statements import ApproverKey
from crypto.signed.terms import Conduct
from crypto.wire.approvals import Pin
from crypto.wire.base import Caller
from tests.calllist.centre import OPENS, Centre, Someone
from tests.calllist.test_upkeep import settings

pytestmark = pytest.mark.asyncio


async def begin(centre: Centre) -> bytes:
    async with transaction(centre.sessions) as session:
        test = await rehearsal.begin(session, centre.keeper, centre.entrustor_id, centre.now())
        return test.content


async def confirm(centre: Centre, officer: Someone, code: str) -> None:
    async with transaction(centre.sessions) as session:
        await rehearsal.confirm(
            session,
            centre.keeper,
            centre.entrustor_id,
            code,
            by=officer.person.id,
            now=centre.now(),
        )


def code_in(content: bytes, keys: KeyPair) -> str:
    """What `calllist results open` shows."""
    [row], damaged = results.opened(results.decoded(content), keys, "ja")
    assert not damaged
    return str(row[results.REFERENCE])


async def pinned_by_hand(centre: Centre, keys: KeyPair) -> None:
    """As `calllist pin` does on the keeper's host: the platform hears nothing of it."""
    pin = Pin(centre.entrustor_id, keys.approver.public, keys.recipient.public.data)
    async with centre.line(Caller.ADMIN) as line:
        await line.call(pin)


async def tested(centre: Centre) -> tuple[Job, Someone, Someone]:
    """A job whose entrustor has opened its file; an operator and the officer."""
    await centre.sign_contract(conduct=Conduct(duplicates="phone", handover_test=True))
    job = await centre.job()
    received = await centre.upload(job, people=3)
    await centre.settle(received.list_id)
    operator = await centre.operator("suzuki", job)
    officer = await centre.person("tantou", Role.ENTRUSTOR)
    await confirm(centre, officer, code_in(await begin(centre), centre.keys))
    return job, operator, officer


async def shut(centre: Centre, operator: Someone, job: Job) -> None:
    """Neither the queue nor a search gives anybody."""
    with pytest.raises(HandoverUntested):
        await centre.take(operator, job)
    async with centre.desk(operator) as desk:
        with pytest.raises(HandoverUntested):
            await inbound.find(desk, job.id, "090-0000-0001")


async def test_desks_stay_shut_until_the_code_in_the_file_is_named_and_again_for_a_new_key(
    centre: Centre,
) -> None:
    await centre.sign_contract(conduct=Conduct(duplicates="phone", handover_test=True))
    job = await centre.job()
    received = await centre.upload(job, people=2)
    await centre.settle(received.list_id)
    operator = await centre.operator("suzuki", job)
    officer = await centre.person("tantou", Role.ENTRUSTOR)

    await shut(centre, operator, job)
    content = await begin(centre)
    assert await begin(centre) == content  # asked again: the same
    await shut(centre, operator, job)  # fetched is not opened
    with pytest.raises(HandoverCodeWrong):
        await confirm(centre, officer, "0000-0000-0000")
    await shut(centre, operator, job)
    code = code_in(content, centre.keys)
    await confirm(centre, officer, f" {code[:4]}-{code[4:8]}-{code[8:]} ".lower())
    lease = await centre.take(operator, job)
    await centre.record(operator, lease, 10)

    another = KeyPair(centre.keys.approver, RecipientKey.generate())
    change = RecipientChange(centre.entrustor_id, another.recipient.public.data)
    request = signing.dump_request(
        signing.prepare(
            change, issuer=centre.party_id, now=centre.now(), valid_for=statements.TIME_TO_SIGN
        )
    )
    async with transaction(centre.sessions) as session:
        await centre.hand_in(session, request, centre.keys.approver)
    await shut(centre, operator, job)
    await confirm(centre, officer, code_in(await begin(centre), another))
    await centre.take(operator, job)


async def test_a_key_pinned_anew_by_hand_is_noticed_by_the_next_sweep_and_tested_again(
    centre: Centre, postgres: Postgres
) -> None:
    job, operator, officer = await tested(centre)
    another = KeyPair(centre.keys.approver, RecipientKey.generate())
    await centre.record(operator, await centre.take(operator, job), 10)
    before = await begin(centre)
    async with upkeep(settings(centre, postgres)) as power:
        await power.sweep()
        assert await begin(centre) == before  # the same key: the test stands
        await pinned_by_hand(centre, another)
        await power.sweep()
        await shut(centre, operator, job)
        with pytest.raises(HandoverCodeWrong):  # what the old key opened proves nothing
            await confirm(centre, officer, code_in(before, centre.keys))
        content = await begin(centre)
        _, damaged = results.opened(results.decoded(content), another, "ja")
        assert not damaged
        await shut(centre, operator, job)
        await confirm(centre, officer, code_in(content, another))
        await power.sweep()
        await centre.take(operator, job)
        assert power.failed == []


async def test_only_the_test_of_the_key_that_was_replaced_is_due_again(
    centre: Centre, postgres: Postgres
) -> None:
    """Neither a new signing key, nor another entrustor's pin, nor a keeper that has none."""
    job, operator, _ = await tested(centre)
    signing_only = KeyPair(ApproverKey.generate(), centre.keys.recipient)
    await pinned_by_hand(centre, signing_only)
    async with transaction(centre.sessions) as session:
        other = await register_entrustor(
            session, name="仮空市", kind=EntrustorKind.PUBLIC, now=centre.now()
        )
        session.add(
            HandoverTest(
                entrustor_id=other.id,
                id="test_other",
                key="unpinned",
                content=b"",
                proof=b"",
                made_at=centre.now(),
            )
        )
    async with upkeep(settings(centre, postgres)) as power:
        await power.sweep()
        assert power.failed == []
    async with centre.sessions() as session:
        assert await rehearsal.begun(session, other.id)
    await centre.take(operator, job)


async def test_a_change_that_the_keeper_took_and_nobody_wrote_down_is_noticed_too(
    centre: Centre, postgres: Postgres
) -> None:
    """The web died between the keeper's answer and its own commit."""
    job, operator, _ = await tested(centre)
    change = RecipientChange(centre.entrustor_id, RecipientKey.generate().public.data)
    request = signing.prepare(
        change, issuer=centre.party_id, now=centre.now(), valid_for=statements.TIME_TO_SIGN
    )
    async with centre.sessions() as session:  # never committed
        await centre.hand_in(session, signing.dump_request(request), centre.keys.approver)
    async with upkeep(settings(centre, postgres)) as power:
        await power.sweep()
    await shut(centre, operator, job)


async def test_new_terms_ask_for_the_test_and_what_was_signed_before_keeps_its_bytes() -> None:
    terms = terms_for(
        Purpose.SALES,
        entrustor_id="ent_1",
        contract_id="ctr_1",
        version=1,
        parties=("pty_1",),
        expires=OPENS,
    )
    assert terms.conduct.handover_test is True
    assert Conduct().handover_test is msgspec.UNSET
