"""A working call centre per test; see `tests/calllist/centre.py`."""

import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from calllist.app import create_app
from calllist.embedded.postgres import Postgres
from calllist.settings import Settings
from tests.calllist.centre import ORIGIN, Centre
from tests.calllist.postoffice import Post, free_port
from tests.conftest import run
from tests.settled import Picture, Pictures


@pytest.fixture
def settled(
    request: pytest.FixtureRequest,
    settled: Picture | None,
    postgres: Postgres,
    pictures: Pictures,
) -> Picture | None:
    """A test with a centre begins with one that is open."""
    if "centre" not in request.fixturenames:
        return settled
    return pictures.of(
        "centre", lambda name, folder: run(_opened(postgres.url(database=name), folder))
    )


async def _opened(url: str, folder: Path) -> Centre:
    engine = create_async_engine(url)
    centre = await Centre.open(async_sessionmaker(engine, expire_on_commit=False), url, folder)
    await centre.close()
    await engine.dispose()
    return centre


@pytest_asyncio.fixture
async def centre(
    sessions: async_sessionmaker[AsyncSession], database: str, settled: Picture
) -> AsyncIterator[Centre]:
    folder = Path(tempfile.mkdtemp(prefix="cl"))  # short: a UNIX socket's path has 107 bytes
    settled.home(folder / "keeper")
    first: Centre = settled.told
    opened = await first.again(sessions, database, folder)
    yield opened
    await opened.close()
    shutil.rmtree(folder)


@pytest_asyncio.fixture
async def portal(centre: Centre) -> AsyncIterator[FastAPI]:
    """The web application of this centre, in this process."""
    settings = Settings(
        DATABASE_URL=centre.database,
        home=centre.folder,
        clock_offset=centre.clock.offset,
        synthetic_numbers=True,
        origin=ORIGIN,
    )
    made = create_app(settings)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture(scope="module")
def mail_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an SMTP server that vouches for itself; beside it, ending in .crt, the public part."""
    file = tmp_path_factory.mktemp("smtp") / "both.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", file),
            *("-out", f"{file}.crt", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


@pytest.fixture
def post(mail_certificate: Path) -> Iterator[Post]:
    made = Post(mail_certificate, port=free_port())
    made.start()
    yield made
    if made.running:
        made.stop()
