"""A commit that comes to nothing, a disk without room, and a file that is no journal."""

import asyncio
import errno
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from crypto.bookkeeping.journal import Act, Journal
from crypto.bookkeeping.lines import SALT_BYTES, JournalDamaged
from crypto.errors.keeper import LedgerUnavailable
from crypto.host.reserve import Reserve
from tests.crypto.world import START

ROOM = 8192
TABLES = """
CREATE TABLE IF NOT EXISTS parents (x INTEGER PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS t (x INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED) STRICT;
"""
LIMITED, UNLIMITED = "PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000"


def unsigned(month: str, size: int, root: bytes) -> str:
    return f"{month} {size} {root.hex()}"


@pytest_asyncio.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    """With a reserve, and a table whose rows without a parent stop the commit."""
    kept = Journal(tmp_path / "j.db", [TABLES], unsigned, Reserve(tmp_path / "reserve", ROOM))
    await kept.start()
    yield kept
    await kept.close()


def line(journal: Journal, code: str = "x") -> Callable[[], Act]:
    """A step that writes one line."""

    def step() -> Act:
        seq = journal.append("event", START, code=code)
        return lambda: seq

    return step


def orphan(journal: Journal) -> Act:
    """A step that does well, and whose commit fails."""
    journal.db.execute("INSERT INTO t VALUES (1)")
    return lambda: "shown"


def reserve(journal: Journal) -> Reserve:
    assert journal._reserve is not None
    return journal._reserve


# -- a commit that comes to nothing --------------------------------------------------------


@pytest.mark.asyncio
async def test_nobody_is_shown_anything_of_a_commit_that_failed(journal: Journal) -> None:
    """Whoever came together is refused together, and nothing of any of them stays."""
    forgotten: list[str] = []

    def remembered() -> Act:
        journal.if_undone(lambda: forgotten.append("durable"))
        return line(journal)()

    def lost() -> Act:
        journal.if_undone(lambda: forgotten.append("lost"))
        return line(journal)()

    assert await journal.run(remembered) == 0
    answers = await asyncio.gather(
        journal.run(lost), journal.run(lambda: orphan(journal)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [LedgerUnavailable] * 2
    assert forgotten == ["lost"]
    assert journal.head.size == 1
    assert journal.db.execute("SELECT count(*) FROM ledger").fetchone() == (1,)
    assert await journal.run(line(journal)) == 1


@pytest.mark.asyncio
async def test_where_undoing_a_step_breaks_the_whole_commit_is_undone_and_told(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks() -> Act:
        journal.if_undone(lambda: 1 // 0)
        raise KeyError("x")

    answers = await asyncio.gather(
        journal.run(line(journal)), journal.run(breaks), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [LedgerUnavailable] * 2
    assert [(one.levelno, one.message) for one in caplog.records] == [
        (logging.ERROR, "a commit came to nothing: ZeroDivisionError")
    ]
    assert await journal.run(line(journal)) == 0


@pytest.mark.asyncio
async def test_whoever_has_gone_stops_nobody_and_the_line_stays(journal: Journal) -> None:
    gone = asyncio.create_task(journal.run(line(journal)))
    await asyncio.sleep(0)
    gone.cancel()
    assert await asyncio.wait_for(journal.run(line(journal)), 10) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(("steps", "commits"), [(64, 1), (65, 2)])
async def test_a_commit_has_64_steps_at_most(journal: Journal, steps: int, commits: int) -> None:
    said: list[str] = []
    journal.db.set_trace_callback(said.append)
    await asyncio.gather(*(journal.run(line(journal)) for _ in range(steps)))
    journal.db.set_trace_callback(None)
    assert said.count("BEGIN") == commits


# -- a disk without room -------------------------------------------------------------------


def full(journal: Journal) -> None:
    journal.db.execute(LIMITED)  # it does not grow: SQLITE_FULL


def much(journal: Journal) -> Act:
    return line(journal, "x" * 60_000)()


def ends(journal: Journal) -> Act:
    """It finds room as soon as the reserve is given."""
    if not reserve(journal).kept:
        journal.db.execute(UNLIMITED)
    return much(journal)


@pytest.mark.asyncio
async def test_on_a_full_disk_the_reserve_is_for_endings_alone(journal: Journal) -> None:
    full(journal)
    with pytest.raises(LedgerUnavailable):
        await journal.run(lambda: ends(journal))
    assert reserve(journal).kept
    answers = await asyncio.gather(
        journal.run(lambda: ends(journal)),
        journal.run(lambda: ends(journal), ending=True),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [LedgerUnavailable, int]
    assert not reserve(journal).kept
    assert journal.head.size == 1


@pytest.mark.asyncio
async def test_the_reserve_is_not_given_for_other_troubles(journal: Journal) -> None:
    with pytest.raises(LedgerUnavailable):
        await journal.run(lambda: orphan(journal), ending=True)
    assert reserve(journal).kept


@pytest.mark.asyncio
async def test_until_the_reserve_is_back_one_may_read_and_end(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: int) -> None:
        raise OSError(errno.ENOSPC, "x")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", no_room)
        reserve(journal).release()
        with pytest.raises(LedgerUnavailable):
            await journal.run(line(journal))
        assert await journal.run(lambda: lambda: "read") == "read"
        assert await journal.run(line(journal), ending=True) == 0
    assert await journal.run(line(journal)) == 1


@pytest.mark.asyncio
async def test_without_a_reserve_an_ending_is_refused_and_the_next_one_goes_on(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path / "j.db", [], unsigned)
    await journal.start()
    full(journal)
    with pytest.raises(LedgerUnavailable):
        await asyncio.wait_for(journal.run(lambda: much(journal), ending=True), 10)
    journal.db.execute(UNLIMITED)
    assert await asyncio.wait_for(journal.run(line(journal)), 10) == 0
    await journal.close()


# -- lines and the file --------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_line_says_its_version_and_fits_an_entry_with_its_salt(journal: Journal) -> None:
    await journal.run(line(journal, ""))
    [(salt, leaf)] = journal.db.execute("SELECT salt, leaf FROM ledger").fetchall()
    assert msgspec.json.decode(leaf)["v"] == 1
    assert len(salt) == 16
    room = 65_535 - len(salt) - len(leaf)
    with pytest.raises(ValueError, match="ids and codes"):
        await journal.run(line(journal, "x" * (room + 1)))
    assert await journal.run(line(journal, "x" * room)) == 1


@pytest.mark.asyncio
async def test_a_closed_journal_works_no_more(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db", [], unsigned)
    await journal.start()
    await journal.run(line(journal))
    worker = journal._worker
    await journal.close()
    assert worker is not None
    assert worker.done()
    with pytest.raises(RuntimeError, match="shutdown"):
        journal._disk.submit(int)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        journal.db.execute("SELECT 1")


def test_nobody_is_waited_for_and_references_hold(tmp_path: Path) -> None:
    database = Journal(tmp_path / "j.db", [], unsigned).db
    assert database.execute("PRAGMA busy_timeout").fetchone() == (0,)
    assert database.execute("PRAGMA foreign_keys").fetchone() == (1,)
    database.close()


def test_a_file_that_is_no_journal_is_refused_and_not_held_open(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    path.write_bytes(b"no database" * 500)
    with pytest.raises(JournalDamaged, match="not a database") as refused:
        Journal(path, [], unsigned)
    assert refused.traceback  # with it whatever Python would have closed meanwhile
    held = [one.readlink() for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
    assert path not in held


@pytest.mark.asyncio
async def test_a_head_with_the_peaks_of_another_log_is_refused(journal: Journal) -> None:
    await journal.run(line(journal))
    other = sqlite3.connect(journal.path)
    with other:
        other.execute("UPDATE head SET peaks = x''")
    other.close()
    with pytest.raises(JournalDamaged, match="other peaks"):
        Journal(journal.path, [TABLES], unsigned)


@pytest.mark.asyncio
async def test_a_line_is_as_long_as_an_entry_of_the_log_may_be_and_no_longer(
    journal: Journal,
) -> None:
    def long(room: int) -> Callable[[], Act]:
        return line(journal, "x" * room)

    await journal.run(long(0))
    ((leaf,),) = journal.db.execute("SELECT leaf FROM ledger").fetchall()
    room = 65_535 - SALT_BYTES - len(leaf)
    assert await journal.run(long(room)) == 1
    with pytest.raises(ValueError, match="not as long as that"):
        await journal.run(long(room + 1))
    ((salt, leaf),) = journal.db.execute("SELECT salt, leaf FROM ledger WHERE seq > 0").fetchall()
    assert (len(salt), len(salt + leaf)) == (16, 65_535)
