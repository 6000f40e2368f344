"""Signed decisions: hand in files of every kind, see what waits, ask for a roster entry."""

from datetime import datetime, time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from calllist.clock import JST
from calllist.errors import CalllistError
from calllist.mirror import decisions as mirrored
from calllist.oversight import decisions
from calllist.people import accounts, statements, tokens
from calllist.people.roles import Role
from calllist.web import decided, identifiers
from calllist.web.access import (
    Custody,
    Keeper,
    NotFromHere,
    Now,
    Session,
    SignedInAs,
    Visitor,
    session_token,
    signed_in,
)
from calllist.web.frame import page, to
from calllist.web.problems import problem_of
from calllist.web.sending import Form as StreamedForm
from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.wire.approvals import Awaited, AwaitedStatement
from crypto.wire.client import KeeperClient
from retention.custody import Custody as CustodyPower

SIGNED_BYTES = 200_000  # of a signed file: a thousand canaries are far smaller

router = APIRouter(include_in_schema=False)
Administrator = Annotated[Visitor, Depends(signed_in(Role.ADMINISTRATOR))]
SIGNERS = (Role.ADMINISTRATOR, Role.ENTRUSTOR)
Signer = Annotated[Visitor, Depends(signed_in(*SIGNERS))]
StreamingSigner = Annotated[Visitor, Depends(SignedInAs(*SIGNERS, form_token=False))]


@router.get("/statements")
async def signed_files(
    request: Request, session: Session, keeper: Keeper, now: Now, visitor: Signer
) -> Response:
    """Where signed files are handed in, what waits for a signature; requests for the roster."""
    issues = visitor.person.role == Role.ADMINISTRATOR
    people = await accounts.everyone(session)
    living = [row for row in people if row.stopped_at is None]
    known = await identifiers.known(session, visitor.person, visitor.lang, now)
    names = {id_: name for _, name, id_ in known} | {row.id: row.name for row in people if issues}
    found = await mirrored.decided(session, visitor.person.entrustor_id)
    return page(
        request,
        "statements.html",
        visitor,
        people=living if issues else None,
        waiting=await _waiting(keeper, visitor),
        decided=[decided.told(one, names, visitor.lang) for one in found],
        names=names,
        known=known,
        accepted=request.query_params.get("accepted"),
    )


@router.post("/statements")
async def hand_in(
    session: Session,
    keeper: Keeper,
    custody: Custody,
    now: Now,
    visitor: Signer,
    signed: Annotated[str, Form(max_length=SIGNED_BYTES)],
) -> Response:
    """Give a signed file of any kind to the keeper; an entrustor only what concerns itself."""
    return await _hand_in(session, keeper, custody, now, visitor, signed.encode())


@router.post("/statements/file")
async def hand_in_file(
    *,
    request: Request,
    session: Session,
    keeper: Keeper,
    custody: Custody,
    now: Now,
    visitor: StreamingSigner,
) -> Response:
    """The same, chosen as a file: read as it comes, so that nothing is spooled to a disk."""
    form, content = StreamedForm(request), b""
    async for block in form.file():
        content += block
        if len(content) > SIGNED_BYTES:
            return to("/statements", problem="statement_unreadable")
    if not tokens.is_csrf(session_token(request), form.fields.get("csrf", "")):
        raise NotFromHere
    return await _hand_in(session, keeper, custody, now, visitor, content)


async def _hand_in(
    session: AsyncSession,
    keeper: KeeperClient,
    custody: CustodyPower,
    now: datetime,
    visitor: Visitor,
    signed: bytes,
) -> Response:
    of = visitor.person.entrustor_id if visitor.person.role == Role.ENTRUSTOR else None
    try:
        taken = await decisions.hand_in(session, keeper, custody, signed.strip(), now, of=of)
    except (CalllistError, Refusal) as error:
        return to("/statements", problem=problem_of(error, visitor.lang).code)
    return to("/statements", accepted=_outcome(taken))


async def _waiting(keeper: Keeper, visitor: Visitor) -> list[AwaitedStatement]:
    """What one approver has signed and another has not; an entrustor sees its own."""
    try:
        found = (await keeper.call(Awaited())).statements
    except KeeperUnavailable:
        return []
    mine = visitor.person.entrustor_id
    return [row for row in found if mine is None or row.entrustor == mine]


@router.post("/statements/roster")
async def draft_roster(
    session: Session,
    now: Now,
    visitor: Administrator,
    person: Annotated[str, Form(max_length=64)],
    until: Annotated[str, Form(max_length=10)],
    new_factor: Annotated[Literal["", "yes"], Form()] = "",
) -> Response:
    """The request file that the privacy officer reads and signs."""
    try:
        last = datetime.combine(datetime.fromisoformat(until).date(), time(23, 59, 59), tzinfo=JST)
        request = await statements.draft_roster(
            session,
            person,
            until=last,
            issuer=visitor.person.id,
            now=now,
            new_factor=bool(new_factor),
        )
    except ValueError:
        return to("/statements", problem="invalid_request")
    except CalllistError as error:
        return to("/statements", problem=error.code)
    name = f'attachment; filename="roster-{person}.json"'
    return Response(request, media_type="application/json", headers={"Content-Disposition": name})


def _outcome(taken: statements.HandedIn) -> str:
    """What the screen says about it: a code of `calllist.web.words.DECISION`."""
    return "waits" if taken.missing else str(taken.body.__struct_config__.tag)
