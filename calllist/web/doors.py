"""Coming and going: sign-in in two steps, sign-out, the language, the way home."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from calllist.errors import CalllistError
from calllist.people import signin
from calllist.people.roles import Role
from calllist.web.access import (
    LANG,
    LANGUAGES,
    Keeper,
    Now,
    Session,
    Visitor,
    give_session,
    give_shift,
    language,
    own_page,
    session_token,
    signed_in,
    take_back,
)
from calllist.web.frame import page, to
from calllist.web.problems import problem_of
from crypto.errors import Refusal

router = APIRouter(include_in_schema=False)
HOME = {
    Role.MANAGER: "/jobs",
    Role.OPERATOR: "/desk",
    Role.ENTRUSTOR: "/held",
    Role.AUDITOR: "/held",
    Role.ADMINISTRATOR: "/people",
}
YEAR = 365 * 24 * 3600  # seconds


@router.get("/")
async def home(visitor: Annotated[Visitor, Depends(signed_in())]) -> Response:
    """Each role has one place where its day begins."""
    return to(HOME[Role(visitor.person.role)])


@router.get("/sign-in")
async def ask_password(request: Request) -> Response:
    """The first step."""
    return page(request, "signin.html")


@router.post("/sign-in", dependencies=[Depends(own_page)])
async def password(
    request: Request,
    session: Session,
    now: Now,
    login: Annotated[str, Form(max_length=80)],
    password: Annotated[str, Form(max_length=400)],
) -> Response:
    """Right: on to the code. Wrong: the same sentence for every reason."""
    try:
        token = await signin.password(session, login, password, now)
    except CalllistError as error:
        return _again(request, "signin.html", error)
    response = to("/sign-in/code")
    give_session(response, token)
    return response


@router.get("/sign-in/code")
async def ask_code(request: Request, session: Session, now: Now) -> Response:
    """The second step; without the first, back to it."""
    if await signin.waiting_for_code(session, session_token(request), now) is None:
        return to("/sign-in")
    return page(request, "code.html")


@router.post("/sign-in/code", dependencies=[Depends(own_page)])
async def code(
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    code: Annotated[str, Form(max_length=20)],
) -> Response:
    """The keeper looks at the code and grants the shift."""
    digits = code.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    try:
        signed = await signin.code(session, keeper, session_token(request), digits, now)
    except Refusal as error:
        return _again(request, "code.html", error)
    response = to("/")
    give_shift(response, signed)
    return response


@router.post("/sign-out")
async def sign_out(
    request: Request,
    session: Session,
    keeper: Keeper,
    _visitor: Annotated[Visitor, Depends(signed_in())],
) -> Response:
    """End session and grant."""
    await signin.sign_out(session, keeper, session_token(request))
    response = to("/sign-in")
    take_back(response)
    return response


@router.post("/language", dependencies=[Depends(own_page)])
async def choose_language(
    lang: Annotated[str, Form()], back: Annotated[str, Form()] = "/"
) -> Response:
    """Japanese or English, for a year on this browser."""
    here = back.startswith("/") and not back.startswith("//") and "\\" not in back
    response = to(back if here else "/")
    if lang in LANGUAGES:
        response.set_cookie(
            LANG, lang, max_age=YEAR, path="/", secure=True, httponly=True, samesite="strict"
        )
    return response


def _again(request: Request, template: str, error: Exception) -> Response:
    problem = problem_of(error, language(request))
    return page(request, template, status=problem.status, error=problem.detail)
