"""Styles, scripts and the mark: our own files, read once, served by exact name.

Their address carries their edition, a hash of them all: browsers keep them for good, and after an
upgrade no page runs a script older than itself.
"""

import hashlib
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

router = APIRouter(include_in_schema=False)
FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FILES = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}
EDITION = hashlib.sha256(
    b"".join(name.encode() + hashlib.sha256(FILES[name]).digest() for name in FILES)
).hexdigest()[:12]
BASE = f"/static/{EDITION}"
FOR_GOOD = {"Cache-Control": "max-age=31536000, immutable"}


@router.get("/static/{edition}/{name}")
async def asset(edition: str, name: str) -> Response:
    """One file; nothing outside the folder can be named.

    A page from before an upgrade still gets what there is now, to be kept by nobody.
    """
    if name not in FILES:
        raise HTTPException(404)
    kept = FOR_GOOD if edition == EDITION else None
    return Response(FILES[name], media_type=TYPES[Path(name).suffix], headers=kept)
