"""The code with which the command line signs in: shown once, to whoever is signed in here."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from calllist.people import commands
from calllist.people.roles import Role
from calllist.web.access import Config, Now, Session, Visitor, signed_in
from calllist.web.frame import page

router = APIRouter(include_in_schema=False)
Paired = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR))]


@router.get("/command")
async def ask(request: Request, visitor: Paired, config: Config) -> Response:
    """What the command line is for, and the button."""
    return page(request, "command.html", visitor, origin=config.origin, offered=None, lent=False)


@router.post("/command")
async def show(
    request: Request,
    visitor: Paired,
    session: Session,
    config: Config,
    now: Now,
    withdrawals: Annotated[Literal["", "yes"], Form()] = "",
) -> Response:
    """A fresh code; the one before it is void. It stands in this answer and in no address.

    withdrawals: lent the shift's grant, so that the command can take people out, too.
    """
    lent = visitor.grant if withdrawals else ""
    offered = await commands.offer(session, visitor.person, now, lent=lent)
    return page(
        request,
        "command.html",
        visitor,
        origin=config.origin,
        offered=offered,
        lent=bool(lent),
    )
