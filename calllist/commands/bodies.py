"""What is sent: a file, or the form with a refusal file before it; readable from any offset.

Nothing is read ahead, and nothing is kept: a broken upload goes on from the file itself. If
that has changed meanwhile, it does not.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from calllist.commands.console import CommandFailed

BLOCK_BYTES = 1 << 18
CSV = "text/csv"  # whatever it is: the platform looks at the bytes


class FileChanged(Exception):
    """The file is not the one of which the beginning was sent."""


@dataclass(frozen=True)
class Source:
    """A regular file, open for reading, as it was when it was opened."""

    path: Path
    file: BinaryIO
    size: int
    changed_at: int  # nanoseconds, st_mtime_ns

    @classmethod
    def opened(cls, path: Path) -> "Source":
        """Fails with a sentence."""
        try:
            file = path.open("rb")
            found = os.fstat(file.fileno())
        except OSError as error:
            raise CommandFailed("cannot_read", file=path, why=error.strerror) from None
        if not path.is_file():
            raise CommandFailed("not_a_file", file=path)
        return cls(path, file, found.st_size, found.st_mtime_ns)

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def read(self, start: int) -> Iterator[bytes]:
        """The bytes from `start` on. Raises FileChanged."""
        self._check()
        self.file.seek(start)
        left = self.size - start
        while left:
            block = self.file.read(min(left, BLOCK_BYTES))
            if not block:
                raise FileChanged
            left -= len(block)
            yield block
        self._check()

    def _check(self) -> None:
        found = os.fstat(self.file.fileno())
        if (found.st_size, found.st_mtime_ns) != (self.size, self.changed_at):
            raise FileChanged


@dataclass(frozen=True)
class Body:
    """The bytes of a request, one part after another."""

    parts: Sequence[bytes | Source]
    kind: str  # Content-Type
    list: int  # bytes of the list among them

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *_: object) -> None:
        for part in self.parts:
            if isinstance(part, Source):
                part.file.close()

    @property
    def size(self) -> int:
        return sum(_size(part) for part in self.parts)

    def read(self, start: int) -> Iterator[bytes]:
        """The bytes from `start` on. Raises FileChanged."""
        for part in self.parts:
            size = _size(part)
            if start < size:
                yield from [part[start:]] if isinstance(part, bytes) else part.read(start)
            start = max(0, start - size)


def body(file: Path, refusals: Path | None) -> Body:
    """A list alone, or with its refusal file in front. Fails with a sentence."""
    source = Source.opened(file)
    if refusals is None:
        return Body([source], CSV, source.size)
    before = Source.opened(refusals)
    mark = f"calllist-{secrets.token_hex(16)}"
    return Body(
        [
            _head(mark, "refusals", first=True),
            before,
            _head(mark, "file"),
            source,
            f"\r\n--{mark}--\r\n".encode(),
        ],
        f"multipart/form-data; boundary={mark}",
        source.size,
    )


def _head(mark: str, name: str, *, first: bool = False) -> bytes:
    """RFC 7578. The file's own name is not sent: names of lists say too much."""
    start = "" if first else "\r\n"
    return (
        f'{start}--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()


def _size(part: bytes | Source) -> int:
    return len(part) if isinstance(part, bytes) else part.size
