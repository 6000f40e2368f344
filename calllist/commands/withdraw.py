"""`calllist withdraw`: people are taken out of a job (取下げ) by a file of their reference numbers.

    0 done   1 declined   2 option, file, session   3 platform away: run it again   130 Ctrl-C

Whoever is taken out is not called again, in mid-call too, and cannot be put back. What is said is
counts and lines of the file, never a number of anybody. The same file again changes nothing, so
a script may repeat it; numbers that are on no list are no failure: they are told by line.
"""

import json
import threading
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from calllist.commands import bodies
from calllist.commands.console import AWAY, NO, CommandFailed, Console, console
from calllist.commands.platform import (
    API,
    SEND_SECONDS,
    Declined,
    Platform,
    Trouble,
    job_of,
    segment,
    sentences,
    signed_in,
)

LINES_SHOWN = 50
OCCUPIED = "too_many_uploads"  # also by a file of ours whose line has just broken
TRIES, PAUSE_SECONDS = 15, 1.0


def withdraw(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="整理番号のファイル / reference numbers")],
    job: Annotated[str, typer.Option(help="業務コードかID / the job's code or id")],
    url: Annotated[str, typer.Option(help="https://...(省略可 / if signed in elsewhere)")] = "",
    column: Annotated[
        str, typer.Option(help="整理番号の列: 見出しか #2 / its header, or #2", metavar="HEADER")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="結果をJSONで / as JSON")] = False,
) -> None:
    """整理番号のファイルで対象から外す(戻せません) / Take people out by reference, for good."""
    speak = console(context)
    platform = signed_in(url, lent=True)
    with bodies.body(file, None) as body, sentences(speak, platform.url):
        at = job_of(Platform(platform.url, platform.token, platform.csrf), job)
        told = _done(platform, at, body, column, file)
    if as_json:
        speak.answer(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _say(speak, told)


def _done(platform: Platform, job: str, body: bodies.Body, column: str, file: Path) -> Any:
    """As `_sent`; a little later, where an earlier file of the same person holds its place."""
    for _ in range(TRIES - 1):
        try:
            return _sent(platform, job, body, column, file)
        except Declined as declined:
            if declined.code != OCCUPIED:
                raise
        threading.Event().wait(PAUSE_SECONDS)
    return _sent(platform, job, body, column, file)


def _sent(platform: Platform, job: str, body: bodies.Body, column: str, file: Path) -> Any:
    """What became of the file. Raises Declined; fails with a sentence."""
    query = f"?{urlencode({'column': column})}" if column else ""
    headers = platform.headers({"Content-Type": body.kind, "Content-Length": str(body.size)})
    with platform.connected(SEND_SECONDS) as line:
        try:
            line.request(
                "POST", f"{API}/jobs/{segment(job)}/withdrawals{query}", body.read(0), headers
            )
        except bodies.FileChanged:
            raise CommandFailed("file_changed", NO, file=file) from None
        except Trouble:
            return _told(platform, line)  # it may have answered before it had everything
        return _told(platform, line)


def _told(platform: Platform, line: Any) -> Any:
    try:
        return platform.answer(line).json()
    except Trouble:
        raise CommandFailed("withdraw_broken", AWAY, url=platform.url) from None


def _say(speak: Console, told: dict[str, Any]) -> None:
    speak.answer(speak.words("withdraw_told", **told))
    lines = told["unmatched_lines"]
    if lines:
        more = " …" if told["unmatched"] > min(len(lines), LINES_SHOWN) else ""
        shown = ", ".join(map(str, lines[:LINES_SHOWN]))
        speak.answer(speak.words("withdraw_lines", lines=shown, more=more))
