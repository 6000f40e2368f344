"""One log a month, chained: the first line of each carries the last signed head before it.

    2026-04: line 0 ... line 4711     2026-05: line 4712 "shard" (head of 2026-04) ... line 9000

`seq` counts through all months; the place of a line in its month's tree is seq - first. The
month is that of the line's time in Japan, and never goes back when a clock does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import msgspec

from crypto.ledger.tree import CompactRange
from crypto.standards.canonical import micros, moment

JST = timezone(timedelta(hours=9))  # no summer time since 1951
SHARD = "shard"  # the kind of a month's first line


class Line(msgspec.Struct, frozen=True):
    """A leaf as far as the order of the log is concerned; other members are passed over."""

    seq: int
    at: int  # microseconds since 1970
    kind: str
    list: str | None = None
    n: int | None = None
    principal: str | None = None
    month: str | None = None  # of a "shard" line
    previous: str | None = None  # of a "shard" line: the signed head of the month before


read_line = msgspec.json.Decoder(Line).decode


@dataclass
class LogHead:
    """The head of the log: the month's tree, and the global number of its first leaf."""

    month: str
    first: int
    tree: CompactRange

    @property
    def size(self) -> int:
        """Lines so far, through all months: the `seq` of the next one."""
        return self.first + self.tree.size

    def root(self) -> bytes:
        """The head of the month's tree."""
        return self.tree.root()

    def copy(self) -> "LogHead":
        return LogHead(self.month, self.first, self.tree.copy())

    def turned(self, month: str) -> "LogHead":
        """The head of the month that follows, without a line yet."""
        return LogHead(month, self.size, CompactRange())


def month_of(at: int) -> str:
    """The shard of a time (microseconds): its month in Japan."""
    return f"{moment(at).astimezone(JST):%Y-%m}"


def end_of(month: str) -> int:
    """The first microsecond after a month."""
    year, number = map(int, month.split("-"))
    after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=JST)
    return micros(after)
