"""The journal: one transaction for line and state, one commit for many, nothing without it."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from crypto.bookkeeping.journal import Act, Journal
from crypto.bookkeeping.lines import JournalDamaged
from crypto.errors.keeper import LedgerUnavailable
from crypto.errors.lists import ListOver
from crypto.host.reserve import Reserve
from crypto.ledger.tree import CompactRange
from crypto.wire.ledger import Event, Head
from crypto.wire.lists import Freeze
from crypto.wire.records import Close, Open, View
from tests.crypto.world import START, World, townsfolk


def unsigned(month: str, size: int, root: bytes) -> str:
    return f"{month} {size} {root.hex()}"


@pytest.mark.asyncio
async def test_when_the_ledger_cannot_be_written_nothing_opens_and_freezing_still_works(
    world: World,
) -> None:
    records = await world.upload("lst_1", townsfolk(2))
    grants = [await world.shift("per_1"), await world.shift("per_2")]
    before = world.lines()
    blocker = sqlite3.connect(world.folder / "journal.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")  # nobody else can write

    together = await asyncio.gather(
        *(world.say(Open(g, r)) for g, r in zip(grants, records, strict=True)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in together] == [LedgerUnavailable] * 2
    freezing = await asyncio.gather(  # its own step is not even reached
        world.say(Event("x", {})), world.say(Freeze("lst_1", "manager")), return_exceptions=True
    )
    assert [type(answer) for answer in freezing] == [LedgerUnavailable] * 2
    assert (await world.say(Head())).size == len(before)

    blocker.close()
    assert world.lines() == before
    with pytest.raises(ListOver):  # frozen in memory although the line could not be written
        await world.say(Open(grants[0], records[0]))


@pytest.mark.asyncio
async def test_a_full_disk_refuses_and_recovers(world: World) -> None:
    records = await world.upload("lst_1", townsfolk(500))
    grant = await world.shift("per_1")
    database = world.home.journal.db
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")
    shown = 0

    async def call_everybody() -> None:
        nonlocal shown
        for record in records:
            await world.say(Open(grant, record))
            shown += 1
            await world.say(Close(grant, record, f"att_{shown}", 30))

    with pytest.raises(LedgerUnavailable):
        await call_everybody()
    database.execute("PRAGMA max_page_count = 1000000")
    assert len(world.lines("open")) == shown
    await world.restart()
    assert world.home.journal.head.size == len(world.lines())
    await world.say(Head())


@pytest.mark.asyncio
async def test_opens_that_come_together_share_a_commit_and_all_succeed(world: World) -> None:
    people = [f"per_x{n}" for n in range(8)]
    for person in people:
        await world.hire(person)
    grants = [await world.shift(person) for person in people]
    records = await world.upload("lst_1", townsfolk(8))
    views = await asyncio.gather(
        *(world.say(Open(g, r)) for g, r in zip(grants, records, strict=True))
    )
    assert all(isinstance(view, View) for view in views)
    assert [line["n"] for line in world.lines() if line.get("list") == "lst_1"] == list(
        range(1, 11)
    )


@pytest.mark.asyncio
async def test_what_is_read_while_the_first_of_a_commit_waits_joins_it(tmp_path: Path) -> None:
    """One flush to the disk for all of them, instead of one for the first and one for the rest."""
    journal = Journal(tmp_path / "j.db", [], unsigned)
    await journal.start()
    commits: list[str] = []
    journal.db.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

    def step() -> Act:
        journal.append("good", START)
        return lambda: None

    async def a_turn_later() -> None:
        await asyncio.sleep(0)
        await journal.run(step)

    await asyncio.gather(journal.run(step), *(a_turn_later() for _ in range(7)))
    assert (len(commits), journal.head.size) == (1, 8)
    await journal.close()


@pytest.mark.asyncio
async def test_a_step_that_raises_undoes_itself_and_no_other(tmp_path: Path) -> None:
    journal = Journal(
        tmp_path / "j.db", ["CREATE TABLE IF NOT EXISTS t (x INTEGER) STRICT"], unsigned
    )
    await journal.start()

    def good(x: int) -> Act:
        journal.db.execute("INSERT INTO t VALUES (?)", (x,))
        journal.append("good", START)
        return lambda: x

    def bad() -> Act:
        journal.db.execute("INSERT INTO t VALUES (99)")
        journal.append("bad", START)
        raise KeyError("x")

    answers = await asyncio.gather(
        journal.run(lambda: good(1)),
        journal.run(bad),
        journal.run(lambda: good(2)),
        return_exceptions=True,
    )
    assert answers[0] == 1
    assert isinstance(answers[1], KeyError)
    assert answers[2] == 2
    assert journal.db.execute("SELECT x FROM t").fetchall() == [(1,), (2,)]
    assert journal.head.size == 2
    await journal.close()


@pytest.mark.asyncio
async def test_the_head_is_that_of_the_lines(world: World) -> None:
    await world.upload("lst_1", townsfolk(3))
    tree = CompactRange()
    rows = world.home.journal.db.execute("SELECT salt, leaf FROM ledger ORDER BY seq").fetchall()
    for salt, leaf in rows:
        tree.append(salt + leaf)
    assert tree.root() == world.home.journal.head.root()
    await world.restart()
    assert tree.root() == world.home.journal.head.root()


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """No test can cut the power; so at least the switch is watched. 2 is FULL."""
    database = Journal(tmp_path / "j.db", [], unsigned).db
    assert database.execute("PRAGMA synchronous").fetchone() == (2,)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_a_journal_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal = Journal(path, [], unsigned)
    journal.db.execute("INSERT INTO ledger VALUES (0, x'00', x'00')")
    journal.db.close()
    with pytest.raises(JournalDamaged):
        Journal(path, [], unsigned)


@pytest.mark.asyncio
async def test_a_constraint_that_one_step_breaks_refuses_that_step_alone(world: World) -> None:
    journal = world.home.journal

    def breaks() -> Act:
        journal.append("event", world.now, code="lost")
        journal.db.execute("INSERT INTO head VALUES (1, '', 0, 0, x'')")
        return lambda: None

    def holds() -> Act:
        seq = journal.append("event", world.now, code="kept")
        return lambda: seq

    broken, kept = await asyncio.gather(
        journal.run(breaks), journal.run(holds), return_exceptions=True
    )
    assert isinstance(broken, sqlite3.IntegrityError)
    assert isinstance(kept, int)
    assert [line["code"] for line in world.lines("event")][-1] == "kept"


@pytest.mark.asyncio
async def test_whatever_breaks_a_commit_the_next_one_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = world.home.journal
    with monkeypatch.context() as patch:
        patch.setattr(journal._reserve, "keep", lambda: 1 // 0)
        with pytest.raises(LedgerUnavailable):
            await world.say(Event("x", {}))
    await world.say(Event("y", {}))


def test_a_reserve_on_a_disk_that_takes_and_gives_nothing_is_not_there(tmp_path: Path) -> None:
    """Neither to be made nor to be removed: a folder stands in its place."""
    (tmp_path / "reserve").mkdir()
    (tmp_path / "reserve" / "x").touch()
    reserve = Reserve(tmp_path / "reserve", 1 << 20)
    assert not reserve.keep()
    assert not reserve.release()
