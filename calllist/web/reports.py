"""日報・月報 on the screen, and the files that are handed out: counts of one job."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from calllist.oversight import copies
from calllist.oversight.called import Column
from calllist.oversight.reports import issuing, periods, tables, worked
from calllist.oversight.reports.issuing import Form
from calllist.oversight.reports.periods import Period
from calllist.oversight.reports.worked import Report
from calllist.people.roles import Role
from calllist.web.access import Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import page
from calllist.web.plots import Bar

router = APIRouter(include_in_schema=False)
READERS = (Role.MANAGER, Role.SUPERVISOR, Role.ENTRUSTOR, Role.AUDITOR)
Reader = Annotated[Visitor, Depends(signed_in(*READERS))]
Asked = Annotated[str, Query(max_length=10)]


@router.get("/jobs/{job_id}/reports")
async def shown(
    request: Request, session: Session, now: Now, visitor: Reader, job_id: str, period: Asked = ""
) -> Response:
    """A day's or a month's figures; today's if nothing is said."""
    asked = _period(period, now)
    made = await worked.report(session, visitor.person, job_id, asked)
    found = tables.tables(made, visitor.lang)
    return page(
        request,
        "reports.html",
        visitor,
        job=made.job,
        entrustor=made.entrustor,
        heading=tables.title(asked, visitor.lang),
        period=asked,
        label=asked.label(visitor.lang),
        around=_around(asked, now),
        total=found[0] if found else None,
        tables=found[1:],
        shown=tables.shown,
        bars=_bars(made, visitor.lang),
        what=tables.word("what", visitor.lang),
        audits=visitor.person.role in copies.READERS,
        copied=[
            (Period(one.day).label(visitor.lang), one.name, one.count)
            for one in await copies.copies(session, visitor.person, job_id, asked)
        ],
    )


@router.get("/jobs/{job_id}/reports.{form}")
async def file(
    session: Session,
    keeper: Keeper,
    now: Now,
    visitor: Reader,
    job_id: str,
    form: Form,
    period: Asked = "",
) -> Response:
    """The same as a workbook or on paper, with its hash in the ledger."""
    asked = _period(period, now)
    copy = await issuing.issue(
        session, keeper, visitor.person, job_id, asked, form, lang=visitor.lang, now=now
    )
    attached = f'attachment; filename="{copy.name}"'
    return Response(
        copy.content, media_type=copy.media_type, headers={"Content-Disposition": attached}
    )


def _period(asked: str, now: datetime) -> Period:
    return periods.read(asked) if asked else periods.today(now)


def _around(asked: Period, now: datetime) -> dict[str, Any]:
    """Where the screen leads: one earlier, one later, and the other kind."""
    today = periods.today(now)
    return {
        "before": asked.before.text,
        "after": asked.after.text if asked.ends <= now else None,
        "day": today.text,
        "month": periods.month_of(asked.day).text,
    }


def _bars(made: Report, lang: str) -> dict[str, list[Bar]]:
    """The plots: by hour, by which call to the person it was, and by day of a month."""
    turns = zip(tables.turns(made, lang), made.turns, strict=True)
    return {
        "hours": [bar(f"{one.at}", one) for one in made.every_hour],
        "turns": [bar(name, one) for name, one in turns],
        "days": [bar(f"{one.at}", one) for one in made.every_day],
    }


def bar(name: str, counted: Column) -> Bar:
    """Calls as a column, the part where the person answered dark."""
    return Bar(name, f"{counted.calls:,}", counted.calls, counted.contacts)
