"""The demonstration's clock: a Tuesday, 10:00 in Japan, running.

    first run                      the coming Tuesday, 10:00
    again within that working day  where it stands
    later                          the next Tuesday, 10:00

It never runs backwards: what has expired stays expired.
"""

import json
from datetime import datetime, time, timedelta
from pathlib import Path

import jpholiday

from calllist.clock import JST

TUESDAY = 1
OPENING = time(10, 0)
CLOSING = time(17, 0)


def choose(file: Path, now: datetime) -> timedelta:
    """The offset for this run; it is kept in `file`. `now` is the machine's time."""
    before = kept(file)
    if before is not None and _is_working(now + before):
        return before
    after = now if before is None else max(now, now + before)
    offset = next_tuesday(after) - now
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(json.dumps({"offset_seconds": offset.total_seconds()}))
    return offset


def kept(file: Path) -> timedelta | None:
    """The offset of the run before, or None."""
    try:
        return timedelta(seconds=json.loads(file.read_text())["offset_seconds"])
    except FileNotFoundError:
        return None


def _is_working(moment: datetime) -> bool:
    local = moment.astimezone(JST)
    return local.weekday() == TUESDAY and OPENING <= local.time() < CLOSING


def next_tuesday(after: datetime) -> datetime:
    """The first Tuesday 10:00 after `after` that is no holiday."""
    local = after.astimezone(JST)
    day = local.date() + timedelta(days=(TUESDAY - local.weekday()) % 7)
    opening = datetime.combine(day, OPENING, JST)
    while opening <= after or jpholiday.is_holiday(opening.date()):
        opening += timedelta(days=7)
    return opening
