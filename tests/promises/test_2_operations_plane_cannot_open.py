"""Promise 2. Database, backups, source, configuration and every credential there: 0 people."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.hand import in_hand
from calllist.schema import metadata
from crypto.errors.base import Refusal
from crypto.errors.keeper import NotAllowed
from crypto.errors.people import UnknownGrant
from crypto.errors.records import DoesNotOpen
from crypto.records.sealing import (
    ChunkSealer,
    Recipient,
    RecipientKey,
    chunk_context,
    record_nonce,
    record_place,
)
from crypto.standards.oath import Generator
from crypto.wire.approvals import LookAtRecipient, Pin
from crypto.wire.base import Caller, Request
from crypto.wire.calls import CheckCode, FindCall, FindReference, GiveCode
from crypto.wire.ledger import (
    Confront,
    Cosign,
    Entries,
    PinWitness,
    ProveConsistency,
    ProveInclusion,
)
from crypto.wire.lists import (
    Abandon,
    Alarms,
    Certify,
    LookAtCertificate,
    Mint,
    Rehearse,
    Shred,
    SignDocument,
)
from crypto.wire.people import (
    BeginKey,
    ChallengeKey,
    Enrol,
    Grant,
    GrantByKey,
    HandToken,
    LookAtFactor,
    RegisterKey,
)
from crypto.wire.records import Find, LetGo, Open, SealedRecord
from crypto.wire.revisions import Revise
from crypto.wire.suppressions import Suppress, Suppressions
from crypto.wire.transfers import Accept, Offer, Retract
from crypto.wire.uploads import Address, CorrectedRow, Tokenise, Unwrap
from crypto.wire.withdrawals import Locate, Withdraw
from tests.keepers import KeeperProcess
from tests.promises.conftest import Town
from tests.visitors import traces


async def everything_stored(session: AsyncSession) -> list[bytes]:
    """Every value of every column of every table: what a database administrator has."""
    values: list[bytes] = []
    for table in metadata.sorted_tables:
        for row in await session.execute(table.select()):
            for value in row:
                if isinstance(value, bytes | memoryview):
                    values.append(bytes(value))
                elif value is not None:
                    values.append(str(value).encode())
    return values


def windows(values: list[bytes], size: int) -> Iterator[bytes]:
    """Every run of `size` bytes that somebody could take for a key."""
    for value in values:
        for at in range(len(value) - size + 1):
            yield value[at : at + size]


@pytest.mark.asyncio
async def test_everything_the_database_holds_opens_nobody(town: Town) -> None:
    async with town.world.sessions() as session:
        values = await everything_stored(session)
        records = (
            await session.execute(text("select chunk, index, sealed from records order by index"))
        ).all()
    assert len(records) == len(town.folk)

    clear = b"\x00".join(values)
    for person in town.folk:
        for trace in [*traces(person), person.name, person.kana]:
            for encoding in ("utf-8", "utf-16-le", "cp932"):
                assert trace.encode(encoding) not in clear

    opened = 0
    first = records[0]
    place = record_place(town.world.entrustor, town.list_id, first.chunk, first.index)
    tried = 0
    for key in windows([v for v in values if len(v) < 4096], 32):
        tried += 1
        try:
            AESGCM(key).decrypt(record_nonce(first.index), bytes(first.sealed), place)
            opened += 1
        except InvalidTag:
            continue
    assert tried > 1000
    assert opened == 0


@pytest.mark.asyncio
async def test_the_attempt_above_would_succeed_with_the_right_key(town: Town) -> None:
    """So that 0 means something: the same attempt with the chunk key opens at once."""
    key = RecipientKey.generate()
    sealer = ChunkSealer(key.public, entrustor="e", list_id="l", chunk=0)
    sealed = sealer.seal(2, {})
    chunk_key = key.open(chunk_context("e", "l", 0), sealer.sealed_key)
    assert AESGCM(chunk_key).decrypt(record_nonce(0), sealed, record_place("e", "l", 0, 0))


@pytest.mark.asyncio
async def test_a_web_that_lies_gets_nobody_beyond_the_record_in_hand(
    town: Town, keeper: KeeperProcess
) -> None:
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    async with town.world.sessions() as session:
        person = await town.world.person(session, operator)
        honest = (await in_hand(session, person, lease.id)).sealed
        others = (
            await session.execute(
                text("select chunk, index, sealed from records where index <> :i"),
                {"i": honest.index},
            )
        ).all()
        recipient = Recipient(_public_of_a_stranger())
    forged = ChunkSealer(
        recipient, entrustor=town.world.entrustor, list_id=town.list_id, chunk=honest.chunk
    )
    forgeries = [
        # another person's ciphertext in the place of the one in hand
        SealedRecord(honest.list, honest.chunk, honest.index, honest.chunk_key, bytes(o.sealed))
        for o in others
    ] + [
        SealedRecord(honest.list, honest.chunk, honest.index, forged.sealed_key, forged.seal(1, {}))
    ]
    for forgery in forgeries:
        with pytest.raises(DoesNotOpen):
            await town.world.web.call(Open(operator.grant, forgery))
    for other in others:
        stranger = SealedRecord(
            honest.list, other.chunk, other.index, honest.chunk_key, bytes(other.sealed)
        )
        with pytest.raises(Refusal):
            await town.world.web.call(Open(operator.grant, stranger))
    with pytest.raises(UnknownGrant):
        await town.world.web.call(Open(secrets.token_urlsafe(32), honest))


def _public_of_a_stranger() -> bytes:
    return RecipientKey.generate().public.data


@pytest.mark.asyncio
@pytest.mark.parametrize("caller", [Caller.WEB, Caller.INTAKE, Caller.WORKER])
async def test_no_class_of_caller_says_what_is_not_its_own(
    town: Town, keeper: KeeperProcess, caller: Caller
) -> None:

    record = SealedRecord(town.list_id, 0, 0, b"", b"")
    everything: list[Request] = [
        Pin("centre", bytes(32), b""),
        LookAtRecipient("ent_1"),
        Enrol(town.world.manager.person),
        HandToken(town.world.manager.person, "T-1", bytes(20), Generator()),
        BeginKey(town.world.manager.person),
        RegisterKey(town.world.manager.person, b"", b""),
        ChallengeKey(town.world.manager.person),
        LookAtFactor(town.world.manager.person),
        Grant(town.world.manager.person, "000000"),
        GrantByKey(town.world.manager.person, b"", b"", b"", b""),
        Mint(town.list_id, town.world.contract, 1, datetime(2099, 1, 1, tzinfo=UTC), "job_1"),
        Abandon(town.list_id),
        Shred(town.list_id),
        Certify(town.list_id, "certificate", b"{}"),
        SignDocument("certificate", bytes(32)),
        LookAtCertificate("certificate"),
        Rehearse("ent_1", "test_1"),
        Entries(0, 1),
        ProveInclusion(0),
        ProveConsistency("2026-04", 0),
        Confront(""),
        PinWitness(""),
        Cosign(""),
        Open("grant", record),
        Find("grant", "job_1", "+819000000001"),
        LetGo(town.list_id),
        Alarms((town.list_id,)),
        Address(town.world.contract, "job_1"),
        Unwrap(town.list_id, "list", b""),
        Tokenise(town.list_id, town.list_id, (CorrectedRow("+819000000001"),)),
        Locate("grant", town.list_id, ("1",)),
        Withdraw("grant", record, "wd_1", "1"),
        Suppressions(),
        Revise("grant", "att_1", 10, "pressed"),
        Suppress(record, "att_1", "sp_1"),
        GiveCode("grant", record, "att_1"),
        CheckCode("grant", "000000"),
        FindReference("grant", "job_1", "1"),
        FindCall("grant", "job_1", "000000"),
        Offer("grant", record, "att_1", "per_1"),
        Accept("grant", record, "off_1"),
        Retract("off_1"),
    ]
    async with keeper.client(caller) as client:
        for request in everything:
            if caller in request.callers:
                continue
            with pytest.raises(NotAllowed):
                await client.call(request)  # type: ignore[call-overload]
