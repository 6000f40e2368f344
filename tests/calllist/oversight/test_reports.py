"""日報・月報: counts for those who may know them, too small a figure never alone, no formula."""

import hashlib
import io
import subprocess
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from sqlalchemy import select

from calllist.db import transaction
from calllist.dialing.tables import Result
from calllist.intake.reading.tables import open_table
from calllist.jobs.errors import JobUnknown
from calllist.jobs.tables import Job
from calllist.mirror.pulling import pull
from calllist.mirror.tables import LedgerLine
from calllist.oversight import completion
from calllist.oversight.called import Column
from calllist.oversight.errors import PeriodMalformed
from calllist.oversight.reports import issuing, paper, periods, tables, worked
from calllist.oversight.reports.folding import folded
from calllist.oversight.reports.periods import Period
from calllist.oversight.reports.workbook import workbook
from calllist.oversight.reports.worked import Operator, Report, Work
from calllist.people.roles import Role
from crypto.wire.base import Caller
from tests.calllist.centre import Centre, Someone

AT = datetime(2026, 6, 2, 3, 0, tzinfo=UTC)  # 12:00 in Japan
EVIL = '=HYPERLINK("x";"<b>&")'


# -- which period, and what stands together ------------------------------------------------


def test_a_period_is_a_day_or_a_month_in_japan() -> None:
    day, month = periods.read("2026-12-31"), periods.read("2026-12")
    assert (day.begins, day.ends) == (
        datetime(2026, 12, 30, 15, tzinfo=UTC),
        datetime(2026, 12, 31, 15, tzinfo=UTC),
    )
    assert month.after.text == "2027-01"
    assert (month.before.text, day.before.text, day.after.text) == (
        "2026-11",
        "2026-12-30",
        "2027-01-01",
    )
    assert (month.ends, month.text) == (day.ends, "2026-12")
    assert periods.today(datetime(2026, 6, 1, 15, tzinfo=UTC)).text == "2026-06-02"
    assert day.label("ja") == "2026年12月31日(木)"
    for wrong in ("2026", "2026-13", "2026-02-30", "2026-1-1", "２０２６-01", "2026-01-01 ", ""):
        with pytest.raises(PeriodMalformed):
            periods.read(wrong)


@pytest.mark.parametrize(
    ("cells", "alone", "together"),
    [
        ({"a": 9, "b": 5}, ["a", "b"], []),
        ({"a": 9, "b": 7, "c": 2}, ["a"], ["c", "b"]),  # c alone is the rest of the total
        ({"a": 9, "b": 4, "c": 3}, ["a"], ["c", "b"]),
        ({"a": 9, "b": 1, "c": 1}, [], ["b", "c", "a"]),
        ({"a": 2}, [], ["a"]),
        ({}, [], []),
    ],
)
def test_small_figures_stand_together_and_cannot_be_had_by_subtraction(
    cells: dict[str, int], alone: list[str], together: list[str]
) -> None:
    assert folded(list(cells.items()), 5) == (alone, together)


# -- figures -------------------------------------------------------------------------------


async def _row(
    centre: Centre, job: Job, list_id: str, who: Someone, at: datetime, code: int, nth: int = 1
) -> None:
    async with transaction(centre.sessions) as session:
        session.add(
            Result(
                id=f"{who.person.login}-{at.timestamp()}-{code}",
                entrustor_id=job.entrustor_id,
                job_id=job.id,
                list_id=list_id,
                person_id=who.person.id,
                code=code,
                final=code in (10, 50, 80),
                nth=nth,
                at=at,
                sealed=b"",
                slip=False,
            )
        )


@pytest.mark.asyncio
async def test_calls_of_the_desk_are_counted_by_turn_site_operator_day_and_by_who_may_know(
    centre: Centre,
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=8)
    operator = await centre.operator("suzuki", job)
    other = await centre.operator("tanaka")
    officer = await centre.person("tantou", Role.ENTRUSTOR)
    supervisor = await centre.person("ota", Role.SUPERVISOR)
    assert centre.manager
    for code in (10, 30):
        await centre.call(operator, job, code)
    month, now = periods.month_of(centre.now().date()), centre.now()
    async with transaction(centre.sessions) as session:
        made = await worked.report(session, centre.manager.person, job.id, month)
        whole = (await completion.report(session, centre.manager.person, job.id)).total
        ones = (await session.scalars(select(Result).order_by(Result.at))).all()
    assert [one.nth for one in ones] == [1, 1]
    assert (made.total.calls, made.total.contacts, made.total.finished) == (2, 1, 1)
    assert (whole.calls, whole.contacts, whole.finished) == (2, 1, 1)
    assert made.total.rate is None  # two calls say too much of one person
    assert made.results == ((None, 2),)
    assert worked._turns([Column(1, 9, 4), Column(2, 3, 1), Column(3, 1, 1)]) == (Column(1, 13, 6),)

    begin = now.replace(hour=1, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for minute in range(6):
        at = begin + timedelta(minutes=minute * 10)
        await _row(centre, job, received.list_id, operator, at, 30, nth=2)
    await _row(centre, job, received.list_id, other, begin, 10)
    await _row(centre, job, received.list_id, other, begin, 80, nth=0)  # nobody was called
    yesterday = Period((begin + timedelta(hours=9)).date())
    async with transaction(centre.sessions) as session:
        made = await worked.report(session, centre.manager.person, job.id, yesterday)
        theirs = await worked.report(session, officer.person, job.id, yesterday)
        beside = await worked.report(session, supervisor.person, job.id, yesterday)
        supervisor.person.site_id = "site_other"
        elsewhere = await worked.report(session, supervisor.person, job.id, yesterday)
        officer.person.entrustor_id = "ent_other"
        with pytest.raises(JobUnknown):
            await worked.report(session, officer.person, job.id, yesterday)
    assert (made.total.calls, made.total.contacts, made.total.finished) == (7, 1, 1)
    assert (made.total.worked, made.total.rate) == (timedelta(minutes=50), 1 / 7)
    assert [(one.name, one.site, one.work.calls) for one in made.operators] == [
        ("suzuki", "本店", 6),
        ("tanaka", "本店", 1),
    ]
    assert (beside.operators, beside.sites) == (made.operators, made.sites)
    assert (elsewhere.operators, elsewhere.sites) == ((), made.sites), "names of its own site"
    assert [(name, work.calls) for name, work in made.sites] == [("本店", 7)]
    assert made.hours == (Column(10, 7, 1),)
    assert (made.turns, made.later) == ((Column(1, 1, 1), Column(2, 6, 0)), False)
    assert theirs.operators == ()
    assert theirs.sites == ()  # two people: the site's record would be theirs
    assert (theirs.total.calls, theirs.total.worked, theirs.total.first) == (7, None, None)
    assert (theirs.turns, theirs.hours, theirs.results) == (made.turns, made.hours, made.results)


@pytest.mark.asyncio
async def test_a_copy_is_in_the_ledger_before_it_is_given_out(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    await centre.call(await centre.operator("suzuki", job), job, 10)
    assert centre.manager
    for form in issuing.Form:
        async with transaction(centre.sessions) as session:
            copy = await issuing.issue(
                session,
                centre.keeper,
                centre.manager.person,
                job.id,
                periods.today(centre.now()),
                form,
                lang="ja",
                now=centre.now(),
            )
            async with centre.line(Caller.WORKER) as worker:
                await pull(session, worker, centre.now())
            leaves = (await session.scalars(select(LedgerLine.leaf))).all()
        digest = hashlib.sha256(copy.content).hexdigest().encode()
        assert [leaf for leaf in leaves if digest in leaf and b"report_issued" in leaf]
        assert copy.name == f"report-KNK-001-{periods.today(centre.now()).text}.{form}"
    await centre.kill_keeper()
    async with transaction(centre.sessions) as session:
        with pytest.raises(Exception, match=r"keeper|Keeper"):
            await issuing.issue(
                session,
                centre.keeper,
                centre.manager.person,
                job.id,
                periods.today(centre.now()),
                issuing.Form.XLSX,
                lang="ja",
                now=centre.now(),
            )


# -- how it looks --------------------------------------------------------------------------


def _work(calls: int, contacts: int) -> Work:
    return Work(calls, contacts, contacts, timedelta(hours=7, minutes=5), AT, AT)


def _report(*, month: bool) -> Report:
    day = date(2026, 6, 1 if month else 2)
    return Report(
        job=Job(code="KNK-001"),
        entrustor="架空市",
        period=Period(day, month=month),
        total=_work(1200, 400),
        sites=(("本店", _work(900, 300)), (None, _work(300, 100))),
        operators=(Operator(EVIL, "本店", _work(600, 200)),),
        days=((date(2026, 6, 2), _work(1200, 400)),) if month else (),
        hours=(Column(9, 700, 200), Column(11, 500, 200)),
        results=((30, 800), (10, 395), (None, 5)),
        turns=(Column(1, 1000, 380), Column(2, 200, 20)),
        later=True,
    )


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("month", [False, True])
def test_workbook_and_paper_say_what_the_screen_says(
    lang: str, month: bool, tmp_path: Path
) -> None:
    made = _report(month=month)
    found = tables.tables(made, lang)
    content = issuing._content(made, issuing.Form.XLSX, lang, AT)
    assert content == issuing._content(made, issuing.Form.XLSX, lang, AT)
    for number, table in enumerate(found, 1):
        read = [row for row in _read(content, number) if any(row)]
        assert read[0][0] == tables.title(made.period, lang)
        head = next(
            at for at, row in enumerate(read) if tuple(row[: len(table.head)]) == table.head
        )
        assert len(read) - head - 1 - bool(table.note) == len(table.rows)
        for row, cells in zip(table.rows, read[head + 1 :], strict=False):
            assert [value for value in row if isinstance(value, str)] == cells[
                : sum(isinstance(value, str) for value in row)
            ]
            counts = [str(value) for value in row if type(value) is int]
            assert set(counts) <= set(cells)
    (tmp_path / "r.pdf").write_bytes(paper.paper(made, AT, lang))
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "r.pdf", "-"], capture_output=True, check=True
    ).stdout.decode()
    squeezed = "".join(text.split())
    for words in (
        *(tables.title(made.period, lang), made.period.label(lang), "KNK-001", "架空市", "7:05"),
        *(tables.word(key, lang) for key in ("other_sites", "other_results", "calls", "turns")),
        *("33.3%", "1,200", EVIL),
    ):
        assert "".join(words.split()) in squeezed, words


def _read(content: bytes, number: int) -> list[list[str]]:
    return [row for block in open_table([content], sheet=f"#{number}") for row in block.rows]


def test_a_plot_has_every_day_of_the_month_and_no_hour_is_left_out() -> None:
    month, day = _report(month=True), _report(month=False)
    assert [one.at for one in month.every_day] == list(range(1, 31))
    assert [one.at for one in month.every_day if one.calls] == [2]
    assert day.every_day == []
    assert [(one.at, one.calls) for one in day.every_hour] == [(9, 700), (10, 0), (11, 500)]


def test_times_and_sites_of_a_few_are_not_told_to_the_entrustor() -> None:
    work = Work(9, 3, 3, timedelta(hours=1), AT, AT)
    assert worked._told(work, 3, 3) == work
    assert worked._told(work, 2, 3) == Work(9, 3, 3, None)
    shares = [(f"p{at}", AT.date(), work) for at in range(5)]
    names = {f"p{at}": (f"架空{at}号", "本店" if at < 4 else "支店") for at in range(5)}
    assert [name for name, _ in worked._sites(shares, names, least=1)] == ["支店", "本店"]
    assert worked._sites(shares, names, least=3) == ()  # the branch's is not to be subtracted
    more = [*shares, *((f"q{at}", AT.date(), work) for at in range(4))]
    names |= {f"q{at}": (f"架空1{at}号", "北支店") for at in range(4)}
    found = worked._sites(more, names, least=3)
    assert [(name, one.calls) for name, one in found] == [("本店", 36), (None, 45)]


def test_no_cell_of_a_workbook_is_a_formula_whatever_a_name_begins_with() -> None:
    content = issuing._content(_report(month=True), issuing.Form.XLSX, "ja", AT)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    kinds = {
        one.tag.rsplit("}", 1)[1] for part in parts.values() for one in fromstring(part).iter()
    }
    assert not kinds & {"f", "definedName", "externalReference", "hyperlink", "oleObject"}
    assert {"c", "is", "v"} <= kinds
    shown = [one for one in parts.values() if EVIL.encode().split(b'"')[0] in one]
    assert len(shown) == 1
    cell = next(one for one in fromstring(shown[0]).iter() if (one.text or "").startswith("=HYPER"))
    assert cell.tag.endswith("}t")


def test_a_cell_keeps_its_spaces_and_loses_what_xml_cannot_hold() -> None:
    found = tables.tables(_report(month=False), "ja")
    content = workbook("日報", [("a", "架空　市\x0b\ufffe<&>")], found)
    assert _read(content, 1)[1][0] == "a: 架空　市<&>"


def test_a_period_without_a_call_says_so_on_paper(tmp_path: Path) -> None:
    empty = Report(
        Job(code="KNK-001"), "架空市", Period(date(2026, 6, 2)), Work(), *([()] * 6), later=False
    )  # type: ignore[arg-type]
    assert tables.tables(empty, "ja") == ()
    (tmp_path / "r.pdf").write_bytes(paper.paper(empty, AT, "ja"))
    text = subprocess.run(["pdftotext", tmp_path / "r.pdf", "-"], capture_output=True, check=True)
    assert tables.word("nothing", "ja") in text.stdout.decode()
