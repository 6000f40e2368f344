"""Who may sit at a desk, and the desk of this request: for screens and API alike.

Operators call; whoever speaks with the person in hand is an operator, or a supervisor to whom the
person was handed over.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends

from calllist.dialing.desk import Desk
from calllist.people.roles import Role
from calllist.web.access import Config, Custody, Now, Session, Visitor, signed_in

Operator = Annotated[Visitor, Depends(signed_in(Role.OPERATOR))]
Supervisor = Annotated[Visitor, Depends(signed_in(Role.SUPERVISOR))]
Speaker = Annotated[Visitor, Depends(signed_in(Role.OPERATOR, Role.SUPERVISOR))]


async def seating(
    session: Session, custody: Custody, config: Config, now: Now
) -> Callable[[Visitor], Desk]:
    """The desk of whoever is let in, in this request's transaction and at its time."""
    return lambda who: Desk(session, custody, who.person, who.grant, config.lease_grace, now)


Seating = Annotated[Callable[[Visitor], Desk], Depends(seating)]


async def desk_of(visitor: Operator, seat: Seating) -> Desk:
    """The operator's desk."""
    return seat(visitor)


async def supervisors_desk(visitor: Supervisor, seat: Seating) -> Desk:
    """The supervisor's desk: for a person who is handed over."""
    return seat(visitor)


async def speakers_desk(visitor: Speaker, seat: Seating) -> Desk:
    """The desk of whoever has the person in hand."""
    return seat(visitor)


OwnDesk = Annotated[Desk, Depends(desk_of)]
SupervisorsDesk = Annotated[Desk, Depends(supervisors_desk)]
SpeakersDesk = Annotated[Desk, Depends(speakers_desk)]


def between_calls(visitor: Visitor, job_id: str) -> str:
    """Where whoever has just let go of a person of this job goes on."""
    return f"/desk/{job_id}" if visitor.person.role == Role.OPERATOR else "/floor"
