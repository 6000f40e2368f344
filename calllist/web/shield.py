"""The outermost layer of the web: the same headers on every answer, and no error's text.

A plain ASGI middleware: it neither buffers nor reads bodies. Whatever no handler expected
ends here, so that no server log ever prints an exception with what it quotes.
"""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


class BrokenOff(Exception):
    """An answer ended in the middle; what went wrong stands in our log under a number."""


class Shield:
    """Sets `HEADERS` where an answer has none of that name; `last_resort` answers the rest."""

    def __init__(self, app: ASGIApp, last_resort: Callable[[Request, Exception], Response]) -> None:
        self._app = app
        self._last_resort = last_resort

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
            await self._app(scope, receive, guarded)
        except Exception as error:
            answer = self._last_resort(Request(scope), error)
            if started:
                raise BrokenOff from None
            await answer(scope, receive, guarded)
