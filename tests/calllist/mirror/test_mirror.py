"""The ledger outside the keeper: mirrored, shown over HTTP, witnessed, traced, compared."""

import asyncio
import base64
import csv
import io
import json
import re
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from subprocess import CompletedProcess

import httpx
import pytest
import pytest_asyncio
import uvicorn
from sqlalchemy import func, select, text, update

from calllist.app import create_app
from calllist.db import transaction
from calllist.embedded.postgres import Postgres
from calllist.entrustors.onboarding import EntrustorKind, register_entrustor
from calllist.mirror import showing
from calllist.mirror.extracts import extract
from calllist.mirror.tables import LedgerHead, LedgerLine
from calllist.people.roles import Role
from calllist.settings import Settings
from calllist.upkeep import Upkeep, upkeep
from crypto.errors.keeper import LedgerShorter
from crypto.ledger.checkpoint import log_name, parse, verifier_key, verify
from crypto.ledger.extract import BadExtract, Extract
from crypto.ledger.proofs import check_consistency
from crypto.ledger.tree import leaf_hash
from crypto.signed import keyfile
from crypto.wire.base import Caller
from crypto.wire.ledger import Entries, Event, Head, PinWitness
from tests.calllist.centre import Centre, Someone
from tests.calllist.command_line import COMMANDS, run
from tests.zygote import zygote

pytestmark = pytest.mark.asyncio
LEDGER = "/api/v1/ledger/"


def settings(centre: Centre, database: str, origin: str = "https://calllist.test") -> Settings:
    return Settings(
        DATABASE_URL=database,
        home=centre.folder,
        clock_offset=centre.clock.offset,
        synthetic_numbers=True,
        origin=origin,
    )


@pytest_asyncio.fixture
async def worker(centre: Centre, postgres: Postgres, database: str) -> AsyncIterator[Upkeep]:
    """The worker, with the rights of its own database role."""
    url = postgres.url(role="calllist_worker", database=database.rsplit("/", 1)[1])
    async with upkeep(settings(centre, url)) as power:
        yield power


@pytest_asyncio.fixture
async def web(centre: Centre, postgres: Postgres, database: str) -> AsyncIterator[str]:
    """The web process's address: real HTTP, the rights of its own database role."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        url = postgres.url(role="calllist_web", database=database.rsplit("/", 1)[1])
        app = create_app(settings(centre, url, origin))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        serving = asyncio.create_task(server.serve([listening]))
        await until(lambda: server.started)
        yield origin
        server.should_exit = True
        await serving


async def everything(centre: Centre) -> list[bytes]:
    found: list[bytes] = []
    async with centre.line(Caller.WORKER) as line:
        while part := (await line.call(Entries(len(found), 1000))).entries:
            found += part
    return found


async def events(centre: Centre, count: int) -> None:
    await asyncio.gather(*(centre.keeper.call(Event("x", {})) for _ in range(count)))


async def a_day(centre: Centre) -> tuple[str, Someone]:
    """Two of three people called; the list lives."""
    job = await centre.job()
    list_id = (await centre.upload(job, 3)).list_id
    await centre.settle(list_id)
    operator = await centre.operator("suzuki", job)
    for _ in range(2):
        await centre.call(operator, job, 10)
    return list_id, operator


def ledger_pub(centre: Centre) -> Path:
    return centre.folder / "keeper" / "public" / "ledger.pub"


async def typed(centre: Centre, *arguments: object, **how: object) -> CompletedProcess[bytes]:
    folder = centre.folder
    zygote(*COMMANDS)  # it dies with its thread
    return await asyncio.to_thread(run, "--lang=en", *arguments, cwd=folder, **how)  # type: ignore[arg-type]


async def test_the_mirror_is_the_ledger_and_everybody_is_shown_that(
    centre: Centre, worker: Upkeep, web: str
) -> None:
    await events(centre, 300)
    await worker.sweep()
    old = await _get(web, "checkpoint")
    await events(centre, 400)
    await worker.sweep()
    await worker.sweep()
    entries = await everything(centre)
    async with centre.sessions() as session:
        rows = list(await session.scalars(select(LedgerLine).order_by(LedgerLine.seq)))
    assert [row.salt + row.leaf for row in rows] == entries
    assert [row.seq for row in rows] == list(range(len(entries)))

    key = (await centre.keeper.call(Head())).ledger_key
    before, head = verify(old.text, key), verify((await _get(web, "checkpoint")).text, key)
    assert head.size == len(entries)
    month = f"{head.month}/"
    growth = await _get(web, f"{month}consistency?old={before.size}&new={head.size}")
    steps = [base64.b64decode(step) for step in growth.json()]
    check_consistency(before.size, before.root, head.size, head.root, steps)
    for number, width in ((0, 256), (1, 256), (2, len(entries) - 512)):
        partial = "" if width == 256 else f".p/{width}"
        tile = await _get(web, f"{month}tile/0/00{number}{partial}")
        start = number * 256
        assert tile.content == b"".join(map(leaf_hash, entries[start : start + width]))
    assert len((await _get(web, f"{month}tile/1/000.p/2")).content) == 64
    assert (await _get(web, f"{month}checkpoint")).text == (await _get(web, "checkpoint")).text
    for hidden in (
        f"{month}tile/entries/000",
        f"{month}tile/0/003",
        f"{month}tile/0/000.p/257",
        "1999-01/checkpoint",
        f"{month}opening",  # the first month of a log begins with no month before
        f"{month}consistency?old={head.size}&new={head.size + 1}",
    ):
        assert (await _get(web, hidden)).status_code == 404, hidden


async def _get(web: str, path: str, someone: Someone | None = None) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(web + LEDGER + path, headers=_cookies(someone))


async def test_the_worker_only_adds_to_the_mirror_and_the_web_only_reads(
    centre: Centre, worker: Upkeep, postgres: Postgres, database: str
) -> None:
    await worker.sweep()
    for role, statement in (
        ("worker", "update ledger_lines set kind = 'x'"),
        ("worker", "delete from ledger_heads"),
        ("web", "insert into ledger_tiles values ('x')"),
        ("web", "delete from ledger_witnesses"),
    ):
        url = postgres.url(role=f"calllist_{role}", database=database.rsplit("/", 1)[1])
        async with upkeep(settings(centre, url)) as power, power.sessions() as session:
            with pytest.raises(Exception, match="permission denied"):
                await session.execute(text(statement))


async def test_a_keeper_that_was_rolled_back_is_noticed_by_the_next_sweep(
    centre: Centre, worker: Upkeep, tmp_path: Path
) -> None:
    home = centre.folder / "keeper"
    await centre.kill_keeper()
    shutil.copytree(home, tmp_path / "kept")
    await centre.start_keeper()
    await events(centre, 5)
    await worker.sweep()
    await centre.kill_keeper()
    shutil.rmtree(home)
    shutil.copytree(tmp_path / "kept", home)
    await centre.start_keeper()
    await events(centre, 1)  # nobody has noticed yet
    await worker.sweep()
    with pytest.raises(LedgerShorter):
        await events(centre, 1)


async def test_a_keeper_that_began_anew_has_a_log_of_its_own_and_the_old_one_stays(
    centre: Centre, worker: Upkeep
) -> None:
    """After a burnt disk entrustors still find out what the old keeper wrote."""
    list_id, _ = await a_day(centre)
    await worker.sweep()
    old = await centre.keeper.call(Head())
    await centre.kill_keeper()
    shutil.rmtree(centre.folder / "keeper")
    await centre.start_keeper()
    await events(centre, 3)
    await worker.sweep()
    new = await centre.keeper.call(Head())
    async with centre.sessions() as session:
        both = await showing.logs(session)
        assert [log.log for log in both] == [log_name(new.ledger_key), log_name(old.ledger_key)]
        assert (await showing.newest(session)).log == log_name(new.ledger_key)
        pieces = [piece async for piece in extract(session, centre.entrustor_id, both[1].log)]
    file = centre.folder / "old.entries"
    file.write_bytes(b"".join(pieces))
    assert Extract(file).verify(old.ledger_key).lists[list_id].n > 4
    with pytest.raises(BadExtract):
        Extract(file).verify(new.ledger_key)


async def test_a_witness_on_another_machine_cosigns_what_has_only_grown(
    centre: Centre, worker: Upkeep, web: str, tmp_path: Path
) -> None:
    await worker.sweep()
    where = ("--key", tmp_path / "w.key", "--state", tmp_path / "kept")
    look = ("witness", web, *where, "--log-key", ledger_pub(centre))
    assert (await typed(centre, "witness", "--new-key", "auditor.example", *where)).returncode == 0
    first = await typed(centre, *look)
    assert first.returncode == 1  # kept, but nobody has pinned it
    assert b"not taken" in first.stderr
    async with centre.line(Caller.ADMIN) as line:
        await line.call(PinWitness((tmp_path / "w.pub").read_text()))
    await worker.sweep()
    grown = await typed(centre, *look)
    assert grown.returncode == 0, grown.stderr
    assert b"has only grown" in grown.stderr
    await worker.sweep()
    [cosigned] = (await _get(web, "witnessed")).json()
    [kept] = (tmp_path / "kept").iterdir()
    assert kept.read_text() == cosigned
    assert [one.name for one in parse(cosigned).signatures][1] == "auditor.example"

    async with centre.sessions() as session:  # whoever owns the database hides the newest heads
        await session.execute(
            text("delete from ledger_heads where size >= :size"),
            {"size": parse(cosigned).checkpoint.size},
        )
        await session.commit()
    hidden = await typed(centre, *look)
    assert hidden.returncode == 1
    assert b"contradicts" in hidden.stderr
    for body in (b"x", b"x" * 20_000, cosigned.replace("\n", "\n\n", 1).encode()):
        async with httpx.AsyncClient() as client:
            answer = await client.post(web + LEDGER + "cosignature", content=body)
        assert answer.status_code in (413, 422), answer.text


async def test_the_entrustor_finds_out_who_handled_whom_and_nobody_elses_lines(
    centre: Centre, worker: Upkeep, web: str, tmp_path: Path
) -> None:
    list_id, operator = await a_day(centre)
    await events(centre, 300)
    officer = await centre.person("itaku", Role.ENTRUSTOR)
    async with transaction(centre.sessions) as session:
        other = await register_entrustor(
            session, name="別の市", kind=EntrustorKind.PUBLIC, now=centre.now()
        )
    stranger = await centre.person("yoso", Role.ENTRUSTOR, entrustor_id=other.id)
    await worker.sweep()

    nobodys = tmp_path / "other.entries"
    nobodys.write_bytes((await _get(web, "entries", stranger)).content)
    key = (await centre.keeper.call(Head())).ledger_key
    assert Extract(nobodys).verify(key).lines == 0
    assert (await _get(web, "entries")).status_code == 401

    own = tmp_path / "own.entries"
    own.write_bytes((await _get(web, "entries", officer)).content)
    coverage = Extract(own).verify(key)
    assert coverage.entrustor == centre.entrustor_id
    assert list(coverage.lists) == [list_id]
    assert not coverage.lists[list_id].gap
    assert coverage.lines == coverage.lists[list_id].n

    secret = tmp_path / "own.key"
    keyfile.generate(secret)
    _replace_key(secret, centre)
    pub = tmp_path / "ledger.pub"
    pub.write_text(verifier_key(key))
    asked = "090-0000-0001\n０９０ー００００ー０００２\n090-0000-0003\n090-0999-0001\n".encode()
    command = ("trace", own, "--key", secret, "--log-key", pub)
    done = await typed(centre, *command, stdin=asked)
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(io.StringIO(done.stdout.decode("utf-8-sig"))))[1:]
    assert {row[0] for row in rows if row[3] == "shown"} == {
        "090-0000-0001",
        "０９０ー００００ー０００２",
    }
    assert {(row[1], row[4]) for row in rows} == {(list_id, operator.person.id)}
    assert [row[3] for row in rows].count("closed") == 2
    said = done.stderr.decode()
    assert re.search(rf"{list_id}: lines 1 to \d+ without a gap; it lives", said)
    assert "2 number(s) were not handled within the coverage" in said

    changed = own.read_bytes().replace(operator.person.id.encode(), b"per_" + b"0" * 16, 1)
    own.write_bytes(changed)
    with pytest.raises(BadExtract):
        Extract(own).verify(key)
    assert (await typed(centre, *command, stdin=asked)).returncode == 1


def _cookies(someone: Someone | None) -> dict[str, str]:
    if someone is None:
        return {}
    signed = someone.signed
    return {"Cookie": f"__Host-session={signed.token}; __Host-grant={signed.grant}"}


def _replace_key(path: Path, centre: Centre) -> None:
    """The centre made the entrustor's keys in memory: put them where the tool reads."""
    halves = {"signing": centre.keys.approver.seed, "recipient": centre.keys.recipient.seeds}
    body = json.loads(path.read_text()) | {k: keyfile._encode(v) for k, v in halves.items()}
    path.write_text(json.dumps(body))


async def test_the_comparison_finds_what_was_changed_in_the_mirror_and_it_is_rebuilt(
    centre: Centre, worker: Upkeep, database: str
) -> None:
    await events(centre, 300)
    await worker.sweep()
    await centre.kill_keeper()  # a copy of its folder, as an auditor takes it
    await centre.start_keeper()
    home = centre.folder / "keeper"
    await _published(home, centre)
    where = {
        "DATABASE_URL": database,
        "CALLLIST_HOME": str(centre.folder),
        "CALLLIST_CLOCK_OFFSET": str(centre.clock.offset.total_seconds()),
    }
    check = ("ledger", "verify", home / "ledger", "--key", ledger_pub(centre), "--mirror")
    right = await typed(centre, *check, **where)
    assert right.returncode == 0, right.stdout + right.stderr
    for wrong in (
        update(LedgerLine).where(LedgerLine.seq == 7).values(principal="per_x"),
        update(LedgerLine).where(LedgerLine.seq == 8).values(leaf=b"{}"),
        LedgerLine.__table__.delete().where(LedgerLine.seq == 9),  # type: ignore[attr-defined]
    ):
        async with transaction(centre.sessions) as session:
            await session.execute(wrong)
        found = await typed(centre, *check, **where)
        assert found.returncode == 1
        assert b"mirror" in found.stdout
    rebuilt = await typed(centre, "ledger", "mirror", "--rebuild", **where)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert (await typed(centre, *check, **where)).returncode == 0
    async with centre.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(LedgerHead)) == 1


async def _published(home: Path, centre: Centre) -> None:
    """Wait until the folder holds the newest head."""
    head = (await centre.keeper.call(Head())).checkpoint
    path = home / "ledger" / parse(head).checkpoint.month / "checkpoint"
    await until(lambda: path.exists() and path.read_text() == head)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  # of another process
            await asyncio.sleep(0.02)
