"""Ledger folders as the keeper writes them, without a keeper: months, lists, lines.

log = Log(folder)
log.grow(300, lists=("lst_1", "lst_2"))       # lines in the current month
log.turn()                                     # the month is over
log.publish()
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.bookkeeping import signing
from crypto.bookkeeping.filing import Shelf
from crypto.ledger.shards import end_of
from crypto.ledger.tiles import TILE
from crypto.ledger.tree import CompactRange
from crypto.standards.canonical import micros

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
_leaf = msgspec.json.Encoder(order="sorted")


@dataclass
class Log:
    """One log, growing; salts are derived, so that the same plan gives the same bytes."""

    folder: Path
    key: Ed25519PrivateKey = KEY
    months: list[str] = field(default_factory=lambda: ["2026-04"])
    first: int = 0
    entries: list[bytes] = field(default_factory=list)  # of the current month
    n: dict[str, int] = field(default_factory=dict)

    @property
    def month(self) -> str:
        return self.months[-1]

    @property
    def seq(self) -> int:
        return self.first + len(self.entries)

    def line(self, kind: str, **facts: str | int) -> None:
        year, number = map(int, self.month.split("-"))
        at = micros(datetime(year, number, 2, tzinfo=UTC)) + self.seq
        body = _leaf.encode({"v": 1, "seq": self.seq, "at": at, "kind": kind, **facts})
        self.entries.append(hashlib.sha256(body).digest()[:16] + body)

    def grow(self, lines: int, lists: tuple[str, ...] = ("lst_1",), **facts: str) -> None:
        for number in range(lines):
            name = lists[number % len(lists)]
            self.n[name] = self.n.get(name, 0) + 1
            self.line("open", list=name, n=self.n[name], **facts)

    def note(self, key: Ed25519PrivateKey | None = None) -> str:
        tree = CompactRange()
        for entry in self.entries:
            tree.append(entry)
        return signing.sign(self.month, tree.size, tree.root(), key or self.key)

    def publish(self) -> str:
        """Onto the shelf; the note of the head."""
        shelf, note = Shelf.at(self.folder / self.month, 0), self.note()
        full = len(self.entries) // TILE * TILE
        shelf.file(self.entries[:full]).publish(self.entries[full:], note)
        return note

    def turn(self) -> None:
        note = self.publish()
        end = datetime.fromtimestamp(end_of(self.month) // 10**6, UTC)
        self.first, self.entries = self.seq, []
        self.months.append(f"{end:%Y-}{end.month + 1 if end.day > 28 else end.month:02}")
        self.line("shard", month=self.month, previous=note)
