"""The real command line in a process of its own."""

import os
import subprocess
from pathlib import Path

import calllist.commands
from tests.zygote import zygote

# Every group of commands, imported once: a command begins 20 ms after it is asked for.
COMMANDS = tuple(
    f"calllist.commands.{path.stem}"
    for path in sorted(Path(calllist.commands.__file__).parent.glob("*.py"))
    if path.stem != "__init__"
)


def run(
    *arguments: object, cwd: Path, lang: str = "", stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run `calllist` with these arguments; a traceback fails the test whatever the outcome."""
    done = zygote(*COMMANDS).run(
        "calllist.cli",
        [*map(str, arguments)],
        folder=cwd,
        environment={"PATH": os.environ["PATH"], "LANG": lang, **environment},
        source=stdin,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done
