"""Every store of an installation, and the look into each of them when a list was destroyed.

    counted     the tables, row by row (`calllist.dialing.erasure`)
    searched    files in the worker's reach, and the mirrored ledger, for the list's marks
    nothing_kept  nobody was accepted: there is nothing to search for
    absent      what this platform does not have: named, so that nobody wonders
    outside     what lies beyond our reach until it expires, or belongs to others

Files are named by `CALLLIST_STORES` (temporary folders, logs of a proxy); our own logs and the
broker's folder are always read. Who looks is the worker: what it may not read is UNKNOWN, and
then nothing is certified.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.erasure import rows_left
from calllist.mirror.tables import LedgerLine
from calllist.settings import Settings
from retention import marks
from retention.facts import Check
from retention.residue import Store
from retention.states import Outcome

ABSENT = ("previews", "notes", "result_backend")  # shown, never stored; not kept; not configured
BEYOND = ("wal", "backups", "carrier", "own_copy")
IN_FILES = ("logs", "broker", "temp", "proxy_logs")
SWAPS = Path("/proc/swaps")
LINES_AT_ONCE = 2_000
_PEOPLE = text("select people from holdings where id = :list")

Inspect = Callable[[AsyncSession, str, Sequence[bytes]], Awaitable[list[Check]]]


def files(settings: Settings) -> list[Store]:
    """The places in files that this worker can reach, each by its name on the certificate."""
    own = {"logs": settings.home / "log"}
    if settings.broker is None:
        own["broker"] = settings.broker_folder
    there = {name: path for name, path in own.items() if path.is_dir()}
    return [Store(name, path) for name, path in sorted((there | settings.stores).items())]


def inspector(settings: Settings) -> Inspect:
    """What the destroyer looks with."""
    stores = files(settings)
    unnamed = sorted(set(IN_FILES) - {store.name for store in stores})

    async def inspect(session: AsyncSession, list_id: str, known: Sequence[bytes]) -> list[Check]:
        return [
            *await rows_left(session, list_id),
            *await _searched(session, list_id, known, stores),
            *(Check(name, Outcome.PASS, how="absent") for name in ABSENT),
            _swap(),
            *(_outside(name) for name in (*unnamed, *BEYOND)),
        ]

    return inspect


async def _searched(
    session: AsyncSession, list_id: str, known: Sequence[bytes], stores: Sequence[Store]
) -> list[Check]:
    """A list of which nobody was accepted has no marks, and nothing that could lie anywhere."""
    if not known and await session.scalar(_PEOPLE, {"list": list_id}) == 0:
        names = ("mirror", *(store.name for store in stores))
        return [Check(name, Outcome.PASS, how="nothing_kept") for name in names]
    found = await asyncio.to_thread(lambda: list(marks.search(stores, known)))
    return [await _mirror(session, list_id, known), *found]


async def _mirror(session: AsyncSession, list_id: str, known: Sequence[bytes]) -> Check:
    """The lines about this list: ids, codes, tags of a key that is gone; no piece of the list."""
    lines = await session.stream_scalars(
        select(LedgerLine.leaf)
        .where(LedgerLine.list_id == list_id)
        .execution_options(yield_per=LINES_AT_ONCE)
    )
    blocks = [block async for part in lines.partitions() for block in part]
    return marks.look("mirror", blocks, known)


def _swap() -> Check:
    """No swap is a store that is not there; of one that is, the worker may not read."""
    try:
        there = len(SWAPS.read_text().splitlines()) > 1
    except OSError:
        return _outside("swap")
    return _outside("swap") if there else Check("swap", Outcome.PASS, how="absent")


def _outside(name: str) -> Check:
    return Check(name, Outcome.OUTSIDE, how="not_reached")
