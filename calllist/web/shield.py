"""The outermost layer of the web: what may come in, the same headers out, no error's text.

A plain ASGI middleware that buffers nothing. Bodies are parsed before anybody is known, so
their size and kind are bounded here: only files stream without end, and only the routes of files
take multipart, read as it comes, which elsewhere would be spooled to a file. Whatever no handler
expected ends here, so that no server log ever prints an exception with what it quotes.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calllist.settings import LOOPBACK

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), clipboard-read=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",  # browsers heed it over HTTPS only
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

BODY_BYTES = 1 << 20  # of a request that is no upload
UPLOAD = re.compile(
    r"PUT /api/v1/jobs/[^/]+/lists|POST (?:/api/v1)?/jobs/[^/]+/(?:preview|shapes|withdrawals)"
)
UPLOAD_FORM = re.compile(r"POST /jobs/[^/]+/(?:lists|preview|withdrawals)")
# Refusals and list, or a withdrawal file: `parts`.
UPLOAD_PARTS = re.compile(r"PUT /api/v1/jobs/[^/]+/lists|POST /api/v1/jobs/[^/]+/withdrawals")
SIGNED_FORM = "POST /statements/file"
HEALTH = "/api/v1/health"  # probes ask on the host itself
METRICS = "/metrics"  # asked under an address of each web, with a token that no browser has


class BrokenOff(Exception):
    """An answer ended in the middle; what went wrong stands in our log under a number."""


class Shield:
    """Sets `HEADERS` where an answer has none of that name; `last_resort` answers the rest.

    `hosts` are the names that browsers know us by: a request for another one is refused.
    """

    def __init__(
        self,
        app: ASGIApp,
        last_resort: Callable[[Request, Exception], Response],
        hosts: frozenset[str],
    ) -> None:
        self._app = app
        self._last_resort = last_resort
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, self._admitted(scope, receive), guarded)
        except Exception as error:
            answer = self._last_resort(Request(scope), error)
            if started:
                raise BrokenOff from None
            await answer(scope, receive, guarded)

    def _admitted(self, scope: Scope, receive: Receive) -> Receive:
        """The body, bounded. Raises HTTPException 421, 415, 413; so does reading too much."""
        headers = Headers(scope=scope)
        route = f"{scope['method']} {scope['path']}"
        host = _host_of(headers)
        probe = (scope["path"] == HEALTH and host in LOOPBACK) or scope["path"] == METRICS
        if host not in self._hosts and not probe:
            raise HTTPException(421)
        form = UPLOAD_FORM.fullmatch(route) or UPLOAD_PARTS.fullmatch(route)
        multipart = form or route == SIGNED_FORM
        if not multipart and any(_is_multipart(kind) for kind in headers.getlist("Content-Type")):
            raise HTTPException(415)
        if form or UPLOAD.fullmatch(route):
            return receive
        announced = headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced) > BODY_BYTES:
            raise HTTPException(413)
        return _bounded(receive)


def _bounded(receive: Receive) -> Receive:
    left = BODY_BYTES

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return counted


def _host_of(headers: Headers) -> str:
    try:
        return urlsplit(f"//{headers.get('Host', '')}").hostname or ""
    except ValueError:  # an address in brackets that is none
        return ""


def _is_multipart(kind: str) -> bool:
    return kind.strip().lower().startswith("multipart/")
