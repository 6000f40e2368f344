"""`make bench-intake [ROWS=…] [LISTS=…]`: files through the real pipeline, beside plain loads.

    million     ROWS rows, one list, duplicates found, against plain COPY of the same rows
                (UTF-8) and two indexes, in turn in one run: into a table that has them
                (`ratio_copy`, the headline: a standing table has its indexes), and into one
                that gets them afterwards (`ratio_copy_indexed_after`: as ours); the first
                of these rows through SQLAlchemy-Utils' StringEncryptedType, scaled by rows
    flatness    a file a tenth as long: the peaks of memory beside each other
    workbook    200,000 rows as XLSX
    incident    LISTS of the 69 lists of 9.28 million people, one after another, then four
                at once

The pipeline is the web's own `Uploads.receive`: intake process, reader process, keeper and
PostgreSQL as they are shipped, with the settings of `make run`. Peaks are those of the two
processes that see clear text. The last line is one JSON object.
"""

import argparse
import asyncio
import csv
import itertools
import json
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import psutil
from sqlalchemy import Column, Integer, MetaData, String, Table, insert
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy_utils import StringEncryptedType
from sqlalchemy_utils.types.encrypted.encrypted_type import AesGcmEngine

from calllist import db, migrations
from calllist.embedded.postgres import Postgres
from calllist.intake.upload import Received, Uploads
from crypto.signed.terms import ContractTerms
from crypto.wire.base import Caller
from tests.bench import people
from tests.keepers import KeeperProcess, now
from tests.world import World

PEOPLE, LISTS = 9_280_000, 69  # the incident
AT_ONCE = 4
ROUNDS = 3  # of the million and of plain COPY, in turn: the median counts
FIELD_ROWS = 100_000  # at most, through field encryption: its cost a row does not change
FIELD_BATCH = 1000  # rows of one insert
WORKBOOK_ROWS = 200_000
BLOCK = 64 * 1024
TICK = 0.2  # seconds between two looks: the kernel keeps the peak, and looking costs a core


@dataclass
class Peaks:
    """The most memory that each process of an upload ever had, MB by kind of process."""

    most: dict[str, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Iterator[None]:
        watching = threading.Thread(target=self._watch)
        watching.start()
        try:
            yield
        finally:
            self._stop.set()
            watching.join()
            self._stop.clear()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._stop.wait(TICK):
            for child in own.children(recursive=True):
                try:
                    name = child.cmdline()[-3:]
                    for kind in ("calllist.intake.reading", "calllist.intake"):
                        if kind in name or kind in child.cmdline():
                            self._note(kind.rpartition(".")[2], child.pid)
                            break
                except (psutil.Error, OSError):
                    continue

    def _note(self, kind: str, pid: int) -> None:
        status = Path(f"/proc/{pid}/status").read_text()
        for line in status.splitlines():  # a process that has just ended has no such line
            if line.startswith("VmHWM"):
                self.most[kind] = max(self.most.get(kind, 0), int(line.split()[1]) / 1024)


@dataclass
class Centre:
    """A world with a job to upload into."""

    world: World
    keeper: KeeperProcess
    sessions: Any
    postgres: Postgres
    job: str
    manager: Any

    def uploads(self) -> Uploads:
        return Uploads(
            self.sessions,
            self.world.custody,
            database_url=self.postgres.url(role="calllist_intake"),
            keeper=self.keeper.socket(Caller.INTAKE),
            now=now,
            synthetic=True,
            max_rows=20_000_000,
        )

    async def receive(self, path: Path) -> Received:
        return await self.uploads().receive(self.manager, self.job, blocks(path), again=True)

    async def ask(self, statement: str) -> Any:
        connection = await asyncpg.connect(self.postgres.url().replace("+asyncpg", ""))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()


async def blocks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


@contextmanager
def server(folder: Path) -> Iterator[Postgres]:
    """PostgreSQL with the settings that `make run` gives it."""
    postgres = Postgres(folder / "pg", log=folder / "postgres.log")
    postgres.start()
    try:
        yield postgres
    finally:
        postgres.stop()


@asynccontextmanager
async def centre(folder: Path, postgres: Postgres, by: str) -> AsyncIterator[Centre]:
    """The platform on this server."""
    await migrations.upgrade_async(postgres.url())
    engine = create_async_engine(postgres.url())
    keeper = KeeperProcess(folder / "k")
    keeper.start()

    def change(terms: ContractTerms) -> ContractTerms:
        conduct = msgspec.structs.replace(terms.conduct, duplicates=by)
        return msgspec.structs.replace(terms, conduct=conduct)

    try:
        sessions = db.sessions(engine)
        async with keeper.client(Caller.ADMIN) as admin, keeper.client(Caller.WEB) as web:
            world = await World.build(
                sessions, admin=admin, web=web, folder=folder / "keys", change=change
            )
            job = await world.job()
            async with sessions() as session:
                manager = await world.person(session, world.manager)
            yield Centre(world, keeper, sessions, postgres, job, manager)
    finally:
        await engine.dispose()
        keeper.stop()


# The rows of a file as a platform without protection keeps them, and its two indexes: where a
# row is found, and who has this number.
PLAIN = (
    "create table plain (line integer, reference text, name text, kana text,"
    " phone text, postal text, address text, born text)"
)
INDEXES = (
    "create unique index plain_line on plain (line)",
    "create index plain_phone on plain (phone)",
)


async def plain_copy(centre: Centre, path: Path, *, indexed_before: bool) -> float:
    """Seconds for COPY of the rows into one table with two indexes.

    indexed_before: into a table that has them, as that of a platform has; else they are made
    when the rows are there, as we do.
    """
    connection = await asyncpg.connect(centre.postgres.url().replace("+asyncpg", ""))
    try:
        await connection.execute("drop table if exists plain")
        began = time.perf_counter()
        async with connection.transaction():
            await connection.execute(PLAIN)
            for index in INDEXES if indexed_before else ():
                await connection.execute(index)
            await connection.copy_to_table("plain", source=blocks(path), format="csv")
            for index in () if indexed_before else INDEXES:
                await connection.execute(index)
        return time.perf_counter() - began
    finally:
        await connection.close()


async def field_encryption(centre: Centre, path: Path, rows: int) -> float:
    """Seconds a row through SQLAlchemy-Utils' StringEncryptedType (AES-GCM), all seven columns.

    By SQLAlchemy's bulk insert in batches, as it is used; no duplicates are looked for, and no
    index is kept.
    """
    made = MetaData()
    key = secrets.token_hex(16)
    encrypted = StringEncryptedType(String, key, AesGcmEngine)
    table = Table(
        "encrypted",
        made,
        Column("id", Integer, primary_key=True),
        *(Column(name, encrypted) for name in people.COLUMNS),
    )
    with path.open(encoding="cp932", newline="") as file:
        read = itertools.islice(csv.reader(file), 1, rows + 1)
        values = [dict(zip(people.COLUMNS, cells, strict=True)) for cells in read]
    batches = [values[at : at + FIELD_BATCH] for at in range(0, len(values), FIELD_BATCH)]
    engine = create_async_engine(centre.postgres.url())
    try:
        async with engine.begin() as connection:
            await connection.run_sync(made.create_all)
        began = time.perf_counter()
        async with engine.begin() as connection:
            for batch in batches:
                await connection.execute(insert(table), batch)
        took = time.perf_counter() - began
        async with engine.begin() as connection:
            await connection.run_sync(made.drop_all)
    finally:
        await engine.dispose()
    return took / len(values)


# -- the measurements ------------------------------------------------------------------------


async def million(centre: Centre, folder: Path, rows: int) -> dict[str, float]:
    """One list and plain COPY of it, in turn; medians."""
    source, plain = folder / "list.csv", folder / "plain.csv"
    people.write(source, rows, 1)
    people.write_plain(source, plain)
    peaks, ours, before, after = Peaks(), [], [], []
    for _ in range(ROUNDS):
        before.append(await plain_copy(centre, plain, indexed_before=True))
        began = time.perf_counter()
        with peaks.watched():
            received = await centre.receive(source)
        ours.append(time.perf_counter() - began)
        after.append(await plain_copy(centre, plain, indexed_before=False))
        _tell(f"{rows:,} rows: {ours[-1]:.2f} s; COPY {before[-1]:.2f} s, {after[-1]:.2f} s")
    seconds = statistics.median(ours)
    sample = min(FIELD_ROWS, rows)
    field = await field_encryption(centre, source, sample)
    sizes = [
        await centre.ask(f"select pg_total_relation_size('{table}')")
        for table in (f"records_{received.list_id}", "plain")
    ]
    receipt = received.receipt
    return {
        "rows": rows,
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "rows_per_s": round(rows / seconds),
        "copy_rows_per_s": round(rows / statistics.median(before)),
        "copy_indexed_after_rows_per_s": round(rows / statistics.median(after)),
        "ratio_copy": round(statistics.median(before) / seconds, 2),
        "ratio_copy_indexed_after": round(statistics.median(after) / seconds, 2),
        "field_encryption_rows_per_s": round(1 / field),
        "field_encryption_sample": sample,
        "ratio_field_encryption": round(field * rows / seconds, 1),
        "bytes_per_person": round(sizes[0] / receipt.accepted),
        "plain_bytes_per_person": round(sizes[1] / rows),
        **{f"peak_rss_mb_{name}": round(most) for name, most in peaks.most.items()},
        "peak_rss_mb": round(max(peaks.most.values())),
    }


async def flatness(centre: Centre, folder: Path, rows: int) -> dict[str, float]:
    """The peak of a file a tenth as long."""
    source, peaks = folder / "tenth.csv", Peaks()
    people.write(source, max(rows // 10, 1), 2)
    with peaks.watched():
        await centre.receive(source)
    return {f"peak_rss_mb_{name}_tenth": round(most) for name, most in peaks.most.items()}


async def incident(centre: Centre, folder: Path, lists: int) -> dict[str, float]:
    """So many lists of the incident's size, one after another and four at once."""
    each = PEOPLE // LISTS
    files = [folder / f"list{number}.csv" for number in range(lists)]
    for number, file in enumerate(files):
        people.write(file, each, number)
    peaks = Peaks()
    with peaks.watched():
        began = time.perf_counter()
        for number, file in enumerate(files, start=1):
            await centre.receive(file)
            if number % 10 == 0:
                _tell(f"{number} lists of {each:,}: {time.perf_counter() - began:.0f} s")
        alone = time.perf_counter() - began
        at_once = asyncio.Semaphore(AT_ONCE)

        async def receive(file: Path) -> None:
            async with at_once:
                await centre.receive(file)

        began = time.perf_counter()
        await asyncio.gather(*map(receive, files))
        together = time.perf_counter() - began
    people_in_all = lists * each
    return {
        "incident_people": people_in_all,
        "incident_lists": lists,
        "incident_rows_per_s": round(people_in_all / alone),
        "incident_four_at_once_rows_per_s": round(people_in_all / together),
        "incident_peak_rss_mb": round(max(peaks.most.values())),
    }


async def workbook(centre: Centre, folder: Path, rows: int) -> dict[str, float]:
    """An XLSX of the same people."""
    source, peaks = folder / "list.xlsx", Peaks()
    people.write_workbook(source, rows, 3)
    began = time.perf_counter()
    with peaks.watched():
        received = await centre.receive(source)
    return {
        "xlsx_rows": received.receipt.rows,
        "xlsx_seconds": round(time.perf_counter() - began, 2),
        "xlsx_peak_rss_mb": round(max(peaks.most.values())),
    }


async def measure(folder: Path, postgres: Postgres, rows: int, lists: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    async with centre(folder, postgres, "person") as made:
        figures |= await million(made, folder, rows)
        figures |= await flatness(made, folder, rows)
        figures |= await workbook(made, folder, min(WORKBOOK_ROWS, rows))
        if lists:
            figures |= await incident(made, folder, lists)
    return figures


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--lists", type=int, default=LISTS)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="clk") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server runs as somebody else
        with server(folder) as postgres:
            figures = asyncio.run(measure(folder, postgres, given.rows, given.lists))
    for name, figure in figures.items():
        print(f"  {name:36} {figure:>14,}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
