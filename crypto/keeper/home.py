"""The keeper's folder: what lies where, and the checks before anything is opened.

lock          one keeper per home
keystore      every key, under the root of the epoch      never backed up
roots/        the root of the epoch                       never backed up
journal.db    roster, state, the ledger's end             backed up
ledger/       the ledger's months, as tiles               backed up; verified by anybody
signing/      keys of ledger, certificates, documents     backed up, apart
document.pem  certificate of the last                     backed up
public/       their public halves
reserve       room for what must always be possible       made again when it is gone

With a PKCS#11 token (`root`), roots and signing keys are in there, and only there.
"""

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

import msgspec

from crypto.bookkeeping import archive, quotas, signing, witnesses
from crypto.bookkeeping.archive import Archive
from crypto.bookkeeping.journal import Journal
from crypto.bookkeeping.lines import SALT_BYTES
from crypto.certificates.signers import Signers
from crypto.disclosure import budgets, canaries, codes, finding, offers, tallies
from crypto.errors.base import KeyFileRefused
from crypto.host import clocks
from crypto.host.reserve import RESERVE_BYTES, Reserve
from crypto.host.secretfile import check_folder
from crypto.keeper import attesting, certifying, editions
from crypto.keys import inventory
from crypto.keys.keystore import Keystore
from crypto.keys.roots.choice import Choice, choose
from crypto.keys.roots.kinds import FILE
from crypto.keys.vault import KeystoreRefused
from crypto.lists import (
    authority,
    corrections,
    endings,
    letterbox,
    lifecycle,
    progress,
    provisional,
    revisions,
    suppressions,
    withdrawals,
)
from crypto.people import challenges, factorbook, roster
from crypto.signed import approvals, keyfile, mandates

SCHEMAS = tuple(
    module.SCHEMA
    for module in (
        *(approvals, roster, factorbook, challenges),
        *(lifecycle, progress, provisional, budgets, attesting, certifying, editions),
        *(mandates, authority, endings, clocks),
        *(canaries, codes, finding, offers, tallies),
        *(letterbox, corrections, withdrawals, suppressions, revisions),
        *(archive, quotas, witnesses, inventory),
    )
)


EPOCHS_IN_RESERVE = 4  # files as large as the keystore: one beside it, and as much in the journal


RECOVERING = "recovering"  # a file: a recovery was begun and is not finished


class HomeRefused(Exception):
    """The folder is open to others, or another keeper uses it."""


@dataclass
class Home:
    """An open home; `lock` is held until `close`."""

    journal: Journal
    archive: Archive
    keystore: Keystore
    signers: Signers
    reserve: Reserve
    choice: Choice
    lock: TextIOWrapper

    @classmethod
    def open(cls, folder: Path, heads: Iterable[str] = (), root: str = FILE) -> "Home":
        """A new folder becomes a new keeper; one of journal and keystore without the other is
        refused, a keystore that is not what the ledger says, and a ledger that does not begin
        with what `heads` say (signed notes). root: "file", or the URI of a PKCS#11 token.

        Raises HomeRefused, KeystoreRefused, RootRefused, KeyFileRefused, JournalDamaged,
        LogDiverged, LedgerShorter, BadCheckpoint.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            check_folder(folder)
        except KeyFileRefused as refused:
            raise HomeRefused(str(refused)) from None
        with ExitStack() as undo:
            lock = undo.enter_context(_lock(folder / "lock"))
            if (folder / RECOVERING).exists():
                raise HomeRefused(
                    "a recovery was interrupted: run python -m crypto.keeper.recovery again"
                )
            choice = choose(root, folder / "roots")
            undo.callback(choice.close)
            signers = Signers.of(folder, choice.token)
            reserve = _reserve(folder)
            journal, shelf = _ledger(folder, signers, heads, reserve)
            undo.callback(journal.db.close)
            keys = _keystore(folder / "keystore", choice, journal, shelf)
            signers.publish(folder)
            recipient = canaries.recipient_key(keys.factor_key()).public
            keyfile.write_recipient(folder / "public" / "keeper.pub", recipient)
            undo.pop_all()
            return cls(journal, shelf, keys, signers, reserve, choice, lock)

    async def close(self) -> None:
        await self.archive.close()
        await self.journal.close()
        self.keystore.close()
        self.choice.close()
        self.lock.close()


def ledger_of(folder: Path, choice: Choice) -> tuple[Journal, Archive, Signers]:
    """The ledger of a home whose keystore is lost. Raises as `Home.open`."""
    signers = Signers.of(folder, choice.token)
    journal, shelf = _ledger(folder, signers, (), _reserve(folder))
    return journal, shelf, signers


def _ledger(
    folder: Path, signers: Signers, heads: Iterable[str], reserve: Reserve
) -> tuple[Journal, Archive]:
    """Journal and shelf, which are one log."""
    public_key = signers.ledger.public_key().public_bytes_raw()

    def sign_head(month: str, size: int, root: bytes) -> str:
        return signing.sign(month, size, root, signers.ledger)

    journal = Journal(folder / "journal.db", SCHEMAS, sign_head, reserve)
    shelf = Archive(journal, folder / "ledger", public_key, sign_head)
    try:
        shelf.check(heads)
    except BaseException:
        journal.db.close()
        raise
    return journal, shelf


def _reserve(folder: Path) -> Reserve:
    """Room for endings; with many lists for more than one epoch of them."""
    keystore = folder / "keystore"
    size = EPOCHS_IN_RESERVE * keystore.stat().st_size if keystore.exists() else 0
    return Reserve(folder / "reserve", max(RESERVE_BYTES, size))


def _keystore(path: Path, choice: Choice, journal: Journal, shelf: Archive) -> Keystore:
    """The keystore that the ledger speaks of; a new one beside an empty ledger."""
    if path.exists():
        found = inventory.recorded(journal.db)
        inventory.check_line(found, _said_last(journal, shelf))
        keys = Keystore.load(path, choice.roots, found)
    elif journal.head.size or inventory.recorded(journal.db).digest:
        raise KeystoreRefused(
            f"{path} is missing, and the ledger has a history: if its disk is lost,"
            " see python -m crypto.keeper.recovery --help"
        )
    else:
        keys = Keystore.create(path, choice.roots)
    inventory.begin(journal.db, keys.digest)
    return keys


def _said_last(journal: Journal, shelf: Archive) -> str | None:
    """The keystore's digest as the ledger has it last; None before the first list."""
    seq = inventory.last_line(journal.db)
    if seq is None:
        return None
    lines = shelf.entries(seq, 1)
    return str(msgspec.json.decode(lines[0][SALT_BYTES:])["keystore"]) if lines else ""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """No keeper uses this home meanwhile. Raises HomeRefused."""
    lock = _lock(folder / "lock")
    try:
        yield
    finally:
        lock.close()


def begin_again(folder: Path, epoch: int, choice: Choice) -> None:
    """A keystore after one was lost, in `epoch` or later. Roots that are left over are destroyed:
    what they wrapped is declared lost, so nobody shall open it."""
    roots = choice.roots
    left = roots.epochs()
    for old in left:
        roots.destroy(old)
    Keystore.create(folder / "keystore", roots, max(left | {epoch - 1}) + 1)


def _lock(path: Path) -> TextIOWrapper:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise HomeRefused(f"another keeper uses {path.parent}") from None
    return file
