"""The first visit: from an invitation to a password and a second factor.

The invitation's secret is typed, or put into the field from behind the link's "#": it never
stands in an address that a server could log.
"""

from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from calllist.errors import CalllistError
from calllist.people import enrolment
from calllist.web.access import Keeper, Now, Session, give_shift, language, own_page
from calllist.web.frame import page, to
from calllist.web.i18n import N_, translate
from calllist.web.problems import problem_of
from crypto.errors import Refusal

router = APIRouter(include_in_schema=False, dependencies=[Depends(own_page)])
DIFFERENT = N_("2つのパスワードが一致しません。")
QR_SCALE = 4  # pixels of a module


@router.get("/welcome")
async def ask(request: Request) -> Response:
    """Invitation and a new password."""
    return page(request, "welcome.html", invitation="")


@router.post("/welcome")
async def set_password(
    *,
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    invitation: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=400)],
    again: Annotated[str, Form(max_length=400)],
) -> Response:
    """Keep the password, have the keeper make a factor, show it once."""
    lang = language(request)
    invitation = invitation.strip()
    if password != again:
        return _ask_again(request, invitation, translate(lang, DIFFERENT), 422)
    try:
        await enrolment.set_password(session, invitation, password, now)
        factor = await enrolment.begin_factor(session, keeper, invitation, now)
    except (CalllistError, Refusal) as error:
        problem = problem_of(error, lang)
        return _ask_again(request, invitation, problem.detail, problem.status)
    return _show_factor(request, invitation=invitation, secret=factor.secret, uri=factor.uri)


@router.post("/welcome/code")
async def confirm(
    *,
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    invitation: Annotated[str, Form(max_length=200)],
    uri: Annotated[str, Form(max_length=400)],
    secret: Annotated[str, Form(max_length=100)],
    code: Annotated[str, Form(max_length=20)],
) -> Response:
    """The first right code confirms the factor and begins the first shift."""
    try:
        signed = await enrolment.confirm(session, keeper, invitation, code, now)
    except Refusal as error:
        problem = problem_of(error, language(request))
        return _show_factor(
            request,
            invitation=invitation,
            secret=secret,
            uri=uri,
            error=problem.detail,
            status=problem.status,
        )
    response = to("/")
    give_shift(response, signed)
    return response


def _ask_again(request: Request, invitation: str, error: str, status: int) -> Response:
    return page(request, "welcome.html", invitation=invitation, error=error, status=status)


def _show_factor(
    request: Request,
    *,
    invitation: str,
    secret: str,
    uri: str,
    error: str | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "factor.html",
        status=status,
        invitation=invitation,
        secret=secret,
        uri=uri,
        qr=segno.make(uri, error="m").svg_data_uri(scale=QR_SCALE),
        error=error,
    )
