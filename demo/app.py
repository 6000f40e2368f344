"""The web with the demonstration's doors added: what `make run` serves.

The same application as in earnest, plus `/demo` (who is who, one click to sign in) and the
card beside the desk. Started with `uvicorn --factory demo.app:make`.
"""

from fastapi import FastAPI, Request
from starlette.requests import HTTPConnection

from calllist.app import create_app
from calllist.settings import Settings, load
from demo import callee, signin
from demo.world import Folder


def make() -> FastAPI:
    """For uvicorn."""
    return with_demonstration(load())


def with_demonstration(settings: Settings) -> FastAPI:
    """The application with the demonstration's doors."""
    app = create_app(settings, extra_routers=[signin.router])
    app.state.demo_folder = Folder(settings.home / "demo")
    app.state.demo = {
        "links": [{"href": "/demo", "ja": "登場人物を選ぶ", "en": "choose a person"}],
        "callee": _callee,
    }
    return app


async def _callee(request: Request, list_id: str, line: int, attempts: int) -> list[str] | None:
    """What this person would say on the phone; None for a list that is not ours."""
    folder: Folder = request.app.state.demo_folder
    found = callee.recall(folder.callees, list_id, line)
    return found.says(attempts, _language(request)) if found else None


def _language(request: HTTPConnection) -> str:
    return "en" if request.cookies.get("lang") == "en" else "ja"
