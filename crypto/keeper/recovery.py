"""A lost keeper disk: the keeper's administrator begins again beside a restored journal.

    python -m crypto.keeper.recovery --home DIR [--root URI]

Journal, ledger and signing keys are backed up, the keystore never: the entrustors hold the
originals. So when the disk is gone, every key is gone, and a keeper refuses to start on a
journal alone. This command says so in the ledger and makes a start possible:

    every list that was not shredded is *lost* (nothing of it opens, nothing is certified)
    every shift ends, every secret of a second factor is gone (crypto D42)
    the log as restored is set aside, verifiable; a new one with a key of its own names its head
    old roots that are still here are destroyed, a new keystore begins in a later epoch

A new log, because mirror and witnesses have seen lines of the old one that no backup had: to
them a shorter log under the old key is an attack. `recovering` in the home says that it is not
finished: no keeper starts, and running this again begins where nothing is lost yet.

Back up the folder `ledger` before `journal.db`: tiles must not be ahead of the journal.
Without a backup of the journal there is nothing to recover: an empty folder becomes a new
keeper, keys are pinned again and statements handed in again (`calllist resubmit`).
"""

import argparse
import asyncio
import contextlib
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from crypto.bookkeeping.filing import LogDiverged
from crypto.bookkeeping.journal import Act, Journal
from crypto.bookkeeping.lines import BEGIN_A_LOG, JournalDamaged
from crypto.disclosure import canaries
from crypto.errors.base import KeyFileRefused
from crypto.errors.keeper import LedgerShorter
from crypto.keeper.home import RECOVERING, HomeRefused, begin_again, ledger_of, locked
from crypto.keys import inventory
from crypto.keys.roots.choice import Choice, choose
from crypto.keys.roots.file import sync_folder
from crypto.keys.roots.kinds import FILE, RootRefused
from crypto.keys.roots.signing import forget_key
from crypto.keys.vault import KeystoreRefused
from crypto.ledger.checkpoint import BadCheckpoint, log_name, verifier_key
from crypto.lists import letterbox
from crypto.lists.lifecycle import lose_all
from crypto.people.factors import lose_factors
from crypto.standards.canonical import micros

HELP = """\
鍵庫を失った金庫を、控えから戻した台帳の続きとして始め直します。
  1. 金庫を止め、控えの journal.db、ledger/、signing/ をフォルダーに戻します。
  2. このコマンドを実行します。何が失われたかを数え、確認を求めます。
  3. 金庫を起動し、各リストを同じファイルでもう一度取り込みます。

Begin a keeper again whose keystore is lost, beside a journal restored from a backup.
  1. Stop the keeper; restore journal.db, ledger/ and signing/ into its folder.
  2. Run this command. It counts what is lost, and asks.
  3. Start the keeper, and upload the same file again for every list.

Lists that were not destroyed can never be opened again; nothing is certified of them. Second
factors are registered anew. The old ledger is set aside, verifiable, as ledger.DATE.
Interrupted? Run it again. Without a backup of journal.db there is nothing to recover: an
empty folder becomes a new keeper (calllist resubmit).
"""
REFUSALS = (
    *(HomeRefused, JournalDamaged, KeyFileRefused, KeystoreRefused, RootRefused),
    *(BadCheckpoint, LedgerShorter, LogDiverged),
)
WARNING = """\
Every key of this keeper is declared lost: {lists} list(s) can never be opened again,
{factors} second factor(s) have to be registered again, {grants} shift(s) end.
If the old keystore may still turn up, stop here and look for it first.
この金庫の鍵はすべて失われたものとして記録されます。名簿{lists}件は二度と開けません。
認証器{factors}件は登録し直しが必要になり、勤務{grants}件は終わります。
古い鍵ファイルが見つかる見込みがあるなら、ここで中止して先に探してください。
"""


@dataclass(frozen=True)
class Lost:
    """What went with the disk: counts, and the ids of the lists."""

    lists: tuple[str, ...]
    factors: int
    grants: int
    epoch: int  # of the keystore that begins


class SetAside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The log as the backup brought it back: its last head, and since when it is over."""

    log: str
    month: str
    first: int
    size: int  # of that month
    root: str  # hex
    at: int  # microseconds since 1970


def recover(home: Path, now: datetime, root: str = FILE) -> Lost:
    """Write down what is lost, then begin a keystore. Interrupted: does it all again.

    Raises HomeRefused if there is no journal, or a keystore; JournalDamaged, KeystoreRefused,
    RootRefused; LedgerShorter, LogDiverged, BadCheckpoint if the backup contradicts itself.
    """
    _check(home)
    with locked(home):
        choice = choose(root, home / "roots")
        try:
            return asyncio.run(_recover(home, choice, now))
        finally:
            choice.close()


def _check(home: Path) -> None:
    """Raises HomeRefused."""
    if not (home / "journal.db").exists():
        raise HomeRefused(f"{home}: no journal to recover: an empty folder becomes a new keeper")
    if (home / "keystore").exists() and not (home / RECOVERING).exists():
        raise HomeRefused(f"{home}: the keystore is here: nothing is lost")


async def _recover(home: Path, choice: Choice, now: datetime) -> Lost:
    old = await _set_aside(home, choice, now)
    _begin_a_log(home, choice)
    factors, grants = _lose(home / "journal.db", old)
    journal, _, _ = ledger_of(home, choice)
    await journal.start()
    try:
        lost: Lost = await journal.run(lambda: _write_down(journal, old, factors, grants))
    finally:
        await journal.close()
    (home / "keystore").unlink(missing_ok=True)  # of an interrupted recovery
    begin_again(home, lost.epoch, choice)
    (home / RECOVERING).unlink()
    return lost


async def _set_aside(home: Path, choice: Choice, now: datetime) -> SetAside:
    """Publish the restored log to its end, copy it, and mark that a recovery has begun."""
    mark = home / RECOVERING
    if mark.exists():
        return msgspec.json.decode(mark.read_bytes(), type=SetAside)
    journal, shelf, signers = ledger_of(home, choice)
    await journal.start()
    try:
        await shelf.keep()
    finally:
        await journal.close()
    head, key = journal.head, signers.ledger.public_key().public_bytes_raw()
    old = SetAside(
        log_name(key), head.month, head.first, head.tree.size, head.root().hex(), micros(now)
    )
    aside = home / f"ledger.{now:%Y%m%dT%H%M%S}"
    if (home / "ledger").exists():
        shutil.copytree(home / "ledger", aside, dirs_exist_ok=True)
        (aside / "ledger.pub").write_text(verifier_key(key) + "\n")
    mark.write_bytes(msgspec.json.encode(old))
    sync_folder(home)
    return old


def _begin_a_log(home: Path, choice: Choice) -> None:
    """Neither tiles nor key of the old one: what it signed stays true, it signs no more."""
    shutil.rmtree(home / "ledger", ignore_errors=True)
    if choice.token is not None:
        forget_key(choice.token, "ledger")
    (home / "signing" / "ledger.key").unlink(missing_ok=True)


def _lose(journal: Path, old: SetAside) -> tuple[int, int]:
    """The state without keys, and an empty log, in one transaction; factors and grants lost."""
    with contextlib.closing(sqlite3.connect(journal, isolation_level=None)) as db:
        db.execute("BEGIN")
        for statement in (*BEGIN_A_LOG, "DELETE FROM refused_heads", "DELETE FROM cosigned"):
            db.execute(statement)
        lose_all(db, old.at)
        letterbox.lose(db)
        factors, grants = lose_factors(db)
        db.execute("DELETE FROM hands")
        inventory.forget(db)
        db.execute("COMMIT")
    return factors, grants


def _write_down(journal: Journal, old: SetAside, factors: int, grants: int) -> Act:
    """The first lines of the new log: what it follows, what was lost, what was shredded before
    and not certified yet (a certificate names a line of the log it is anchored in)."""
    now = datetime.fromtimestamp(old.at / 10**6, UTC)
    found = journal.db.execute("SELECT list FROM lists WHERE lost_at = ? ORDER BY list", (old.at,))
    lists = tuple(list_id for (list_id,) in found)
    (ended,) = journal.db.execute("SELECT coalesce(max(epoch), 1) FROM lists").fetchone()
    journal.append(
        "keystore_lost",
        now,
        lists=len(lists),
        factors=factors,
        grants=grants,
        epoch=ended + 1,
        log=old.log,
        month=old.month,
        first=old.first,
        size=old.size,
        root=old.root,
    )
    for list_id in lists:
        journal.append("keys_lost", now, list_id=list_id)
    for contract in canaries.lose(journal.db):
        journal.append("canaries_lost", now, contract=contract)
    for list_id, epoch in journal.db.execute(
        "SELECT list, epoch FROM lists WHERE shredded_at IS NOT NULL"
        " AND list NOT IN (SELECT list FROM certificates) ORDER BY list"
    ).fetchall():
        seq = journal.append("shred", now, list_id=list_id, epoch=epoch, restated=1)
        journal.db.execute("UPDATE lists SET shred_seq = ? WHERE list = ?", (seq, list_id))
    lost = Lost(lists, factors, grants, ended + 1)
    return lambda: lost


def counts(home: Path) -> Lost:
    """What `recover` would declare lost. Raises HomeRefused; changes nothing."""
    _check(home)
    journal = home / "journal.db"
    with locked(home), contextlib.closing(sqlite3.connect(journal, isolation_level=None)) as db:
        db.execute("BEGIN")
        lists, ended = lose_all(db, 0)
        factors, grants = lose_factors(db)
        db.execute("ROLLBACK")
    return Lost(tuple(lists), factors, grants, ended + 1)


def main(argv: list[str] | None = None) -> int:
    """Ask, recover, say what was lost. Exit code 2: refused; 1: not confirmed."""
    parser = argparse.ArgumentParser(
        prog="python -m crypto.keeper.recovery",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--home", type=Path, required=True, help="the keeper's folder")
    parser.add_argument("--root", default=FILE, help="as the keeper's: file, or a PKCS#11 URI")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(argv)
    try:
        would = counts(options.home)
        _say(
            WARNING.format(lists=len(would.lists), factors=would.factors, grants=would.grants),
            end="",
        )
        if not options.yes and input("lost? [type: lost] ").strip() != "lost":
            return 1
        now = datetime.now(UTC)  # noqa: TID251  # the edge
        lost = recover(options.home, now, options.root)
    except REFUSALS as refusal:
        print(f"keeper: {refusal}", file=sys.stderr)  # noqa: T201  # there is no log yet
        return 2
    for list_id in lost.lists:
        _say(f"keys_lost {list_id}")
    _say(f"keystore begins again in epoch {lost.epoch}")
    return 0


def _say(text: str, end: str = "\n") -> None:
    print(text, end=end)  # noqa: T201  # what this command is for


if __name__ == "__main__":
    sys.exit(main())
