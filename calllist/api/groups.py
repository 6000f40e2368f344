"""Groups of people on a list, and saved mappings of columns, as JSON."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from calllist.api.shapes import Asked, Told
from calllist.jobs import own_groups, segments, templates
from calllist.people.roles import Role
from calllist.web.access import Keeper, Now, Session, Visitor, signed_in

router = APIRouter(tags=["jobs"])
Manager = Annotated[Visitor, Depends(signed_in(Role.MANAGER))]
Overseer = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR, Role.AUDITOR))]


class GroupTold(Told):
    """People who share a value of a segment column. Code 0: その他, no value or a rare one."""

    column: int = Field(description="1 or 2: of the contract's segment columns")
    code: int
    label: str = Field(description="empty for code 0, and once the list is erased")
    turn: int = Field(description="0 called first, 1 as usual, 2 last")
    people: int
    left: int
    fresh: int = Field(description="never called yet")


class Turn(Asked):
    """When a group is called."""

    column: int = Field(ge=1, le=2)
    code: int = Field(ge=0, le=50)
    turn: int = Field(ge=0, le=2)


class Turns(Asked):
    """The turns of some groups; others keep theirs."""

    turns: list[Turn] = Field(max_length=102)


class TemplateTold(Told):
    """A mapping that is applied to files with the same header row."""

    id: str
    saved_at: datetime
    width: int
    columns: dict[str, list[int]] = Field(description="field kind to column numbers")


class Saved(Told):
    """A template was kept."""

    id: str


@router.get("/lists/{list_id}/groups")
async def groups(list_id: str, visitor: Overseer, session: Session) -> list[GroupTold]:
    """Progress by group, for lists whose contract permits segment columns."""
    found = await segments.groups(session, visitor.person, list_id)
    return [GroupTold(**vars(one)) for one in found]


@router.put("/lists/{list_id}/groups", status_code=204)
async def order(
    list_id: str, asked: Turns, visitor: Manager, session: Session, keeper: Keeper
) -> None:
    """Who is called first or last among those never called; call-backs come before all."""
    turns = {(one.column, one.code): one.turn for one in asked.turns}
    await segments.order(session, keeper, visitor.person, list_id, turns)


class Given(Asked):
    """A group of the list."""

    column: int = Field(ge=1, le=2)
    code: int = Field(ge=0, le=50)


class GivenGroups(Asked):
    """The groups that an operator calls; none: all."""

    groups: list[Given] = Field(max_length=102)


@router.put("/lists/{list_id}/groups/{operator_id}", status_code=204)
async def give(
    *,
    list_id: str,
    operator_id: str,
    asked: GivenGroups,
    visitor: Manager,
    session: Session,
    keeper: Keeper,
) -> None:
    """Which groups an operator of the job calls from the next person on."""
    groups = [(one.column, one.code) for one in asked.groups]
    await own_groups.give(session, keeper, visitor.person, list_id, operator_id, groups)


class ListTurn(Asked):
    """Called before the job's other lists (0), as usual (1), after them (2)."""

    turn: int = Field(ge=0, le=2)


@router.put("/lists/{list_id}/turn", status_code=204)
async def order_list(
    list_id: str, asked: ListTurn, visitor: Manager, session: Session, keeper: Keeper
) -> None:
    """Whether this list is called before or after the job's other lists."""
    await segments.order_list(session, keeper, visitor.person, list_id, asked.turn)


@router.get("/jobs/{job_id}/templates")
async def saved(job_id: str, visitor: Manager, session: Session) -> list[TemplateTold]:
    """The saved mappings that apply to files of this job."""
    found = await templates.of_job(session, visitor.person, job_id)
    return [
        TemplateTold(id=one.id, saved_at=one.saved_at, width=one.width, columns=one.places)
        for one in found
    ]


@router.post("/lists/{list_id}/template", status_code=201)
async def save(list_id: str, visitor: Manager, session: Session, at: Now) -> Saved:
    """Keep how this list's columns were mapped, for files with the same header row."""
    return Saved(id=await templates.save(session, visitor.person, list_id, at))


@router.delete("/jobs/{job_id}/templates/{template_id}", status_code=204)
async def remove(job_id: str, template_id: str, visitor: Manager, session: Session) -> None:
    """Forget a saved mapping."""
    await templates.remove(session, visitor.person, job_id, template_id)
