"""Contracts: what was signed counts, whatever else the database says."""

import msgspec
import pytest
from sqlalchemy import text, update

from calllist.db import transaction
from calllist.entrustors import contracts
from calllist.entrustors.contracts import ContractUnknown
from calllist.entrustors.tables import ContractVersion
from calllist.jobs import scope
from crypto.signed.terms import Conduct
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio


async def test_terms_are_read_from_what_was_signed(centre: Centre) -> None:
    job = await centre.job()
    assert centre.manager
    async with transaction(centre.sessions) as session:
        row = await contracts.in_force(session, centre.contract_id)
        edited = msgspec.json.decode(row.terms)
        edited["conduct"]["weekday"], edited["conduct"]["attempts"] = [0, 24], 99
        await session.execute(
            update(ContractVersion).values(terms=msgspec.json.encode(edited).decode())
        )
    async with centre.sessions() as session:
        _, terms = await scope.job_and_terms(session, centre.manager.person, job.id)
        again = await contracts.terms_of(session, centre.contract_id, 1)
    assert terms.conduct == again.conduct == Conduct(duplicates="phone")


async def test_a_payload_of_another_version_is_none(centre: Centre) -> None:
    await centre.sign_contract(hold_seconds=60)
    async with transaction(centre.sessions) as session:
        await session.execute(
            text(
                "update contract_versions set payload ="
                " (select payload from contract_versions where version = 1) where version = 2"
            )
        )
    async with centre.sessions() as session:
        assert (await contracts.terms_of(session, centre.contract_id, 1)).version == 1
        with pytest.raises(ContractUnknown):
            await contracts.terms_of(session, centre.contract_id, 2)


@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff", b'{"body": 1}'])
async def test_a_payload_that_is_no_statement_is_none(centre: Centre, payload: bytes) -> None:
    async with transaction(centre.sessions) as session:
        await session.execute(update(ContractVersion).values(payload=payload))
    async with centre.sessions() as session:
        with pytest.raises(ContractUnknown):
            await contracts.terms_of(session, centre.contract_id, 1)
