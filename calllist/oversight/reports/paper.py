"""A report on A4: a page or two to look at, in the typeface of the certificates.

Words are set as they are; nothing in them is read as Typst. Nothing comes from the machine.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from calllist.oversight.called import Column
from calllist.oversight.reports.tables import Table, facts, shown, tables, title, turns, word
from calllist.oversight.reports.worked import Report
from retention.pdf import fonts

TEMPLATE = Path(__file__).with_name("report.typ")
PLOTTED = ("hours", "turns", "results")  # drawn, so their tables are not printed as well


def paper(made: Report, at: datetime, lang: str) -> bytes:
    """The PDF (PDF/A-2u), in one language."""
    said = fonts.legible_in(_said(made, at, lang))
    compiler = typst.Compiler(TEMPLATE.read_bytes(), font_paths=fonts.typeface())
    pdf = compiler.compile(
        sys_inputs={"said": json.dumps(said)},
        format="pdf",
        pdf_standards=["a-2u"],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(pdf, bytes)  # noqa: S101 - one PDF, and no file to write it to
    return pdf


def _said(made: Report, at: datetime, lang: str) -> dict[str, Any]:
    found = tables(made, lang)
    of = {table.key: table for table in found}
    return {
        "lang": lang,
        "title": title(made.period, lang),
        "period": made.period.label(lang),
        "facts": facts(made, at, lang),
        "nothing": "" if found else word("nothing", lang),
        "tiles": _tiles(of.get("total")),
        "hours": _drawn("hours", of, _numbered(made.every_hour), lang),
        "days": _drawn("days", of, _numbered(made.every_day), lang),
        "turns": _drawn("turns", of, _turns(made, lang), lang),
        "results": _results(made, of.get("results")),
        "legend": [word("contacts", lang), word("unanswered", lang)],
        "tables": [_printed(table) for table in found[1:] if table.key not in PLOTTED],
        "what": word("what", lang),
    }


def _tiles(total: Table | None) -> list[list[str]]:
    if total is None:
        return []
    cells = zip(total.head, total.rows[0], strict=True)
    return [[name, shown(value)] for name, value in cells]


def _drawn(
    key: str, of: dict[str, Table], columns: Sequence[tuple[str, int, int]], lang: str
) -> dict[str, Any] | None:
    return {"title": word(key, lang), "columns": columns} if key in of else None


def _numbered(columns: Sequence[Column]) -> list[tuple[str, int, int]]:
    return [(f"{one.at}", one.calls, one.contacts) for one in columns]


def _turns(made: Report, lang: str) -> list[tuple[str, int, int]]:
    names = turns(made, lang)
    return [(name, one.calls, one.contacts) for name, one in zip(names, made.turns, strict=True)]


def _results(made: Report, table: Table | None) -> dict[str, Any] | None:
    if table is None:
        return None
    rows = [
        [str(row[0]), count, shown(row[1])]
        for row, (_, count) in zip(table.rows, made.results, strict=True)
    ]
    return {"title": table.title, "rows": rows, "note": table.note}


def _printed(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "head": table.head,
        "labels": table.labels,
        "rows": [[shown(value) for value in row] for row in table.rows],
        "note": table.note,
    }
