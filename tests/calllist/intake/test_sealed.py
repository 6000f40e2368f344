"""Encrypted files: opened by the keeper's word for one upload, and read as any other file."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from sqlalchemy import func, select

from calllist.db import transaction
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import sealed
from calllist.intake.upload import Received
from calllist.jobs.tables import Job, Record
from crypto.certificates import recipients
from crypto.signed.terms import Conduct
from crypto.standards.age import header, stream
from crypto.standards.age.keys import AgeIdentity, AgeRecipient
from crypto.wire.base import Caller
from crypto.wire.ledger import Head
from crypto.wire.uploads import Address
from tests.calllist.centre import Centre

LIST = "氏名,電話番号,整理番号\r\n架空一,090-0000-0001,1\r\n架空二,090-0000-0002,2\r\n".encode(
    "cp932"
)
REFUSALS = b"090-0000-0002\n"


def encrypted(data: bytes, *to: AgeRecipient) -> bytes:
    key = header.new_file_key()
    return header.make(key, to) + b"".join(stream.seal(key, [data]))


def opened(data: bytes, key: bytes = b"", *, sealed_only: bool = False) -> bytes:
    blocks = (data[at : at + 7] for at in range(0, len(data), 7))
    return b"".join(sealed.opened(blocks, lambda _: key, sealed_only=sealed_only))


def test_a_plain_file_passes_and_an_encrypted_one_is_opened() -> None:
    assert opened(LIST) == LIST
    assert opened(b"") == b""
    key = header.new_file_key()
    data = header.make(key, [AgeIdentity.generate().recipient])
    data += b"".join(stream.seal(key, [LIST]))
    assert opened(data, key) == LIST
    for wrong, code in (
        (data[:-1], Problem.SEALED_DAMAGED),
        (data[:-1] + bytes([data[-1] ^ 1]), Problem.SEALED_DAMAGED),
        (header.SIGNATURE + b"-> X25519", Problem.SEALED_HEADER),
    ):
        with pytest.raises(IntakeError) as refused:
            opened(wrong, key)
        assert refused.value.code == code


def test_where_plain_files_are_forbidden_they_are_refused_before_they_are_read() -> None:
    with pytest.raises(IntakeError) as refused:
        opened(LIST, sealed_only=True)
    assert refused.value.code == Problem.SEALED_ONLY


async def recipient(centre: Centre, job: Job) -> AgeRecipient:
    told = await centre.keeper.call(Address(job.contract_id, job.id))
    async with centre.line(Caller.ADMIN) as line:
        key = (await line.call(Head())).certificate_key
    return recipients.checked(told.statement, key).key


async def send(centre: Centre, job: Job, *files: bytes) -> Received:
    """The list, or the refusals and the list."""

    async def body() -> AsyncIterator[bytes]:
        for number, data in enumerate(files):
            if number:
                yield b""
            for at in range(0, len(data), 50):
                yield data[at : at + 50]

    assert centre.manager
    return await centre.uploads().receive(
        centre.manager.person, job.id, body(), refusals=len(files) > 1
    )


@pytest.mark.asyncio
async def test_what_the_entrustor_encrypts_becomes_a_list_and_only_once(centre: Centre) -> None:
    job = await centre.job()
    to = await recipient(centre, job)
    data = encrypted(LIST, to)
    received = await send(centre, job, encrypted(REFUSALS, to), data)
    told = received.receipt
    assert (told.rows, told.accepted, told.not_to_be_called, told.refusals) == (2, 1, 1, 1)
    plain = await send(centre, await centre.job("KNK-002"), LIST)
    assert told.encoding == plain.receipt.encoding == "cp932"
    async with transaction(centre.sessions) as session:
        rows = select(func.count()).where(Record.list_id == received.list_id)
        assert await session.scalar(rows) == 1
    with pytest.raises(IntakeError) as refused:
        await send(centre, job, data)
    assert refused.value.code == Problem.TAKEN_IN_BEFORE
    other = await centre.job("KNK-003")
    for wrong, code in (
        (encrypted(LIST, to), Problem.SEALED_ELSEWHERE),
        (encrypted(LIST, await recipient(centre, other))[:-1], Problem.SEALED_DAMAGED),
    ):
        with pytest.raises(IntakeError) as refused:
            await send(centre, other, wrong)
        assert refused.value.code == code
    async with transaction(centre.sessions) as session:
        assert await session.scalar(select(func.count()).select_from(Record)) == 3


@pytest.mark.asyncio
async def test_a_contract_that_takes_encrypted_files_only(centre: Centre) -> None:
    conduct = msgspec.structs.replace(Conduct(duplicates="phone"), sealed_only=True)
    await centre.sign_contract(conduct=conduct)
    job = await centre.job()
    to = await recipient(centre, job)
    for files in ((LIST,), (REFUSALS, encrypted(LIST, to))):
        with pytest.raises(IntakeError) as refused:
            await send(centre, job, *files)
        assert Problem.SEALED_ONLY in (refused.value.code, refused.value.reason)
    assert (await send(centre, job, encrypted(LIST, to))).receipt.accepted == 2


@pytest.mark.asyncio
async def test_an_unreadable_list_of_refusals_refuses_the_list(centre: Centre) -> None:
    job = await centre.job()
    for refusals in (b"phone\n9.0E+10\n", b""):
        with pytest.raises(IntakeError) as refused:
            await send(centre, job, refusals, LIST)
        assert refused.value.code == Problem.REFUSALS_UNREADABLE
    async with transaction(centre.sessions) as session:
        assert await session.scalar(select(func.count()).select_from(Record)) == 0
