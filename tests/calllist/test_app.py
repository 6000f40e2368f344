"""The web process as its server makes it."""

import os
import subprocess
import sys

COUNT = "import gc; from calllist.app import make; make(); print(gc.get_freeze_count())"
MANY = 100_000  # objects that stand from the start: libraries, routes, tables


def test_what_stands_from_the_start_is_not_looked_through_again() -> None:
    environment = {**os.environ, "DATABASE_URL": "postgresql://calllist_web:x@127.0.0.1:1/calllist"}
    told = subprocess.run(
        [sys.executable, "-c", COUNT], env=environment, capture_output=True, check=True, text=True
    )
    assert int(told.stdout) > MANY
