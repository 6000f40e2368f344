"""Given the source and the whole database, nobody tells a canary from a person."""

import random
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist.db import transaction
from calllist.dialing.errors import RecordWithdrawn
from calllist.jobs.tables import Job, Record
from crypto.records.sealing import seal_canaries
from crypto.signed import keyfile, statements
from crypto.signed.orders import Canaries
from tests.calllist.centre import Centre
from tests.redteam.guessing import Features, everything, guesses

PEOPLE = 480
CHANCE = 0.5
LUCK = 0.115  # 3.5 standard deviations of 240 coin flips: once in 4,000 runs


@pytest_asyncio.fixture
async def centre(
    sessions: async_sessionmaker[AsyncSession], database: str
) -> AsyncIterator[Centre]:
    folder = Path(tempfile.mkdtemp(prefix="cl"))  # short: a UNIX socket's path has 107 bytes
    opened = await Centre.open(sessions, database, folder)
    yield opened
    await opened.close()
    shutil.rmtree(folder)


async def entrust(centre: Centre, canaries: set[int]) -> tuple[Job, str]:
    """The entrustor signs which numbers are its own, and then hands over its file. Half of its
    people are canaries, so that a guess is right by chance as often as not."""
    numbers = [f"+8190000{n:05}" for n in sorted(canaries)]
    keeper = keyfile.load_recipient(centre.folder / "keeper" / "public" / "keeper.pub")
    sealed = seal_canaries(
        keeper, entrustor=centre.entrustor_id, contract=centre.contract_id, numbers=numbers
    )
    body = Canaries(centre.entrustor_id, centre.contract_id, sealed)
    request = statements.prepare(
        body, issuer="officer", now=centre.now(), valid_for=timedelta(days=1)
    )
    async with transaction(centre.sessions) as session:
        await centre.hand_in(session, statements.dump_request(request), centre.keys.approver)
    job = await centre.job()
    return job, (await centre.upload(job, PEOPLE)).list_id


@pytest.mark.asyncio
async def test_a_classifier_over_the_whole_database_guesses_no_better_than_chance(
    centre: Centre,
) -> None:
    canaries = set(random.Random(7).sample(range(1, PEOPLE + 1), PEOPLE // 2))
    job, list_id = await entrust(centre, canaries)
    async with centre.sessions() as session:
        rows = await everything(session, list_id)
    lines = {n + 1 for n in canaries}  # the header is line 1
    assert len(rows) == PEOPLE
    assert len(next(iter(rows.values()))) > 80, "every column, size and order"

    found = guesses(rows, lines)
    assert all(abs(share - CHANCE) < LUCK for share in found.values()), found

    for tell in (longer, later, even):
        planted = {line: tell(features, line in lines) for line, features in rows.items()}
        control = guesses(planted, lines)
        assert max(control.values()) > 0.95, (tell.__name__, control)
    await really_canaries(centre, job, canaries)


def longer(features: Features, canary: bool) -> Features:
    """One padded block more, as if the canary's row were written in another way."""
    size = features["sealed size"]
    return features | {"sealed size": size + 64} if canary else features


def later(features: Features, canary: bool) -> Features:
    """Stored after all the others."""
    return features | {"place": features["place"] + (PEOPLE if canary else 0)}


def even(features: Features, canary: bool) -> Features:
    """A token whose last byte says it."""
    byte = int(features["token[-1]"]) & ~1 | canary
    return features | {"token[-1]": float(byte), "token[-1] odd": float(canary)}


async def really_canaries(centre: Centre, job: Job, canaries: set[int]) -> None:
    """So that the guesses were about something: the keeper does know which they are."""
    operator = await centre.operator("okimi", job)
    withdrawn = []
    for _ in range(8):
        lease = await centre.take(operator, job)
        async with centre.sessions() as session:
            line = await session.scalar(
                select(Record.line).where(
                    Record.list_id == lease.list_id,
                    Record.chunk == lease.chunk,
                    Record.index == lease.index,
                )
            )
        try:
            hand, _ = await centre.show(operator, lease)
        except RecordWithdrawn:
            withdrawn.append(line)
        else:
            assert hand.record.line - 1 not in canaries
            await centre.record(operator, lease, 10)
    assert withdrawn
    assert {line - 1 for line in withdrawn if line} <= canaries
