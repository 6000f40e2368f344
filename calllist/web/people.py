"""The account administrator's screens: people and invitations."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from calllist.entrustors import onboarding as entrustors
from calllist.errors import CalllistError
from calllist.parties import onboarding as parties
from calllist.people import accounts
from calllist.people.roles import Role
from calllist.people.tables import Person
from calllist.web.access import Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import page, to

router = APIRouter(include_in_schema=False)
Administrator = Annotated[Visitor, Depends(signed_in(Role.ADMINISTRATOR))]
ROLES = (
    *(Role.OPERATOR, Role.SUPERVISOR, Role.MANAGER),
    *(Role.ENTRUSTOR, Role.AUDITOR, Role.ADMINISTRATOR),
)


@router.get("/people")
async def everyone(request: Request, session: Session, visitor: Administrator) -> Response:
    """All accounts."""
    return await _people(request, session, visitor)


@router.post("/people")
async def create(
    *,
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    visitor: Administrator,
    login: Annotated[str, Form(max_length=64)],
    name: Annotated[str, Form(max_length=80)],
    role: Annotated[Role, Form()],
    site: Annotated[str, Form(max_length=64)] = "",
    entrustor: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """A new account; its invitation is shown this once."""
    places = {row.id: row for row in await parties.sites(session)}
    here = places.get(site)
    try:
        person, secret = await accounts.create(
            session,
            keeper,
            by=visitor.person.id,
            login=login,
            name=name,
            role=role,
            party_id=here.party_id if here else None,
            site_id=site or None,
            entrustor_id=entrustor or None,
            now=now,
        )
    except CalllistError as error:
        return to("/people", problem=error.code)
    return await _people(request, session, visitor, invited=_invitation(person, secret, now))


@router.post("/people/{person_id}/invite")
async def invite(
    *,
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    visitor: Administrator,
    person_id: str,
) -> Response:
    """A fresh invitation; the earlier one ends."""
    secret = await accounts.invite(session, keeper, person_id, by=visitor.person.id, now=now)
    person = await session.get_one(Person, person_id)
    return await _people(request, session, visitor, invited=_invitation(person, secret, now))


@router.post("/people/{person_id}/stop")
async def stop(
    session: Session, keeper: Keeper, now: Now, visitor: Administrator, person_id: str
) -> Response:
    """End an account for ever."""
    if person_id == visitor.person.id:
        return to("/people", problem="role_refused")
    await accounts.stop(session, keeper, person_id, by=visitor.person.id, now=now)
    return to("/people")


@router.post("/people/{person_id}/end-shift")
async def end_shift(
    session: Session, keeper: Keeper, visitor: Administrator, person_id: str
) -> Response:
    """Sign somebody out at once; the account stays."""
    await accounts.end_shift(session, keeper, person_id, by=visitor.person.id)
    return to("/people")


async def _people(
    request: Request,
    session: Session,
    visitor: Visitor,
    *,
    invited: dict[str, Any] | None = None,
) -> Response:
    firms = {row.id: row.name for row in await parties.parties(session)}
    sites = {row.id: row for row in await parties.sites(session)}
    tenants = {row.id: row for row in await entrustors.entrustors(session)}

    def place(person: Person) -> str:
        if person.entrustor_id:
            return tenants[person.entrustor_id].name
        site = sites.get(person.site_id or "")
        firm = firms.get(person.party_id or "", "")
        return f"{firm}　{site.name}" if site else firm

    return page(
        request,
        "people.html",
        visitor,
        people=[(row, place(row)) for row in await accounts.everyone(session)],
        at_work=await accounts.at_work(session, request.app.state.clock.now()),
        invitation=invited,
        roles=[role.value for role in ROLES],
        sites=[(row.id, firms[row.party_id], row.name) for row in sites.values()],
        entrustors=list(tenants.values()),
    )


def _invitation(person: Person, secret: str, now: datetime) -> dict[str, Any]:
    return {"name": person.name, "token": secret, "until": now + accounts.INVITATION_LIFE}
