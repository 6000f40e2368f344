"""The one clock of a process. Only the wiring makes one; verbs take `now`."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")  # calling hours and everything that people read


@dataclass(frozen=True)
class Clock:
    """The machine's clock, shifted by `offset` (zero except in the demonstration)."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        return datetime.now(UTC) + self.offset  # noqa: TID251 - the edge itself
