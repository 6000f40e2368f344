"""The keeper's folder: what lies where, and the checks before anything is opened.

lock          one keeper per home
keystore      every key, under the root of the epoch      never backed up
roots/        the root of the epoch                       never backed up
journal.db    ledger, roster, state                       backed up
signing/      keys of ledger and certificates             backed up, apart
public/       their public halves
"""

import fcntl
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from crypto import approvals, budgets, certifying, lists, records, roster
from crypto.journal import Journal
from crypto.keystore import Keystore, KeystoreRefused
from crypto.roots.file import OTHERS, FileRoots
from crypto.signers import Signers

SCHEMAS = tuple(
    module.SCHEMA for module in (approvals, roster, lists, records, budgets, certifying)
)


class HomeRefused(Exception):
    """The folder is open to others, or another keeper uses it."""


@dataclass
class Home:
    """An open home; `lock` is held until `close`."""

    journal: Journal
    keystore: Keystore
    signers: Signers
    lock: TextIOWrapper

    @classmethod
    def open(cls, folder: Path) -> "Home":
        """A new folder becomes a new keeper; one of journal and keystore without the other is
        refused.

        Raises HomeRefused, KeystoreRefused, RootRefused, KeyFileRefused, JournalDamaged.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & OTHERS:
            raise HomeRefused(f"{folder} is open to others: chmod 700 {folder}")
        lock = _lock(folder / "lock")
        try:
            signers = Signers.of(folder)
            signers.publish(folder)
            journal = folder / "journal.db"
            keys = _keystore(folder, journal)
            return cls(Journal(journal, SCHEMAS), keys, signers, lock)
        except BaseException:
            lock.close()
            raise

    async def close(self) -> None:
        await self.journal.close()
        self.lock.close()


def _keystore(folder: Path, journal: Path) -> Keystore:
    keystore, roots = folder / "keystore", FileRoots(folder / "roots")
    if not keystore.exists() and not journal.exists():
        return Keystore.create(keystore, roots)
    keys = Keystore.load(keystore, roots)
    if keys.used and not journal.exists():
        raise KeystoreRefused(f"{journal} is missing: the keystore has a ledger")
    return keys


def _lock(path: Path) -> TextIOWrapper:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise HomeRefused(f"another keeper uses {path.parent}") from None
    return file
