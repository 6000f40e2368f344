"""A world is settled once and copied for each test: its database, and its keeper's home.

    pictures = Pictures(postgres)
    picture = pictures.of("world", settle)       # settles it if there is none that is fresh
    picture.home(folder / "keeper")              # a copy of the keeper's home, not yet started
    picture.database                             # a database that others are copied from
    picture.told                                 # whatever `settle` returned

Everything in it was done through the real verbs, by a keeper that was stopped as keepers are.
A copy is as good as new: the keeper starts from it as after any stop.
"""

import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FRESH_SECONDS = 60.0  # then it is taken anew: nobody's shift or morning is used up by waiting
LEFT = ("lock", "reserve")  # what a keeper makes anew wherever it starts


@dataclass(frozen=True)
class Picture:
    """What was there when everything was settled."""

    database: str
    folder: Path
    told: Any
    taken: float  # monotonic

    def home(self, place: Path) -> None:
        """The keeper's home, at another place."""
        shutil.copytree(self.folder / "keeper", place, ignore=shutil.ignore_patterns(*LEFT))

    def keys(self, place: Path) -> None:
        """The files of the approvers' keys, at another place."""
        shutil.copytree(self.folder / "keys", place)


class Pictures:
    """Those of one run. `make(name)` makes an empty, migrated database; `drop(name)` removes it."""

    def __init__(self, make: Callable[[str], None], drop: Callable[[str], None]) -> None:
        self._make, self._drop = make, drop
        self._taken: dict[str, Picture] = {}

    def of(self, name: str, settle: Callable[[str, Path], Any]) -> Picture:
        """The picture of this name. `settle` gets the name of an empty database and an empty
        folder, and leaves a stopped keeper's home in `<folder>/keeper`."""
        known = self._taken.get(name)
        if known is not None and time.monotonic() - known.taken < FRESH_SECONDS:
            return known
        if known is not None:
            self._forget(known)
        database = f"settled_{secrets.token_hex(6)}"
        folder = Path(tempfile.mkdtemp(prefix="cls-"))  # short: there are sockets in it
        self._make(database)
        self._taken[name] = Picture(database, folder, settle(database, folder), time.monotonic())
        return self._taken[name]

    def close(self) -> None:
        """Nothing is left of them."""
        for picture in self._taken.values():
            self._forget(picture)

    def _forget(self, picture: Picture) -> None:
        self._drop(picture.database)
        shutil.rmtree(picture.folder)
