"""Receipts: what became of every row of a file, in counts, and line by line."""

import base64
import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field, WithJsonSchema
from starlette.responses import StreamingResponse

from calllist import db
from calllist.api.shapes import FindingTold, Told
from calllist.intake.problems import Code
from calllist.intake.receipt import Receipt
from calllist.intake.upload import Received
from calllist.jobs import scope
from calllist.jobs.errors import ListNotReady
from calllist.jobs.findings import AFTER, beyond, findings_of, place
from calllist.jobs.tables import CallList, Finding
from calllist.people.roles import Role
from calllist.web import words
from calllist.web.access import Session, Visitor, signed_in
from calllist.web.i18n import translate

router = APIRouter(tags=["receipts"])

Overseer = Annotated[
    Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR, Role.AUDITOR, command=True))
]
PAGE = 1000  # findings of one answer, of one step of the download
CSV = "text/csv; charset=utf-8"
HEADERS = {
    "ja": ("行", "列", "コード", "内容", "同じ内容の行"),
    "en": ("line", "column", "code", "meaning", "repeats line"),
}

MEANINGS = {
    "rows": "data rows of the file: accepted + not_to_be_called + duplicates + rejected",
    "accepted": "people on the list",
    "duplicates": "rows that repeat an accepted one",
    "rejected": "rows that nobody can be called by, each with a finding",
    "blank": "rows without any character, not among `rows`",
    "gaiji": "accepted rows with characters outside the standard sets, kept as they are",
    "codes": "findings by code",
    "phones": "rows with a number: ok, normalised, zero_restored",
    "kinds": "the same rows by kind of number: fixed, mobile, voip, toll_free, ...",
    "encoding": "how the bytes were read",
    "delimiter": "what stands between cells",
    "header_line": "line of the header row; 0: the file has none",
    "columns": "every column; `kind` null: dropped unread, the contract does not permit it",
    "duplicates_by": "the contract's rule: phone or person",
    "titles": "written rows above the header row, not among `rows`",
    "vocabulary": "lines below the header row that describe its columns, not among `rows`",
    "header_key": "by which the same header row is known again; empty without one",
    "template": "the saved mapping that was applied",
    "sheet": "of a workbook, counted from 1",
    "file_hash": "hex SHA-256 over a salt that only the entrustor can derive and the file's bytes",
    "not_to_be_called": "rows whose number the entrustor's refusals have: counted, not stored",
    "refusals": "numbers in the file of refusals; null: none was attached",
    "corrects": "the list whose rejected rows this one brings again",
}  # of every member of `Receipt`: a test compares


def receipt_schema() -> dict[str, Any]:
    """JSON Schema of a receipt, as it is stored."""
    components: dict[str, Any] = msgspec.json.schema_components([Receipt])[1]
    schema: dict[str, Any] = _inlined(components["Receipt"], components)
    for name, meaning in MEANINGS.items():
        schema["properties"].get(name, {})["description"] = meaning
    return schema


def _inlined(part: Any, components: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inlined(one, components) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(components[part["$ref"].rsplit("/", 1)[1]], components)
    return {name: _inlined(one, components) for name, one in part.items()}


class ReceiptTold(Told):
    """Counts, columns and codes of a file; never a value."""

    list: str
    number: int
    receipt: Annotated[dict[str, Any], WithJsonSchema(receipt_schema())]
    entrustor: str = Field(default="", description="whose list it is")
    keys: str | None = Field(
        default=None,
        description="the list's keys, sealed to the entrustor (base64): with its own secret key "
        "and its copy of the file it recomputes `file_hash` (`calllist receipt check`)",
    )
    continues: str | None = Field(
        default=None, description="the list whose keys were lost and whose states it took over"
    )
    lost: int = Field(default=0, description="lists of the job that waited for their file")


def receipt_told(received: Received) -> ReceiptTold:
    """The receipt of a file that has just come in."""
    return ReceiptTold(
        list=received.list_id,
        number=received.number,
        receipt=received.receipt.facts(),
        continues=received.continues,
        lost=received.lost,
    )


@router.get(
    "/lists/{list_id}/receipt",
    response_model=ReceiptTold,
    responses={200: {"content": {"text/csv": {}}}},
)
async def receipt(
    list_id: str, request: Request, response: Response, visitor: Overseer, session: Session
) -> ReceiptTold | Response:
    """The receipt: counts by code, columns, encoding; never a value.

    As a file it is what the entrustor needs to hold its own copy of the list against it. Asked for
    as `text/csv` it is its lines: `findings.csv`.
    """
    row = await scope.list_of(session, visitor.person, list_id)
    if row.receipt is None:
        raise ListNotReady(list_id)
    response.headers["Vary"] = "Accept"
    if _wants_csv(request.headers.get("Accept", "")):
        return _download(request, visitor, row, visitor.lang)
    sealed = row.for_entrustor
    return ReceiptTold(
        list=row.id,
        number=row.number,
        receipt=row.receipt,
        entrustor=row.entrustor_id,
        keys=None if sealed is None else base64.b64encode(sealed).decode(),
    )


@router.get("/lists/{list_id}/findings")
async def findings(
    list_id: str,
    request: Request,
    response: Response,
    visitor: Overseer,
    session: Session,
    after: Annotated[str, Query(pattern=AFTER, description="LINE, or LINE:CODE:COLUMN")] = "0",
    limit: Annotated[int, Query(ge=1, le=PAGE)] = 200,
    code: Annotated[Code | None, Query(description="findings of this code only")] = None,
) -> list[FindingTold]:
    """A page of the rejected, repeated and restored rows: line, column, code.

    Where more follow, the header `Link` has the next page (rel="next", RFC 8288).
    """
    found = await findings_of(
        session, visitor.person, list_id, after=beyond(after), limit=limit + 1, code=code
    )
    if len(found) > limit:
        last = found[limit - 1]
        onward = request.url.include_query_params(after=place(last), limit=limit)
        response.headers["Link"] = f'<{onward.path}?{onward.query}>; rel="next"'
    return [
        FindingTold(line=one.line, code=one.code, column=one.column, repeats=one.repeats)
        for one in found[:limit]
    ]


@router.get(
    "/lists/{list_id}/findings.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}}},
)
async def findings_csv(
    list_id: str,
    request: Request,
    visitor: Overseer,
    session: Session,
    lang: Annotated[str | None, Query(pattern="^(ja|en)$")] = None,
) -> StreamingResponse:
    """All findings as CSV (UTF-8 with mark, for Excel): line, column, code, what it means."""
    row = await scope.list_of(session, visitor.person, list_id)
    return _download(request, visitor, row, lang or visitor.lang)


def _download(request: Request, visitor: Visitor, row: CallList, lang: str) -> StreamingResponse:
    name = f"findings-{row.number}.csv"
    body = _table(request, visitor, row.id, lang)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
    return StreamingResponse(body, media_type=CSV, headers=headers)


def _wants_csv(accept: str) -> bool:
    """Whether CSV is asked for, and rather than JSON (RFC 9110, 12.5.1)."""
    wanted: dict[str, float] = {}
    for one in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in one.split(";"))
        weights = (part.removeprefix("q=") for part in parameters if part.startswith("q="))
        try:
            wanted[kind] = float(next(weights, "1"))
        except ValueError:
            return False
    kinds = ("application/json", "application/*", "*/*")  # the closest counts
    json = next((wanted[kind] for kind in kinds if kind in wanted), 0.0)
    table = wanted.get("text/csv", 0.0)
    return table > json or (table == json > 0 and "application/json" not in wanted)


async def _table(
    request: Request, visitor: Visitor, list_id: str, lang: str
) -> AsyncIterator[bytes]:
    """Page by page, each in a transaction of its own: a slow reader holds none of them open."""
    yield b"\xef\xbb\xbf" + _lines([HEADERS[lang]])
    after: tuple[int | str, ...] = (0,)
    while True:
        async with db.transaction(request.app.state.sessions) as session:
            found = await findings_of(session, visitor.person, list_id, after=after, limit=PAGE)
        yield _lines(_row(one, lang) for one in found)
        if len(found) < PAGE:
            return
        after = beyond(place(found[-1]))


def _row(one: Finding, lang: str) -> tuple[object, ...]:
    meaning = translate(lang, words.of("finding", one.code))
    return one.line, one.column, one.code, meaning, one.repeats or ""


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
