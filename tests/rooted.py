"""A keeper process with a root of one's choice: the setting, and the environment it needs.

Started in a process of its own (not from a zygote): what it inherits decides which token
directory its PKCS#11 library reads. The tests' token directories are `tests.crypto.tokens`.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from calllist.embedded.children import Child, ChildDidNotStart
from tests.keepers import START_SECONDS, KeeperProcess


class RootedKeeper(KeeperProcess):
    """As `KeeperProcess`, with `--root`."""

    def __init__(self, folder: Path, root: str, environment: Mapping[str, str]) -> None:
        super().__init__(folder, "--root", root)
        self._child = Child(
            "keeper",
            [sys.executable, "-m", "crypto", *self._arguments],
            log=self.log,
            environment=environment,
            ready=self._answers,
        )

    def start(self) -> None:
        self._child.start()
        self._child.await_ready(START_SECONDS)

    def refuses_to_start(self) -> str:
        """Why. Fails if it does start."""
        try:
            self.start()
        except ChildDidNotStart as why:
            return str(why)
        finally:
            self.stop()
        raise AssertionError("it started")

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        self._child.kill()

    @property
    def pid(self) -> int | None:
        return self._child.pid
