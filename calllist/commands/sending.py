"""One file to the platform, whatever the line does: on at the byte where it broke, or anew.

    PUT ► 201: stored
        ► the line breaks ► how far is it? ► PUT from there | from 0 | stored already
        ► refused: code, line, column

The token that names the upload is made here, for this run: an upload whose answer was lost is
not received twice. Sending runs beside the caller, who shows how far it is and may end it.
"""

import secrets
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from calllist.commands.bodies import Body
from calllist.commands.platform import SEND_SECONDS, Declined, Platform, Trouble, segment

TOKEN_BYTES = 32
PATIENCE_SECONDS = 120.0  # without one more byte taken over: then it is given up
PAUSE_SECONDS = 1.0  # between two questions to a platform that is away
AGAIN = frozenset({"disconnected", "interrupted"})  # failures of the line, not of the file
PASSING = AGAIN | {"upload_elsewhere"}  # refusals that pass by themselves
AWAY = frozenset({502, 503, 504})


class GivenUp(Exception):
    """The platform was away for too long. `whole`: every byte had been sent, so the file may
    have been stored."""

    def __init__(self, *, whole: bool) -> None:
        super().__init__("given up")
        self.whole = whole


class Cancelled(Exception):
    """Whoever sends has ended it."""


@dataclass
class Sending:
    """One file on its way. What has no underscore may be read at any time.

    sent: bytes, of the request. read: bytes of the list that the platform has read and sealed.
    """

    platform: Platform
    job: str
    body: Body
    query: Mapping[str, str]
    sent: int = 0
    rows: int = 0
    read: int = 0
    breaks: int = 0
    _token: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES), repr=False)
    _ended: threading.Event = field(default_factory=threading.Event, repr=False)
    _line: HTTPConnection | None = field(default=None, repr=False)
    _surely: int = 0  # bytes that the platform has said it has
    _quiet: float = 0.0  # seconds since it last said more

    def run(self) -> Mapping[str, Any]:
        """The receipt. Raises Declined, GivenUp, Cancelled, FileChanged."""
        where: int | Mapping[str, Any] = 0
        while isinstance(where, int):
            told = self._try(where)
            if isinstance(told, Mapping):
                return told
            where = told if told is not None else self._after_break()
        return where

    def ask(self) -> None:
        """How much the platform has read by now; keeps quiet if it cannot say."""
        with suppress(Declined, *Trouble):
            standing = self._standing()
            self.rows, self.read = int(standing["rows"]), int(standing["read"])

    def cancel(self) -> bool:
        """End it. True if nothing of it is stored, certainly."""
        self._ended.set()
        line = self._line
        if line is not None and line.sock is not None:
            with suppress(OSError):
                line.sock.shutdown(2)
        try:
            with suppress(Declined):
                self.platform.ask("DELETE", self._uploads, headers=self._named)
            return bool(self._standing()["state"] == "failed")
        except Declined as declined:
            return declined.code == "upload_unknown"
        except Trouble:
            return self.sent < self.body.size

    # -- the line --------------------------------------------------------------------------

    def _try(self, offset: int) -> int | Mapping[str, Any] | None:
        """The receipt, or where to go on, or None: the line is broken, or others are at it."""
        try:
            return self._put(offset)
        except Declined as declined:
            if declined.code == "upload_offset":
                return int(declined.told["offset"])
            if declined.status not in AWAY and declined.code not in PASSING:
                raise
        except Trouble:
            pass
        return None

    def _put(self, offset: int) -> Mapping[str, Any]:
        path = f"/api/v1/jobs/{segment(self.job)}/lists"
        headers = self.platform.headers(
            {
                **self._named,
                "Upload-Offset": str(offset),
                "Content-Type": self.body.kind,
                "Content-Length": str(self.body.size - offset),
            }
        )
        with self.platform.connected(SEND_SECONDS) as line:
            self._line = line
            try:
                line.putrequest("PUT", f"{path}?{urlencode(self.query)}" if self.query else path)
                for name, value in headers.items():
                    line.putheader(name, value)
                line.endheaders()
                self.sent = offset
                for block in self.body.read(offset):
                    self._check()
                    line.send(block)
                    self.sent += len(block)
                told: Mapping[str, Any] = self.platform.answer(line).json()
                return told
            finally:
                self._line = None
                self._check()

    def _after_break(self) -> int | Mapping[str, Any]:
        """Where to go on, or the receipt. Raises Declined, GivenUp, Cancelled."""
        self.breaks += 1
        while True:
            self._pause()
            try:
                where = self._where(self._standing())
            except Declined as declined:
                if declined.code == "upload_unknown":
                    return 0
                if declined.status not in AWAY:
                    raise
            except Trouble:
                pass
            else:
                if isinstance(where, int) and where > self._surely:
                    self._surely, self._quiet = where, 0.0
                return where

    def _pause(self) -> None:
        """Between two tries. Raises Cancelled, GivenUp."""
        if self._quiet >= PATIENCE_SECONDS:
            raise GivenUp(whole=self.sent >= self.body.size)
        self._quiet += PAUSE_SECONDS
        self._ended.wait(PAUSE_SECONDS)
        self._check()

    def _where(self, standing: Mapping[str, Any]) -> int | Mapping[str, Any]:
        if standing["state"] == "stored":
            path = f"/lists/{segment(standing['list'])}/receipt"
            told: Mapping[str, Any] = self.platform.ask("GET", path).json()
            return told
        failure = standing["failure"] or {}
        if standing["state"] == "failed" and failure.get("code") not in AGAIN:
            raise Declined(422, failure)
        return int(standing["offset"] or 0)

    def _standing(self) -> Mapping[str, Any]:
        told: Mapping[str, Any] = self.platform.ask(
            "GET", self._uploads, headers=self._named
        ).json()
        return told

    @property
    def _uploads(self) -> str:
        return f"/jobs/{segment(self.job)}/uploads"

    @property
    def _named(self) -> dict[str, str]:
        return {"Upload-Token": self._token}

    def _check(self) -> None:
        if self._ended.is_set():
            raise Cancelled
