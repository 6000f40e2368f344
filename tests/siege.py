"""A platform at work while its processes are killed at random, and the reckoning afterwards.

    siege = Siege(platform, centre, Random(seed))
    await siege.stand(kills=8)      # uploads, calls and endings all the while
    await siege.reckon()            # every list that came in is certified, exactly once

Who works asks again when there was no answer, as people do. A trigger in the database looks at
each certificate in the moment it is stored, and remembers if anything of its list was left by then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import asyncpg
import httpx
import msgspec

from calllist.commands.certificate_key import pinned
from calllist.embedded.postgres import SUPERUSER
from crypto.errors.lists import TooManyShreds
from crypto.signed import keyfile
from crypto.signed.approvals import CENTRE
from crypto.signed.orders import ShredOrder
from crypto.signed.statements import approve, prepare
from crypto.wire.approvals import Submit
from crypto.wire.base import Caller
from crypto.wire.lists import Inspect
from demo.seat import Refused
from retention.verify import verify
from tests.keepers import now
from tests.platform import Centre, Keyboard, WholePlatform, until
from tests.troubles import PATIENCE, insist, kill
from tests.world import townsfolk, upload_of

PARTS = ("worker", "keeper", "web", "postgres", "beat")
SIZES = (1, 3, 12, 40, 1500)  # people of a list; the last has more than one chunk
SEEDS = 9_998  # of `townsfolk`: so far its numbers reach
MOST_CALLS = 4  # of one list, before it ends
LEAST = 3  # lists that must come in while somebody is killed, or after
PAUSE = (0.05, 1.2)  # seconds between two kills
NO_KEY = {"unknown", "shredded"}
TOO_MANY = f"keeper:{TooManyShreds.code}"
STEPS = ["shred", "attest erased", "attest verified", "certify"]  # of the ledger, in this order

WATCH = """
create sequence siege_early;  -- no table: the destroyer wants to know of every table
create function siege_look() returns trigger language plpgsql security definer as $$
begin
    if to_regclass('records_' || new.holding_id) is not null
        or exists (select from records where list_id = new.holding_id)
        or exists (select from chunks where list_id = new.holding_id)
        or exists (select from leases where list_id = new.holding_id)
    then perform nextval('siege_early'); end if;
    return new;
end $$;
create trigger siege_look before insert on certificates
    for each row execute function siege_look();
"""
FORGET = """
drop trigger if exists siege_look on certificates;
drop function if exists siege_look();
drop sequence if exists siege_early;
"""


@dataclass
class Siege:
    """One cast at work. `story`: who was killed, and what people were told, in order."""

    platform: WholePlatform
    centre: Centre
    rng: Random
    story: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    accepted: dict[str, int] = field(default_factory=dict)  # by list, as the receipt said
    answered: Counter[str] = field(default_factory=Counter)  # results by list, as the desk said
    over: asyncio.Event = field(default_factory=asyncio.Event)
    ordered: set[str] = field(default_factory=set)  # lists that wait no more for a signature

    async def stand(self, kills: int) -> None:
        """Everybody works until so many processes were killed, and ends what is in hand."""
        crews = [asyncio.create_task(self._crew(one)) for one in self.centre.operators]
        try:
            while len(self.story) < kills:
                await asyncio.sleep(self.rng.uniform(*PAUSE))
                for crew in crews:
                    if crew.done():
                        crew.result()
                part = self.rng.choice(PARTS)
                if await kill(self.platform, part):
                    self.story.append(part)
            await until(self._received, "lists came in", PATIENCE)  # kills come fast
        finally:
            self.over.set()
        await asyncio.gather(*crews)
        await self.platform.serves()

    async def _received(self) -> bool:
        return len(self.accepted) >= LEAST

    # -- at work ---------------------------------------------------------------------------

    async def _crew(self, operator: Keyboard) -> None:
        manager, officer = self.centre.manager, self.centre.officer
        while not self.over.is_set():
            job = await insist(self.centre.job)
            self.jobs.append(job)
            people = townsfolk(self.rng.choice(SIZES), seed=self.rng.randrange(SEEDS))
            with contextlib.suppress(httpx.TransportError, Refused):
                told = await manager.upload(job, upload_of(people))
                self.accepted[told["list"]] = told["receipt"]["accepted"]
                for _ in range(self.rng.randint(0, MOST_CALLS)):
                    await self._call(operator, job, told["list"])
                ends = self.rng.randrange(4)
                if ends == 0:
                    await manager.post(f"/jobs/{job}/close")
                elif ends == 1:
                    await officer.post(f"/holdings/{told['list']}/destroy")
                elif ends == 2:
                    await manager.post(f"/lists/{told['list']}/close-intake")

    async def _call(self, operator: Keyboard, job: str, list_id: str) -> None:
        """One call; a lease that nobody was told of is found at the next try."""
        try:
            lease = (await operator.post(f"/jobs/{job}/leases"))["lease"]
        except Refused as refused:
            if refused.code != "lease_held":
                raise
            lease = refused.problem["lease_id"]
        await insist(lambda: operator.get(f"/leases/{lease}"))
        await insist(lambda: self.centre.record(operator, lease))
        self.answered[list_id] += 1

    # -- the reckoning ---------------------------------------------------------------------

    async def reckon(self) -> dict[str, int]:
        """End what is left; then nothing is left of anything, and each has its one certificate.

        The counts of what happened.
        """
        for job in self.jobs:
            with contextlib.suppress(Refused):  # it is over already
                await insist(lambda job=job: self.centre.manager.post(f"/jobs/{job}/close"))
        try:
            await until(self._sees_them_off, "every list is certified or never came", PATIENCE)
        except AssertionError:
            print(
                [(r["id"], r["list_state"], r["state"], r["failure"]) for r in await self._lists()]
            )
            raise
        failed, ended = [], []
        for row in await self._lists():
            (failed if row["state"] is None else ended).append(row)
        for row in failed:
            assert row["id"] not in self.accepted, "a receipt was given for it"
            assert await self._key(row["id"]) in NO_KEY
        assert self.accepted.keys() <= {row["id"] for row in ended}
        [early] = await self.platform.sql("select is_called from siege_early")
        assert not early["is_called"], "a certificate was stored before its rows were gone"
        for row in [*failed, *ended]:
            await self._nothing_left(row["id"])
        await self._certified(ended)
        await until(lambda: self._lined(len(ended)), "the mirror has every line", PATIENCE)
        for row in ended:
            await self._steps(row["id"])
        return {
            "lists": len(ended),
            "broken_uploads": len(failed),
            "results": self.answered.total(),
            "kills": len(self.story),
        }

    async def _lists(self) -> list[Any]:
        return await self.platform.sql(
            "select l.id, l.state as list_state, h.state, h.failure, h.people,"
            " h.erased_rows, c.number,"
            " c.envelope, (select count(*) from results r where r.list_id = l.id) as results"
            " from lists l left join holdings h on h.id = l.id"
            " left join certificates c on c.holding_id = l.id where l.job_id = any($1)",
            self.jobs,
        )

    async def _sees_them_off(self) -> bool:
        """Whether everything has ended. More lists than may go in an hour wait for the privacy
        officer, who looks at them and signs."""
        lists = await self._lists()
        for row in lists:
            broken = row["list_state"] == "receiving" and await self._key(row["id"]) not in NO_KEY
            if (broken or row["failure"] == TOO_MANY) and row["id"] not in self.ordered:
                await self._order(row["id"])
                self.ordered.add(row["id"])
        return all(
            row["state"] == "CERTIFIED" or (row["state"], row["list_state"]) == (None, "failed")
            for row in lists
        )

    async def _order(self, list_id: str) -> None:
        issuer, order = self.centre.cast.members[0].person, ShredOrder(CENTRE, (list_id,))
        request = prepare(order, issuer=issuer, now=now(), valid_for=timedelta(hours=1))
        signed = approve(request, keyfile.load(self.platform.keys / f"{CENTRE}.key").approver)
        async with self.platform.keeper(Caller.WEB) as keeper:
            await keeper.call(Submit(signed.payload, signed.key, signed.signature))

    async def _certified(self, ended: list[Any]) -> None:
        numbers = sorted(row["number"] for row in ended)
        assert numbers == list(range(1, len(ended) + 1)), "none twice, none left out"
        key = pinned(self.platform.home / "keeper/public/certificate.pub")
        for row in ended:
            facts = verify(row["envelope"].encode(), key)
            claims = facts.claims
            assert (facts.list, claims.number) == (row["id"], row["number"])
            assert claims.people == claims.erased_rows == row["people"] == row["erased_rows"]
            assert claims.people == self.accepted.get(row["id"], claims.people) > 0
            assert row["results"] >= self.answered[row["id"]]
            assert facts.frozen_at <= facts.shredded_at <= claims.erased_at <= facts.issued_at
            assert await self._key(row["id"]) == "shredded"

    async def _nothing_left(self, list_id: str) -> None:
        for table in ("records", "chunks", "leases", "findings"):
            sql = f"select count(*) from {table} where list_id = $1"  # noqa: S608 - ours
            assert (await self.platform.sql(sql, list_id))[0][0] == 0, table

    async def _lined(self, count: int) -> bool:
        sql = (
            "select count(distinct list_id) from ledger_lines where kind = 'certify'"
            " and list_id in (select id from lists where job_id = any($1))"
        )
        return bool((await self.platform.sql(sql, self.jobs))[0][0] == count)

    async def _steps(self, list_id: str) -> None:
        """Each step has one line, in the only order."""
        sql = "select kind, leaf from ledger_lines where list_id = $1 order by seq"
        rows = await self.platform.sql(sql, list_id)
        lines = [(row["kind"], msgspec.json.decode(row["leaf"])) for row in rows]
        said = [f"{kind} {line['step']}" if kind == "attest" else kind for kind, line in lines]
        assert [step for step in said if step in STEPS] == STEPS

    async def _key(self, list_id: str) -> str:
        async with self.platform.keeper(Caller.WORKER) as keeper:
            return str((await keeper.call(Inspect(list_id))).state)


@contextlib.asynccontextmanager
async def watched(platform: WholePlatform) -> AsyncIterator[None]:
    """Each certificate is looked at as it is stored, by a trigger of the superuser's."""
    await _script(platform, FORGET + WATCH)
    try:
        yield
    finally:
        await platform.serves()
        await _script(platform, FORGET)


async def _script(platform: WholePlatform, statements: str) -> None:
    connection = await asyncpg.connect(platform.url(SUPERUSER), timeout=5)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()
