"""The receipt of a list: every row accounted for by line, column and code, never by value."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from calllist.entrustors.tables import Entrustor
from calllist.intake.problems import REJECTIONS, Code
from calllist.intake.receipt import Receipt, of_facts
from calllist.jobs import lists, lost, scope, work
from calllist.jobs.errors import ListNotReady
from calllist.jobs.states import ListState
from calllist.jobs.tables import CallList, Finding
from calllist.people.roles import Role
from calllist.web.access import Custody, Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import page, to
from calllist.web.i18n import N_, translate
from calllist.web.plots import Part
from calllist.web.sentences import sentence

router = APIRouter(include_in_schema=False)
Manager = Annotated[Visitor, Depends(signed_in(Role.MANAGER))]
PAGE = 100  # findings on one screen
ROWS = (
    ("bar-done", N_("受け入れ"), "accepted"),
    ("bar-twice", N_("重複"), "duplicates"),
    ("bar-rejected", N_("不備"), "rejected"),
)
DELIMITERS = {",": N_("カンマ"), "\t": N_("タブ"), ";": N_("セミコロン")}
ENCODINGS = {"cp932": "CP932 (Shift_JIS)", "utf-8": "UTF-8", "utf-8-sig": "UTF-8 (BOM)"}
LABELS = {
    "encoding": N_("文字コード"),
    "delimiter": N_("区切り"),
    "header": N_("見出しの行"),
    "duplicates": N_("重複の判定"),
    "blank": N_("空行（数えません）"),
    "gaiji": N_("外字を含む行"),
    "hash": N_("指紋（SHA-256、ソルト付き）"),
}
DUPLICATES_BY = {"phone": N_("電話番号"), "person": N_("同じ方")}


@router.get("/lists/{list_id}")
async def receipt(
    request: Request,
    session: Session,
    visitor: Manager,
    list_id: str,
    after: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """The receipt, or why the file was refused, or how far the upload is."""
    row = await scope.list_of(session, visitor.person, list_id)
    job = await scope.job_of(session, visitor.person, row.job_id)
    entrustor = await session.get_one(Entrustor, job.entrustor_id)
    given: dict[str, Any] = {}
    if row.receipt is not None:
        found = await lists.findings_of(
            session, visitor.person, list_id, after=after, limit=PAGE + 1
        )
        given = _receipt(of_facts(row.receipt), found, row, visitor.lang)
    elif row.state != ListState.RECEIVING:
        given = {"failure": _failure(row, visitor.lang)}
    return page(
        request,
        "list.html",
        visitor,
        job={"id": job.id, "code": job.code, "entrustor": entrustor.name},
        item=row,
        can_close_intake=row.state == ListState.OPEN,
        continues=await lost.continued(session, row.id),
        goes_on=await session.get(CallList, row.continued_by) if row.continued_by else None,
        waiting=[
            one.number
            for one in await work.lists_of(session, visitor.person, job.id)
            if one.state == ListState.LOST and one.number < row.number
        ],
        **given,
    )


@router.post("/lists/{list_id}/close-intake")
async def close_intake(
    *, session: Session, keeper: Keeper, custody: Custody, now: Now, visitor: Manager, list_id: str
) -> Response:
    """The receipt is read: the list ends by itself with its last result."""
    try:
        await lists.close_intake(session, keeper, custody, visitor.person, list_id, now)
    except ListNotReady as error:
        return to(f"/lists/{list_id}", problem=error.code)
    return to(f"/lists/{list_id}")


def _receipt(told: Receipt, found: list[Finding], row: CallList, lang: str) -> dict[str, Any]:
    shown, more = found[:PAGE], found[PAGE:]
    rejected = {code.value for code in REJECTIONS}
    return {
        "receipt": told,
        "row_parts": [
            Part(colour, translate(lang, label), getattr(told, name))
            for colour, label, name in ROWS
        ],
        "kinds": [
            (code, count, _treatment(code, rejected))
            for code, count in sorted(told.codes.items(), key=lambda kind: -kind[1])
        ],
        "findings": [(one, _treatment(one.code, rejected)) for one in shown],
        "headers": {column.number: column.header for column in told.columns},
        "onward": f"/lists/{row.id}?after={shown[-1].line}" if more else None,
        "columns": told.columns,
        "facts": _facts(told, lang),
    }


def _treatment(code: str, rejected: set[str]) -> str:
    if code == Code.DUPLICATE:
        return "duplicate"
    return "rejected" if code in rejected else "accepted"


def _facts(told: Receipt, lang: str) -> list[tuple[str, str, str]]:
    """(label, text, style) of what is known about the file."""

    def say(msgid: str) -> str:
        return translate(lang, msgid)

    rows = [
        ("encoding", ENCODINGS.get(told.encoding.lower(), told.encoding.upper()), ""),
        ("delimiter", say(DELIMITERS.get(told.delimiter, told.delimiter)), ""),
        ("header", f"{told.header_line:,}" if told.header_line else "―", "tabular"),
        ("duplicates", say(DUPLICATES_BY.get(told.duplicates_by, told.duplicates_by)), ""),
        ("blank", f"{told.blank:,}", "tabular"),
        ("gaiji", f"{told.gaiji:,}", "tabular"),
        ("hash", told.file_hash, "hash"),
    ]
    return [(say(LABELS[key]), text, style) for key, text, style in rows]


def _failure(row: CallList, lang: str) -> dict[str, Any]:
    failure = row.failure or {}
    code = str(failure.get("code", "interrupted"))
    return {
        "code": code,
        "sentence": sentence(code, lang),
        "line": failure.get("line"),
        "column": failure.get("column"),
    }
