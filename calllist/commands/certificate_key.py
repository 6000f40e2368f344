"""The public key file that an entrustor pins: one line, `certificate-key` and base64url."""

import base64
from pathlib import Path

from calllist.commands.console import CommandFailed, read

NAME = "certificate-key"
KEY_BYTES = 32  # Ed25519, RFC 8032, 5.1.5


def pinned(path: Path) -> bytes:
    """The 32 bytes of the key. Fails with a sentence."""
    try:
        for line in read(path, limit=4096).decode("ascii").splitlines():
            name, _, text = line.strip().partition(" ")
            key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
            if name == NAME and len(key) == KEY_BYTES:
                return key
    except ValueError:
        pass
    raise CommandFailed("not_a_public_key_file", file=path)
