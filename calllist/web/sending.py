"""Uploading without script: a form whose file streams through, part by part, to intake.

A browser sends the fields in the order of the page: token, headers, file last. The file's
bytes are handed on as they come; nothing of the form is kept in memory or on a disk beyond
one block. (With script, the page sends the bare file to the API instead.) How: `parts`.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from calllist.intake.problems import IntakeError
from calllist.jobs import scope
from calllist.people import tokens
from calllist.people.roles import Role
from calllist.web import choosing
from calllist.web.access import NotFromHere, Session, SignedInAs, Visitor, session_token
from calllist.web.frame import page, to
from calllist.web.parts import FormUnreadable, Parts
from calllist.web.problems import problem_of
from crypto.records.fields import FieldKind

router = APIRouter(include_in_schema=False)
FIELDS = choosing.FIELDS | {"csrf", "corrects", "again"}


Manager = Annotated[Visitor, Depends(SignedInAs(Role.MANAGER, form_token=False))]


@router.post("/jobs/{job_id}/lists")
async def upload(request: Request, session: Session, visitor: Manager, job_id: str) -> Response:
    """Receive one file, all of it or nothing; then its receipt, or why it was refused."""
    form = Form(request)
    await form.begin()
    if not tokens.is_csrf(session_token(request), form.fields.get("csrf", "")):
        raise NotFromHere
    _, terms = await scope.job_and_terms(session, visitor.person, job_id)
    permitted = frozenset({*terms.fields, FieldKind.PHONE})
    try:
        choices = choosing.choices_of(form.fields, permitted)
        await session.commit()  # the stream may take minutes: hold no connection meanwhile
        received = await request.app.state.uploads.receive(
            visitor.person,
            job_id,
            form.files(),
            choices=choices,
            refusals=form.refusals,
            corrects=form.fields.get("corrects", "").strip() or None,
            again=form.fields.get("again") == "yes",
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


class Form(Parts):
    """The upload form: token, choices, perhaps refusals, the file."""

    def __init__(self, request: Request) -> None:
        """Raises NotFromHere: no form at all."""
        try:
            content_type = request.headers.get("Content-Type", "")
            super().__init__(content_type, request.stream(), known=_is_field)
        except FormUnreadable:
            raise NotFromHere from None

    async def file(self) -> AsyncIterator[bytes]:
        """The file alone, behind an empty block: then the fields are there."""
        await self.begin()
        yield b""
        before = self.refusals
        async for block in self.files():
            if not before:
                yield block
            before = before and bool(block)


def _is_field(name: str) -> bool:
    return name in FIELDS or choosing.COLUMN.fullmatch(name) is not None
