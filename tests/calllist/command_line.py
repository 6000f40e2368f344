"""The real command line in a process of its own."""

import os
import subprocess
from pathlib import Path

from tests.zygote import zygote


def run(
    *arguments: object, cwd: Path, lang: str = "", stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run `calllist` with these arguments; a traceback fails the test whatever the outcome."""
    done = zygote("calllist.commands.hosts", "calllist.commands.onboarding").run(
        "calllist.cli",
        [*map(str, arguments)],
        folder=cwd,
        environment={"PATH": os.environ["PATH"], "LANG": lang, **environment},
        source=stdin,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done
