"""The web application asked over HTTP by the people of a world, or by nobody.

    visitors = Visitors(app)
    answer = await visitors.ask(world.manager, "GET", "/jobs")

The requests carry the cookies and the form token that the person's browser would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

from calllist.people import tokens
from calllist.settings import Settings
from calllist.web.access import GRANT, SESSION, SignedInAs
from demo.onboarding import Member
from demo.townsfolk import Townsperson
from tests.keepers import OFFSET

ORIGIN = "http://127.0.0.1:8000"


def settings_for(database: str, run: Path, home: Path) -> Settings:
    """Settings of a platform in this process."""
    return Settings.model_validate(
        {
            "DATABASE_URL": database,
            "home": home,
            "keeper_run": run,
            "synthetic_numbers": True,
            "origin": ORIGIN,
            "clock_offset": OFFSET,
        }
    )


@dataclass(frozen=True)
class Visitors:
    """Everybody's browser."""

    app: FastAPI

    async def ask(
        self, member: Member | None, method: str, path: str, **how: Any
    ) -> httpx.Response:
        """One request; redirects are not followed."""
        headers = dict(how.pop("headers", {}))
        if member is not None:
            headers["Cookie"] = f"{SESSION}={member.token}; {GRANT}={member.grant}"
            headers["X-CSRF-Token"] = tokens.csrf(member.token)
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            return await client.request(method, path, headers=headers, **how)


def routes(app: FastAPI) -> dict[str, frozenset[str] | None]:
    """Every route as "METHOD /path" with the roles it lets in; None: no sign-in asked."""
    doors = routes_with(app, lambda call: isinstance(call, SignedInAs))
    return {
        route: frozenset(str(role) for role in found[0].roles) if found else None
        for route, found in doors.items()
    }


def routes_with(app: FastAPI, wanted: Callable[[Any], bool]) -> dict[str, list[Any]]:
    """Every route as "METHOD /path" with those of its dependencies that are wanted."""
    found: dict[str, list[Any]] = {}

    def walk(things: Any, prefix: str) -> None:
        for thing in things:
            if isinstance(thing, APIRoute):
                calls = [call for call in _calls(thing.dependant) if wanted(call)]
                for method in thing.methods:
                    found[f"{method} {prefix}{thing.path}"] = calls
            elif hasattr(thing, "original_router"):
                context = getattr(thing, "include_context", None)
                walk(thing.original_router.routes, prefix + getattr(context, "prefix", ""))
            else:
                found[f"GET {thing.path}"] = []

    walk(app.router.routes, "")
    return found


def _calls(dependant: Any) -> Any:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)


def traces(person: Townsperson) -> list[str]:
    """What would tell this person apart from everybody else in a text."""
    plain = person.phone.replace("-", "")
    return [person.reference, person.phone, plain, "+81" + plain[1:], person.address]


def seen_in(text: str, folk: list[Townsperson]) -> list[Townsperson]:
    """The people of whom a text tells: by a unique trace, or by the name asked for."""
    return [
        person
        for person in folk
        if any(trace in text for trace in traces(person)) or person.kana in text
    ]
