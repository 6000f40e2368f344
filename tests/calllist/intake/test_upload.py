"""An upload is stored whole or leaves nothing: no rows, no key, no file, no value anywhere."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select, text, update

from calllist.intake.choices import Choices
from calllist.intake.problems import IntakeError, Problem, TooManyUploads
from calllist.intake.receipt import of_facts
from calllist.intake.store import Chunk as SealedChunk
from calllist.intake.store import Store
from calllist.intake.sweep import SILENCE
from calllist.intake.upload import AT_ONCE, AT_ONCE_EACH, Uploads
from calllist.jobs.errors import JobOver, JobUnknown, ListDeadline
from calllist.jobs.lists import start_list
from calllist.jobs.tables import CallList, Chunk, Job, Record
from calllist.migrations.grants import grant
from calllist.people.tables import Person
from crypto.records.fields import FieldKind
from crypto.wire.records import Open, SealedRecord
from retention.tables import Holding
from tests.calllist.intake.conftest import Desk
from tests.keepers import now

HEADER = "整理番号,氏名,電話番号,病名\n"
NOTHING = {"records": 0, "chunks": 0, "findings": 0, "holdings": 0, "tables": 0}
NAME = "架空珠緒"  # in every row below: to be found nowhere
LONG = 30.0  # seconds before a test that waits gives up

pytestmark = pytest.mark.asyncio


def line(number: int) -> str:
    return f"{number},{NAME},090-0{number // 10_000:03d}-{number % 10_000:04d},秘\n"


async def body(*parts: str, rows: int = 0, size: int = 1000) -> AsyncIterator[bytes]:
    yield HEADER.encode("cp932")
    for part in parts:
        yield part.encode("cp932")
    for start in range(1, rows + 1, size):
        lines = map(line, range(start, min(rows + 1, start + size)))
        yield "".join(lines).encode("cp932")


async def held(release: asyncio.Event, rows: int = 5000) -> AsyncIterator[bytes]:
    """A file of which the end does not come before `release`."""
    async for block in body(rows=rows):
        yield block
    await release.wait()


async def test_a_file_becomes_sealed_rows_a_receipt_and_a_holding(desk: Desk) -> None:
    parts = ("7001,架空,,x\n", "7002,架空,090-0000-0001,x\n")
    received = await desk.uploads().receive(
        desk.manager, desk.job, body(line(1), *parts, rows=2500)
    )

    receipt = received.receipt
    assert (receipt.rows, receipt.accepted) == (2503, 2500)
    assert (receipt.codes, receipt.encoding) == ({"no_phone": 1, "duplicate": 2}, "cp932")
    assert [one.header for one in receipt.columns if one.kind is None] == ["病名"]
    assert await desk.rows() == {
        "records": 2500, "chunks": 3, "findings": 3, "holdings": 1, "tables": 1,
    }  # fmt: skip
    assert await desk.keys(received.list_id) == "open"
    (row,) = await desk.lists()
    assert (row.state, row.remaining, row.rows_seen) == ("open", 2500, 2503)
    assert of_facts(row.receipt) == receipt
    assert row.for_entrustor
    async with desk.sessions() as session:
        holding = await session.get_one(Holding, received.list_id)
        records = (await session.scalars(select(Record))).all()
    assert (holding.people, holding.reference, holding.basis) == (2500, "JOB-1-1", "KAKU-1 v1")
    assert holding.facts["file_hash"] == receipt.file_hash
    assert {record.state for record in records} == {"waiting"}
    assert len({record.token for record in records}) == 2500
    assert {len(record.sealed or b"") % 64 for record in records} == {16}


@pytest.mark.parametrize("first", ["", "なまえ,ばんごう,うまれ,すまい,かたち\n"])
@pytest.mark.parametrize("by_hand", [{}, {FieldKind.PHONE: "#2"}, {FieldKind.NAME: "#1"}])
async def test_a_file_without_a_header_we_know_leaves_no_cell_in_clear(
    desk: Desk, first: str, by_hand: dict[FieldKind, str]
) -> None:
    person = [NAME, "090-0001-2345", "1980/1/2", "架空市架空町一丁目", "携帯"]

    async def file() -> AsyncIterator[bytes]:
        yield (first + ",".join(person) + "\n").encode()

    with suppress(IntakeError):
        await desk.uploads().receive(desk.manager, desk.job, file(), choices=Choices(by_hand))
    async with desk.sessions() as session:
        kept: list[str] = []
        for table in ("lists", "findings", "holdings"):
            kept += await session.scalars(text(f"select t::text from {table} t"))  # noqa: S608
    (row,) = await desk.lists()
    assert row.state == ("open" if FieldKind.PHONE in by_hand else "failed")
    stored = "\n".join(kept) + json.dumps([row.receipt, row.failure], ensure_ascii=False)
    cells = [*person, *first.strip().split(",")] if first else person
    assert [cell for cell in cells if cell in stored] == []


async def test_few_uploads_at_once(desk: Desk) -> None:
    release = asyncio.Event()
    uploads = desk.uploads()
    running = [
        asyncio.create_task(uploads.receive(desk.manager, desk.job, held(release, rows=10 + n)))
        for n in range(AT_ONCE_EACH)
    ]
    await _until(lambda row: row.number == AT_ONCE_EACH, desk)
    with pytest.raises(TooManyUploads):
        await uploads.receive(desk.manager, desk.job, body(rows=1))
    release.set()
    await asyncio.gather(*running)
    again = await uploads.receive(desk.manager, desk.job, body(rows=1))
    assert again.number == AT_ONCE_EACH + 1


def _full(uploads: Uploads) -> None:
    with ExitStack() as places:
        for number in range(AT_ONCE):
            places.enter_context(uploads._place(f"per_{number}"))
        with pytest.raises(TooManyUploads), uploads._place("per_another"):
            pass


async def test_few_uploads_at_once_of_all_people_together(desk: Desk) -> None:
    uploads = desk.uploads()
    _full(uploads)
    _full(uploads)  # every place was given back


async def test_a_list_that_we_hold_is_never_swept(desk: Desk) -> None:
    """Whoever can write to the database cannot have the worker shred a list."""
    received = await desk.uploads().receive(desk.manager, desk.job, body(rows=5))
    async with desk.sessions.begin() as session:
        await session.execute(
            update(CallList).values(state="receiving", heard_at=now() - 2 * SILENCE)
        )
    assert await desk.sweep() == []
    assert (await desk.rows())["records"] == 5
    assert await desk.keys(received.list_id) == "open"


async def test_the_keeper_opens_what_was_sealed(desk: Desk) -> None:
    received = await desk.uploads().receive(desk.manager, desk.job, body(rows=3))
    async with desk.sessions() as session:
        chunk = await session.get_one(Chunk, (received.list_id, 0))
        record = await session.get_one(Record, (received.list_id, 0, 2))
    assert record.sealed is not None
    sealed = SealedRecord(received.list_id, 0, 2, chunk.sealed_key, record.sealed)
    view = await desk.world.web.call(Open(desk.world.operators[0].grant, sealed))
    shown = {field.kind.value: field.text for field in view.fields}
    assert shown["phone"].endswith("003")
    assert record.line == 4


@pytest.mark.parametrize(
    ("parts", "problem", "line_number", "column"),
    [
        (['1,"架空\n'], Problem.UNCLOSED_QUOTE, 2, None),
        ([line(1), "2,架空,\x01\n"], Problem.BINARY_FILE, 3, 3),
        ([], Problem.EMPTY_FILE, 1, None),
    ],
)
async def test_a_refused_file_leaves_nothing(
    desk: Desk, parts: list[str], problem: Problem, line_number: int, column: int | None
) -> None:
    with pytest.raises(IntakeError) as refused:
        await desk.uploads().receive(desk.manager, desk.job, body(*parts))
    error = refused.value
    assert (error.code, error.line, error.column) == (problem, line_number, column)
    (row,) = await desk.lists()
    assert (row.state, row.failure) == ("failed", error.facts())
    assert await desk.rows() == NOTHING
    assert await desk.keys(row.id) == "unknown"


async def test_too_many_rows_are_refused_while_they_still_come(desk: Desk) -> None:
    fed = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal fed
        async for block in body(rows=10_000_000, size=500):
            fed += 1
            yield block

    with pytest.raises(IntakeError) as refused:
        await desk.uploads(max_rows=3000).receive(desk.manager, desk.job, endless())
    assert (refused.value.code, refused.value.line) == (Problem.TOO_MANY_ROWS, 3002)
    assert fed < 500
    assert await desk.rows() == NOTHING


async def test_a_connection_that_stays_silent_gives_its_place_back(desk: Desk) -> None:
    uploads = replace(desk.uploads(), patience=0.1)
    async with asyncio.timeout(LONG):
        with pytest.raises(IntakeError) as refused:
            await uploads.receive(desk.manager, desk.job, held(asyncio.Event(), rows=10))
    assert refused.value.code == Problem.DISCONNECTED
    assert await desk.rows() == NOTHING
    await uploads.receive(desk.manager, desk.job, body(rows=1))


async def test_a_broken_connection_leaves_nothing(desk: Desk) -> None:
    async def broken() -> AsyncIterator[bytes]:
        async for block in body(rows=5000):
            yield block
        raise ConnectionResetError

    with pytest.raises(IntakeError) as refused:
        await desk.uploads().receive(desk.manager, desk.job, broken())
    assert refused.value.code == Problem.DISCONNECTED
    (row,) = await desk.lists()
    assert row.state == "failed"
    assert await desk.rows() == NOTHING
    assert await desk.keys(row.id) == "unknown"


async def test_clear_text_is_in_memory_only_while_it_streams(desk: Desk) -> None:
    release = asyncio.Event()
    task = asyncio.create_task(desk.uploads().receive(desk.manager, desk.job, held(release)))
    process = await _process()
    await _until(lambda row: row.rows_seen > 1000, desk)
    assert _files(process) <= {"/dev/null"}
    arguments = " ".join(process.cmdline())
    assert "postgresql" not in arguments
    release.set()
    assert (await task).receipt.accepted == 5000
    assert not process.is_running()


@pytest.mark.parametrize("end", ["killed", "cancelled"])
async def test_an_upload_that_ends_without_a_word_is_healed_by_the_sweep(
    desk: Desk, end: str
) -> None:
    release = asyncio.Event()
    task = asyncio.create_task(desk.uploads().receive(desk.manager, desk.job, held(release)))
    process = await _process()
    row = await _until(lambda row: row.rows_seen > 1000, desk)
    assert 0 < row.bytes_read <= sum([len(block) async for block in body(rows=5000)])
    assert row.bytes_read > 30 * row.rows_seen  # of rows that are 32 bytes and more
    assert await desk.keys(row.id) == "pending"
    if end == "killed":
        process.send_signal(signal.SIGKILL)
        with pytest.raises(IntakeError, match="interrupted"):
            await task
    else:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not process.is_running()
    assert await desk.sweep() == [row.id]
    (row,) = await desk.lists()
    assert row.state == "failed"
    assert row.failure == IntakeError(Problem.INTERRUPTED).facts()
    assert await desk.rows() == NOTHING
    assert await desk.keys(row.id) == "unknown"
    assert await desk.sweep() == []


async def test_whoever_is_stopped_in_mid_upload_leaves_nothing(desk: Desk) -> None:
    release = asyncio.Event()
    task = asyncio.create_task(desk.uploads().receive(desk.manager, desk.job, held(release)))
    row = await _until(lambda row: row.rows_seen > 1000, desk)
    async with desk.sessions.begin() as session:
        await session.execute(
            update(Person).where(Person.id == desk.manager.id).values(stopped_at=now())
        )
    release.set()
    with pytest.raises(IntakeError) as refused:
        await task
    assert refused.value.code == Problem.SENDER_STOPPED
    assert await desk.sweep() == [row.id]
    assert await desk.rows() == NOTHING
    assert await desk.keys(row.id) == "shredded"
    (row,) = await desk.lists()
    assert (row.state, (row.failure or {})["code"]) == ("failed", "sender_stopped")


async def test_keys_without_rows_are_abandoned(desk: Desk) -> None:
    """The commit fails after the manifest has made the keys durable."""
    async with desk.sessions.begin() as session:
        await session.execute(
            text(
                "create function refuse() returns trigger language plpgsql as"
                " $$ begin raise exception 'disk full' using errcode = '53100'; end $$"
            )
        )
        await session.execute(
            text(
                "create constraint trigger late after insert on chunks"
                " deferrable initially deferred for each row execute function refuse()"
            )
        )
    with pytest.raises(IntakeError) as refused:
        await desk.uploads().receive(desk.manager, desk.job, body(rows=10))
    assert (refused.value.code, refused.value.reason) == (Problem.STORE_UNAVAILABLE, "53100")
    (row,) = await desk.lists()
    assert (row.state, await desk.keys(row.id)) == ("receiving", "open")
    assert await desk.sweep() == [row.id]
    (row,) = await desk.lists()
    assert row.state == "failed"
    assert await desk.keys(row.id) == "shredded"
    assert await desk.rows() == NOTHING


async def test_rows_that_no_receipt_followed_are_removed_with_their_keys(desk: Desk) -> None:
    """The web dies between the process's commit and its own."""
    received = await desk.uploads().receive(desk.manager, desk.job, body("7,架空,,x\n", rows=1500))
    async with desk.sessions.begin() as session:
        await session.execute(text("delete from holdings"))
        await session.execute(
            update(CallList).values(state="receiving", heard_at=now() - 2 * SILENCE)
        )
    assert await desk.sweep() == [received.list_id]
    assert await desk.rows() == NOTHING
    assert await desk.keys(received.list_id) == "shredded"


async def test_a_silent_upload_that_still_holds_its_transaction_is_left_alone(
    desk: Desk,
) -> None:
    async with desk.sessions.begin() as session:
        row, _, _ = await start_list(session, desk.manager, desk.job, now=now() - 2 * SILENCE)
    async with Store(desk.database, row.id) as store:
        await store.fill(_chunks(SealedChunk(0, b"key", [2], [b"sealed"], [b"token"])))
        await store.finish()
        assert await desk.sweep() == []
    assert await desk.sweep() == [row.id]


async def test_the_database_role_of_intake_inserts_and_reads_nothing(
    desk: Desk, database: str, postgres: object
) -> None:
    name = database.rsplit("/", 1)[1].partition("?")[0]
    url = postgres.url(role="calllist_intake", database=name)  # type: ignore[attr-defined]
    async with desk.sessions.begin() as session:
        await (await session.connection()).run_sync(grant)
    received = await desk.uploads(database_url=url).receive(
        desk.manager, desk.job, body("7,架空,,x\n", rows=20)
    )
    assert received.receipt.accepted == 20
    assert (await desk.rows())["findings"] == 1


async def test_keeper_down(desk: Desk) -> None:
    desk.keeper.kill()
    with pytest.raises(IntakeError) as refused:
        await desk.uploads().receive(desk.manager, desk.job, body(rows=10))
    assert (refused.value.code, refused.value.reason) == (
        Problem.KEEPER_REFUSED,
        "keeper_unavailable",
    )
    assert await desk.rows() == NOTHING


async def test_database_down_for_the_process(desk: Desk) -> None:
    away = desk.uploads(database_url="postgresql://nobody:secret@127.0.0.1:9/none")
    with pytest.raises(IntakeError) as refused:
        await away.receive(desk.manager, desk.job, body(rows=10))
    assert refused.value.code == Problem.STORE_UNAVAILABLE
    assert "secret" not in str(refused.value) + repr(away)
    (row,) = await desk.lists()
    assert (row.state, await desk.keys(row.id)) == ("failed", "unknown")


async def test_a_keeper_that_dies_in_mid_upload_leaves_nothing(desk: Desk) -> None:
    release = asyncio.Event()
    task = asyncio.create_task(desk.uploads().receive(desk.manager, desk.job, held(release)))
    row = await _until(lambda row: row.rows_seen > 1000, desk)
    desk.keeper.kill()
    desk.keeper.start()
    release.set()
    with pytest.raises(IntakeError):
        await task
    await desk.sweep()
    assert await desk.rows() == NOTHING
    assert await desk.keys(row.id) == "unknown"


async def test_what_may_not_begin(desk: Desk) -> None:
    uploads = desk.uploads()
    with pytest.raises(JobUnknown):
        await uploads.receive(desk.manager, "job_99", body(rows=1))
    with pytest.raises(ListDeadline):
        await uploads.receive(desk.manager, desk.job, body(rows=1), expires=now())
    async with desk.sessions.begin() as session:
        await session.execute(update(Job).values(state="closed"))
    with pytest.raises(JobOver):
        await uploads.receive(desk.manager, desk.job, body(rows=1))
    assert await desk.lists() == []


async def test_the_process_never_says_a_value(desk: Desk) -> None:
    """Whatever reaches it: its answer names a type and a line of code."""
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    control = f'{{"list": "{NAME}", "oops": 1}}'.encode()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "calllist.intake", str(os.getpid()),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, env=environment,
    )  # fmt: skip
    out, err = await process.communicate(len(control).to_bytes(4, "big") + control + NAME.encode())
    assert process.returncode == 1
    assert b'"internal"' in out
    assert NAME.encode() not in out + err


async def _chunks(*chunks: SealedChunk) -> AsyncIterator[SealedChunk]:
    for chunk in chunks:
        yield chunk


def _files(process: psutil.Process) -> set[str]:
    """The files a process has open: not its pipes and sockets."""
    opened = {str(entry.readlink()) for entry in Path(f"/proc/{process.pid}/fd").iterdir()}
    return {name for name in opened if name.startswith("/")}


async def _process() -> psutil.Process:
    async with asyncio.timeout(LONG):
        while True:
            for child in psutil.Process().children():
                with_arguments = child.cmdline()
                if "calllist.intake" in with_arguments:
                    return child
            await asyncio.sleep(0.02)


async def _until(reached: Callable[[CallList], bool], desk: Desk) -> CallList:
    async with asyncio.timeout(LONG):
        while True:
            rows = await desk.lists()
            if rows and reached(rows[-1]):
                return rows[-1]
            await asyncio.sleep(0.05)
