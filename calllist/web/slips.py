"""What was typed into a hand-over slip (申し送り票), read field by field.

Nothing is guessed: a number needs its area code, a day its year. What cannot be read is named by
its field; the words for each stand in `words.SLIP_FAULT`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from calllist.dialing import notes
from calllist.dialing.errors import NumberUnreadable, SlipUnreadable
from calllist.dialing.inbound import JAPAN, e164
from calllist.web.grouping import grouped
from crypto.records.eras import parse_date
from crypto.records.slips import Slip, SlipKind

BACK, AHEAD = timedelta(days=366), timedelta(days=3 * 366)  # a day that somebody means now
_ADDRESS_LEAST, _ADDRESS_MOST = 4, 200
MOST_YEN = 99_999_999
_WRITTEN = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]")
_YEN = re.compile(r"[¥\\]?([1-9][0-9]{0,7}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,2})\u5186?")


def read(typed: Mapping[SlipKind, str], today: date) -> Slip | None:
    """The slip; None if nothing was typed. Raises SlipUnreadable with every field."""
    said: dict[str, str | int] = {}
    unread: list[SlipKind] = []
    for kind, reader in READERS.items():
        text = notes.tidy(typed.get(kind, ""))
        if not text:
            continue
        value = reader(text, today)
        if value is None:
            unread.append(kind)
        else:
            said[kind.value] = value
    if unread:
        raise SlipUnreadable(unread)
    return Slip(**said) if said else None  # type: ignore[arg-type]  # each reader has its type


def _phone(text: str, _today: date) -> str | None:
    try:
        number = e164(text)
    except NumberUnreadable:
        return None
    return grouped("0" + number.removeprefix(JAPAN)) if number.startswith(JAPAN) else None


def _address(text: str, _today: date) -> str | None:
    fits = _ADDRESS_LEAST <= len(text) <= _ADDRESS_MOST
    return text if fits and _WRITTEN.search(text) else None


def _date(text: str, today: date) -> str | None:
    day = parse_date(text)
    return day.isoformat() if day and today - BACK <= day <= today + AHEAD else None


def _amount(text: str, _today: date) -> int | None:
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    found = _YEN.fullmatch(plain)
    yen = int(found[1].replace(",", "")) if found else None
    return yen if yen is not None and yen <= MOST_YEN else None


READERS: dict[SlipKind, Callable[[str, date], str | int | None]] = {
    SlipKind.PHONE: _phone,
    SlipKind.ADDRESS: _address,
    SlipKind.DATE: _date,
    SlipKind.AMOUNT: _amount,
}
