"""Our own files: kept for good under the address of their edition, by nobody under another."""

import re

import pytest
from fastapi import FastAPI

from calllist.web import assets
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio


async def test_a_pages_files_bear_its_edition_and_are_kept_for_good(app: FastAPI) -> None:
    async with visit(app, None) as visitor:
        told = re.findall(r'(?:href|src)="(/static/[^"]+)"', await visitor.get("/sign-in"))
        assert {one.rpartition("/")[0] for one in told} == {f"/static/{assets.EDITION}"}
        assert any(one.endswith(".css") for one in told)
        for one in told:
            answer = await visitor.client.get(one)
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "max-age=31536000, immutable"


async def test_a_page_from_before_an_upgrade_gets_its_files_and_keeps_none(app: FastAPI) -> None:
    async with visit(app, None) as visitor:
        answer = await visitor.client.get("/static/0123456789ab/app.css")
        assert (answer.status_code, answer.content) == (200, assets.FILES["app.css"])
        assert answer.headers["cache-control"] == "no-store"
        await visitor.get("/static/0123456789ab/pages.py", 404)
