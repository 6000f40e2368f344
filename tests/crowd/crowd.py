"""Many operators at one job of a platform that is killed under them, and what the ledger says.

    crowd = Crowd(platform, centre, Random(seed))
    await crowd.work(kills=40, seconds=600)     # until everybody who can be called was called
    figures = await crowd.reckon(folder)        # by the entrustor's extract of the ledger, alone

Who works loses the connection in mid-request, asks again as people do, and some go home with a
person in hand. What they were told stands in a diary: the ledger must have it, once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec

from calllist.commands.ledger import ledger_key
from calllist.entrustors.codes import CALL_BACK
from crypto.ledger.extract import Extract
from crypto.signed import keyfile
from crypto.signed.terms import Conduct, ContractTerms
from demo.seat import Refused
from demo.townsfolk import Townsperson, household
from tests.crowd.rules import Broken, Line, broken, lines_in, numbers_of
from tests.keepers import now
from tests.platform import Centre, Keyboard, WholePlatform, until
from tests.troubles import PATIENCE, insist, kill
from tests.world import townsfolk, upload_of

PARTS = ("web", "keeper", "postgres")
CONDUCT = Conduct(attempts_a_day=1, handover_test=True)  # a second call would be one too many
CODES = (10, 11, 13, 20, 30, 41, 50, 12, 12, 43, 90)
LOST = 0.1  # of the requests lose their connection
FAITH = 300.0  # seconds for an answer: hundreds ask again at once, whenever it comes back
IMPATIENT = 0.15  # seconds until they have lost it
NEAR = timedelta(seconds=4)  # until a call back
SOON = timedelta(seconds=60)  # a call back so near is waited for
SEEDS = 9_998  # of `townsfolk`: so far its numbers reach
HOUSE = 10  # one household in so many people


def terms(hold: timedelta) -> Callable[[ContractTerms], ContractTerms]:
    """One call of ours a day to a number; a person in hand so long."""

    def change(usual: ContractTerms) -> ContractTerms:
        seconds = int(hold.total_seconds())
        return msgspec.structs.replace(usual, conduct=CONDUCT, hold_seconds=seconds)

    return change


@dataclass
class Crowd:
    """Operators at work. people: of each list. pause: seconds of the longest call. leave: how
    many go home in mid-call, early."""

    platform: WholePlatform
    centre: Centre
    rng: Random
    hold: timedelta
    people: int
    pause: float = 0.0
    leave: int = 0
    story: Counter[str] = field(default_factory=Counter)  # who was killed, what went wrong
    diary: dict[str, int] = field(default_factory=dict)  # lease -> the result, as it was told
    phones: dict[str, list[str]] = field(default_factory=dict)  # of each list
    unanswered: list[list[str]] = field(default_factory=list)  # of lists that may have come in
    over: asyncio.Event = field(default_factory=asyncio.Event)
    job: str = ""

    def __post_init__(self) -> None:
        self._seeds = iter(self.rng.sample(range(SEEDS), 500))
        self._receiving = asyncio.Lock()

    # -- at work ---------------------------------------------------------------------------

    async def work(self, *, kills: int, seconds: float) -> None:
        """Everybody calls while so many processes die, then whoever is left is called."""
        self.job = await self.centre.job()
        await self._receive()
        staying = self.centre.operators[self.leave :]
        leaving = [self._leave(one, seconds) for one in self.centre.operators[: self.leave]]
        crew = [asyncio.create_task(self._shift(one)) for one in staying]
        crew += [asyncio.create_task(one) for one in leaving]
        try:
            for _ in range(kills):
                await asyncio.sleep(self.rng.uniform(0.5, 1.5) * seconds / (kills + 1))
                for one in crew:
                    if one.done():
                        one.result()
                part = self.rng.choice(PARTS)
                self.story[part] += await kill(self.platform, part)
            self.over.set()
            await asyncio.gather(*crew)
        finally:
            for one in crew:
                one.cancel()
        await until(self._returned, "whoever was in hand is back in the queue", 400.0)
        await asyncio.gather(*(self._shift(one) for one in staying))

    async def _returned(self) -> bool:
        return not await self.platform.sql("select 1 from leases where job_id = $1", self.job)

    async def _receive(self) -> None:
        """One more list; a tenth of its people live with another of them."""
        folk = townsfolk(self.people, seed=next(self._seeds))
        for at in range(0, len(folk) - 1, HOUSE):
            if _given(folk[at]) != _given(folk[at + 1]):  # or they are one person
                folk[at + 1] = household(folk[at], folk[at + 1])
        phones = ["+81" + one.phone.replace("-", "")[1:] for one in folk]
        self.unanswered.append(phones)
        told = await self.centre.manager.upload(self.job, upload_of(folk))
        assert told["receipt"]["accepted"] == len(folk)
        self.phones[told["list"]] = phones
        self.unanswered.remove(phones)

    async def _more(self) -> None:
        """Nobody is left: another list comes in, if nobody else has seen to it."""
        if not self._receiving.locked():
            async with self._receiving:
                with contextlib.suppress(httpx.TransportError, Refused):  # killed: the next one
                    await self._receive()

    async def _shift(self, operator: Keyboard) -> None:
        while True:
            await asyncio.sleep(self.rng.uniform(0, self.pause))
            try:
                lease = await self._take(operator)
            except Refused as refused:
                if refused.code != "nobody_left":
                    raise
                if not self.over.is_set():
                    await self._more()
                elif not _soon(refused.problem.get("due_at")):
                    return
                await asyncio.sleep(self.rng.random())
                continue
            while lease:
                lease = await self._call(operator, lease)

    async def _leave(self, operator: Keyboard, seconds: float) -> None:
        """Work a while, then take somebody and go home."""
        await asyncio.sleep(self.rng.uniform(0, seconds / 4))
        with contextlib.suppress(Refused):
            lease = await self._take(operator)
            await insist(lambda: operator.get(f"/leases/{lease}"))
            self.story["left"] += 1

    async def _take(self, operator: Keyboard) -> str:
        """A lease that nobody was told of is found at the next try."""
        try:
            told = await self._ask(lambda: operator.post(f"/jobs/{self.job}/leases"))
            return str(told["lease"])
        except Refused as refused:
            if refused.code != "lease_held":
                raise
            return str(refused.problem["lease_id"])

    async def _call(self, operator: Keyboard, lease: str) -> str:
        """One call; the lease of whoever comes to the telephone next, if anybody."""
        await self._ask(lambda: operator.get(f"/leases/{lease}"))
        await asyncio.sleep(self.rng.uniform(0, self.pause))
        changeable = self.rng.random() < 0.3
        how = {"changeable": changeable, "also": not changeable and self.rng.random() < 0.5}
        told = await self._give(operator, f"/leases/{lease}/result", how)
        self.diary[lease] = told["code"]
        if changeable and self.rng.random() < 0.5:
            await self._amend(operator, lease)
        return str(told["also"] or "")

    async def _amend(self, operator: Keyboard, lease: str) -> None:
        try:
            told = await self._give(operator, f"/leases/{lease}/amend", {})
        except Refused as refused:
            if refused.code != "result_final":
                raise
        else:
            self.diary[lease] = told["code"]
            self.story["amended"] += 1

    async def _give(self, operator: Keyboard, path: str, how: dict[str, bool]) -> Any:
        """Some result; a call back is for a few seconds from now, said anew if that has passed."""
        result = {"code": self.rng.choice(CODES), **how}
        mine = self.rng.random() < 0.5

        def asked() -> dict[str, Any]:
            back = {"call_back_at": (now() + NEAR).isoformat(), "for_me": mine}
            return {**result, **(back if result["code"] == CALL_BACK else {})}

        while True:
            try:
                return await self._ask(lambda: operator.post(path, asked()))
            except Refused as refused:
                if refused.code != "call_back_refused":
                    raise

    async def _ask(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Some lose the connection before the answer, and ask again."""
        if self.rng.random() < LOST:
            self.story["disconnected"] += 1
            with contextlib.suppress(TimeoutError, httpx.TransportError, Refused):
                async with asyncio.timeout(self.rng.uniform(0, IMPATIENT)):
                    return await ask()
        return await insist(ask, FAITH)

    # -- the reckoning ---------------------------------------------------------------------

    async def reckon(self, folder: Path) -> dict[str, int]:
        """Hold the ledger to the rules and to the diary. The counts of what happened."""
        lines: list[Line] = []
        extract = folder / "own.entries"

        async def written() -> bool:
            extract.write_bytes(await self.centre.officer.fetch("/ledger/entries"))
            lines[:] = lines_in(Extract(extract))
            return self.diary.keys() <= {one.attempt for one in lines if one.kind == "close"}

        await until(written, "the ledger has every result", PATIENCE)
        proven = Extract(extract)
        public = self.platform.home / "keeper/public/ledger.pub"
        coverage = proven.verify(ledger_key(public))
        assert not any(one.gap for one in coverage.lists.values())
        key = keyfile.load(self.centre.keys / f"{self.centre.cast.entrustor}.key")
        self._recognise(proven, key, lines)
        people = numbers_of(proven, key, self.phones)
        found = broken(lines, people, CONDUCT, self.hold)
        assert not found, _told(found, lines)
        results = {one.attempt: one for one in lines if one.kind in ("close", "amend")}
        assert {lease: results[lease].code for lease in self.diary} == self.diary
        final = sum(one.final for one in results.values())
        await self._other_books(len(results), final)
        return {
            "operators": len(self.centre.operators),
            "lists": len(self.phones),
            "people": sum(people.values()),
            "final": final,
            "results": len(results),
            "lines": coverage.lines,
            **self.story,
        }

    def _recognise(self, extract: Extract, key: keyfile.KeyPair, lines: list[Line]) -> None:
        """A list whose receipt was lost on the way is told by the numbers that were called."""
        called = {line.tag for line in lines}
        for list_id in extract.header.lists.keys() - self.phones.keys():
            for phones in self.unanswered:
                if called & numbers_of(extract, key, {list_id: phones}).keys():
                    self.phones[list_id] = phones

    async def _other_books(self, results: int, final: int) -> None:
        """What the entrustor is handed over, and who is still to be called, by the database."""
        kept = "select count(*) from results where job_id = $1"
        assert (await self.platform.sql(kept, self.job))[0][0] == results
        left = "select sum(remaining) from lists where id = any($1)"
        everybody = sum(map(len, self.phones.values()))
        assert (await self.platform.sql(left, [*self.phones]))[0][0] == everybody - final


def _told(found: list[Broken], lines: list[Line]) -> str:
    """What is wrong, and all that was written of the first number of which something is."""
    tags = {line.seq: line.tag for line in lines}
    first = next((tags[one.seq] for one in found if one.seq in tags), "")
    return "\n".join(map(str, [*found[:20], *(line for line in lines if line.tag == first)]))


def _soon(due_at: str | None) -> bool:
    return due_at is not None and datetime.fromisoformat(due_at) < now() + SOON


def _given(person: Townsperson) -> str:
    """The name that tells people of one family apart."""
    return person.name.split("　")[1]
