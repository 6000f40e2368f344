"""Files in: one request, or as many as a bad line needs.

Without a token a broken connection leaves nothing, and the whole file is sent again. With one
(`Upload-Token`, at least 128 random bits of the client's own) the next request may go on where
the last one broke, for a minute, and a file whose answer was lost is not received twice:

    PUT    /jobs/{job}/lists      Upload-Token: T                     201, the receipt
    (the line breaks)
    GET    /jobs/{job}/uploads    Upload-Token: T                     "receiving", offset 8,388,608
    PUT    /jobs/{job}/lists      Upload-Token: T  Upload-Offset: 8388608    201, the receipt
    DELETE /jobs/{job}/uploads    Upload-Token: T                     nothing of it is stored

A wrong offset is answered with 409 `upload_offset` and the right one (tus 1.0.0 and the IETF's
draft-ietf-httpbis-resumable-upload have the same rules, with addresses for tokens).
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from calllist.api.parameters import only_known
from calllist.api.receipts import ReceiptTold, receipt_told
from calllist.api.shapes import Told
from calllist.intake import previews
from calllist.intake.choices import Choices
from calllist.intake.resuming import Resuming, attempt_of
from calllist.intake.upload import Received
from calllist.jobs import scope, templates
from calllist.people.roles import Role
from calllist.web.access import Session, Visitor, session_token, signed_in
from calllist.web.parts import Parts
from crypto.records.fields import FieldKind

router = APIRouter(tags=["files"])

Uploader = Annotated[Visitor, Depends(signed_in(Role.MANAGER, command=True))]
TOKEN = r"^[A-Za-z0-9_\-]{22,86}$"  # noqa: S105  # 128 bits and more in base64url
Token = Annotated[str, Header(alias="Upload-Token", pattern=TOKEN, description="yours, random")]


class Columns(BaseModel):
    """Which column means what, where that is not found out by itself; and an earlier last day.

    A column is a header, a number ("#3"), or "-": none; a name may stand in two: "#2+#3".
    """

    model_config = ConfigDict(frozen=True)

    phone: str | None = None
    phone_alt: str | None = None
    name: str | None = None
    name_kana: str | None = None
    organisation: str | None = None
    reference: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    postal: str | None = None
    address: str | None = None
    subject: str | None = None
    amount: str | None = None
    due_date: str | None = None
    expires: AwareDatetime | None = None
    encoding: str | None = Field(default=None, description="cp932, utf-8, utf-16-le, ...")
    sheet: str | None = Field(default=None, description="of a workbook: its name or number")
    header_line: int | None = Field(default=None, ge=0, description="0: there is no header row")
    area_code: str = Field(default="", description="of numbers without one: 03")

    @property
    def choices(self) -> Choices:
        """Raises IntakeError UNKNOWN_AREA_CODE, NO_SUCH_ENCODING."""
        given = {kind: getattr(self, kind, None) for kind in FieldKind}
        return Choices(
            by_hand={kind: header.strip() for kind, header in given.items() if header},
            encoding=self.encoding,
            sheet=self.sheet,
            header_line=self.header_line,
            area_code=self.area_code,
        )


class PreviewTold(Told):
    """A file in shapes: see `calllist.intake.preview`."""

    rows: int = Field(description="data rows that were looked at")
    complete: bool = Field(description="whether the end of the file was seen")
    encoding: str
    delimiter: str
    sheet: int | None
    sheets: int
    header_line: int
    titles: int
    vocabulary: int
    template: str | None
    columns: list[dict[str, Any]]
    trouble: dict[str, Any] | None


class UploadTold(Told):
    """How far an upload is."""

    state: str = Field(description="receiving, stored (its receipt is there), failed")
    offset: int | None = Field(description="bytes taken over; null: begin again at 0, or wait")
    list: str
    rows: int = Field(description="rows read and sealed so far")
    read: int = Field(description="bytes of the list's file, without refusals, that they are")
    failure: dict[str, Any] | None = Field(description="code, line, column, reason")


@router.put(
    "/jobs/{job_id}/lists",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {"schema": {"type": "string", "format": "binary"}},
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {
                            "refusals": {"type": "string", "format": "binary"},
                            "file": {"type": "string", "format": "binary"},
                        },
                    }
                },
            },
        }
    },
)
async def upload(
    job_id: str,
    request: Request,
    columns: Annotated[Columns, Query()],
    visitor: Uploader,
    session: Session,
    token: Annotated[str | None, Header(alias="Upload-Token", pattern=TOKEN)] = None,
    offset: Annotated[int, Header(alias="Upload-Offset", ge=0, lt=1 << 50)] = 0,
    corrects: Annotated[
        str | None, Query(description="the list of this job whose rejected rows come again")
    ] = None,
    again: Annotated[
        bool, Query(description="it may be the very file of another list of this job")
    ] = False,
) -> ReceiptTold:
    """Stream one file in as the request's body: all of it is taken, or nothing.

    With a list of refusals (再勧誘禁止) send a form instead, `multipart/form-data`, of two files:
    `refusals` first, then `file`. Either may be encrypted to the job (`calllist seal`).

    With `Upload-Token` it may be resumed at `Upload-Offset`, and repeated without harm. Watch
    GET /jobs/{job_id}/uploads while it runs. Answers with the receipt; 422 names code, line and
    column of what is wrong with the file, 409 `upload_offset` the byte to go on with. A file that
    a list of the job is already is 422 `same_file` (`reason`: its number), unless `again` says so.
    """
    only_known(request, Columns, "corrects", "again")
    choices = columns.choices
    await session.commit()  # the stream may take minutes: hold no connection meanwhile

    content_type = request.headers.get("Content-Type", "")

    async def receive(body: AsyncIterator[bytes], attempt: bytes | None = None) -> Received:
        files, refusals = await _files(content_type, body)
        received: Received = await request.app.state.uploads.receive(
            visitor.person,
            job_id,
            files,
            choices=choices,
            expires=columns.expires,
            attempt=attempt,
            refusals=refusals,
            corrects=corrects,
            again=again,
        )
        return received

    if token is None:
        return receipt_told(await receive(request.stream()))
    attempt = attempt_of(session_token(request), job_id, token)
    return receipt_told(await _resuming(request).put(attempt, offset, request.stream(), receive))


@router.post(
    "/jobs/{job_id}/preview",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def preview(
    job_id: str,
    request: Request,
    columns: Annotated[Columns, Query()],
    visitor: Uploader,
    session: Session,
    whole: Annotated[bool, Query(description="false: only the file's beginning is sent")] = True,
) -> PreviewTold:
    """What a file looks like, before it is taken: shapes, not people. Nothing is stored.

    Send the first 256 KiB of a text (`whole=false`), or all of a workbook. Per column: a known
    header word or its number, its meaning and why, how much is filled, classes of characters,
    lengths, what its cells read as. `trouble` says what would refuse the file.
    """
    only_known(request, Columns, "whole")
    job, terms = await scope.job_and_terms(session, visitor.person, job_id)
    saved = await templates.of_entrustor(session, visitor.person, job.entrustor_id)
    await session.commit()
    synthetic = request.app.state.settings.synthetic_numbers
    order = previews.order(terms, columns.choices, saved, synthetic=synthetic, whole=whole)
    told = await request.app.state.previews.look(visitor.person.id, order, request.stream())
    return PreviewTold(**msgspec.to_builtins(told))


@router.get("/jobs/{job_id}/uploads")
async def standing(
    job_id: str, request: Request, token: Token, _visitor: Uploader, session: Session
) -> UploadTold:
    """How far the upload with this token is: bytes, rows, and what became of it.

    404 `upload_unknown` if none was begun with it in this session.
    """
    found = await _resuming(request).standing(
        session, attempt_of(session_token(request), job_id, token)
    )
    return UploadTold(
        state=found.state,
        offset=found.offset,
        list=found.list_id,
        rows=found.rows,
        read=found.read,
        failure=found.failure,
    )


@router.delete("/jobs/{job_id}/uploads", status_code=204)
async def cancel(job_id: str, request: Request, token: Token, _visitor: Uploader) -> None:
    """End the upload with this token: unless it was whole already, nothing of it is stored."""
    await _resuming(request).cancel(attempt_of(session_token(request), job_id, token))


async def _files(
    content_type: str, body: AsyncIterator[bytes]
) -> tuple[AsyncIterator[bytes], bool]:
    """What was sent, and whether refusals come first. Raises FormUnreadable."""
    if not content_type.lower().startswith("multipart/form-data"):
        return body, False
    parts = Parts(content_type, body)
    await parts.begin()
    return parts.files(), parts.refusals


def _resuming(request: Request) -> Resuming:
    found: Resuming = request.app.state.resuming
    return found
