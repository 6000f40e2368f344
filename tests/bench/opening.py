"""Opens per second through the socket, durable ledger included: 1 client and 16.

A real keeper process on a real disk, and operators whose budget is as large as a contract can
make it. An open is a person looked at once more: each is checked, decrypted, masked and has its
durable line in the ledger. A cycle opens a person who was never opened, and closes the call.
"""

import asyncio
import contextlib
import itertools
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyotp

from crypto.errors.base import KeeperUnavailable
from crypto.records.sealing import RecipientKey
from crypto.signed.statements import ApproverKey, approve, prepare
from crypto.signed.terms import ContractTerms, RosterEntry, StatementBody
from crypto.wire.approvals import Pin, Submit
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head
from crypto.wire.lists import Mint
from crypto.wire.people import Enrol, Grant
from crypto.wire.records import Close, Open, SealedRecord
from tests.crypto.world import TERMS, sealed, townsfolk

CLIENTS = 16
SECONDS = 5.0
PEOPLE = 40_000
CAPS = [name for name in ContractTerms.__struct_fields__ if name.startswith("people_per_")]
PLENTY = 10**6
LIST = "lst_bench"


class Bench:
    """The keeper under measurement, and what is needed to have it open records."""

    def __init__(self, run: Path) -> None:
        self._clients = {
            caller: KeeperClient(run / caller / "keeper.sock", pool=CLIENTS) for caller in Caller
        }
        self._centre, self._entrustor = ApproverKey.generate(), ApproverKey.generate()

    async def prepare(self) -> tuple[list[str], Iterator[SealedRecord]]:
        """Grants, and records nobody has opened yet."""
        admin, web = self._clients[Caller.ADMIN], self._clients[Caller.WEB]
        recipient = RecipientKey.generate().public.data
        await admin.call(Pin("ent_1", self._entrustor.public, recipient))
        await admin.call(Pin("centre", self._centre.public, b""))
        expires = datetime.now(UTC) + timedelta(days=1)
        terms = msgspec.structs.replace(TERMS, expires=expires, **dict.fromkeys(CAPS, PLENTY))
        await self._sign(terms, self._entrustor)
        grants = []
        for number in range(CLIENTS):
            person = f"per_{number}"
            await self._sign(
                RosterEntry(person, "pty_1", "sit_1", "operator", expires), self._centre
            )
            totp = pyotp.TOTP((await web.call(Enrol(person))).secret)
            grants.append((await web.call(Grant(person, totp.now()))).secret)
        async with self._clients[Caller.INTAKE].session() as session:
            minted = await session.call(Mint(LIST, "ctr_1", 1, expires, "job_1"))
            records, manifest = sealed(minted, LIST, townsfolk(PEOPLE))
            await session.call(manifest)
        return grants, iter(records)

    async def _sign(self, body: StatementBody, key: ApproverKey) -> None:
        now = datetime.now(UTC)
        signed = approve(prepare(body, issuer="x", now=now, valid_for=timedelta(days=1)), key)
        await self._clients[Caller.WEB].call(Submit(signed.payload, signed.key, signed.signature))

    async def opens(
        self, grants: list[str], records: Iterator[SealedRecord], seconds: float
    ) -> float:
        """Opens per second; each is followed by a close that is not counted as one."""
        web, end, done = self._clients[Caller.WEB], time.monotonic() + seconds, itertools.count()

        async def operator(grant: str) -> None:
            while time.monotonic() < end:
                record = next(records)
                await web.call(Open(grant, record))
                next(done)
                await web.call(Close(grant, record, secrets.token_hex(8), 30))

        began = time.monotonic()
        await asyncio.gather(*(operator(grant) for grant in grants))
        return next(done) / (time.monotonic() - began)

    async def reopens(
        self, grants: list[str], records: Iterator[SealedRecord], seconds: float
    ) -> float:
        """Opens per second alone: every operator reloads the record in hand."""
        web, end, done = self._clients[Caller.WEB], time.monotonic() + seconds, itertools.count()

        async def operator(grant: str) -> None:
            record = next(records)
            while time.monotonic() < end:
                await web.call(Open(grant, record))
                next(done)
            await web.call(Close(grant, record, secrets.token_hex(8), 30))

        began = time.monotonic()
        await asyncio.gather(*(operator(grant) for grant in grants))
        return next(done) / (time.monotonic() - began)

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()


def measure() -> dict[str, float]:
    """`opens_per_s` is with 16 clients, `_1` with one."""
    with tempfile.TemporaryDirectory(prefix="kb") as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> dict[str, float]:
    run = folder / "run"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "crypto", "--home", str(folder / "home"), "--run", str(run)),
        stderr=asyncio.subprocess.DEVNULL,
    )
    bench = Bench(run)
    try:
        await _ready(run)
        grants, records = await bench.prepare()
        figures = {
            "opens_per_s_1": await bench.reopens(grants[:1], records, SECONDS),
            "opens_per_s": await bench.reopens(grants, records, SECONDS),
            "cycles_per_s_1": await bench.opens(grants[:1], records, SECONDS),
            "cycles_per_s": await bench.opens(grants, records, SECONDS),
        }
    finally:
        await bench.close()
        process.terminate()
        await process.wait()
    return {name: round(figure) for name, figure in figures.items()}


async def _ready(run: Path) -> None:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(KeeperUnavailable):
                async with KeeperClient(run / "web" / "keeper.sock") as client:
                    await client.call(Head())
                    return
            await asyncio.sleep(0.05)
