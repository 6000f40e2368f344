"""Coming and going: sign-in in two steps, sign-out, the language, the way home.

The second step asks for what the person has: a code, or the security key.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from calllist.errors import CalllistError
from calllist.people import signin
from calllist.people.errors import CredentialUnreadable
from calllist.people.roles import Role
from calllist.people.securitykeys import CREDENTIAL_CHARACTERS
from calllist.people.signin import SignedIn
from calllist.web import destination, factors
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
from calllist.web.factors import FINE, Trouble
from calllist.web.frame import page, to
from calllist.web.problems import problem_of
from crypto.errors.base import Refusal
from crypto.errors.people import Locked
from crypto.wire.people import FactorKind

router = APIRouter(include_in_schema=False)
HOME = {
    Role.MANAGER: "/jobs",
    Role.SUPERVISOR: "/floor",
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
async def ask_factor(request: Request, session: Session, keeper: Keeper, now: Now) -> Response:
    """The second step; without the first, back to it."""
    if await signin.waiting_for_code(session, session_token(request), now) is None:
        return to("/sign-in")
    return await _second_step(request, session, keeper, now)


@router.post("/sign-in/code", dependencies=[Depends(own_page)])
async def code(
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    code: Annotated[str, Form(max_length=16)],
    following: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    """The keeper looks at the code, or at two in a row, and grants the shift."""
    codes = factors.digits(code), factors.digits(following)
    token = session_token(request)
    try:
        signed = await signin.code(session, keeper, token, codes[0], now, following=codes[1])
    except Refusal as error:
        return await _second_step(request, session, keeper, now, error)
    return _begin(request, signed)


@router.post("/sign-in/key", dependencies=[Depends(own_page)])
async def key(
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    credential: Annotated[str, Form(max_length=CREDENTIAL_CHARACTERS)] = "",
) -> Response:
    """The keeper looks at what the security key signed, and grants the shift."""
    try:
        signed = await signin.key(session, keeper, session_token(request), credential, now)
    except (CredentialUnreadable, Refusal) as error:
        return await _second_step(request, session, keeper, now, error)
    return _begin(request, signed)


@router.post("/sign-out")
async def sign_out(
    request: Request,
    session: Session,
    keeper: Keeper,
    visitor: Annotated[Visitor, Depends(signed_in())],
) -> Response:
    """End session and grant."""
    await signin.sign_out(session, keeper, session_token(request), visitor.grant)
    response = to("/sign-in")
    take_back(response)
    destination.forget(response)
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


async def _second_step(
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    error: CalllistError | Refusal | None = None,
) -> Response:
    """The screen that asks for what this person has; a fresh challenge for a security key."""
    trouble = FINE
    if error is not None:
        problem = problem_of(error, language(request))
        trouble = Trouble(problem.detail, problem.status)
    token = session_token(request)
    factor = await signin.factor(session, keeper, token, now)
    if factor.kind is not FactorKind.KEY:
        return factors.code(request, factor, trouble)
    try:
        options = await signin.challenge(session, keeper, token, now)
    except Locked as locked:
        problem = problem_of(locked, language(request))
        return factors.key(request, {}, Trouble(problem.detail, problem.status))
    return factors.key(request, options, trouble)


def _begin(request: Request, signed: SignedIn) -> Response:
    response = to(destination.of(request, Role(signed.person.role)))
    destination.forget(response)
    give_shift(response, signed)
    return response
