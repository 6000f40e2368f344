"""Promise 2, on the disks. Unique texts go in everywhere and lie nowhere afterwards.

In every cell of uploaded files (taken, repeated, rejected, dropped), in a file's name, in
what is typed at the desk and at the door, in requests that make no sense. The scanner that
finds nothing finds what is planted, store by store: `test_canary_b_residue.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from calllist.people import tokens
from demo.seat import Refused
from retention.residue import Store
from retention.states import Outcome
from tests.calllist.intake.workbooks import book
from tests.platform import Centre, WholePlatform, until
from tests.promises.canaries import Canaries, written
from tests.promises.conftest import calllist
from tests.world import townsfolk, upload_of

PEOPLE = 3  # taken of each file
FILLING = 1500  # people: more than one chunk
READ = {"database", "wal", "keeper", "log"}  # stores that are never empty


@pytest.mark.asyncio
async def test_nothing_of_a_list_or_of_what_is_typed_lies_in_any_store(
    platform: WholePlatform, tmp_path: Path
) -> None:
    canaries = Canaries()
    async with platform.centre() as centre:
        job = await centre.job()
        files = [canaries.list_of(PEOPLE, one) for one in ("cp932", "utf-16", "euc_jp")]
        table = csv.reader(io.StringIO(canaries.list_of(PEOPLE, "utf-8").decode()))
        files.append(book(*table))
        handed = tmp_path / "handed"
        handed.write_bytes(b"".join(files))
        _, in_file = canaries.found([Store("file", handed)])
        assert len({entry.split(":")[0] for entry in in_file}) > 6  # there they must be

        for content in files:
            facts = (await centre.upload(job, content))["receipt"]
            assert (facts["accepted"], facts["duplicates"], facts["rejected"]) == (PEOPLE, 1, 5)
        await by_form(centre, job, canaries)
        await refused(centre, job, canaries)
        await broken_off(platform, centre, job, canaries)
        await typed(centre, job, canaries)
        await senseless(platform, centre, canaries)
        await nowhere(platform, canaries)

        await call_everybody(centre, job)
        lists = len(files) + 1
        assert len(await certified(centre, lists)) == lists
        assert (await centre.officer.get("/results/file"))["count"] == lists * PEOPLE
        await nowhere(platform, canaries)
        await verified(platform, centre, tmp_path)


async def nowhere(platform: WholePlatform, canaries: Canaries) -> None:
    findings, found = canaries.found(await written(platform))
    assert found == []
    assert [one.store for one in findings if one.outcome is not Outcome.PASS] == []
    assert {one.store for one in findings if one.bytes} >= READ


async def by_form(centre: Centre, job: str, canaries: Canaries) -> None:
    """The page without script: the browser sends the file's name along."""
    name = f"{canaries.kanji('file name')}{canaries.word('file name')}.csv"
    content = canaries.list_of(PEOPLE, "utf-8-sig")
    answer = await centre.manager.ask(
        "POST",
        f"/jobs/{job}/lists",
        data={"csrf": centre.manager.headers["X-CSRF-Token"]},
        files={"file": (name, content, "text/csv")},
    )
    assert answer.status_code == 303, answer.text
    list_id = answer.headers["location"].split("?")[0].rsplit("/", 1)[1]
    await centre.manager.post(f"/lists/{list_id}/close-intake")


async def refused(centre: Centre, job: str, canaries: Canaries) -> None:
    """Files of which nothing is taken, and why is said without a word of them."""
    row = ",".join(canaries.row("refused file"))
    files = {
        "no_phone_column": f"氏名,備考\r\n{canaries.kanji('refused file')},{row}\r\n".encode(),
        "unclosed_quote": f'氏名,電話番号\r\n"{canaries.kanji("open quote")},{row}'.encode(),
        "binary_file": f"電話番号,氏名\r\n{row}\x00\x01".encode("cp932"),
        "unknown_encoding": b"\xff" + row.encode("euc_jp"),
    }
    for code, content in files.items():
        with pytest.raises(Refused) as told:
            await centre.manager.upload(job, content)
        assert told.value.code == code
        assert canaries.heard(repr(told.value.problem).encode()) == []
    header = canaries.kanji("header named by hand")
    with pytest.raises(Refused) as told:
        await centre.manager.upload(job, canaries.list_of(1, "utf-8"), phone=header)
    assert told.value.code == "no_such_column"
    assert canaries.heard(repr(told.value.problem).encode()) == []


async def broken_off(platform: WholePlatform, centre: Centre, job: str, canaries: Canaries) -> None:
    """In the middle of a file nothing lies anywhere; then the line goes dead."""
    content = canaries.list_of(PEOPLE, "cp932") + upload_of(townsfolk(FILLING)).split(b"\n", 1)[1]
    reached = asyncio.Event()

    async def half() -> AsyncIterator[bytes]:
        yield content[:-2000]
        await until(lambda: rows_seen(platform, job), "the file is being read")
        assert spooled(platform) == []
        _, found = canaries.found([one for one in platform.stores() if one.name != "database"])
        assert found == []
        reached.set()
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await centre.manager.upload(job, half())
    assert reached.is_set()
    await until(lambda: all_settled(platform, job), "the broken upload is over")


async def rows_seen(platform: WholePlatform, job: str) -> bool:
    sql = "select 1 from lists where job_id = $1 and state = 'receiving' and rows_seen > 0"
    return bool(await platform.sql(sql, job))


async def all_settled(platform: WholePlatform, job: str) -> bool:
    sql = "select 1 from lists where job_id = $1 and state = 'receiving'"
    return not await platform.sql(sql, job)


def spooled(platform: WholePlatform) -> list[str]:
    """Files without a name that web or intake hold open: a spool would be one."""
    held = []
    for part in ("web", "intake"):
        process = platform.process(part)
        assert process is not None
        with contextlib.suppress(PermissionError, psutil.AccessDenied):
            folder = Path(f"/proc/{process.pid}/fd")
            links = [str(link.readlink()) for link in folder.iterdir() if link.is_symlink()]
            held += [link for link in links if "(deleted)" in link]
    return held


async def typed(centre: Centre, job: str, canaries: Canaries) -> None:
    """At the desk and at the door."""
    operator = centre.operators[0]
    lease = (await centre.take(operator, job))["lease"]
    said = [canaries.kanji("said"), "\ud800" + canaries.word("said, no text at all")]
    for text in said:
        body = f'{{"kind": "address", "said": "{text}"}}'.encode("utf-8", "backslashreplace")
        await operator.ask("POST", f"/api/v1/leases/{lease}/match", content=body)
    await operator.post(f"/leases/{lease}/reveal", {"kind": "phone", "reason": "manual_dial"})
    why = canaries.word("reason to reveal")
    with pytest.raises(Refused):
        await operator.post(f"/leases/{lease}/reveal", {"kind": "phone", "reason": why})
    code = canaries.word("result code")
    with pytest.raises(Refused):
        await operator.post(f"/leases/{lease}/result", {"code": code})
    await operator.post(f"/leases/{lease}/result", {"code": 10})
    login = centre.cast.members[2].login
    for who, password in (
        (login, canaries.kanji("wrong password")),
        (canaries.word("unknown login"), canaries.word("its password")),
        ("\x00" + canaries.word("login with NUL"), canaries.kanji("its password")),
        (login, "\ud800" + canaries.word("password that is no text")),
    ):
        answer = await nobody(centre, "POST", "/api/v1/sign-in", who, password)
        assert canaries.heard(answer.content) == []
        await nobody(centre, "POST", "/sign-in", who.replace("\x00", ""), password[1:])


async def nobody(
    centre: Centre, method: str, path: str, login: str, password: str
) -> httpx.Response:
    """Somebody at the door."""
    origin = str(centre.manager.origin)
    given = {"login": login, "password": password}
    async with httpx.AsyncClient(base_url=origin, headers={"Origin": origin}) as client:
        if path.startswith("/api/"):
            return await client.request(method, path, content=json.dumps(given))
        return await client.request(method, path, data=given)


async def senseless(platform: WholePlatform, centre: Centre, canaries: Canaries) -> None:
    """Requests that nobody meant: in paths, members, headers, and no HTTP at all."""
    for seat in (centre.manager, centre.operators[0]):
        for method, path, how in strange(canaries):
            answer = await seat.ask(method, path, **how)
            assert answer.status_code < 500, answer.text
            own = set() if path.startswith("/api/") else {"path"}  # its language switch leads back
            assert set(canaries.heard(answer.content)) <= own
    reader, writer = await asyncio.open_connection("127.0.0.1", platform.port)
    writer.write(f"NONSENSE {canaries.word('no HTTP')}\r\n\r\n".encode())
    await reader.read()
    writer.close()
    await writer.wait_closed()


def strange(canaries: Canaries) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, how) of requests that are wrong in every way we know."""
    word = canaries.word
    path = word("path")
    yield "GET", f"/api/v1/leases/{path}", {}
    yield "GET", f"/jobs/{path}/events", {}
    yield "GET", f"/events/{canaries.kanji('path')}", {}
    yield "GET", f"/api/v1/lists/{path}/findings?after={word('query')}", {}
    yield "GET", f"/api/v1/jobs?{word('name in query')}={word('query')}", {}
    yield "PUT", f"/api/v1/jobs/{path}/lists", {"content": word("body").encode()}
    yield "POST", "/api/v1/jobs", {"content": b'{"contract": "' + word("no JSON").encode()}
    yield "POST", "/api/v1/jobs", {"json": {word("member"): word("member's value")}}
    yield "POST", "/api/v1/jobs", {"json": {"contract": word("contract"), "code": path}}
    yield "POST", f"/api/v1/leases/{path}/match", {"json": {"kind": word("kind"), "said": path}}
    yield "POST", "/api/v1/sign-in/code", {"json": {"code": word("code")[:16]}}
    headers = {name: word(name) for name in ("User-Agent", "Referer", "X-CSRF-Token", "Origin")}
    yield "POST", "/api/v1/jobs", {"headers": headers, "json": {"contract": path, "code": path}}
    cookie = f"__Host-session={word('cookie')}; __Host-grant={word('cookie')}"
    yield "GET", "/api/v1/jobs", {"headers": {"Cookie": cookie}}
    token = tokens.csrf(word("cookie"))
    yield "POST", "/sign-in", {"data": {word("form"): word("form"), "csrf": token}}


async def call_everybody(centre: Centre, job: str) -> None:
    turn = 0
    while True:
        operator = centre.operators[turn % 2]
        turn += 1
        try:
            shown = await centre.take(operator, job)
        except Refused as told:
            if told.code in ("nobody_left", "job_over"):
                return
            raise
        await centre.record(operator, shown["lease"], (10, 11, 13)[turn % 3])


async def certified(centre: Centre, count: int) -> list[dict[str, object]]:
    async def issued() -> list[dict[str, object]]:
        found: list[dict[str, object]] = await centre.officer.get("/certificates")
        return found if len(found) >= count else []

    return await until(issued, "every list is destroyed and certified")


async def verified(platform: WholePlatform, centre: Centre, folder: Path) -> None:
    """What was scanned was really destroyed: the entrustor's own tool says so."""
    key = platform.home / "keeper" / "public" / "certificate.pub"
    for one in await centre.officer.get("/certificates"):
        certificate = folder / "certificate.json"
        certificate.write_bytes(await centre.officer.fetch(f"/certificates/{one['id']}"))
        done = calllist("verify", certificate, "--key", key)
        assert done.returncode == 0, done.stdout + done.stderr
