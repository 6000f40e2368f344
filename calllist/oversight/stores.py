"""Every store of an installation, and the look into each of them when a list was destroyed.

    counted     the tables, row by row (`calllist.dialing.erasure`), and tables that are not ours:
                nobody knows what somebody else keeps there, so one of them is UNKNOWN
    searched    files in the worker's reach, and the mirrored ledger, for the list's marks
    nothing_kept  nobody was accepted: there is nothing to search for
    absent      what this platform does not have: named, so that nobody wonders
    outside     what lies beyond our reach until it expires, or belongs to others

Files are named by `CALLLIST_STORES` (temporary folders, logs of a proxy); our own logs and the
broker's folder are always read. Who looks is the worker: what it may not read is UNKNOWN, and
then nothing is certified.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
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

ABSENT = ("previews", "result_backend")  # shown, never stored; not configured
BEYOND = ("wal", "backups", "carrier", "own_copy")
IN_FILES = ("logs", "broker", "temp", "proxy_logs")
SWAPS = Path("/proc/swaps")
LINES_AT_ONCE = 2_000
_PEOPLE = text("select people from holdings where id = :list")
_NOT_OURS = text("""
    select (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'm', 'f') and not c.relispartition
            and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
            and not (n.nspname = 'public' and c.relname = any(:ours)))
         + (select count(*) from pg_largeobject_metadata)
""")

Inspect = Callable[[AsyncSession, str, Sequence[bytes]], Awaitable[list[Check]]]


def files(settings: Settings) -> list[Store]:
    """The places in files that this worker can reach, each by its name on the certificate."""
    own = {"logs": settings.home / "log"}
    if settings.broker is None:
        own["broker"] = settings.broker_folder
    there = {name: path for name, path in own.items() if path.is_dir()}
    return [Store(name, path) for name, path in sorted((there | settings.stores).items())]


def inspector(settings: Settings, tables: Collection[str]) -> Inspect:
    """What the destroyer looks with. tables: the names of all that are ours."""
    stores = files(settings)
    unnamed = sorted(set(IN_FILES) - {store.name for store in stores})
    kept = {"wal": settings.wal_days, "backups": settings.backup_days}

    async def inspect(session: AsyncSession, list_id: str, known: Sequence[bytes]) -> list[Check]:
        return [
            *await rows_left(session, list_id),
            await _others(session, tables),
            *await _searched(session, list_id, known, stores),
            *(Check(name, Outcome.PASS, how="absent") for name in ABSENT),
            _swap(),
            *(_outside(name, kept.get(name)) for name in (*unnamed, *BEYOND)),
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


async def _others(session: AsyncSession, tables: Collection[str]) -> Check:
    """Whether somebody keeps tables, or large objects, of their own in our database."""
    found = await session.scalar(_NOT_OURS, {"ours": sorted(tables)}) or 0
    outcome = Outcome.UNKNOWN if found else Outcome.PASS
    return Check("other_tables", outcome, how="counted", found=found)


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


def _outside(name: str, days: int | None = None) -> Check:
    """days: until when it is gone, as whoever keeps it has told us (`CALLLIST_WAL_DAYS`, …)."""
    return Check(name, Outcome.OUTSIDE, how="not_reached", days=days or 0)
