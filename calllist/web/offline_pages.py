"""The offline pages, for everybody: as committed, with the policy that each states itself."""

import hashlib

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from calllist.web.offline import PAGES, built, stated_policy

router = APIRouter(include_in_schema=False)
BUILT = {name: built(name) for name in PAGES}


@router.get("/check")
async def check_page() -> Response:
    """Is this certificate genuine?"""
    return _page("check")


@router.get("/open")
async def open_page() -> Response:
    """Call results, opened on the entrustor's machine."""
    return _page("open")


@router.get("/check.sha256")
async def check_hash() -> Response:
    """SHA-256 of the page, as `sha256sum -c` reads it."""
    return _hash("check")


@router.get("/open.sha256")
async def open_hash() -> Response:
    """SHA-256 of the page, as `sha256sum -c` reads it."""
    return _hash("open")


def _page(name: str) -> Response:
    headers = {"Content-Security-Policy": stated_policy(BUILT[name])}
    return Response(BUILT[name], media_type="text/html; charset=utf-8", headers=headers)


def _hash(name: str) -> Response:
    return PlainTextResponse(f"{hashlib.sha256(BUILT[name]).hexdigest()}  {name}.html\n")
