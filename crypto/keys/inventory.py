"""What the journal knows of the keystore: which file is the right one.

Every change of the keystore is noted here, in the transaction of the ledger line that tells
of it, before it takes effect. The line carries the digest too: an old keystore does not
pass for the present one unless the whole ledger is old, and that the witness sees.
"""

import sqlite3

from crypto.keys.vault import KeystoreRefused, Recorded

PROVEN = "old_wrap_does_not_open"  # of a root: what a completion and a certificate say

SCHEMA = """
CREATE TABLE IF NOT EXISTS keystore (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    digest BLOB NOT NULL,    -- SHA-256 of the keystore in force; empty: one without lists
    announced BLOB,          -- of the epoch that is about to replace it
    seq INTEGER              -- ledger line that says so last; NULL if none has yet
) STRICT;
INSERT OR IGNORE INTO keystore VALUES (1, x'', NULL, NULL);
"""


def recorded(db: sqlite3.Connection) -> Recorded:
    """What `Keystore.load` is to find."""
    return Recorded(*db.execute("SELECT digest, announced FROM keystore").fetchone())


def last_line(db: sqlite3.Connection) -> int | None:
    """The ledger line that told of the keystore last."""
    (seq,) = db.execute("SELECT seq FROM keystore").fetchone()
    return None if seq is None else int(seq)


def note(db: sqlite3.Connection, digest: bytes, seq: int) -> None:
    """Inside a step: this is the keystore from now on; line `seq` says so."""
    db.execute("UPDATE keystore SET digest = ?, announced = NULL, seq = ?", (digest, seq))


def announce(db: sqlite3.Connection, digest: bytes, seq: int) -> None:
    """Inside a step: an epoch is staged and about to be renamed; line `seq` says so."""
    db.execute("UPDATE keystore SET announced = ?, seq = ?", (digest, seq))


def begin(db: sqlite3.Connection, digest: bytes) -> None:
    """At a start, before any step: the first keystore of this journal is in force."""
    db.execute("UPDATE keystore SET digest = ? WHERE digest = x''", (digest,))


def forget(db: sqlite3.Connection) -> None:
    """Inside a step: the keystore was lost with its disk; an empty one may follow."""
    db.execute("UPDATE keystore SET digest = x'', announced = NULL, seq = NULL")


def check_line(found: Recorded, said: str | None) -> None:
    """The ledger's own line must name the keystore that the state names.

    said: the digest in line `last_line`, in hex. Raises KeystoreRefused.
    """
    if said is not None and said not in (
        found.digest.hex(),
        found.announced.hex() if found.announced else "",
    ):
        raise KeystoreRefused("the ledger's last word about the keystore is of another one")
