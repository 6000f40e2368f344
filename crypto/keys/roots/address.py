"""Which token, and how to get into it: a PKCS#11 URI (RFC 7512).

    pkcs11:token=calllist?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/calllist/pin

`object` names this keeper's keys inside the token (default "calllist"): keepers that share
a token need names of their own. The PIN comes from a file that only its owner can read,
never from the command line, where every process of the machine can see it.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from crypto.keys.roots.kinds import RootRefused

SCHEME = "pkcs11:"
SELECTING = ("token", "serial", "manufacturer", "model")
OBJECT = "calllist"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,32}")


@dataclass(frozen=True)
class TokenAddress:
    """A token, the library that reaches it, and the file with its PIN."""

    module: Path
    pin: Path
    selects: tuple[tuple[str, str], ...]  # attribute of SELECTING, value
    name: str  # of this keeper's objects

    def __str__(self) -> str:
        return SCHEME + ";".join(f"{attribute}={value}" for attribute, value in self.selects)


def parse(uri: str) -> TokenAddress:
    """Raises RootRefused on what it does not know: a misspelt word must not widen the choice."""
    if not uri.startswith(SCHEME):
        raise RootRefused(f"--root takes 'file' or a PKCS#11 URI ({SCHEME}token=...), not {uri!r}")
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    chosen, asked = _attributes(path, ";"), _attributes(query, "&")
    if "pin-value" in asked:
        raise RootRefused("pin-value would show the PIN to everybody: use pin-source=/path")
    name = chosen.pop("object", OBJECT)
    unknown = (set(chosen) - set(SELECTING)) | (set(asked) - {"module-path", "pin-source"})
    if unknown:
        raise RootRefused(f"{SCHEME} does not know {', '.join(sorted(unknown))} here")
    if not chosen or {"module-path", "pin-source"} - set(asked):
        raise RootRefused(f"{SCHEME} needs token= (or serial=), module-path= and pin-source=")
    if not _NAME.fullmatch(name):
        raise RootRefused("object= is 1 to 32 of A-Z a-z 0-9 _ . -")
    pin = re.sub(r"^file:(//)?", "", asked["pin-source"])
    return TokenAddress(Path(asked["module-path"]), Path(pin), tuple(chosen.items()), name)


def _attributes(text: str, separator: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, text.split(separator)):
        attribute, equals, value = part.partition("=")
        if not equals or attribute in found:
            raise RootRefused(f"{SCHEME} cannot be read at {attribute!r}")
        found[attribute] = unquote(value)
    return found
