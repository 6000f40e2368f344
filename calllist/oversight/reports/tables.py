"""A report in words: the tables that screen, workbook and paper show alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from calllist.clock import JST
from calllist.entrustors.codes import label
from calllist.oversight.called import Column
from calllist.oversight.reports.folding import FEW
from calllist.oversight.reports.periods import Period
from calllist.oversight.reports.worked import COLLEAGUES, Report, Work

_WORDS: dict[str, tuple[str, str]] = {
    "day_report": ("日報", "Daily report"),
    "month_report": ("月報", "Monthly report"),
    "job": ("業務", "Job"),
    "entrustor": ("委託元", "Entrustor"),
    "period": ("期間", "Period"),
    "issued": ("作成日時", "Issued"),
    "total": ("合計", "Total"),
    "sites": ("拠点別", "By site"),
    "site": ("拠点", "Site"),
    "operators": ("オペレーター別", "By operator"),
    "operator": ("オペレーター", "Operator"),
    "days": ("日別", "By day"),
    "day": ("日付", "Day"),
    "hours": ("時間帯別", "By hour"),
    "hour": ("時間帯", "Hour"),
    "results": ("結果別", "By result"),
    "result": ("架電結果", "Result"),
    "turns": ("架電回数別", "By number of the call"),
    "turn": ("その方への何回目か", "Which call to the person"),
    "calls": ("架電数", "Calls"),
    "contacts": ("本人応答", "Answered"),
    "unanswered": ("その他の架電", "Other calls"),
    "rate": ("接触率", "Contact rate"),
    "finished": ("完了", "Finished"),
    "worked": ("稼働時間", "Time at work"),
    "first": ("最初の架電", "First call"),
    "last": ("最後の架電", "Last call"),
    "other_sites": ("その他の拠点", "Other sites"),
    "other_results": ("その他の結果", "Other results"),
    "nothing": ("この期間の架電はありません。", "No call was made in this period."),
    "what": (
        (
            "件数だけの報告です。対象者の情報は含みません。稼働時間は、オペレーターごと・日ごとの"
            "最初の架電から最後の架電までの合計です。"
        ),
        (
            "Counts only: nothing about the people called. Time at work runs from the first to "
            "the last call of each operator and day."
        ),
    ),
    "few_results": (
        f"{FEW}件に満たない結果は、まとめて示します。",
        f"Results of fewer than {FEW} calls are shown together.",
    ),
    "revised": (
        "うち {n} 件は、架電後に結果コードを訂正しています。",
        "Of these, {n} were given another code after the call.",
    ),
    "few_sites": (
        f"架電した人が{COLLEAGUES}名に満たない拠点は、まとめて示します。",
        f"Sites where fewer than {COLLEAGUES} people called are shown together.",
    ),
}


class Share(float):
    """A part of 1, shown in percent."""


Value = str | int | Share | timedelta | datetime | None


@dataclass(frozen=True)
class Table:
    """`key` is the same in both languages; the first `labels` columns are words."""

    key: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    labels: int = 1
    note: str = ""


def word(key: str, lang: str) -> str:
    """One of the words of a report."""
    return _WORDS[key][lang == "en"]


def title(period: Period, lang: str) -> str:
    """日報 or 月報."""
    return word("month_report" if period.month else "day_report", lang)


def facts(made: Report, at: datetime, lang: str) -> list[tuple[str, str]]:
    """What the report is about."""
    local = at.astimezone(JST)
    return [
        (word("job", lang), made.job.code),
        (word("entrustor", lang), made.entrustor),
        (word("period", lang), made.period.label(lang)),
        (word("issued", lang), f"{local:%Y-%m-%d %H:%M}"),
    ]


def tables(made: Report, lang: str) -> tuple[Table, ...]:
    """All that a report says; tables without a row are left out. The total comes first."""
    ends = not made.period.month  # first and last call of a month say nothing
    found = (
        _table("total", (), [((), made.total)], lang, ends=ends),
        _table(
            "sites",
            ("site",),
            [((name or word("other_sites", lang),), work) for name, work in made.sites],
            lang,
            ends=ends,
            note="" if made.operators else word("few_sites", lang),
        ),
        _table(
            "operators",
            ("operator", "site"),
            [((one.name, one.site), one.work) for one in made.operators],
            lang,
            ends=ends,
        ),
        _table("days", ("day",), [((_day(day, lang),), work) for day, work in made.days], lang),
        _results(made, lang),
        _columns(
            "hours",
            "hour",
            [f"{one.at}:00–{one.at + 1}:00" for one in made.hours],
            made.hours,
            lang,
        ),
        _columns("turns", "turn", turns(made, lang), made.turns, lang),
    )
    return tuple(one for one in found if one.rows and made.total.calls)


def turns(made: Report, lang: str) -> list[str]:
    """What the turns are called."""
    names = [f"{one.at}回目" if lang == "ja" else f"Call {one.at}" for one in made.turns]
    if made.later:
        names[-1] += "以降" if lang == "ja" else " and later"
    return names


def shown(value: Value) -> str:
    """A cell as people read it."""
    match value:
        case None:
            return "―"
        case Share():
            return f"{value:.1%}"
        case int():
            return f"{value:,}"
        case timedelta():
            minutes = int(value.total_seconds() + 30) // 60
            return f"{minutes // 60}:{minutes % 60:02d}"
        case datetime():
            return f"{value.astimezone(JST):%H:%M}"
    return str(value)


def _table(
    key: str,
    labels: tuple[str, ...],
    rows: Sequence[tuple[tuple[str, ...], Work]],
    lang: str,
    *,
    ends: bool = False,
    note: str = "",
) -> Table:
    columns = (*labels, "calls", "contacts", "rate", "finished", "worked")
    columns += ("first", "last") if ends else ()
    return Table(
        key=key,
        title=word(key, lang),
        head=tuple(word(column, lang) for column in columns),
        rows=tuple((*names, *_cells(work, ends=ends)) for names, work in rows),
        labels=len(labels),
        note=note,
    )


def _cells(work: Work, *, ends: bool) -> tuple[Value, ...]:
    rate = None if work.rate is None else Share(work.rate)
    cells: tuple[Value, ...] = (work.calls, work.contacts, rate, work.finished, work.worked)
    return (*cells, work.first, work.last) if ends else cells


def _results(made: Report, lang: str) -> Table:
    return Table(
        key="results",
        title=word("results", lang),
        head=(word("result", lang), word("calls", lang), "%"),
        rows=tuple(
            (
                word("other_results", lang) if code is None else f"{code} {label(code, lang)}",
                count,
                Share(count / made.total.calls),
            )
            for code, count in made.results
        ),
        note=" ".join(_notes(made, lang)),
    )


def _notes(made: Report, lang: str) -> Iterator[str]:
    """Below the results."""
    if any(code is None for code, _ in made.results):
        yield word("few_results", lang)
    if made.revised:
        yield word("revised", lang).format(n=f"{made.revised:,}")


def _columns(
    key: str, name: str, labels: Sequence[str], columns: Sequence[Column], lang: str
) -> Table:
    return Table(
        key=key,
        title=word(key, lang),
        head=tuple(word(one, lang) for one in (name, "calls", "contacts", "rate")),
        rows=tuple(
            (
                text,
                one.calls,
                one.contacts,
                Share(one.contacts / one.calls) if one.calls >= FEW else None,
            )
            for text, one in zip(labels, columns, strict=True)
        ),
    )


def _day(day: date, lang: str) -> str:
    return Period(day).label(lang)
