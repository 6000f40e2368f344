"""Uploads over lines that break: real sockets, cut in the middle, and a web that dies."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import secrets
import socket
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import select, text, update

from calllist.commands.platform import Declined
from calllist.intake.resuming import TAKEN_FOR_DEAD
from calllist.jobs.tables import CallList
from crypto.records.sealing import file_salt, open_list_keys
from tests.calllist.centre import Centre
from tests.calllist.server import Browser, Server, serving

pytestmark = pytest.mark.asyncio

PEOPLE = 3000
CANARY = "架空珠緒"  # in every row
PATIENCE = 30.0
NOTHING = {"records": 0, "chunks": 0, "findings": 0, "holdings": 0}


def file_of(people: int) -> bytes:
    rows = (f"{CANARY}{n},090-0{n // 10000:03d}-{n % 10000:04d},R{n}\n" for n in range(1, people))
    return ("氏名,電話番号,整理番号\n" + "".join(rows)).encode()


class Line:
    """One PUT on a socket of its own, sent by hand."""

    def __init__(self, browser: Browser, job: str, token: str, offset: int, length: int) -> None:
        host, port = browser.url.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        headers = browser.headers({"Upload-Token": token, "Upload-Offset": str(offset)})
        head = [
            f"PUT /api/v1/jobs/{job}/lists HTTP/1.1",
            f"Host: {host}",
            f"Content-Length: {length}",
        ]
        head += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*head, "", ""]).encode())

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def cut(self) -> None:
        """RST: as when a cable is pulled and a router gives up."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def answer(self) -> tuple[int, Any]:
        told = http.client.HTTPResponse(self.socket, method="PUT")
        told.begin()
        found = told.status, json.loads(told.read())
        told.close()
        self.socket.close()
        return found


class Uploading:
    """One token of one browser."""

    def __init__(self, browser: Browser, job: str) -> None:
        self.browser, self.job = browser, job
        self.token = secrets.token_urlsafe(32)

    def line(self, offset: int, length: int) -> Line:
        return Line(self.browser, self.job, self.token, offset, length)

    def standing(self, browser: Browser | None = None) -> dict[str, Any]:
        headers = {"Upload-Token": self.token}
        path = f"/jobs/{self.job}/uploads"
        told: dict[str, Any] = (browser or self.browser).ask("GET", path, headers=headers).json()
        return told

    def until(self, offset: int) -> dict[str, Any]:
        """Wait until the platform has so many bytes."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with_offset = self._now()
            if with_offset and (with_offset["offset"] or 0) >= offset:
                return with_offset
        raise AssertionError("the bytes did not arrive")

    def _now(self) -> dict[str, Any] | None:
        try:
            return self.standing()
        except Declined as declined:
            if declined.code != "upload_unknown":
                raise
            return None


async def rows(centre: Centre) -> dict[str, int]:
    async with centre.sessions() as session:
        return {
            table: await session.scalar(text(f"select count(*) from {table}")) or 0  # noqa: S608
            for table in NOTHING
        }


async def lists(centre: Centre) -> list[CallList]:
    async with centre.sessions() as session:
        return list(await session.scalars(select(CallList).order_by(CallList.number)))


def _on_disk(server: Server) -> set[str]:
    """The regular files that the web and its intake have open for writing."""
    assert server.pid
    web, found = psutil.Process(server.pid), set()
    for process in (web, *web.children(recursive=True)):
        for entry in Path(f"/proc/{process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                told = Path(f"/proc/{process.pid}/fdinfo/{entry.name}").read_text().split()
                if int(told[3], 8) & (os.O_WRONLY | os.O_RDWR):  # after "flags:", proc(5)
                    found.add(str(entry.readlink()))
    return {name for name in found if name.startswith("/") and not name.startswith("/dev/")}


async def test_a_broken_upload_goes_on_and_is_stored_once(centre: Centre) -> None:
    job, data = await centre.job(), file_of(PEOPLE)
    third = len(data) // 3
    assert centre.manager
    with serving(centre) as server:
        browser = Browser(server.origin, centre.manager)
        upload = Uploading(browser, job.id)
        first = upload.line(0, len(data))
        first.send(data[:third])
        assert upload.until(third)["state"] == "receiving"
        assert _on_disk(server) == set()
        first.cut()

        half_open = upload.line(third, len(data) - third)  # dead, and the web does not know
        half_open.send(data[third : third + 1000])
        offset = upload.until(third + 1000)["offset"]
        status, told = upload.line(5, 10).answer()
        assert (status, told["code"], told["offset"]) == (409, "upload_offset", offset)
        last = upload.line(offset, len(data) - offset)
        last.send(data[offset:])
        status, told = last.answer()
        assert (status, told["receipt"]["accepted"]) == (201, PEOPLE - 1)
        half_open.socket.close()

        # The answer was lost: the same again is the same list, and the body is not even read.
        again = upload.line(0, len(data))
        assert again.answer()[1]["list"] == told["list"]
        assert upload.standing()["state"] == "stored"
        stranger = Browser(server.origin, await centre.person("betsu", centre.manager.person.role))
        with pytest.raises(Declined, match="upload_unknown"):
            upload.standing(stranger)
        receipt = browser.ask("GET", f"/lists/{told['list']}/receipt").json()
    (row,) = await lists(centre)
    assert (row.state, row.number, (await rows(centre))["records"]) == ("open", 1, PEOPLE - 1)
    keys = open_list_keys(
        centre.keys.recipient,
        entrustor=receipt["entrustor"],
        list_id=row.id,
        sealed=row.for_entrustor or b"",
    )
    salted = hashlib.sha256(file_salt(keys.trace_key, row.id) + data).hexdigest()
    assert receipt["receipt"]["file_hash"] == salted


async def test_what_is_cancelled_or_refused_or_dies_with_the_web_leaves_nothing(
    centre: Centre,
) -> None:
    job, data = await centre.job(), file_of(PEOPLE)
    half = len(data) // 2
    assert centre.manager
    with serving(centre) as server:
        browser = Browser(server.origin, centre.manager)
        upload = Uploading(browser, job.id)
        line = upload.line(0, len(data))
        line.send(data[:half])
        upload.until(half)
        named = {"Upload-Token": upload.token}
        browser.ask("DELETE", f"/jobs/{job.id}/uploads", headers=named)
        assert line.answer()[1]["code"] == "disconnected"
        assert upload.standing()["failure"]["code"] == "disconnected"
        assert await rows(centre) == NOTHING

        refused = Uploading(browser, job.id)
        line = refused.line(0, 2 * len(data))
        line.send(data[:400] + b"\n\x01\n" + data[400:])
        status, told = line.answer()  # in the middle of the file
        assert (status, told["code"]) == (422, "binary_file")
        assert refused.standing()["failure"]["line"] == told["line"]

        line = upload.line(0, len(data))  # the same token again: the same list number
        line.send(data[:half])
        upload.until(half)
        assert [(row.number, row.state) for row in await lists(centre)] == [
            (1, "receiving"),
            (2, "failed"),
        ]
        server.kill()
        line.socket.close()
        server.start()
        standing = upload.standing()
        assert (standing["state"], standing["offset"]) == ("receiving", None)
        status, told = upload.line(half, len(data) - half).answer()
        assert (status, told["code"], told["offset"]) == (409, "upload_offset", 0)
        status, told = upload.line(0, len(data)).answer()
        assert (status, told["code"]) == (409, "upload_elsewhere")
        async with centre.sessions.begin() as session:  # five seconds later
            await session.execute(
                update(CallList)
                .where(CallList.state == "receiving")
                .values(heard_at=centre.now() - 2 * TAKEN_FOR_DEAD)
            )
        line = upload.line(0, len(data))
        line.send(data)
        status, told = line.answer()
        assert (status, told["receipt"]["accepted"]) == (201, PEOPLE - 1)
    first, second, third = await lists(centre)
    assert (first.state, first.failure["code"]) == ("receiving", "interrupted")  # the sweep's
    assert (second.state, third.state) == ("failed", "open")
    assert (await rows(centre))["records"] == PEOPLE - 1
