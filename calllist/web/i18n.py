"""The two languages of the screens: Japanese in the source, English in locale/en.po.

Read once at start; nothing is compiled and nothing is looked up in the environment of the
process. Dates, figures and durations are written here too, always in Japanese time.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po

JST = ZoneInfo("Asia/Tokyo")
LANGUAGES = ("ja", "en")
LOCALE = Path(__file__).parent / "locale"
WEEKDAYS = "月火水木金土日"


def N_(msgid: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a sentence for translation where it is written, not where it is shown."""
    return msgid


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Translations by msgid; empty for Japanese, which is the source."""
    if lang == "ja":
        return {}
    with (LOCALE / f"{lang}.po").open("rb") as file:
        messages = read_po(file, locale=lang)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string}


def translate(lang: str, msgid: str) -> str:
    """The sentence in `lang`; the Japanese one where a translation is missing."""
    return catalogue(lang).get(msgid, msgid)


def chosen(cookie: str | None) -> str:
    """The language of a visitor: what the cookie says, else Japanese."""
    return cookie if cookie in LANGUAGES else "ja"


def day(lang: str, at: datetime) -> str:
    """2026年4月1日(水) or Wed 1 Apr 2026."""
    local = at.astimezone(JST)
    if lang == "ja":
        return f"{local.year}年{local.month}月{local.day}日({WEEKDAYS[local.weekday()]})"
    return f"{local:%a} {local.day} {local:%b %Y}"


def date(lang: str, written: str) -> str:
    """A day that is written as 2026-04-01, as `day` says it."""
    return day(lang, datetime.fromisoformat(written).replace(tzinfo=JST))


def clock(at: datetime) -> str:
    """10:00, in Japanese time."""
    return f"{at.astimezone(JST):%H:%M}"


def moment(lang: str, at: datetime) -> str:
    """2026年4月1日(水) 10:00."""
    return f"{day(lang, at)} {clock(at)}"


def number(value: int) -> str:
    """1,234."""
    return f"{value:,}"


def duration(lang: str, span: timedelta) -> str:
    """The two largest units of a span that is not negative: 3日4時間, 12分, 45秒."""
    seconds = max(0, int(span.total_seconds()))
    units = ((86400, "日", " d"), (3600, "時間", " h"), (60, "分", " min"), (1, "秒", " s"))
    parts: list[str] = []
    for size, japanese, english in units:
        count, seconds = divmod(seconds, size)
        if count or (size == 1 and not parts):
            parts.append(f"{count:,}{japanese if lang == 'ja' else english}")
    shown = parts[:2] if span >= timedelta(minutes=10) else parts[:1]
    return ("" if lang == "ja" else " ").join(shown)


def formats(lang: str) -> dict[str, Callable[..., str]]:
    """The Jinja filters of one language."""
    return {
        "day": lambda at: day(lang, at),
        "date": lambda written: date(lang, written),
        "moment": lambda at: moment(lang, at),
        "clock": clock,
        "number": number,
        "duration": lambda span: duration(lang, span),
    }
