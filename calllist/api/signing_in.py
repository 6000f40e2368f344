"""Signing in and out, as JSON. The secrets travel in cookies only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from calllist.api.shapes import (
    Code,
    CommandCode,
    CommandCodeAsked,
    Credential,
    Credentials,
    FormToken,
    KeyOptions,
    Who,
)
from calllist.people import commands, signin, tokens
from calllist.people.roles import Role
from calllist.people.signin import SignedIn
from calllist.web.access import (
    GRANT,
    Keeper,
    Now,
    Session,
    Visitor,
    give_session,
    give_shift,
    own_page,
    refuse_foreign,
    session_token,
    signed_in,
    take_back,
)

router = APIRouter(prefix="/sign-in", tags=["sign-in"])
Paired = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR))]


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


@router.post("/command-code", status_code=201)
async def command_code(
    visitor: Paired, session: Session, at: Now, withdrawals: bool = False
) -> CommandCode:
    """A code for `calllist sign-in`, good once and for five minutes. It begins a session that
    can upload and read receipts, and ends with this shift. withdrawals: it can take people out
    as well, for which it is lent this shift's grant."""
    lent = visitor.grant if withdrawals else ""
    offered = await commands.offer(session, visitor.person, at, lent=lent)
    return CommandCode(code=offered.code, until=offered.until)


@router.post("/command", dependencies=[Depends(own_page)])
async def command(
    asked: CommandCodeAsked, response: Response, session: Session, keeper: Keeper, at: Now
) -> Who:
    """Begin the command line's session with such a code; with the grant, if it was lent."""
    begun = await commands.take(session, keeper, asked.code, at)
    if begun.grant:
        give_shift(response, begun)
    else:
        give_session(response, begun.token)
    return Who(
        csrf=tokens.csrf(begun.token),
        person=begun.person.id,
        role=begun.person.role,
        until=begun.until,
    )


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
