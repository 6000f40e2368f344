"""One job over real HTTP: upload, calls in turns until nobody is left, certificate.

job = OneJob(platform, upload, evidence)
outcome = await job.perform()
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import Progress

from calllist.embedded.processes import Platform
from calllist.entrustors.onboarding import EntrustorKind
from calllist.entrustors.purposes import Purpose
from calllist.people.roles import Role
from crypto.records.fields import FieldKind
from crypto.signed.terms import Conduct, ContractTerms
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.lists import Opens
from demo import stage
from demo.evidence import Evidence
from demo.onboarding import Member
from demo.seat import Refused, Seat

CODES = (10, 11, 10, 13, 14, 10, 41, 50)  # all final
BLOCK = 64 * 1024  # bytes
DESTRUCTION_SECONDS = 300.0
NOBODY_LEFT = frozenset({"nobody_left", "job_over", "unknown_job"})


class NotAsPromised(Exception):
    """The platform did something that it promises not to do; the sentence says what."""


@dataclass(frozen=True)
class Upload:
    """A file and the headers named by hand."""

    file: Path
    by_hand: Mapping[FieldKind, str]


@dataclass(frozen=True)
class Outcome:
    """What the job came to."""

    receipt: Mapping[str, Any]
    called: int
    opens: int
    certificate: Path


@dataclass(frozen=True)
class Cast:
    """Who does the job."""

    contract: str
    manager: Member
    operators: Sequence[Member]
    officer: Member


class OneJob:
    """The job. Shows its progress on `console`."""

    def __init__(
        self, platform: Platform, upload: Upload, evidence: Evidence, console: Console
    ) -> None:
        self._platform = platform
        self._home = platform.plan.home
        self._upload = upload
        self._evidence = evidence
        self._progress = Progress(console=console)

    async def perform(self) -> Outcome:
        """Raises Refused if the file is refused, NotAsPromised."""
        open_seat = stage.seats(self._platform, self._evidence.overhear)
        with self._progress:
            cast = await self._take_on()
            async with (
                open_seat(cast.manager) as manager,
                open_seat(cast.operators[0]) as first,
                open_seat(cast.operators[1]) as second,
                open_seat(cast.officer) as officer,
            ):
                job, received = await self._bring(manager, cast)
                if self._evidence.in_platform(self._home):
                    raise NotAsPromised("clear text lies in the platform before the first call")
                receipt = received["receipt"]
                called = await self._call((first, second), job, receipt["accepted"])
                await _require_over(manager, job)
                certificate = await self._fetch_certificate(officer)
            return Outcome(receipt, called, await self._opens(received["list"]), certificate)

    async def _take_on(self) -> Cast:
        async with stage.onboarding(self._platform, self._home / "demo" / "keys") as counter:
            await counter.centre()
            entrustor = await counter.entrustor("デモ委託元", EntrustorKind.PRIVATE)
            party = await counter.party("デモ受託者")
            site = await counter.site(party, "デモ拠点")
            expires = stage.now_of(self._platform.plan)() + timedelta(days=30)
            contract = await counter.contract(
                entrustor,
                "DEMO-1",
                Purpose.HEALTH_CHECK,
                parties=(party,),
                expires=expires,
                conduct=Conduct(duplicates="phone"),
                change=_with_large_budgets,
            )
            manager = await counter.member("manager", "管理者", Role.MANAGER, party=party)
            operators = [
                await counter.member(login, login, Role.OPERATOR, party=party, site=site)
                for login in ("operator-1", "operator-2")
            ]
            officer = await counter.member(
                "officer", "委託元担当", Role.ENTRUSTOR, entrustor=entrustor
            )
        return Cast(contract, manager, operators, officer)

    async def _bring(self, manager: Seat, cast: Cast) -> tuple[str, dict[str, Any]]:
        """A job with its one list, the receipt read, intake closed."""
        job = (await manager.post("/jobs", {"contract": cast.contract, "code": "DEMO-1"}))["id"]
        for operator in cast.operators:
            await manager.put(f"/jobs/{job}/operators/{operator.person}")
        columns = {kind.value: header for kind, header in self._upload.by_hand.items()}
        received = await manager.upload(job, self._blocks(), **columns)
        await manager.post(f"/lists/{received['list']}/close-intake")
        return job, received

    async def _blocks(self) -> AsyncIterator[bytes]:
        bar = self._progress.add_task("upload", total=self._upload.file.stat().st_size)
        with self._upload.file.open("rb") as stream:
            while block := stream.read(BLOCK):
                yield block
                self._progress.advance(bar, len(block))

    async def _call(self, seats: Sequence[Seat], job: str, people: int) -> int:
        """In turns: lease, look, record, until the server says that nobody is left."""
        bar = self._progress.add_task("calls", total=people)
        called = 0
        while True:
            seat = seats[called % len(seats)]
            try:
                lease = (await seat.post(f"/jobs/{job}/leases"))["lease"]
            except Refused as refused:
                if refused.code in NOBODY_LEFT:
                    return called
                raise
            await _require_masked(seat, lease)
            await seat.post(f"/leases/{lease}/result", {"code": CODES[called % len(CODES)]})
            called += 1
            self._progress.advance(bar)

    async def _fetch_certificate(self, officer: Seat) -> Path:
        """Wait for the worker, then save what it got signed, and the key to pin."""
        bar = self._progress.add_task("destruction", total=1)
        async with asyncio.timeout(DESTRUCTION_SECONDS):
            while not (issued := await officer.get("/certificates")):
                await asyncio.sleep(0.2)
        path = self._home / "demo" / "certificate.json"
        path.write_bytes(await officer.fetch(f"/certificates/{issued[0]['id']}"))
        key = self._home / "keeper" / "public" / "certificate.pub"
        path.with_name("certificate.pub").write_bytes(key.read_bytes())
        self._progress.advance(bar)
        return path

    async def _opens(self, list_id: str) -> int:
        async with KeeperClient(self._platform.run_folder / Caller.WEB / "keeper.sock") as keeper:
            return (await keeper.call(Opens(list_id))).opens


async def _require_masked(seat: Seat, lease: str) -> None:
    shown = await seat.get(f"/leases/{lease}")
    phone = next(field["text"] for field in shown["fields"] if field["kind"] == "phone")
    if "*" not in phone:
        raise NotAsPromised("a number was shown in full")


async def _require_over(manager: Seat, job: str) -> None:
    """Nobody closed the job: it is over with its last result."""
    states = [one["state"] for one in await manager.get("/jobs") if one["id"] == job]
    if states != ["closed"]:
        raise NotAsPromised("the job did not complete by itself")


def _with_large_budgets(terms: ContractTerms) -> ContractTerms:
    """The entrustor's to decide: its signed terms let two people call a whole file."""
    return msgspec.structs.replace(terms, people_per_hour=100_000, people_per_day=1_000_000)
