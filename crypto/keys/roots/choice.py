"""The one setting: where the root lives, and with it the keeper's signing keys."""

from dataclasses import dataclass
from pathlib import Path

from crypto.keys.roots.address import parse
from crypto.keys.roots.file import FileRoots
from crypto.keys.roots.kinds import FILE, Roots
from crypto.keys.roots.pkcs11 import TokenRoots
from crypto.keys.roots.token import Token

MARK = "token"  # in the folder of roots: which name inside a token is this home's


@dataclass(frozen=True)
class Choice:
    """Roots, and the token if they are in one."""

    roots: Roots
    token: Token | None

    def close(self) -> None:
        """Wipe, log out."""
        self.roots.close()
        if self.token is not None:
            self.token.close()


def choose(setting: str, folder: Path) -> Choice:
    """`setting`: "file", or a PKCS#11 URI. `folder`: for the files of either kind.

    Raises RootRefused.
    """
    files = FileRoots(folder)
    if setting == FILE:
        return Choice(files, None)
    token = Token(parse(setting))
    return Choice(TokenRoots(token, folder / MARK), token)
