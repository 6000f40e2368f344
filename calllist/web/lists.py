"""The receipt of a list: every row accounted for by line, column and code, never by value."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from calllist.entrustors.tables import Entrustor
from calllist.intake.problems import REJECTIONS, Code
from calllist.intake.receipt import Receipt, of_facts
from calllist.jobs import lists, lost, own_groups, scope, segments, templates, work
from calllist.jobs.errors import ListNotReady
from calllist.jobs.findings import AFTER, beyond, findings_of, place
from calllist.jobs.states import CALLED, ListState
from calllist.jobs.tables import CallList, ColumnTemplate, Finding
from calllist.oversight import progress
from calllist.people.roles import Role
from calllist.web import words
from calllist.web.access import Custody, Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import page, to
from calllist.web.i18n import N_, translate
from calllist.web.plots import Part
from calllist.web.sentences import sentence
from retention.tables import Holding

router = APIRouter(include_in_schema=False)
Manager = Annotated[Visitor, Depends(signed_in(Role.MANAGER))]
Reader = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR, Role.AUDITOR))]
PAGE = 100  # findings on one screen
GROUP = re.compile(r"g([12])-([0-9]{1,2})")
TURN = re.compile("[012]")
ROWS = (
    ("bar-done", N_("受け入れ"), "accepted"),
    ("bar-over", N_("架電しない方"), "not_to_be_called"),
    ("bar-twice", N_("重複"), "duplicates"),
    ("bar-rejected", N_("不備"), "rejected"),
)
RESTORED = (Code.ZERO_RESTORED.value, Code.AREA_CODE_ADDED.value)  # numbers that we completed
LABELS = {
    "encoding": N_("文字コード"),
    "delimiter": N_("区切り"),
    "header": N_("見出しの行"),
    "duplicates": N_("重複の判定"),
    "sheet": N_("シート"),
    "blank": N_("空行（数えません）"),
    "above": N_("表題・説明の行"),
    "gaiji": N_("外字を含む行"),
    "hash": N_("指紋（SHA-256、ソルト付き）"),
}
DUPLICATES_BY = {"phone": N_("電話番号"), "person": N_("同じ方")}


@router.get("/lists/{list_id}")
async def receipt(
    request: Request,
    session: Session,
    visitor: Reader,
    list_id: str,
    after: Annotated[str, Query(pattern=AFTER)] = "0",
    code: Annotated[Code | None, Query()] = None,
) -> Response:
    """The receipt, or why the file was refused, or how far the upload is. The entrustor's officer
    and the auditor read it; what is done with a list, the manager does."""
    row = await scope.list_of(session, visitor.person, list_id)
    job = await scope.job_of(session, visitor.person, row.job_id)
    entrustor = await session.get_one(Entrustor, job.entrustor_id)
    given: dict[str, Any] = {}
    if row.receipt is not None:
        given = await _accounted(session, visitor, row, after, code.value if code else None)
    elif row.state != ListState.RECEIVING:
        given = {"failure": _failure(row, visitor.lang)}
    return page(
        request,
        "list.html",
        visitor,
        job={"id": job.id, "code": job.code, "entrustor": entrustor.name},
        item=row,
        manages=visitor.person.role == Role.MANAGER,
        continues=await lost.continued(session, row.id),
        goes_on=await session.get(CallList, row.continued_by) if row.continued_by else None,
        waiting=[
            one.number
            for one in await work.lists_of(session, visitor.person, job.id)
            if one.state == ListState.LOST and one.number < row.number
        ],
        **given,
    )


async def _accounted(
    session: Session, visitor: Visitor, row: CallList, after: str, code: str | None
) -> dict[str, Any]:
    """The receipt with a page of its findings, and what can be done with the list."""
    found = await findings_of(
        session, visitor.person, row.id, after=beyond(after), limit=PAGE + 1, code=code
    )
    given = _receipt(of_facts(row.receipt or {}), found, visitor.lang)
    mappings = await _mappings(session, visitor, row.job_id)
    return given | {
        "left": progress.left(await session.get(Holding, row.id), row),
        "code": code,
        "groups": await segments.groups(session, visitor.person, row.id),
        "callers": await _callers(session, visitor, row),
        "segment_names": await _segment_names(session, visitor, row.job_id),
        "saved": given["receipt"].header_key in {one.header_key for one in mappings},
    }


@router.post("/lists/{list_id}/template")
async def keep_mapping(session: Session, now: Now, visitor: Manager, list_id: str) -> Response:
    """These columns mean the same in the entrustor's next file with this header row."""
    try:
        await templates.save(session, visitor.person, list_id, now)
    except ListNotReady as error:
        return to(f"/lists/{list_id}", problem=error.code)
    return to(f"/lists/{list_id}")


@router.post("/lists/{list_id}/groups")
async def order_groups(
    request: Request, session: Session, keeper: Keeper, visitor: Manager, list_id: str
) -> Response:
    """Which groups are called first or last."""
    turns = {
        (int(field[1]), int(field[2])): int(str(turn))
        for name, turn in (await request.form()).items()
        if (field := GROUP.fullmatch(name)) and TURN.fullmatch(str(turn))
    }
    await segments.order(session, keeper, visitor.person, list_id, turns)
    return to(f"/lists/{list_id}")


@router.post("/lists/{list_id}/groups/{operator_id}")
async def give_groups(
    *,
    session: Session,
    keeper: Keeper,
    visitor: Manager,
    list_id: str,
    operator_id: str,
    group: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Which groups this operator calls from the next person on; none chosen: all."""
    found = [GROUP.fullmatch(one) for one in group or ()]
    groups = [(int(one[1]), int(one[2])) for one in found if one]
    await own_groups.give(session, keeper, visitor.person, list_id, operator_id, groups)
    return to(f"/lists/{list_id}#callers")


@router.post("/lists/{list_id}/turn")
async def order_list(
    session: Session,
    keeper: Keeper,
    visitor: Manager,
    list_id: str,
    turn: Annotated[int, Form(ge=0, le=2)],
) -> Response:
    """Whether this list is called before or after the job's other lists."""
    await segments.order_list(session, keeper, visitor.person, list_id, turn)
    return to(f"/lists/{list_id}")


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


async def _mappings(session: Session, visitor: Visitor, job_id: str) -> list[ColumnTemplate]:
    """Saved by managers, for managers."""
    if visitor.person.role != Role.MANAGER:
        return []
    return await templates.of_job(session, visitor.person, job_id)


async def _callers(session: Session, visitor: Visitor, row: CallList) -> list[dict[str, Any]]:
    """The job's operators, for managers, and which groups of the list each of them calls."""
    if visitor.person.role != Role.MANAGER or row.state not in CALLED:
        return []
    given = await own_groups.of_list(session, row.id)
    assigned = await work.assigned(session, visitor.person, row.job_id)
    return [
        {"id": one.id, "name": one.name, "groups": given.get(one.id, set())} for one in assigned
    ]


async def _segment_names(session: Session, visitor: Visitor, job_id: str) -> list[str]:
    _, terms = await scope.job_and_terms(session, visitor.person, job_id)
    return list(terms.conduct.segments or ())


def _receipt(told: Receipt, found: list[Finding], lang: str) -> dict[str, Any]:
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
        "onward": place(shown[-1]) if more else None,
        "restored": sum(told.codes.get(code, 0) for code in RESTORED),
        "columns": told.columns,
        "facts": _facts(told, lang),
    }


def _treatment(code: str, rejected: set[str]) -> str:
    if code in (Code.DUPLICATE, Code.REPEATS_EARLIER):
        return "duplicate"
    if code == Code.NOT_TO_BE_CALLED:
        return "refused"
    return "rejected" if code in rejected else "accepted"


def _facts(told: Receipt, lang: str) -> list[tuple[str, str, str]]:
    """(label, text, style) of what is known about the file."""

    def say(msgid: str) -> str:
        return translate(lang, msgid)

    rows = [
        ("encoding", words.encoding(told.encoding), ""),
        ("delimiter", say(words.of("delimiter", told.delimiter)), ""),
        *([("sheet", f"{told.sheet:,}", "tabular")] if told.sheet else []),
        ("header", f"{told.header_line:,}" if told.header_line else "―", "tabular"),
        ("duplicates", say(DUPLICATES_BY.get(told.duplicates_by, told.duplicates_by)), ""),
        ("blank", f"{told.blank:,}", "tabular"),
        ("above", f"{told.titles + len(told.vocabulary):,}", "tabular"),
        ("gaiji", f"{told.gaiji:,}", "tabular"),
        ("hash", told.file_hash, "hash"),
    ]
    return [(say(LABELS[key]), text, style) for key, text, style in rows]


def _failure(row: CallList, lang: str) -> dict[str, Any]:
    failure = row.failure or {}
    code = str(failure.get("code", "interrupted"))
    return {
        "code": code,
        "sentence": sentence(code, lang, str(failure.get("reason") or "")),
        "line": failure.get("line"),
        "column": failure.get("column"),
        "reason": failure.get("reason"),
    }
