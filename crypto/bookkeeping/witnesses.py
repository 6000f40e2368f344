"""Who outside keeps our heads: pinned witnesses, and the latest head that each has cosigned.

A cosignature is kept beside the log, never in it: it would make the log grow, and the head
that was just cosigned would be the newest no more.
"""

import contextlib
import sqlite3

from crypto.errors.keeper import BadNote
from crypto.ledger.checkpoint import BadCheckpoint, Note, Witness, parse

SCHEMA = """
CREATE TABLE IF NOT EXISTS witnesses (
    name TEXT PRIMARY KEY,
    key TEXT NOT NULL          -- C2SP vkey, pinned by the administrator
) STRICT;
CREATE TABLE IF NOT EXISTS cosigned (
    name TEXT PRIMARY KEY REFERENCES witnesses (name),
    month TEXT NOT NULL,
    size INTEGER NOT NULL,
    at INTEGER NOT NULL,       -- seconds since 1970, as the witness says
    note TEXT NOT NULL         -- our signature and its cosignature
) STRICT;
"""


class Witnesses:
    """The tables of witnesses and of what they have cosigned."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def pin(self, text: str) -> Witness:
        """Pin, or replace, a witness's key. Raises BadNote."""
        try:
            witness = Witness.read(text)
        except BadCheckpoint:
            raise BadNote("witness key") from None
        self._db.execute("DELETE FROM cosigned WHERE name = ?", (witness.name,))
        self._db.execute(
            "INSERT INTO witnesses VALUES (?, ?) ON CONFLICT DO UPDATE SET key = excluded.key",
            (witness.name, witness.written),
        )
        return witness

    def brings(self, text: str) -> bool:
        """Whether a pinned witness says what is not kept yet. Raises BadNote if none has signed."""
        try:
            note = parse(text)
        except BadCheckpoint:
            raise BadNote("not a head of this ledger") from None
        known = []
        for name, key in self._db.execute("SELECT name, key FROM witnesses").fetchall():
            with contextlib.suppress(BadCheckpoint):
                _, at = Witness.read(key).check(note)
                known.append(self._knows(name, note, at))
        if not known:
            raise BadNote("no pinned witness has signed it")
        return not all(known)

    def _knows(self, name: str, note: Note, at: int) -> bool:
        """Whether this cosignature of this head, or a later one, is kept."""
        row = self._db.execute(
            "SELECT month, size, at FROM cosigned WHERE name = ?", (name,)
        ).fetchone()
        return row is not None and (note.checkpoint.month, note.checkpoint.size, at) <= tuple(row)

    def keep(self, text: str) -> None:
        """Keep what pinned witnesses have cosigned; our own signature has been verified.

        An older head than the one kept changes nothing. Raises BadNote if no pinned witness
        has signed.
        """
        note = parse(text)
        kept = 0
        for (key,) in self._db.execute("SELECT key FROM witnesses").fetchall():
            witness = Witness.read(key)
            try:
                line, at = witness.check(note)
            except BadCheckpoint:
                continue
            own = next(one for one in note.signatures if one.name == note.checkpoint.origin)
            self._put(witness.name, note, at, str(Note(note.checkpoint, (own, line))))
            kept += 1
        if not kept:
            raise BadNote("no pinned witness has signed it")

    def notes(self) -> tuple[str, ...]:
        """The latest note of each witness."""
        rows = self._db.execute("SELECT note FROM cosigned ORDER BY name").fetchall()
        return tuple(note for (note,) in rows)

    def _put(self, name: str, note: Note, at: int, text: str) -> None:
        said = note.checkpoint
        self._db.execute(
            "INSERT INTO cosigned VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET month = excluded.month, size = excluded.size, at = excluded.at,"
            " note = excluded.note"
            " WHERE (excluded.month, excluded.size, excluded.at) > (month, size, at)",
            (name, said.month, said.size, at, text),
        )
