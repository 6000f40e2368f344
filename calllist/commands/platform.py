"""The platform's API, as a command on somebody's own machine speaks it: real HTTP, one session.

    platform = signed_in(url)                   # with the session that `calllist sign-in` keeps
    told = platform.ask("GET", "/jobs").json()

What the platform refuses is `Declined`; what does not answer, OSError or HTTPException.
"""

import http.client
import os
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from calllist.commands import session
from calllist.commands.console import AWAY, NO, CommandFailed, Console
from calllist.web import words
from calllist.web.i18n import translate
from calllist.web.sentences import sentence

API = "/api/v1"
JOB = "job_"  # how their ids begin
COOKIE, GRANT_COOKIE = "__Host-session", "__Host-grant"
ANSWER_BYTES = 1 << 24  # of an answer that is read as a whole
CONNECT_SECONDS = 15.0
ANSWER_SECONDS = 60.0  # of a short question
SEND_SECONDS = 120.0  # the line takes nothing, or the platform has not answered: it is broken

Trouble = (OSError, http.client.HTTPException)


class Declined(Exception):
    """The platform says no: its status, code and facts."""

    def __init__(self, status: int, told: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(told.get("code", status))
        self.told = told
        super().__init__(f"{status} {self.code}")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    cookies: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """The content. Raises Declined if it is none."""
        try:
            return msgspec.json.decode(self.content)
        except msgspec.DecodeError:
            raise Declined(self.status, {}) from None


@dataclass(frozen=True)
class Platform:
    """One platform, asked by nobody or by whoever has signed in."""

    url: str
    token: str = field(default="", repr=False)
    csrf: str = field(default="", repr=False)
    grant: str = field(default="", repr=False)  # sent only by what needs it

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        save: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """One question. `save` takes a long answer piece by piece. Raises Declined, OSError,
        HTTPException."""
        content = b"" if body is None else msgspec.json.encode(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        with self.connected(ANSWER_SECONDS) as line:
            sent = self.headers(kind | dict(headers or {}))
            line.request(method, API + path, content or None, sent)
            return self.answer(line, save)

    def headers(self, more: Mapping[str, str]) -> dict[str, str]:
        """What every request carries."""
        own = {"Accept": "application/json", "User-Agent": "calllist"}
        if self.token:
            lent = f"; {GRANT_COOKIE}={self.grant}" if self.grant else ""
            own |= {"Cookie": f"{COOKIE}={self.token}{lent}", "X-CSRF-Token": self.csrf}
        return own | dict(more)

    @contextmanager
    def connected(self, seconds: float) -> Iterator[http.client.HTTPConnection]:
        """A connection. What it waits for may take `seconds`."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port
        line: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            line = http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=context)
        else:
            line = http.client.HTTPConnection(host, port, timeout=CONNECT_SECONDS)
        try:
            line.connect()
            if line.sock is not None:
                line.sock.settimeout(seconds)
                line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            yield line
        finally:
            line.close()

    def answer(
        self, line: http.client.HTTPConnection, save: Callable[[bytes], object] | None = None
    ) -> Answer:
        """Read the answer. Raises Declined, OSError, HTTPException."""
        told = line.getresponse()
        headers = {name.lower(): value for name, value in told.getheaders()}
        good = 200 <= told.status < 300
        if good and save is not None:
            while block := told.read(1 << 16):
                save(block)
            return Answer(told.status, headers, {}, b"")
        content = told.read(ANSWER_BYTES)
        answer = Answer(told.status, headers, _cookies(told), content)
        if not good:
            found = None
            with suppress(msgspec.DecodeError):
                found = msgspec.json.decode(content)
            raise Declined(told.status, found if isinstance(found, dict) else {})
        return answer


def signed_in(url: str, *, lent: bool = False) -> Platform:
    """The platform of the session that is kept, which must be the one named, if one is.

    lent: with the shift's grant, if the browser lent it.
    """
    kept = session.stored(session.place(os.environ))
    if url and session.origin(url) != kept.url:
        raise CommandFailed("signed_in_elsewhere", url=kept.url)
    return Platform(kept.url, kept.token, kept.csrf, kept.grant if lent else "")


@contextmanager
def sentences(speak: Console, url: str) -> Iterator[None]:
    """Every trouble with the platform, as a sentence and an exit code."""
    try:
        yield
    except Declined as declined:
        if declined.code == "not_signed_in":
            raise CommandFailed("sign_in_first") from None
        raise CommandFailed("declined", NO, said=in_words(speak, declined.told)) from None
    except ssl.SSLError as error:
        raise CommandFailed("tls_trouble", AWAY, url=url, why=error.reason) from None
    except Trouble as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise CommandFailed("away", AWAY, url=url, why=why) from None


def job_of(platform: Platform, wanted: str) -> str:
    """The id of the job with this code or id. Fails with a sentence."""
    if wanted.startswith(JOB):  # an officer of the entrustor has no list of jobs
        return wanted
    for one in platform.ask("GET", "/jobs").json():
        if wanted == one["code"]:
            return str(one["id"])
    raise CommandFailed("no_such_job", job=wanted)


def in_words(speak: Console, told: Mapping[str, Any]) -> str:
    """A refusal: the sentence in this language, line and column, and its code."""
    code = str(told.get("code", ""))
    words = sentence(code, speak.lang, str(told.get("reason") or ""))
    if words == code:  # a code of a later platform: its own words, or none
        words = str(told.get("detail") or code or speak.words("no_words"))
    place = [
        speak.words(f"at_{name}", number=told[name])
        for name in ("line", "column")
        if told.get(name) is not None
    ]
    reason = told.get("reason")
    codes = f"{code}: {reason}" if reason else code
    return " ".join([words, *place, f"({codes})" if codes else ""]).strip()


def finding(code: str, lang: str) -> str:
    """What a finding's code means."""
    return translate(lang, words.of("finding", code))


def segment(text: str) -> str:
    """One part of a path."""
    return quote(text, safe="")


def _cookies(told: http.client.HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in told.headers.get_all("Set-Cookie") or []:
        with suppress(CookieError):
            found |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    return found
