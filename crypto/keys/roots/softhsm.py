"""SoftHSM writes its objects without waiting for the disk: we wait in its place.

A new root that a power cut takes back would take every key with it; an old one that it brings
back would not be destroyed.
"""

import os
from pathlib import Path

NAMED_BY = "SOFTHSM2_CONF"  # softhsm2.conf(5): the environment's, the user's, the machine's
CONFIGURATIONS = ("~/.config/softhsm2/softhsm2.conf", "/etc/softhsm/softhsm2.conf")
FOLDER = "directories.tokendir"


def settle() -> None:
    """Make everything durable that lies in the token directory; if that is not to be found,
    everything that lies on any disk."""
    folder = _folder()
    if folder is None:
        os.sync()
        return
    for path in (folder, *folder.rglob("*")):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _folder() -> Path | None:
    named = os.environ.get(NAMED_BY)
    for path in [named] if named else CONFIGURATIONS:
        try:
            lines = Path(path).expanduser().read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, value = line.partition("=")
            if name.strip() == FOLDER and Path(value.strip()).is_dir():
                return Path(value.strip())
    return None
