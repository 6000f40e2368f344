"""Styles, scripts and the mark: our own files, read once, served by exact name."""

from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

router = APIRouter(include_in_schema=False)
FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FILES = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


@router.get("/static/{name}")
async def asset(name: str) -> Response:
    """One file; nothing outside the folder can be named."""
    if name not in FILES:
        raise HTTPException(404)
    kind = TYPES[Path(name).suffix]
    return Response(FILES[name], media_type=kind, headers={"Cache-Control": "max-age=300"})
