"""Uploading without script: a form whose file streams through, part by part, to intake.

A browser sends the fields in the order of the page: token, headers, file last. The file's
bytes are handed on as they come; nothing of the form is kept in memory or on a disk beyond
one block. (With script, the page sends the bare file to the API instead.)
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.responses import Response

from calllist.errors import CalllistError
from calllist.intake.problems import IntakeError
from calllist.people import tokens
from calllist.people.roles import Role
from calllist.web.access import NotFromHere, Session, SignedInAs, Visitor, session_token
from calllist.web.frame import page, to
from calllist.web.problems import problem_of
from crypto.fields import FieldKind

router = APIRouter(include_in_schema=False)
FIELD_BYTES = 1024  # of a form field; headers of columns are far shorter
FIELDS_MOST = 8  # of a form
BY_HAND = {"phone": FieldKind.PHONE, "name": FieldKind.NAME}
FIELDS = frozenset({"csrf", "file", *BY_HAND})


class FormUnreadable(CalllistError):
    """Not the form that our page sends: broken, or with fields that it does not have."""

    code = "form_unreadable"


Manager = Annotated[Visitor, Depends(SignedInAs(Role.MANAGER, form_token=False))]


@router.post("/jobs/{job_id}/lists")
async def upload(request: Request, session: Session, visitor: Manager, job_id: str) -> Response:
    """Receive one file, all of it or nothing; then its receipt, or why it was refused."""
    form = Form(request)
    body = form.file()
    first = await anext(body, b"")  # the first block may be empty, the fields stand before it
    if not tokens.is_csrf(session_token(request), form.fields.get("csrf", "")):
        raise NotFromHere
    try:
        await session.commit()  # the stream may take minutes: hold no connection meanwhile
        received = await request.app.state.uploads.receive(
            visitor.person, job_id, _from(first, body), by_hand=form.by_hand()
        )
    except IntakeError as error:
        problem = problem_of(error, visitor.lang)
        return page(
            request,
            "refused.html",
            visitor,
            status=problem.status,
            job=job_id,
            failure={**problem.facts, "code": problem.code, "sentence": problem.detail},
        )
    return to(f"/lists/{received.list_id}")


class Form:
    """A multipart form read as it comes. `fields` holds what stood before the file."""

    def __init__(self, request: Request) -> None:
        self.fields: dict[str, str] = {}
        self._request = request
        self._blocks: list[bytes] = []
        self._header = b""
        self._value = b""
        self._name: str | None = None
        self._in_file = False
        self._seen: list[str] = []
        self._over = False

    def by_hand(self) -> dict[FieldKind, str]:
        """Headers that the manager named."""
        named = {kind: self.fields.get(name, "").strip() for name, kind in BY_HAND.items()}
        return {kind: header for kind, header in named.items() if header}

    async def file(self) -> AsyncIterator[bytes]:
        """The bytes of the file's part. Raises NotFromHere, FormUnreadable: no form of ours."""
        kind, options = parse_options_header(self._request.headers.get("Content-Type", ""))
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise NotFromHere
        try:
            parser = self._parser(options[b"boundary"])
            async for block in self._request.stream():
                parser.write(block)
                blocks, self._blocks = self._blocks, []
                for part in blocks:
                    yield part
        except FormParserError:
            raise FormUnreadable from None
        if not self._over:
            raise FormUnreadable

    def _parser(self, boundary: bytes) -> MultipartParser:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_value": self._header_value,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_part_end": self._part_ends,
                "on_end": self._ends,
            },
        )

    def _part_begins(self) -> None:
        self._header, self._value, self._name, self._in_file = b"", b"", None, False

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header + b"\n" + data[start:end])[-FIELD_BYTES:]

    def _headers_end(self) -> None:
        for line in self._header.split(b"\n"):
            kind, options = parse_options_header(line)
            if kind == b"form-data":
                self._name = options.get(b"name", b"").decode("utf-8", "replace")
                self._in_file = b"filename" in options and self._name == "file"
        if self._name not in FIELDS or self._name in self._seen or len(self._seen) == FIELDS_MOST:
            raise FormUnreadable
        self._seen.append(self._name)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._blocks.append(data[start:end])
        elif len(self._value) + end - start > FIELD_BYTES:
            raise FormUnreadable
        else:
            self._value += data[start:end]

    def _part_ends(self) -> None:
        if not self._in_file and self._name is not None:
            self.fields[self._name] = self._value.decode("utf-8", "replace")

    def _ends(self) -> None:
        self._over = True


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in rest:
        yield block
