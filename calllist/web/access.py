"""Who is asking, and what a request is given: the doors of screens and API alike.

A route names its roles: `visitor: Annotated[Visitor, Depends(signed_in(Role.MANAGER))]`. It
gets a transaction that is committed before the response is sent, the time, the keeper.

What a request is given is a coroutine even where it waits for nothing: FastAPI sends any other
function through a thread, five times a request.

Every unsafe request must come from a page of ours: a form token bound to the session, and
what the browser says of the origin. Cookies are `__Host-`, so no neighbour host sets them.
"""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.responses import Response

from calllist import db
from calllist.errors import CalllistError
from calllist.people import commands, signin, tokens
from calllist.people.commands import CommandSession
from calllist.people.errors import GrantNotLent, NotSignedIn, RoleRefused
from calllist.people.roles import Role
from calllist.people.signin import SignedIn
from calllist.people.tables import Person
from calllist.settings import Settings
from crypto.wire.client import KeeperClient
from retention.custody import Custody as CustodyPower

SESSION = "__Host-session"
GRANT = "__Host-grant"
PAGE = "__Host-page"
PAGE_BYTES = 8
LANG = "lang"
LANGUAGES = ("ja", "en")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM = "application/x-www-form-urlencoded"  # multipart would spool to a file: never read


class NotFromHere(CalllistError):
    """An unsafe request that no page of this session made."""

    code = "not_from_here"


@dataclass(frozen=True)
class Visitor:
    """Who is asking. `grant` is the keeper's secret of this shift; it never leaves a cookie."""

    person: Person
    grant: str = field(repr=False)
    csrf: str = field(repr=False)  # for the hidden field `csrf`, or the header X-CSRF-Token
    lang: str


async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """One request, one transaction."""
    makes: async_sessionmaker[AsyncSession] = request.app.state.sessions
    async with db.transaction(makes) as session:
        yield session


async def settings(request: Request) -> Settings:
    """The process's settings."""
    found: Settings = request.app.state.settings
    return found


async def now(request: Request) -> datetime:
    """The time of this request, the same wherever it is asked."""
    if not hasattr(request.state, "now"):
        request.state.now = request.app.state.clock.now()
    at: datetime = request.state.now
    return at


async def keeper(request: Request) -> KeeperClient:
    """The web's line to the keeper."""
    found: KeeperClient = request.app.state.keeper
    return found


async def custody(request: Request) -> CustodyPower:
    """The web's power over holdings."""
    found: CustodyPower = request.app.state.custody
    return found


Session = Annotated[AsyncSession, Depends(transaction, scope="function")]
Config = Annotated[Settings, Depends(settings)]
Now = Annotated[datetime, Depends(now)]
Keeper = Annotated[KeeperClient, Depends(keeper)]
Custody = Annotated[CustodyPower, Depends(custody)]


def language(request: Request) -> str:
    """The language of the screens: Japanese unless the visitor chose English."""
    chosen = request.cookies.get(LANG, LANGUAGES[0])
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


class SignedInAs:
    """A dependency that lets people of certain roles in; `roles` is read by the route matrix.

    `form_token` False: the form token comes inside a stream, and the route checks it there.
    `command`: the command line may do this too, with a session that holds no grant.
    `lent`: the command line may do this too, if the browser lent it the shift's grant.
    """

    def __init__(
        self,
        *roles: Role,
        form_token: bool = True,
        command: bool = False,
        lent: bool = False,
    ) -> None:
        self.roles = roles
        self.command = command or lent
        self._lent = lent
        self._form_token = form_token

    async def __call__(self, request: Request, session: Session, at: Now) -> Visitor:
        """Raises NotSignedIn, RoleRefused, NotFromHere, GrantNotLent."""
        token, grant = session_token(request), request.cookies.get(GRANT, "")
        person = await signin.who(session, token, grant, at) if token and grant else None
        if person is None and token and self.command:
            lent = self._lent and await commands.was_lent(session, token, grant)
            grant, person = grant if lent else "", await commands.who(session, token, at)
        if person is None:
            raise NotSignedIn
        if self._lent and not grant:
            raise GrantNotLent
        if self._form_token:
            await refuse_foreign(request, token)
        else:
            refuse_other_origins(request)
        if person.role not in self.roles:
            raise RoleRefused
        return Visitor(
            person=person,
            grant=grant,
            csrf=tokens.csrf(token),
            lang=language(request),
        )


def signed_in(*roles: Role, command: bool = False, lent: bool = False) -> SignedInAs:
    """People of these roles; without any, people of every role."""
    return SignedInAs(*(roles or Role), command=command, lent=lent)


async def own_page(request: Request) -> None:
    """A dependency for unsafe routes before there is a session (sign-in, invitation)."""
    refuse_other_origins(request)


async def refuse_foreign(request: Request, token: str) -> None:
    """Raises NotFromHere unless an unsafe request carries its session's form token."""
    if request.method in SAFE:
        return
    refuse_other_origins(request)
    offered = request.headers.get("X-CSRF-Token")
    if offered is None and request.headers.get("Content-Type", "").startswith(FORM):
        offered = str((await request.form()).get("csrf", ""))
    if not tokens.is_csrf(token, offered or ""):
        raise NotFromHere


def refuse_other_origins(request: Request) -> None:
    """Raises NotFromHere if the browser says that another site made this unsafe request.

    Both Sec-Fetch-Site and Origin count where they are sent; a client that sends neither is
    no browser and carries no cookies of one. Forms of our own pages have the Origin "null",
    because our Referrer-Policy says so: there Sec-Fetch-Site decides.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in (None, "same-origin"):
        raise NotFromHere
    if origin == "null" and site is not None:
        return
    if origin is not None and origin not in request.app.state.settings.origins:
        raise NotFromHere


def session_token(request: Request) -> str:
    """The secret of this browser's session, complete or not; empty without one."""
    return request.cookies.get(SESSION, "")


def give_session(response: Response, token: str) -> None:
    """Set the cookie of an incomplete session (password right, code missing)."""
    _set(response, SESSION, token)


def give_shift(response: Response, signed: SignedIn | CommandSession) -> None:
    """Set the cookies of a complete sign-in, or of a command's with a grant that was lent."""
    _set(response, SESSION, signed.token)
    _set(response, GRANT, signed.grant)


def turn_page(response: Response) -> None:
    """Set a cookie that no two pages share: what a browser keeps of the pages before, Back does not
    show. Chromium keeps pages with `no-store`, too, and drops them once such a cookie has changed.
    """
    _set(response, PAGE, secrets.token_hex(PAGE_BYTES))


def take_back(response: Response) -> None:
    """Remove both cookies and whatever else the browser kept."""
    for name in (SESSION, GRANT):
        response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def _set(response: Response, name: str, value: str) -> None:
    """A session cookie: it ends with the browser, and in the database with the shift."""
    response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="strict")
