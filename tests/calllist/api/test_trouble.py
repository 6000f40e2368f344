"""The database goes away in mid-work: a sentence, and work again without a restart."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from calllist import migrations
from calllist.app import create_app
from calllist.embedded.postgres import Postgres
from calllist.settings import Settings

pytestmark = pytest.mark.asyncio

WHO = {"login": "nobody", "password": "whatever it was"}


async def test_a_killed_database_is_a_503_and_its_return_is_noticed_by_itself(
    tmp_path: Path,
) -> None:
    server = Postgres(tmp_path / "pg", log=tmp_path / "pg.log")
    await asyncio.to_thread(server.start)
    try:
        await migrations.upgrade_async(server.url())
        app = create_app(Settings(DATABASE_URL=server.url(role="calllist_web"), home=Path("/run")))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client,
        ):
            for returns in (True, False):
                up = await client.post("/api/v1/sign-in", json=WHO)
                assert (up.status_code, up.json()["code"]) == (401, "sign_in_refused")
                assert server.pid
                os.kill(server.pid, signal.SIGKILL)
                async with asyncio.timeout(30):  # a backend may outlive its postmaster for a moment
                    while (await client.post("/api/v1/sign-in", json=WHO)).status_code != 503:
                        pass
                for _ in range(3):
                    down = await client.post("/api/v1/sign-in", json=WHO)
                    assert (down.status_code, down.json()["code"]) == (503, "database_unavailable")
                if returns:
                    await asyncio.to_thread(server.start)
    finally:
        await asyncio.to_thread(server.stop)
