"""The screen where a file is brought: look at its shapes first, map its columns, then take it.

Without script the file is chosen twice: once to look at it, once to take it; nothing of it is
kept in between. With script the page sends the beginning of the file to `shapes` and shows
the answer; the file itself goes to the API, where it can be resumed.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from calllist.entrustors.tables import Entrustor
from calllist.intake import previews
from calllist.intake.preview import Preview
from calllist.intake.problems import IntakeError
from calllist.intake.reading.vocabulary import ENCODINGS
from calllist.jobs import lists, scope, templates
from calllist.people import tokens
from calllist.people.roles import Role
from calllist.web.access import (
    NotFromHere,
    Session,
    SignedInAs,
    Visitor,
    session_token,
    signed_in,
)
from calllist.web.choosing import choices_of
from calllist.web.frame import page, to
from calllist.web.looks import looks
from calllist.web.problems import problem_of
from calllist.web.sending import Form
from crypto.records.fields import FieldKind
from crypto.signed.terms import ContractTerms

router = APIRouter(include_in_schema=False)
Manager = Annotated[Visitor, Depends(signed_in(Role.MANAGER))]
FormManager = Annotated[Visitor, Depends(SignedInAs(Role.MANAGER, form_token=False))]

NEVER = frozenset({FieldKind.SENSITIVE})  # not asked for by hand either


@router.get("/jobs/{job_id}/upload")
async def upload_page(
    request: Request,
    session: Session,
    visitor: Manager,
    job_id: str,
    corrects: Annotated[str, Query(max_length=64)] = "",
    again: Annotated[str, Query(pattern="^(yes)?$")] = "",
) -> Response:
    """Where a file is dropped. corrects: a list whose rejected rows come again. again: somebody
    was just told that a list of the job is the same file."""
    around = await _around(session, visitor, job_id, {"corrects": corrects, "twice": again})
    return page(request, "upload.html", visitor, **around, seen=None)


@router.post("/jobs/{job_id}/shapes")
async def shapes(request: Request, session: Session, visitor: Manager, job_id: str) -> Response:
    """The shapes of a file's beginning, as a piece of the page. The body is the file."""
    given = dict(request.query_params)
    around = await _around(session, visitor, job_id, given)
    await session.commit()
    seen = await _look(request, visitor, around["terms"], given, request.stream(), around)
    return page(
        request,
        "shapes.html",
        visitor,
        status=seen.pop("status"),
        seen=seen,
        scripted=True,
        **around,
    )


@router.post("/jobs/{job_id}/preview")
async def preview(
    request: Request, session: Session, visitor: FormManager, job_id: str
) -> Response:
    """The same without script: a form, and the whole page again."""
    form = Form(request)
    body = form.file()
    first = await anext(body, b"")
    if not tokens.is_csrf(session_token(request), form.fields.get("csrf", "")):
        raise NotFromHere
    around = await _around(session, visitor, job_id, form.fields)
    await session.commit()

    async def file() -> AsyncIterator[bytes]:
        yield first
        async for block in body:
            yield block

    seen = await _look(request, visitor, around["terms"], form.fields, file(), around)
    return page(
        request,
        "upload.html",
        visitor,
        status=seen.pop("status"),
        seen=seen,
        scripted=False,
        **around,
    )


@router.post("/jobs/{job_id}/templates/{template_id}/remove")
async def remove_template(
    session: Session, visitor: Manager, job_id: str, template_id: str
) -> Response:
    """Forget a saved mapping."""
    await templates.remove(session, visitor.person, job_id, template_id)
    return to(f"/jobs/{job_id}/upload")


async def _look(
    request: Request,
    visitor: Visitor,
    terms: ContractTerms,
    given: Mapping[str, str],
    body: AsyncIterator[bytes],
    around: dict[str, Any],
) -> dict[str, Any]:
    """What the template shows of the file, or of why it cannot be looked at."""
    try:
        told: Preview = await request.app.state.previews.look(
            visitor.person.id,
            previews.order(
                terms,
                choices_of(given, around["permitted"]),
                around["saved"],
                synthetic=request.app.state.settings.synthetic_numbers,
                whole=given.get("whole", "1") == "1",
            ),
            body,
        )
    except IntakeError as error:
        problem = problem_of(error, visitor.lang)
        failure = {**problem.facts, "code": problem.code, "sentence": problem.detail}
        return {"status": problem.status, "failure": failure, "looks": None}
    return {"status": 200, "failure": None, "looks": looks(told, visitor.lang)}


async def _around(
    session: Session, visitor: Visitor, job_id: str, given: Mapping[str, str]
) -> dict[str, Any]:
    """What stands around a file: the job, what its contract permits, saved mappings."""
    job, terms = await scope.job_and_terms(session, visitor.person, job_id)
    entrustor = await session.get_one(Entrustor, job.entrustor_id)
    permitted = frozenset({*terms.fields, FieldKind.PHONE}) - NEVER
    again = given.get("corrects", "")
    return {
        "job": {"id": job.id, "code": job.code, "state": job.state, "entrustor": entrustor.name},
        "terms": terms,
        "permitted": permitted,
        "kinds": [kind.value for kind in FieldKind if kind in permitted],
        "segments": list(terms.conduct.segments or ()),
        "saved": await templates.of_job(session, visitor.person, job_id),
        "given": dict(given),
        "corrects": await lists.corrected(session, visitor.person, job_id, again)
        if again
        else None,
        "encodings": list(ENCODINGS),
    }
