"""What a manager looks at on a job's page: the course, the hours, the turns. Counts only."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import JST
from calllist.dialing import calling_hours
from calllist.dialing.tables import Result
from calllist.oversight import called
from calllist.oversight.called import Column
from calllist.oversight.course import Course, course
from calllist.oversight.exhaustion import Forecast
from calllist.oversight.outlook import outlook
from calllist.oversight.progress import Progress
from calllist.oversight.reports.folding import FEW
from calllist.web import plots
from calllist.web.i18n import N_, day, moment, translate
from calllist.web.plots import Bar
from crypto.signed.terms import ContractTerms

TURN = N_("%(turn)s回目")
REACHED = "%.0f%%"
NEAR = timedelta(days=2)


async def facts(
    session: AsyncSession,
    job_id: str,
    terms: ContractTerms,
    rows: Sequence[Progress],
    now: datetime,
    lang: str,
) -> dict[str, Any]:
    """What the plots of job.html need; `today` is the number of calls since midnight."""
    midnight = now.astimezone(JST).replace(hour=0, minute=0, second=0, microsecond=0)
    of_job = Result.job_id == job_id
    today = await called.by_hour(session, of_job, Result.at >= midnight)
    found = await course(session, rows, terms.conduct, now)
    ends = await outlook(session, rows, terms.conduct, now)
    return {
        "today": sum(one.calls for one in today),
        "by_hour": _today(today, calling_hours.hours(terms.conduct, now.astimezone(JST).date())),
        "reached": [_rate(f"{one.at}", one) for one in await called.by_hour(session, of_job)],
        "turns": [
            Bar(_turn(one, lang), f"{one.calls:,}", one.calls, one.contacts)
            for one in await called.by_turn(session, of_job)
        ],
        "course": None if found is None else _drawn(found, now, lang),
        "outlook": None if ends is None else _spoken(ends, now, lang),
        "in_time": ends is None or found is None or ends.latest <= found.deadline,
    }


def _spoken(ends: Forecast, now: datetime, lang: str) -> dict[str, str]:
    """Days; of today and tomorrow the time too. Further ahead nobody knows minutes."""
    said = moment if ends.latest - now < NEAR else day
    return {
        "at": said(lang, ends.at),
        "earliest": said(lang, ends.earliest),
        "latest": said(lang, ends.latest),
    }


def _today(found: Sequence[Column], hours: tuple[int, int]) -> list[Bar]:
    """Over today's calling hours, and any hour in which somebody called."""
    of = {one.at: one for one in found}
    shown = [of.get(at, Column(at, 0, 0)) for at in sorted({*range(*hours), *of})]
    return [Bar(f"{one.at}", f"{one.calls:,}", one.calls, one.contacts) for one in shown]


def _rate(name: str, one: Column) -> Bar:
    """How often somebody answered, of enough calls to say so."""
    share = 100 * one.contacts / one.calls if one.calls >= FEW else 0.0
    return Bar(name, REACHED % share, share, share)


def _turn(one: Column, lang: str) -> str:
    return translate(lang, TURN) % {"turn": one.at}


def _drawn(found: Course, now: datetime, lang: str) -> dict[str, Any]:
    left = [(one.at.timestamp(), one.left) for one in found.left]
    even = [(one.at.timestamp(), one.left) for one in found.even]
    ends = [found.left[0].at, found.until]
    return {
        "svg": plots.course(
            left,
            even,
            until=found.until.timestamp(),
            top=found.people,
            names=[day(lang, at) for at in ends],
            closes=found.until == found.deadline,
        ),
        "left": round(found.left[-1].left),
        "expected": found.expected,
        "ahead": found.ahead,
        "deadline": found.deadline,
        "now": now,
    }
