"""Signing in and out, as JSON. The secrets travel in cookies only."""

from fastapi import APIRouter, Depends, Request, Response

from calllist.api.shapes import Code, Credential, Credentials, FormToken, KeyOptions, Who
from calllist.people import signin, tokens
from calllist.people.signin import SignedIn
from calllist.web.access import (
    GRANT,
    Keeper,
    Now,
    Session,
    give_session,
    give_shift,
    own_page,
    refuse_foreign,
    session_token,
    take_back,
)

router = APIRouter(prefix="/sign-in", tags=["sign-in"])


@router.post("", dependencies=[Depends(own_page)])
async def password(asked: Credentials, response: Response, session: Session, at: Now) -> FormToken:
    """The first factor. Answers with an incomplete session: send the code next."""
    token = await signin.password(session, asked.login, asked.password, at)
    give_session(response, token)
    return FormToken(csrf=tokens.csrf(token))


@router.post("/code")
async def code(
    request: Request, asked: Code, response: Response, session: Session, keeper: Keeper, at: Now
) -> Who:
    """The second factor, verified by the keeper: the shift begins with new cookies."""
    token = session_token(request)
    await refuse_foreign(request, token)
    signed = await signin.code(session, keeper, token, asked.code, at, following=asked.following)
    return _begun(response, signed)


@router.post("/key/challenge")
async def challenge(request: Request, session: Session, keeper: Keeper, at: Now) -> KeyOptions:
    """What to ask the security key of the person who has given the password."""
    token = session_token(request)
    await refuse_foreign(request, token)
    return KeyOptions(options=await signin.challenge(session, keeper, token, at))


@router.post("/key")
async def key(
    request: Request,
    asked: Credential,
    response: Response,
    session: Session,
    keeper: Keeper,
    at: Now,
) -> Who:
    """As `/code`, with what the security key signed."""
    token = session_token(request)
    await refuse_foreign(request, token)
    return _begun(response, await signin.key(session, keeper, token, asked.credential, at))


@router.delete("", status_code=204)
async def sign_out(request: Request, response: Response, session: Session, keeper: Keeper) -> None:
    """End the session and the shift."""
    token = session_token(request)
    await refuse_foreign(request, token)
    await signin.sign_out(session, keeper, token, request.cookies.get(GRANT, ""))
    take_back(response)


def _begun(response: Response, signed: SignedIn) -> Who:
    give_shift(response, signed)
    return Who(
        csrf=tokens.csrf(signed.token),
        person=signed.person.id,
        role=signed.person.role,
        until=signed.until,
    )
