"""Who may sit at a desk, and the desk of this request: for screens and API alike."""

from typing import Annotated

from fastapi import Depends

from calllist.dialing.desk import Desk
from calllist.people.roles import Role
from calllist.web.access import Config, Custody, Now, Session, Visitor, signed_in

Operator = Annotated[Visitor, Depends(signed_in(Role.OPERATOR))]


async def desk_of(
    visitor: Operator, session: Session, custody: Custody, config: Config, now: Now
) -> Desk:
    """The operator's desk, in this request's transaction and at its time."""
    return Desk(session, custody, visitor.person, visitor.grant, config.lease_grace, now)


OwnDesk = Annotated[Desk, Depends(desk_of)]
