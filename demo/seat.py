"""One person at a keyboard, as the server sees it: real HTTP, cookies, form token.

A client of its own, because the session cookies are `Secure` and `__Host-`: a browser sends
them to the loopback, an HTTP library does not.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from http.cookies import SimpleCookie
from typing import Any

import httpx

from demo.onboarding import Member

API = "/api/v1"
PATIENCE = httpx.Timeout(60.0, read=600.0)  # seconds; a large upload is answered at its end


class Refused(Exception):
    """The server said no: status and code, as the API words it."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code"))
        self.problem = problem
        super().__init__(f"{status} {problem}")


class Seat:
    """A signed-in person. `overhear` gets every answer's body before anyone else."""

    def __init__(
        self,
        origin: str,
        member: Member,
        now: Callable[[], datetime],
        overhear: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        self._http = httpx.AsyncClient(base_url=origin, timeout=PATIENCE)
        self._member = member
        self._now = now
        self._overhear = overhear
        self._cookies: dict[str, str] = {}
        self._csrf = ""

    async def __aenter__(self) -> "Seat":
        await self.sign_in()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def sign_in(self) -> None:
        """Password, then a code of the authenticator (waits for a fresh one)."""
        login = {"login": self._member.login, "password": self._member.password}
        self._csrf = (await self.post("/sign-in", login))["csrf"]
        while (code := self._member.code(self._now())) is None:
            await asyncio.sleep(1)
        self._csrf = (await self.post("/sign-in/code", {"code": code}))["csrf"]

    async def get(self, path: str) -> Any:
        return (await self._send("GET", path)).json()

    async def fetch(self, path: str) -> bytes:
        """A file."""
        return (await self._send("GET", path)).content

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return (await self._send("POST", path, json=body or {})).json()

    async def put(self, path: str) -> None:
        await self._send("PUT", path)

    async def upload(
        self, job: str, body: bytes | AsyncIterator[bytes], **columns: str | None
    ) -> Any:
        """One file. `columns`: headers by field kind, `expires`. Returns the receipt."""
        given = {kind: header for kind, header in columns.items() if header}
        answer = await self._send("PUT", f"/jobs/{job}/lists", content=body, params=given)
        return answer.json()

    async def _send(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """Raises Refused."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "X-CSRF-Token": self._csrf,
        }
        answer = await self._http.request(method, API + path, headers=headers, **rest)
        for header in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(header).items():
                self._cookies[name] = morsel.value
        self._overhear(answer.content)
        if answer.is_error:
            problem = answer.json() if "json" in answer.headers["content-type"] else {}
            raise Refused(answer.status_code, problem)
        return answer
