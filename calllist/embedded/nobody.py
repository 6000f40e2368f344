"""PostgreSQL refuses to be root: as root it runs as `nobody`, and may pass closed folders.

Of root's powers it keeps one, CAP_DAC_READ_SEARCH: a home below a 0700 folder works. It
follows that this server can read what root can read, as every other process of `make run`.
"""

import os
import shutil
from pathlib import Path

_BECOME_NOBODY = (
    "--reuid=nobody",
    "--regid=nogroup",
    "--clear-groups",
    "--no-new-privs",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
    "--securebits=+no_setuid_fixup",
)


def prefix() -> list[str]:
    """The command under which PostgreSQL consents to run; options of setpriv may follow."""
    return ["setpriv", *(_BECOME_NOBODY if os.geteuid() == 0 else ())]


def give(path: Path) -> None:
    """Make a folder or file the server's own."""
    if os.geteuid() == 0:
        shutil.chown(path, "nobody", "nogroup")
