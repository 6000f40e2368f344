"""The first visit: from an invitation to a password and a second factor.

The invitation's secret is typed, or put into the field from behind the link's "#": it never
stands in an address that a server could log. Each step sends it along again.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from calllist.errors import CalllistError
from calllist.people import enrolment
from calllist.people.enrolment import Secret
from calllist.people.securitykeys import CREDENTIAL_CHARACTERS
from calllist.people.signin import SignedIn
from calllist.web import factors
from calllist.web.access import Keeper, Now, Session, give_shift, language, own_page
from calllist.web.factors import Trouble
from calllist.web.frame import page, to
from calllist.web.i18n import N_, translate
from calllist.web.problems import problem_of
from crypto.errors.base import Refusal
from crypto.wire.people import FactorKind

router = APIRouter(include_in_schema=False, dependencies=[Depends(own_page)])
DIFFERENT = N_("2つのパスワードが一致しません。")
Invited = Annotated[str, Form(max_length=200)]
Code = Annotated[str, Form(max_length=16)]
Credential = Annotated[str, Form(max_length=CREDENTIAL_CHARACTERS)]


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
    invitation: Invited,
    password: Annotated[str, Form(max_length=400)],
    again: Annotated[str, Form(max_length=400)],
) -> Response:
    """Keep the password; then the choice, unless there is a factor that stays."""
    invitation = invitation.strip()
    if password != again:
        trouble = Trouble(translate(language(request), DIFFERENT), 422)
        return _ask_again(request, invitation, trouble)
    try:
        await enrolment.set_password(session, invitation, password, now)
        factor = await enrolment.look(session, keeper, invitation, now)
        if factor.replaceable:
            return factors.choice(request, invitation)
        if factor.kind is FactorKind.KEY:
            options = await enrolment.challenge_key(session, keeper, invitation, now)
            return factors.own_key(request, invitation, options)
    except (CalllistError, Refusal) as error:
        return _ask_again(request, invitation, _trouble(request, error))
    return factors.token(request, invitation, factor)


@router.post("/welcome/choose")
async def choose(request: Request, invitation: Invited) -> Response:
    """Back to the choice."""
    return factors.choice(request, invitation)


# -- codes ---------------------------------------------------------------------------------


@router.post("/welcome/app")
async def begin_app(
    request: Request, session: Session, keeper: Keeper, now: Now, invitation: Invited
) -> Response:
    """Have the keeper make a factor, show it once."""
    try:
        secret = await enrolment.begin_factor(session, keeper, invitation, now)
    except (CalllistError, Refusal) as error:
        return factors.choice(request, invitation, _trouble(request, error))
    return factors.app(request, invitation, secret)


@router.post("/welcome/token")
async def show_token(
    request: Request, session: Session, keeper: Keeper, now: Now, invitation: Invited
) -> Response:
    """The token that was handed over, if one was."""
    try:
        factor = await enrolment.token_of(session, keeper, invitation, now)
    except (CalllistError, Refusal) as error:
        return factors.choice(request, invitation, _trouble(request, error))
    return factors.token(request, invitation, factor)


@router.post("/welcome/code")
async def confirm(
    *,
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    invitation: Invited,
    code: Code,
    following: Code = "",
    uri: Annotated[str, Form(max_length=400)] = "",
    secret: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """The first right code confirms application or token and begins the first shift."""
    codes = factors.digits(code), factors.digits(following)
    try:
        signed = await enrolment.confirm(
            session, keeper, invitation, codes[0], now, following=codes[1]
        )
    except Refusal as error:
        trouble = _trouble(request, error)
        if secret:
            return factors.app(request, invitation, Secret(secret, uri), trouble)
        factor = await enrolment.look(session, keeper, invitation, now)
        return factors.token(request, invitation, factor, trouble)
    return _begin(signed)


# -- a security key ------------------------------------------------------------------------


@router.post("/welcome/key")
async def begin_key(
    request: Request, session: Session, keeper: Keeper, now: Now, invitation: Invited
) -> Response:
    """What the browser asks a new key."""
    try:
        options = await enrolment.begin_key(session, keeper, invitation, now)
    except (CalllistError, Refusal) as error:
        return factors.choice(request, invitation, _trouble(request, error))
    return factors.new_key(request, invitation, options)


@router.post("/welcome/key/register")
async def register_key(
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    invitation: Invited,
    credential: Credential = "",
) -> Response:
    """Register it, and have it sign once."""
    try:
        await enrolment.register_key(session, keeper, invitation, credential, now)
        options = await enrolment.challenge_key(session, keeper, invitation, now)
    except (CalllistError, Refusal) as error:
        trouble = _trouble(request, error)
        options = await enrolment.begin_key(session, keeper, invitation, now)
        return factors.new_key(request, invitation, options, trouble)
    return factors.first_key(request, invitation, options)


@router.post("/welcome/key/sign-in")
async def confirm_by_key(
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    invitation: Invited,
    credential: Credential = "",
) -> Response:
    """Its first signature confirms it and begins the first shift."""
    try:
        signed = await enrolment.confirm_by_key(session, keeper, invitation, credential, now)
    except (CalllistError, Refusal) as error:
        trouble = _trouble(request, error)
        options = await enrolment.challenge_key(session, keeper, invitation, now)
        return factors.own_key(request, invitation, options, trouble)
    return _begin(signed)


def _begin(signed: SignedIn) -> Response:
    response = to("/")
    give_shift(response, signed)
    return response


def _trouble(request: Request, error: Exception) -> Trouble:
    problem = problem_of(error, language(request))
    return Trouble(problem.detail, problem.status)


def _ask_again(request: Request, invitation: str, trouble: Trouble) -> Response:
    return page(
        request,
        "welcome.html",
        invitation=invitation,
        error=trouble.sentence,
        status=trouble.status,
    )
