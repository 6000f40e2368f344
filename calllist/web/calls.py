"""The officer's screen where the code of a call is checked. Nobody who was called is on it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from calllist.oversight import calls
from calllist.oversight.calls import CodeUnreadable
from calllist.people.roles import Role
from calllist.web.access import Keeper, Session, Visitor, signed_in
from calllist.web.frame import page, to
from crypto.errors.records import CodesUsed

router = APIRouter(include_in_schema=False)
Officer = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR))]


@router.get("/calls")
async def form(request: Request, visitor: Officer) -> Response:
    """Where the six digits are typed."""
    return page(request, "calls.html", visitor, answer=None)


@router.post("/calls")
async def check(
    request: Request,
    session: Session,
    keeper: Keeper,
    visitor: Officer,
    code: Annotated[str, Form(max_length=40)],
) -> Response:
    """Genuine or not. The code travels in the form only and stands in no answer."""
    try:
        answer = await calls.check(session, keeper, visitor.person, code, grant=visitor.grant)
    except (CodeUnreadable, CodesUsed) as error:
        return to("/calls", problem=error.code)
    return page(request, "calls.html", visitor, answer=answer)
