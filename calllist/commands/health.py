"""`calllist health URL`: for whoever watches the platform from outside. No sign-in, no person.

0  all is well      1  somebody must act: a sentence for each reason      3  no answer
"""

from typing import Annotated, Any

import typer

from calllist.commands import session
from calllist.commands.console import NO, console
from calllist.commands.platform import Declined, Platform, sentences


def health(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="https://...")],
) -> None:
    """期限超過・巡回の停止・時計のずれを調べる / Overdue lists, a silent worker, clocks apart."""
    speak = console(context)
    with sentences(speak, url):
        told = _ask(Platform(session.origin(url)))
    clocks = told.get("clocks") or {}
    facts = {
        "due": _said(told.get("oldest_due_seconds")),
        "sweep": _said(told.get("sweep_seconds")),
        "database": _said(clocks.get("database")),
        "keeper": _said(clocks.get("keeper")),
        "doubted": _said(clocks.get("doubted")),
    }
    wrong = [part for part in ("database", "keeper") if told[part] != "ok"]
    for part in wrong:
        speak.say(f"unhealthy_{part}", said=told[part])
    for alarm in told["alarms"]:
        speak.say(f"unhealthy_{alarm}", **facts)
    if wrong or told["alarms"]:
        raise typer.Exit(NO)
    speak.answer(speak.words("healthy", **facts))


def _ask(platform: Platform) -> Any:
    """The answer, also where its status says 503. Raises Declined if it is no health."""
    try:
        return platform.ask("GET", "/health").json()
    except Declined as declined:
        if "database" in declined.told:
            return declined.told
        raise


def _said(value: object) -> str:
    return "―" if value is None else str(value)
