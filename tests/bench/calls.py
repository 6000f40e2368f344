"""`make bench-calls [PAIRS=1000]`: is a hit told from a miss by how long the search takes?

Somebody calls back by number or by reference: one who is on the list, and one who is not, in
random order, from the search to its commit, on PostgreSQL and a keeper with a durable ledger.
`auc` is how often a hit takes longer than a miss: 0.5 tells nothing. That both run the same
statements is held by tests (`test_calls_back.py`, `test_calls.py`); the figure is of a machine.
The last line is one JSON object.
"""

import argparse
import asyncio
import bisect
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from sqlalchemy.ext.asyncio import create_async_engine

from calllist import db, migrations
from calllist.dialing import inbound
from calllist.dialing.desk import Desk
from calllist.dialing.inbound import By, Hits
from calllist.people.roles import Role
from crypto.signed.terms import ContractTerms
from crypto.wire.base import Caller
from demo.onboarding import Member
from tests.bench.intake import server
from tests.bench.opening import CAPS, PLENTY
from tests.keepers import KeeperProcess, now
from tests.world import GRACE, World, townsfolk, upload_of

PAIRS = 1000
EACH = 450  # searches of one operator: the keeper lets a person add 1,000 lines an hour by them
NOT_DONE = 20  # 家族・第三者応答: the next pair needs a free hand


async def search(world: World, who: Member, job: str, said: str, by: By) -> tuple[float, Hits]:
    """Milliseconds from the operator's question to the commit, and what came of it."""
    began = time.perf_counter()
    async with db.transaction(world.sessions) as session:
        person = await world.person(session, who)
        desk = Desk(session, world.custody, person, who.grant, GRACE, now())
        hits = await inbound.find(desk, job, said, by=by)
    return (time.perf_counter() - began) * 1000, hits


async def measure(world: World, job: str, by: By, pairs: list[tuple[str, str]]) -> dict[str, float]:
    """The pairs in random order; a hit's lease is ended before the next search."""
    took: dict[bool, list[float]] = {True: [], False: []}
    searches = 0
    for pair in pairs:
        sides = [(pair[0], True), (pair[1], False)]
        random.shuffle(sides)
        for said, there in sides:
            who = world.operators[searches // EACH]
            searches += 1
            spent, hits = await search(world, who, job, said, by)
            if (hits.lease is not None) != there:
                raise RuntimeError("a hit that misses, or a miss that hits")
            took[there].append(spent)
            if hits.lease is not None:
                await world.look(who, hits.lease.id)
                await world.record(who, hits.lease.id, NOT_DONE)
    return {
        f"{by}_hit_p50_ms": statistics.median(took[True]),
        f"{by}_miss_p50_ms": statistics.median(took[False]),
        f"{by}_auc": auc(took[True], took[False]),
    }


def auc(hits: list[float], misses: list[float]) -> float:
    """How often one of the first is larger than one of the second."""
    ordered = sorted(misses)
    return sum(bisect.bisect(ordered, one) for one in hits) / (len(hits) * len(ordered))


def _plenty(terms: ContractTerms) -> ContractTerms:
    return msgspec.structs.replace(terms, inbound=True, **dict.fromkeys(CAPS, PLENTY))


async def run(folder: Path, url: str, intake_url: str, pairs: int) -> dict[str, float]:
    """A world with `pairs` people on a list, searched for by number, then by reference."""
    await migrations.upgrade_async(url)
    engine = create_async_engine(url)
    keeper = KeeperProcess(folder / "k")
    keeper.start()
    try:
        async with keeper.client(Caller.ADMIN) as admin, keeper.client(Caller.WEB) as web:
            world = await World.build(
                db.sessions(engine), admin=admin, web=web, folder=folder / "keys", change=_plenty
            )
            made = world.onboarding
            for number in range(2, 2 * 2 * pairs // EACH + 1):
                world.operators.append(
                    await made.member(
                        f"seat{number}", "架空", Role.OPERATOR, party=world.party, site=world.site
                    )
                )
            job = await world.job()
            folk = townsfolk(pairs)
            received = upload_of(folk)
            socket = keeper.socket(Caller.INTAKE)
            await world.receive(job, received, intake_url=intake_url, intake_socket=socket)
            numbers = [(one.phone, f"03-0999-{n:04}") for n, one in enumerate(folk)]
            figures = await measure(world, job, By.NUMBER, numbers)
            world.operators = world.operators[len(world.operators) // 2 :]
            letters = [(one.reference, f"none-{n}") for n, one in enumerate(folk)]
            return {"pairs": pairs} | figures | await measure(world, job, By.REFERENCE, letters)
    finally:
        await engine.dispose()
        keeper.stop()


def main() -> int:
    """Prints the figures."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--pairs", type=int, default=PAIRS)
    pairs = asked.parse_args().pairs
    with tempfile.TemporaryDirectory(prefix="cl") as name, server(Path(name)) as postgres:
        urls = postgres.url(), postgres.url(role="calllist_intake")
        print(json.dumps(asyncio.run(run(Path(name), *urls, pairs))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
