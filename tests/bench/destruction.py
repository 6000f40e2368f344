"""How long a destruction takes: with the people of a list, and with the lists that survive it.

    python -m tests.bench.destruction

A real keeper process on a real disk with the file root. From the manager's order until nobody
can open, and until the completion is durable: for a list of 100 people and of 1,000,000 (their
chunk keys are sealed; nothing of what is destroyed is touched, so both take the same); then with
10,000 surviving lists of 1,000 entrustors, while an operator goes on opening. The last line is
one JSON object.
"""

import asyncio
import contextlib
import json
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.keys.keystore import Keystore
from crypto.keys.roots.file import FileRoots
from crypto.keys.vault import Binding, ListSecrets
from crypto.records.sealing import KEY_BYTES, Recipient, new_index_key, seal_index_key
from crypto.wire.ledger import Head
from crypto.wire.lists import Manifest, Shred
from crypto.wire.records import Open
from tests.crypto.distant import CLOCK, Distant
from tests.crypto.world import sealed, townsfolk

PEOPLE, MANY_PEOPLE = 100, 1_000_000
CHUNK = 1000  # records
TURNS = 5  # the median of them
SURVIVORS = 100  # lists beside the one that ends, in the first measurements
ENTRUSTORS, LISTS_EACH = 1_000, 10
SEEDS_BYTES = 96  # of a list's key pair


def measure() -> dict[str, float | int]:
    """Milliseconds and counts."""
    with tempfile.TemporaryDirectory(prefix="bd") as folder:
        figures = asyncio.run(_with_people(Path(folder)))
    with tempfile.TemporaryDirectory(prefix="bd") as folder:
        return figures | _with_survivors(Path(folder))


# -- people --------------------------------------------------------------------------------


async def _with_people(folder: Path) -> dict[str, float | int]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "crypto", "--home", str(folder / "h"), "--run", str(folder / "r")),
        *CLOCK,
    )
    world = Distant(folder / "r")
    try:
        await _ready(world)
        await world.settle()
        for number in range(SURVIVORS):
            await world.upload(f"lst_s{number}")
        await world.managers_grant()
        grant = await world.shift("per_1")
        small, large = [], []
        for turn in range(TURNS):
            small.append(await _destroyed(world, grant, f"lst_small{turn}", PEOPLE))
            large.append(await _destroyed(world, grant, f"lst_large{turn}", MANY_PEOPLE))
    finally:
        await world.hang_up()
        process.terminate()
        await process.wait()
    return {
        "destroy_ms_100": _median(small, 1),
        "destroy_ms_1m": _median(large, 1),
        "nobody_opens_ms_100": _median(small, 0),
        "nobody_opens_ms_1m": _median(large, 0),
        "survivors": SURVIVORS,
    }


def _median(took: list[tuple[float, float]], which: int) -> float:
    return round(statistics.median(one[which] for one in took), 1)


async def _destroyed(world: Distant, grant: str, name: str, people: int) -> tuple[float, float]:
    """Milliseconds until nobody can open, and until the completion is durable."""
    minted = await world.mint(name)
    chunks = people // min(people, CHUNK)
    records, first = sealed(minted, name, townsfolk(min(people, CHUNK)))
    index_key = seal_index_key(
        Recipient(minted.recipient),
        entrustor=minted.entrustor,
        list_id=name,
        key=new_index_key(),
    )
    # The chunks behind the first are as a million people would leave them in the keeper.
    commitments = (*first.commitments, *(secrets.token_bytes(32) for _ in range(chunks - 1)))
    rows = first.rows * chunks
    await world.say(Manifest(name, commitments, rows, secrets.token_bytes(32), index_key))
    await world.say(Open(grant, records[0]))
    began = time.monotonic()
    await world.end(name)
    with contextlib.suppress(Refusal):
        await world.say(Open(grant, records[0]))
        raise AssertionError("it opened")
    stopped = time.monotonic()
    await world.say(Shred(name))
    return (stopped - began) * 1000, (time.monotonic() - began) * 1000


# -- survivors -----------------------------------------------------------------------------


def _with_survivors(folder: Path) -> dict[str, float | int]:
    """The epoch alone, of a keystore with many lists; and how long a reader waits meanwhile."""
    keystore, bindings = _filled(folder)
    waits: list[float] = []

    async def epoch() -> float:
        loop, began = asyncio.get_running_loop(), time.monotonic()

        def change() -> None:
            keystore.stage_epoch({binding.list for binding in bindings[1:]})
            keystore.commit()
            keystore.retire()

        changing = loop.run_in_executor(None, change)
        while not changing.done():
            asked = time.monotonic()
            keystore.secrets(bindings[-1])
            waits.append(time.monotonic() - asked)
            await asyncio.sleep(0.001)
        await changing
        return time.monotonic() - began

    took = asyncio.run(epoch())
    return {
        "epoch_ms_10k_lists": round(took * 1000),
        "epoch_entrustors": ENTRUSTORS,
        "epoch_survivors": len(bindings) - 1,
        "reader_ms_median_meanwhile": round(statistics.median(waits) * 1000, 2),
        "reader_ms_worst_meanwhile": round(max(waits) * 1000, 1),
    }


def _filled(folder: Path) -> tuple[Keystore, list[Binding]]:
    """1,000 entrustors with 10 lists each, and one list more; staged in one file."""
    keystore = Keystore.create(folder / "keystore", FileRoots(folder / "roots"))
    bindings = [
        Binding(f"ent_{number // LISTS_EACH}", f"lst_{number}", bytes(32), 1)
        for number in range(ENTRUSTORS * LISTS_EACH + 1)
    ]
    keystore.stage_lists(
        {
            binding: ListSecrets(
                secrets.token_bytes(SEEDS_BYTES),
                secrets.token_bytes(KEY_BYTES),
                secrets.token_bytes(KEY_BYTES),
            )
            for binding in bindings
        }
    )
    keystore.commit()
    return keystore, bindings


async def _ready(world: Distant) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await world.say(Head())
            except KeeperUnavailable:
                await asyncio.sleep(0.05)
            else:
                return


if __name__ == "__main__":
    print(json.dumps(measure()))
