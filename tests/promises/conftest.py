"""What the promises are tried on: a world with a list of fictional people, and its web."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI

from calllist.app import create_app
from calllist.people.roles import Role
from crypto.wire.base import Caller
from demo.onboarding import Member
from demo.townsfolk import Townsperson
from tests.calllist.command_line import COMMANDS
from tests.keepers import KeeperProcess
from tests.visitors import Visitors, settings_for
from tests.world import World, townsfolk, upload_of
from tests.zygote import zygote

PEOPLE = 6


@dataclass
class Town:
    """One job with one list of `folk`, received through the real intake process."""

    world: World
    job: str
    list_id: str
    folk: list[Townsperson]
    everybody: dict[str, Member]  # one person of each role


Upload = Callable[[str, list[Townsperson]], Awaitable[str]]


@pytest.fixture
def upload(world: World, keeper: KeeperProcess, database: str) -> Upload:
    """Receives these people into a new list of a job; returns its id."""

    async def receive(job: str, folk: list[Townsperson]) -> str:
        received = await world.receive(
            job,
            upload_of(folk),
            intake_url=database,
            intake_socket=keeper.socket(Caller.INTAKE),
        )
        return received.list_id

    return receive


@pytest_asyncio.fixture
async def town(world: World, upload: Upload) -> Town:
    """A world in the middle of its work."""
    job = await world.job()
    folk = townsfolk(PEOPLE)
    auditor = await world.onboarding.member("auditor", "架空監査", Role.AUDITOR)
    supervisor = await world.onboarding.member(
        "supervisor", "架空統括", Role.SUPERVISOR, party=world.party, site=world.site
    )
    administrator = await world.onboarding.member("issuer", "架空発行", Role.ADMINISTRATOR)
    return Town(
        world=world,
        job=job,
        list_id=await upload(job, folk),
        folk=folk,
        everybody={
            "manager": world.manager,
            "supervisor": supervisor,
            "operator": world.operators[0],
            "entrustor": world.officer,
            "auditor": auditor,
            "administrator": administrator,
        },
    )


@pytest_asyncio.fixture
async def web(
    world: World, database: str, keeper: KeeperProcess, tmp_path: Path
) -> AsyncIterator[FastAPI]:
    """The web application on this world's database and keeper."""
    app = create_app(settings_for(database, keeper.run, tmp_path / "home"))
    app.state.board.lasts = timedelta(0)  # its stream says one thing and ends
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def visitors(web: FastAPI) -> Visitors:
    """Everybody's browser."""
    return Visitors(web)


def calllist(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """The command as the entrustor runs it: a process of its own, no network, no settings."""
    done = zygote(*COMMANDS).run(
        "calllist.cli",
        [*map(str, words)],
        folder=Path(__file__).parents[2],
        environment={"PATH": "", "LANG": "C.UTF-8"},
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
