"""How the web hands a file to the intake process: control first, then framed blocks.

    frames: 4-byte big-endian length and so many bytes; the first is the control (JSON), then
    comes the file; a frame of length zero says that the file is complete. With refusals there
    are two: theirs, then the list

The intake process takes the control off its standard input, byte for byte, and leaves the
rest to the reader. End of input before the zero frame means that the upload broke off: nothing is
stored then.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO

import msgspec

from calllist.intake.messages import Group, Kept
from calllist.intake.problems import IntakeError, Problem
from crypto.records.fields import FieldKind
from crypto.wire.tls import Remote

LENGTH_BYTES = 4
BLOCK_BYTES = 64 * 1024  # of a frame; larger blocks are split
CONTROL_BYTES = 64 << 20  # it names every line that was done of lists whose keys were lost
COMPLETE = bytes(LENGTH_BYTES)


class LostFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list of the same job whose keys were lost: this may be its file again."""

    recognition: bytes
    done: tuple[int, ...]  # lines that are closed for ever
    list: str


class KnownFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list of the same job that is called: its file is not to come in once more."""

    list: str
    number: int
    recognition: bytes
    written: int  # rows with anything in them: others are not compared
    sheet: int | None


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the intake process is told. No secret: the database's address is environment."""

    list: str
    entrustor: str
    contract: str
    version: int
    job: str
    expires: datetime
    keeper: str | Remote  # path of the keeper's socket for intake, or its port elsewhere
    by_hand: Mapping[FieldKind, str] = {}  # columns named by the manager, kind to header
    synthetic: bool = False
    max_rows: int = 2_000_000
    lost: tuple[LostFile, ...] = ()
    known: tuple[KnownFile, ...] = ()  # empty if the sender wants the same file once more
    refusals: bool = False  # a file of refusals comes first, with an end of its own
    corrects: str | None = None  # the list whose rejected rows come again
    templates: tuple[Kept, ...] = ()  # of the entrustor, for files with the same header row
    encoding: str | None = None  # as the manager says; None: to be found
    sheet: str | None = None  # of a workbook: its name, or its number
    header_line: int | None = None  # as the manager says; 0: none; None: to be found
    area_code: str = ""  # of numbers without one


class Completed(msgspec.Struct, frozen=True, tag="completed"):
    """The file is stored and its keys are durable."""

    receipt: dict[str, object]
    for_entrustor: bytes
    digest: bytes  # SHA-256 of the file, for the web's own comparison; stored nowhere
    recognition: bytes | None = None  # by which the same file is known again
    continues: str | None = None  # the lost list whose file this is
    groups: tuple[Group, ...] = ()  # of people, by the segment columns


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The file was refused. `settled`: nothing of it is stored, certainly."""

    code: str
    line: int | None
    column: int | None
    reason: str
    settled: bool


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """So many rows have been read, and so many bytes of the file."""

    rows: int
    taken: int


Report = Completed | Failed | Progress


def framed(block: bytes) -> Iterator[bytes]:
    """A block as frames. An empty block is no frame: it would end the file."""
    for start in range(0, len(block), BLOCK_BYTES):
        piece = block[start : start + BLOCK_BYTES]
        yield len(piece).to_bytes(LENGTH_BYTES, "big") + piece


def control_frame(control: Control) -> bytes:
    """The control as it goes before the file."""
    data = msgspec.json.encode(control)
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def control(descriptor: int) -> bytes:
    """The control from an open file, and not one byte more: the rest is another's to read.

    Raises IntakeError DISCONNECTED.
    """
    size = int.from_bytes(_unbuffered(descriptor, LENGTH_BYTES), "big")
    if size > CONTROL_BYTES:
        raise IntakeError(Problem.DISCONNECTED)
    return _unbuffered(descriptor, size)


def _unbuffered(descriptor: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = os.read(descriptor, size - len(data))
        if not more:
            raise IntakeError(Problem.DISCONNECTED)
        data += more
    return data


def blocks(source: BinaryIO) -> Iterator[bytes]:
    """The blocks of a framed file. Raises IntakeError DISCONNECTED if it breaks off."""
    while True:
        length = int.from_bytes(_exactly(source, LENGTH_BYTES), "big")
        if not length:
            return
        if length > BLOCK_BYTES:
            raise IntakeError(Problem.DISCONNECTED)
        yield _exactly(source, length)


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise IntakeError(Problem.DISCONNECTED)
    return data
