"""One PKCS#11 token, logged in. Everything about tokens happens on one thread of the process.

The library behind python-pkcs11 may crash when several threads use it (seen with SoftHSM2),
so calls from anywhere are carried over to that thread and waited for.
"""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import pkcs11
from pkcs11.exceptions import (
    DeviceRemoved,
    PKCS11Error,
    SessionClosed,
    SessionHandleInvalid,
    TokenNotPresent,
    UserAlreadyLoggedIn,
    UserNotLoggedIn,
)

from crypto.errors.base import KeyFileRefused
from crypto.host.secretfile import read_secret
from crypto.keys.roots import softhsm
from crypto.keys.roots.address import TokenAddress
from crypto.keys.roots.kinds import HSM, SOFTWARE_TOKEN, RootRefused

TOKEN_SECONDS = 20.0  # a token that is silent for longer is away
# Makers of tokens in software, as they name themselves in CK_TOKEN_INFO, in lower case.
IN_SOFTWARE = ("softhsm", "nss", "mozilla", "kryoptic", "opencryptoki", "ibm soft", "simulator")
_LOST = (DeviceRemoved, SessionClosed, SessionHandleInvalid, TokenNotPresent, UserNotLoggedIn)

_thread = ThreadPoolExecutor(1, "token")
T = TypeVar("T")


class Token:
    """A session that is opened again when it was lost. Raises RootRefused whatever is wrong."""

    def __init__(self, address: TokenAddress, patience: float = TOKEN_SECONDS) -> None:
        self.address, self._patience = address, patience
        self._session: Any = None
        self._silent: Future[Any] | None = None  # a call that the token has not answered yet
        self.assurance = self._on_thread(self._open)

    @property
    def in_software(self) -> bool:
        """Whether what it keeps lies in files of this machine."""
        return self.assurance == SOFTWARE_TOKEN

    def call(self, what: Callable[[Any], T]) -> T:
        """Do `what` with the session. PKCS11Error passes, for the caller to read."""

        def once_more() -> T:
            try:
                return what(self._session)
            except _LOST:
                self._open()
                return what(self._session)

        return self._on_thread(once_more)

    def settle(self) -> None:
        """Make what the token has just written durable: a token in software does not by itself."""
        if self.in_software:
            softhsm.settle()

    def close(self) -> None:
        """Log out."""
        self._on_thread(self._close)

    def _on_thread(self, what: Callable[[], T]) -> T:
        if self._silent is not None and not self._silent.done():
            raise RootRefused(f"{self.address} does not answer")
        asked = _thread.submit(what)
        try:
            return asked.result(self._patience)
        except TimeoutError:
            self._silent = asked
            raise RootRefused(f"{self.address} does not answer") from None

    def _open(self) -> str:
        """Log in; what the token is."""
        self._close()
        try:
            pin = read_secret(self.address.pin).rstrip(b"\r\n").decode()
            token = self._find(pkcs11.lib(str(self.address.module)))
            self._session = token.open(rw=True, user_pin=pin)
        except UserAlreadyLoggedIn:  # by another session of this process
            self._session = token.open(rw=True)
        except (KeyFileRefused, UnicodeDecodeError) as refusal:
            raise RootRefused(f"PIN: {refusal}") from None
        except PKCS11Error as error:
            raise RootRefused(f"{self.address}: {type(error).__name__} {error}".rstrip()) from None
        hardware = bool(token.slot.flags & pkcs11.SlotFlag.HW_SLOT)
        serial = token.serial.decode("ascii", "replace")
        return assurance(token.manufacturer_id, token.model, serial, hardware=hardware)

    def _find(self, library: Any) -> Any:
        wanted = dict(self.address.selects)
        found = []
        for slot in library.get_slots(token_present=True):
            with contextlib.suppress(PKCS11Error):  # an empty slot
                token = slot.get_token()
                named = {
                    "token": token.label,
                    "serial": token.serial.decode("ascii", "replace"),
                    "manufacturer": token.manufacturer_id,
                    "model": token.model,
                }
                if wanted.items() <= {key: value.strip() for key, value in named.items()}.items():
                    found.append(token)
        if len(found) != 1:
            said = "several tokens answer to this: add serial=" if found else "no such token"
            raise RootRefused(f"{self.address}: {said}")
        return found[0]

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(PKCS11Error):
                session.close()


def assurance(manufacturer: str, model: str, serial: str, *, hardware: bool) -> str:
    """What may be said of a token. Hardware only if the token says so and no maker of software
    is known by this name: a certificate must not promise more than there is."""
    named = f"{manufacturer} {model}".lower()
    if not hardware or any(maker in named for maker in IN_SOFTWARE):
        return SOFTWARE_TOKEN
    words = " ".join(f"{manufacturer} {model} {serial}".split())
    return HSM + "".join(char if char.isascii() and char.isprintable() else "?" for char in words)
