"""SoftHSM2 tokens for tests: a directory with one token, and the setting that leads to it.

    with token_directory(folder) as token:      # SOFTHSM2_CONF is set meanwhile
        world = await World.at(home, root=token.setting("name"))

The library reads SOFTHSM2_CONF once per process: the tests of one process share a directory
(fixture `token`), keeper processes of their own may have others.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

LIBRARIES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
)
LABEL = "calllist"


@dataclass(frozen=True)
class TokenDirectory:
    """Where a token lies, and how to get into it."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> "TokenDirectory":
        """A fresh token, initialised as an administrator would."""
        directory = cls(folder)
        directory.tokens.mkdir(mode=0o700, parents=True)
        directory.conf.write_text(
            f"directories.tokendir = {directory.tokens}\n"
            "objectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n"
        )
        directory.pin.touch(mode=0o600)
        directory.pin.write_text("4711-pin\n")
        subprocess.run(
            [
                *("softhsm2-util", "--init-token", "--free", "--label", LABEL),
                *("--so-pin", "4711-so-pin", "--pin", "4711-pin"),
            ],
            env=os.environ | directory.environment,
            check=True,
            capture_output=True,
        )
        return directory

    @property
    def tokens(self) -> Path:
        return self.folder / "tokens"

    @property
    def conf(self) -> Path:
        return self.folder / "softhsm2.conf"

    @property
    def pin(self) -> Path:
        return self.folder / "pin"

    @property
    def environment(self) -> dict[str, str]:
        return {"SOFTHSM2_CONF": str(self.conf)}

    def setting(self, name: str = "calllist") -> str:
        """What `--root` takes; `name` is the keeper's in the token."""
        [library, *_] = [path for path in LIBRARIES if path.exists()]
        where = f"module-path={library}&pin-source={self.pin}"
        return f"pkcs11:token={LABEL};object={name}?{where}"
