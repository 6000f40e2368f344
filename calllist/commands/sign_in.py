"""`calllist sign-in` and `sign-out`: a session for this command line, begun in the browser.

The code that the signed-in browser shows is typed here (never an argument, never echoed). No
password, no second factor, no key for scripts: what is kept can upload and read receipts (and
take people out, if the browser allowed that), and ends with the shift of whose work it is.
"""

import getpass
import os
import sys
from contextlib import suppress
from datetime import datetime
from typing import Annotated

import typer

from calllist.commands import session
from calllist.commands.console import NO, CommandFailed, console
from calllist.commands.platform import (
    COOKIE,
    GRANT_COOKIE,
    Declined,
    Platform,
    Trouble,
    sentences,
    signed_in,
)
from calllist.commands.session import StoredSession


def sign_in(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="https://...")],
) -> None:
    """ブラウザーに表示したコードでサインインする / Sign in with a code that the browser shows."""
    speak = console(context)
    origin = session.origin(url)
    speak.say("sign_in_how", url=origin)
    code = _typed(speak.words("sign_in_code"))
    with sentences(speak, origin):
        answer = Platform(origin).ask("POST", "/sign-in/command", {"code": code})
    told = answer.json()
    kept = StoredSession(
        format=session.FORMAT,
        url=origin,
        token=answer.cookies.get(COOKIE, ""),
        csrf=told["csrf"],
        role=told["role"],
        until=datetime.fromisoformat(told["until"]),
        grant=answer.cookies.get(GRANT_COOKIE, ""),
    )
    path = session.place(os.environ)
    session.keep(path, kept)
    speak.say(
        "signed_in_lent" if kept.grant else "signed_in",
        file=path,
        until=f"{kept.until.astimezone():%Y-%m-%d %H:%M}",
    )


def sign_out(context: typer.Context) -> None:
    """サインアウトし、この機器に残したものを消す / End the session and remove its file."""
    speak = console(context)
    platform = signed_in("")
    session.forget(session.place(os.environ))
    with suppress(Declined):  # over already
        try:
            platform.ask("DELETE", "/sign-in")
        except Trouble:
            raise CommandFailed("signed_out_here", NO, url=platform.url) from None
    speak.say("signed_out")


def _typed(prompt: str) -> str:
    """From the terminal, not echoed; or one line of standard input, for who has no terminal."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{prompt}: ")
    return sys.stdin.readline().strip()
