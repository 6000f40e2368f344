"""The real command line in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def run(
    *arguments: object, cwd: Path, lang: str = "", stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run `calllist` with these arguments; a traceback fails the test whatever the outcome."""
    done = subprocess.run(
        [sys.executable, "-m", "calllist.cli", *map(str, arguments)],
        cwd=cwd,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHONIOENCODING": "utf-8",
            "LANG": lang,
            **environment,
        },
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done
