"""Promises 3, 5 and 6 under kill -9: two hundred lives of one keeper, each ended under load.

What a client was shown has its durable line; surplus lines are at most the requests in
flight; a record is in one hand; nobody sees more people than the budget.
"""

import asyncio
import contextlib
import secrets
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pyotp
import pytest

from crypto.bookkeeping.lines import SALT_BYTES
from crypto.errors.base import KeeperUnavailable
from crypto.errors.records import BudgetHour, InOtherHand
from crypto.records.fields import FieldKind
from crypto.records.sealing import open_list_keys, person_tag
from crypto.signed.statements import approve, prepare
from crypto.signed.terms import RosterEntry, StatementBody
from crypto.wire.approvals import Pin, Submit
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head
from crypto.wire.lists import Mint
from crypto.wire.people import Enrol, Grant
from crypto.wire.records import Close, Open, SealedRecord
from tests.crypto.world import TERMS, World, sealed, townsfolk
from tests.zygote import Process, zygote

LIVES = 200
OPERATORS = 6  # at work in one life
STAFF = 18  # who take turns: nobody comes to the keeper's quota of lines an hour
PEOPLE = 60
BUDGET = 25  # distinct people of one operator in an hour: everybody comes to it
UNDER_LOAD = 0.04  # seconds from the first answer of a life to its end, at most
UNBORN = 0.1  # share of lives that end while they start
BIRTH = 0.05  # seconds within which those end
PATIENCE = 30.0  # seconds for a life to answer
CALL_AGAIN = 30  # a result after which the record may be opened again


@dataclass
class Operator:
    """One person at the desk: stays with a record until it is closed, whoever dies meanwhile."""

    person: str
    grant: str
    rng: Random
    at_hand: tuple[int, str] | None = None  # record and attempt
    opened: bool = False
    stopped: bool = False  # by the budget, at least once
    shown: Counter[int] = field(default_factory=Counter)  # records, in this life
    unanswered: int = 0  # opens that the end of this life cut off

    async def work(
        self, web: KeeperClient, records: list[SealedRecord], answered: asyncio.Event
    ) -> None:
        """Open and close until the keeper is gone."""
        self.shown, self.unanswered = Counter(), 0
        with contextlib.suppress(KeeperUnavailable):
            while True:
                await self._one(web, records)
                answered.set()

    async def _one(self, web: KeeperClient, records: list[SealedRecord]) -> None:
        if self.at_hand is None:
            self.at_hand, self.opened = (self.rng.randrange(PEOPLE), secrets.token_hex(8)), False
        record, attempt = self.at_hand
        if not self.opened:
            self.unanswered = 1
            try:
                await web.call(Open(self.grant, records[record]))
                self.shown[record] += 1
                self.opened = True
            except (BudgetHour, InOtherHand) as refusal:
                self.stopped |= refusal.code == BudgetHour.code
                self.at_hand = None
            self.unanswered = 0
        if self.at_hand:
            await web.call(Close(self.grant, records[record], attempt, CALL_AGAIN))
            self.at_hand = None


@dataclass
class Scene:
    """One list, called by several people at once."""

    run: Path
    records: list[SealedRecord]
    tags: dict[str, int]  # of the ledger, to the number of the record
    operators: list[Operator]


@dataclass(frozen=True)
class Seen:
    """What was seen of one life from outside."""

    first: int  # ledger index of its first line
    shown: Counter[tuple[str, int]]  # person and record
    unanswered: int


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for socket paths."""
    with tempfile.TemporaryDirectory(prefix="kz") as path:
        yield Path(path)


@pytest.mark.asyncio
async def test_killed_200_times_nothing_was_shown_without_its_line(folder: Path) -> None:
    rng, lives = Random(6), []
    scene = await furnished(folder, rng)
    for _ in range(LIVES):
        life = born(folder)
        if rng.random() < UNBORN:
            await asyncio.sleep(rng.uniform(0, BIRTH))
            kill(life)
        else:
            shift = rng.sample(scene.operators, OPERATORS)
            lives.append(await under_load(scene, life, shift, rng.uniform(0, UNDER_LOAD)))
    lines = await ledger(folder / "h")
    views_have_their_lines(scene, lives, lines)
    one_record_in_one_hand(lines)
    nobody_beyond_the_budget(scene, lines)


def born(folder: Path) -> Process:
    """The real program on the real files; only the start of the interpreter is shared."""
    where = ["--home", str(folder / "h"), "--run", str(folder / "r")]
    with (folder / "log").open("ab") as log:
        return zygote("crypto.keeper.server").start("crypto", where, output=log)


def kill(life: Process) -> None:
    """As `kill -9`; returns when it is gone."""
    life.signal(signal.SIGKILL)
    assert life.wait(PATIENCE) == -signal.SIGKILL


async def under_load(scene: Scene, life: Process, shift: list[Operator], seconds: float) -> Seen:
    """The shift works; `seconds` after somebody was answered the keeper dies."""
    first = await awake(scene.run)
    async with KeeperClient(scene.run / "web" / "keeper.sock", pool=OPERATORS) as web:
        answered = asyncio.Event()
        working = [asyncio.create_task(one.work(web, scene.records, answered)) for one in shift]
        async with asyncio.timeout(PATIENCE):
            await answered.wait()
        await asyncio.sleep(seconds)
        kill(life)
        await asyncio.gather(*working)
    return Seen(
        first,
        Counter({(one.person, r): n for one in shift for r, n in one.shown.items()}),
        sum(one.unanswered for one in shift),
    )


def views_have_their_lines(scene: Scene, lives: list[Seen], lines: list[dict[str, Any]]) -> None:
    ends = [life.first for life in lives[1:]] + [lines[-1]["seq"] + 1]
    surplus = 0
    for life, end in zip(lives, ends, strict=True):
        written = Counter(
            (line["principal"], scene.tags[line["tag"]])
            for line in lines
            if line["kind"] == "open" and life.first <= line["seq"] < end
        )
        assert not life.shown - written, "shown without a durable line"
        assert (written - life.shown).total() <= life.unanswered
        surplus += (written - life.shown).total()
    assert sum(life.shown.total() for life in lives) > 2 * LIVES  # there was a load
    assert surplus > 0  # and kills fell between the line and the answer


def one_record_in_one_hand(lines: list[dict[str, Any]]) -> None:
    """Replay: a record goes from hand to hand only through a close."""
    hands: dict[str, str] = {}  # record's tag to person
    for line in lines:
        match line["kind"]:
            case "open":
                assert hands.setdefault(line["tag"], line["principal"]) == line["principal"]
                assert Counter(hands.values())[line["principal"]] == 1
            case "close":
                assert hands.pop(line["tag"]) == line["principal"]


def nobody_beyond_the_budget(scene: Scene, lines: list[dict[str, Any]]) -> None:
    for one in scene.operators:
        people = {
            line["tag"]
            for line in lines
            if line["kind"] == "open" and line["principal"] == one.person
        }
        assert one.stopped
        assert len(people) == BUDGET


async def awake(run: Path) -> int:
    """Wait until the keeper answers; the size of its ledger."""
    async with asyncio.timeout(PATIENCE), KeeperClient(run / "admin" / "keeper.sock") as admin:
        while True:
            with contextlib.suppress(KeeperUnavailable):
                return (await admin.call(Head())).size
            await asyncio.sleep(0.002)


async def ledger(home: Path) -> list[dict[str, Any]]:
    """Every line, as the next start finds it: gapless per list."""
    world = World(home)
    world.now = datetime.now(UTC)
    await world.start()
    entries: list[bytes] = []
    while more := world.home.archive.entries(len(entries), 1000):
        entries += more
    await world.stop()
    lines = [msgspec.json.decode(entry[SALT_BYTES:]) for entry in entries]
    of_list = [line["n"] for line in lines if line.get("list") == "lst_1"]
    assert of_list == list(range(1, len(of_list) + 1))
    return lines


async def furnished(folder: Path, rng: Random) -> Scene:
    """A first life, in which everything is said that the others need."""
    life = born(folder)
    await awake(folder / "r")
    scene = await furnish(folder / "r", rng)
    kill(life)
    return scene


async def furnish(run: Path, rng: Random) -> Scene:
    """People, a contract with a small budget, one list; said through the sockets."""
    world = World(run)  # only its keys
    now = datetime.now(UTC)
    expires = now + timedelta(days=1)
    admin, web, intake = (
        KeeperClient(run / caller / "keeper.sock")
        for caller in (Caller.ADMIN, Caller.WEB, Caller.INTAKE)
    )

    async def sign(body: StatementBody) -> None:
        key = world.centre if isinstance(body, RosterEntry) else world.entrustor
        signed = approve(prepare(body, issuer="iss_1", now=now, valid_for=timedelta(days=1)), key)
        await web.call(Submit(signed.payload, signed.key, signed.signature))

    recipient = world.entrustor_recipient
    async with admin, web, intake, intake.session() as session:
        await admin.call(Pin("ent_1", world.entrustor.public, recipient.public.data))
        await admin.call(Pin("centre", world.centre.public, b""))
        await sign(msgspec.structs.replace(TERMS, people_per_hour=BUDGET, expires=expires))
        operators = []
        for number in range(STAFF):
            person = f"per_{number}"
            await sign(RosterEntry(person, "pty_1", "sit_1", "operator", expires))
            totp = pyotp.TOTP((await web.call(Enrol(person))).secret)
            granted = await web.call(Grant(person, totp.now()))
            operators.append(Operator(person, granted.secret, rng))
        folk = townsfolk(PEOPLE)
        minted = await session.call(Mint("lst_1", "ctr_1", 1, expires, "job_1"))
        records, manifest = sealed(minted, "lst_1", folk)
        await session.call(manifest)
    keys = open_list_keys(
        recipient, entrustor="ent_1", list_id="lst_1", sealed=minted.for_entrustor
    )
    numbers = (person_tag(keys.trace_key, "lst_1", one[FieldKind.PHONE]) for one in folk)
    return Scene(run, records, {tag: n for n, tag in enumerate(numbers)}, operators)
