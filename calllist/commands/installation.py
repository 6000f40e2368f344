"""Every place where an installation writes, by the name of its store: what `residue` reads.

    database, wal    PostgreSQL's data folder with its tablespaces, and its write-ahead log
    keeper, broker, logs, temp, and every other entry of the installation's folder by its own name
    swap, journal    of this machine: swap devices and files, journald's folders
    whatever `CALLLIST_STORES` and `--store` name (proxy_logs, a broker's data folder, ...)

A store that an installation always has and that is not found here is missing, never passed over.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from calllist.commands.console import CommandFailed
from retention.residue import Store

ALWAYS = ("database", "wal", "keeper", "broker", "logs")
SOMETIMES = ("proxy_logs", "backups")  # nobody here knows whether there are any
ENTRIES = {"log": "logs", "tmp": "temp"}  # of the installation's folder, as certificates say it
STORES = "CALLLIST_STORES"
SERVER = "CALLLIST_BROKER_URL"  # then messages lie with that server, not in our folder
OCTAL = re.compile(rb"\\([0-7]{3})")


@dataclass(frozen=True)
class Machine:
    """What the operating system keeps for itself."""

    swaps: Path = Path("/proc/swaps")
    journals: tuple[Path, ...] = (Path("/var/log/journal"), Path("/run/log/journal"))
    temp: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))


def installed(home: Path, named: Sequence[Store], machine: Machine) -> list[Store]:
    """Every place that an installation in this folder writes to, as far as this machine has it."""
    home = home.resolve()
    places = [*_database(home / "postgres")]
    for entry in sorted(home.iterdir()):
        if entry.name != "postgres":
            places.append(Store(ENTRIES.get(entry.name, entry.name), entry))
    places.append(Store("temp", machine.temp, apart=frozenset({home})))
    places += [Store("journal", path) for path in machine.journals if path.is_dir()]
    return [*places, *(Store("swap", path) for path in swaps(machine.swaps)), *named]


def missing(stores: Sequence[Store]) -> list[str]:
    """Stores that every installation has and that are none of these."""
    names = [store.name for store in stores]
    served = bool(os.environ.get(SERVER))  # the folder in our home is not where it keeps them
    return [name for name in ALWAYS if names.count(name) <= (served and name == "broker")]


def told() -> list[Store]:
    """The places that `CALLLIST_STORES` names."""
    given = os.environ.get(STORES) or "{}"
    try:
        places = TypeAdapter(dict[str, Path]).validate_json(given)
    except ValidationError:
        raise CommandFailed("setting_wrong", detail=f'{STORES}: {{"name": "path", ...}}') from None
    return [Store(name, path) for name, path in places.items()]


def swaps(table: Path) -> list[Path]:
    """Swap devices and files in use (proc(5), /proc/swaps: blanks and the like are octal).

    A table that cannot be read is a place that cannot be read: nobody knows what is swapped.
    """
    try:
        lines = table.read_bytes().splitlines()[1:]
    except OSError:
        return [table]
    names = [OCTAL.sub(lambda code: bytes([int(code[1], 8)]), line.split()[0]) for line in lines]
    return [Path(os.fsdecode(name)) for name in names]


def _database(postgres: Path) -> Iterator[Store]:
    data = postgres / "data"
    if not data.is_dir():
        return
    wal = data / "pg_wal"
    yield Store("database", postgres, apart=frozenset({wal.resolve()}))
    yield Store("wal", wal)
    for link in sorted((data / "pg_tblspc").glob("*")):
        yield Store("database", link)
