"""Where a visitor was going when the door was in the way: a mail's link leads on after sign-in.

Only the path is kept, for minutes, in the browser that asked: our paths name ids and nobody.
Those who get no mails (operators, supervisors) begin where their day begins: the seat may be
another person's by then.
"""

import re

from fastapi import Request
from starlette.responses import Response

from calllist.people.roles import Role

COOKIE = "__Host-destination"
SECONDS = 600
PATH = re.compile(r"(/[\w-]+)+", re.ASCII)  # of this host: never "//", a scheme, a query
LONGEST = 200  # characters
MAILED = frozenset({Role.MANAGER, Role.ENTRUSTOR, Role.AUDITOR})


def remember(response: Response, request: Request) -> None:
    """Keep the page that was asked for, if it was a page."""
    path = request.url.path
    if request.method == "GET" and _is_ours(path):
        response.set_cookie(
            COOKIE,
            path,
            max_age=SECONDS,
            path="/",
            secure=True,
            httponly=True,
            samesite="strict",
        )


def of(request: Request, role: Role) -> str:
    """The path to go to after sign-in; "/" if there was none."""
    path = request.cookies.get(COOKIE, "")
    return path if role in MAILED and _is_ours(path) else "/"


def forget(response: Response) -> None:
    """It was reached, or another person's."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")


def _is_ours(path: str) -> bool:
    return len(path) <= LONGEST and PATH.fullmatch(path) is not None
