"""The desk beside a bare one: whole cycles a second, in turn, on one machine.

A cycle is next, masked page, result: ours with the durable ledger, theirs with nothing at all
(`tests.bench.bare`).
"""

import asyncio
import csv
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import create_async_engine

from calllist.embedded import ports
from calllist.embedded.postgres import SUPERUSER
from tests.bench import bare, people
from tests.bench.desk import FORM, Figures, Seat
from tests.bench.seats import Operator
from tests.bench.wire import Wire
from tests.platform import WholePlatform, until

CLIENTS = 16  # without a pause
ROUND_SECONDS = 8.0
ROUNDS = 3  # of either, in turn: the sums count
BARE_ROWS = 60_000


async def cycles(clients: Sequence[Callable[[], Awaitable[bool]]], seconds: float) -> float:
    """Cycles a second: each client begins the next one as soon as the last is over."""
    end, done = time.monotonic() + seconds, 0

    async def client(cycle: Callable[[], Awaitable[bool]]) -> None:
        nonlocal done
        while time.monotonic() < end:
            assert await cycle(), "the list ran out"
            done += 1

    began = time.monotonic()
    await asyncio.gather(*map(client, clients))
    return done / (time.monotonic() - began)


async def ratio(
    platform: WholePlatform, operators: Sequence[Operator], folder: Path
) -> dict[str, Any]:
    """The desk and the bare one in turn."""
    wire, figures = Wire("127.0.0.1", platform.port), Figures()
    desks = [Seat(wire, one, platform.port) for one in operators[:CLIENTS]]
    await _fill(platform, folder)
    ours, theirs = 0.0, 0.0
    with _bare(platform) as port:
        await until(lambda: _answers(port), "the bare desk answers")
        plain = Wire("127.0.0.1", port)
        for _ in range(ROUNDS):
            theirs += await cycles([Bare(plain, port).cycle] * CLIENTS, ROUND_SECONDS)
            ours += await cycles([_of(desk, figures) for desk in desks], ROUND_SECONDS)
        plain.close()
    for desk in desks:  # so that everybody begins anew at the centre
        await desk.leave()
    wire.close()
    return {
        "cycles_per_s": round(ours / ROUNDS, 1),
        "bare_cycles_per_s": round(theirs / ROUNDS, 1),
        "ratio_bare": round(ours / theirs, 3),
        "ratio_errors": figures.errors.total(),
    }


def _of(desk: Seat, figures: Figures) -> Callable[[], Awaitable[bool]]:
    return lambda: desk.next(figures)


class Bare:
    """A browser at the bare desk."""

    def __init__(self, wire: Wire, port: int) -> None:
        self._wire, self._head = wire, f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"

    async def cycle(self) -> bool:
        """The next person's page, then the result."""
        shown = await self._wire.ask(f"GET /next{self._head}\r\n".encode())
        body = "code=10"
        told = await self._wire.ask(
            f"POST /leads/{shown.lead}/result{self._head}"
            f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        return (shown.status, told.status) == (200, 303)


async def _fill(platform: WholePlatform, folder: Path) -> None:
    """The bare desk's people, in the same database server."""
    path = folder / "bare.csv"
    await asyncio.to_thread(people.write, path, BARE_ROWS, 9)
    with path.open(encoding="cp932", newline="") as file:
        rows = [
            {"name": row[1], "kana": row[2], "phone": row[3], "address": row[5], "born": row[6]}
            for row in list(csv.reader(file))[1:]
        ]
    engine = create_async_engine(_url(platform).replace("postgresql:", "postgresql+asyncpg:"))
    async with engine.begin() as connection:
        await connection.run_sync(bare.Base.metadata.create_all)
        await connection.execute(insert(bare.Lead), rows)
        await connection.execute(text(bare.INDEX))
    await engine.dispose()


def _url(platform: WholePlatform) -> str:
    return platform.url(SUPERUSER)


@contextmanager
def _bare(platform: WholePlatform) -> Iterator[int]:
    """Its port, while it runs: one process, as ours."""
    port = ports.any_free()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", "--factory", "tests.bench.bare:make"),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--no-access-log", "--log-level", "warning"),
        ],
        env={**os.environ, "DATABASE_URL": _url(platform)},
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


async def _answers(port: int) -> bool:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return True
