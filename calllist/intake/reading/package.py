"""A workbook's package (ZIP): its parts by name, unpacked as a stream, within bounds.

Held in memory only, never in a file. Not Python's zipfile: that reads a whole directory of a
million entries before anybody can say no, and an error of its own may quote a name.

Source: PKWARE APPNOTE 6.3.10; ECMA-376 part 2 (names compare without case).
"""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calllist.intake.problems import IntakeError, Problem

PACKED_BYTES = 64 << 20  # of the file: a million rows of seven columns have about 60 MB
UNPACKED_BYTES = 1 << 30  # of one part
RATIO = 200  # unpacked to packed, from RATIO_FROM on: real sheets reach 20, empty rows 100
RATIO_FROM = 16 << 20  # bytes unpacked
DIRECTORY_BYTES = 1 << 20
MOST_PARTS = 4000
BLOCK_BYTES = 16 * 1024  # unpacked at a time

_END = struct.Struct("<4s4H2LH")
_END_64_AT = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_COMMENT_BYTES = 0xFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1
_FULL_32 = 0xFFFFFFFF
_EXTRA_64 = 1


class Part(NamedTuple):
    """Where a part is, as the directory says."""

    flags: int
    method: int
    check: int
    packed: int
    unpacked: int
    at: int


class Package:
    """The parts of a package. Names are in lower case, with slashes.

    Raises IntakeError: WORKBOOK_TOO_LARGE, WORKBOOK_BROKEN, ENCRYPTED_WORKBOOK.
    """

    def __init__(self, body: Iterable[bytes]) -> None:
        self.share = 0.0  # of the part that is being read, or was read last
        self._file = io.BytesIO()
        for block in body:
            if self._file.tell() + len(block) > PACKED_BYTES:
                raise IntakeError(Problem.WORKBOOK_TOO_LARGE, reason="packed")
            self._file.write(block)
        self._parts = self._directory()

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def read(self, name: str) -> Iterator[bytes]:
        """A part in blocks. Raises IntakeError, also in the middle."""
        part = self._parts.get(name)
        if part is None:
            raise broken("part")
        if part.flags & _ENCRYPTED:
            raise IntakeError(Problem.ENCRYPTED_WORKBOOK)
        check = total = 0
        for block in self._unpacked(part):
            total += len(block)
            if total > UNPACKED_BYTES or (total > RATIO_FROM and total > part.packed * RATIO):
                raise IntakeError(Problem.WORKBOOK_TOO_LARGE, reason="unpacked")
            check = zlib.crc32(block, check)
            yield block
        if check != part.check:
            raise broken("checksum")

    def _unpacked(self, part: Part) -> Iterator[bytes]:
        local = self._at(part.at, _LOCAL.size)
        signature, *_, name, extra = _LOCAL.unpack(local)
        if signature != b"PK\x03\x04":
            raise broken("entry")
        at, left = part.at + _LOCAL.size + name + extra, part.packed
        inflate = zlib.decompressobj(-zlib.MAX_WBITS) if part.method == _DEFLATED else None
        if inflate is None and part.method != _STORED:
            raise broken("method")
        while left:
            packed = self._at(at, min(left, BLOCK_BYTES))
            at, left = at + len(packed), left - len(packed)
            self.share = 1 - left / part.packed
            if inflate is None:
                yield packed
                continue
            while packed and not inflate.eof:
                try:
                    block = inflate.decompress(packed, BLOCK_BYTES)
                except zlib.error:
                    raise broken("deflate") from None
                packed = inflate.unconsumed_tail
                yield block
        yield from _drained(inflate)

    def _at(self, at: int, size: int) -> bytes:
        """Exactly so many bytes from there."""
        if at < 0:
            raise broken("offset")
        self._file.seek(at)
        data = self._file.read(size)
        if len(data) < size:
            raise broken("offset")
        return data

    def _directory(self) -> dict[str, Part]:
        entries, size, at = self._end()
        if size > DIRECTORY_BYTES or entries > MOST_PARTS:
            raise IntakeError(Problem.WORKBOOK_TOO_LARGE, reason="parts")
        data = self._at(at, size)
        parts: dict[str, Part] = {}
        place = 0
        for _ in range(entries):
            if len(data) - place < _ENTRY.size:
                raise broken("directory")
            found = _ENTRY.unpack_from(data, place)
            lengths = found[10:13]  # of name, extra field and comment
            named = place + _ENTRY.size
            extra = data[named + lengths[0] : named + lengths[0] + lengths[1]]
            name = data[named : named + lengths[0]].decode("utf-8", "replace")
            name = name.replace("\\", "/").lstrip("/").lower()
            if found[0] != b"PK\x01\x02" or name in parts:
                raise broken("directory")
            parts[name] = _part(found, extra)
            place = named + sum(lengths)
        return parts

    def _end(self) -> tuple[int, int, int]:
        """Entries, size and offset of the directory."""
        length = self._file.seek(0, io.SEEK_END)
        tail_at = max(0, length - _END.size - _COMMENT_BYTES)
        tail = self._at(tail_at, length - tail_at)
        found = tail.rfind(b"PK\x05\x06")
        if found < 0 or len(tail) - found < _END.size:
            raise broken("end")
        _, _, _, _, entries, size, at, _ = _END.unpack_from(tail, found)
        if _FULL_32 not in (size, at) and entries != 0xFFFF:
            return entries, size, at
        pointer = self._at(tail_at + found - _END_64_AT.size, _END_64_AT.size)
        signature, _, end, _ = _END_64_AT.unpack(pointer)
        if signature != b"PK\x06\x07":
            raise broken("end")
        wide = _END_64.unpack(self._at(end, _END_64.size))
        if wide[0] != b"PK\x06\x06":
            raise broken("end")
        return wide[7], wide[8], wide[9]


def broken(reason: str) -> IntakeError:
    """No workbook that Excel would have written; `reason` says where it is broken."""
    return IntakeError(Problem.WORKBOOK_BROKEN, reason=reason)


def _part(found: tuple[int, ...], extra: bytes) -> Part:
    """A part of a directory's entry; sizes beyond 32 bits are in the extra field."""
    sizes = [found[9], found[8], found[16]]  # unpacked, packed, offset
    wide = _wide(extra)
    for index, size in enumerate(sizes):
        if size == _FULL_32:
            if not wide:
                raise broken("directory")
            sizes[index] = wide.pop(0)
    return Part(found[3], found[4], found[7], sizes[1], sizes[0], sizes[2])


def _wide(extra: bytes) -> list[int]:
    """The 64-bit numbers of an extra field, in their order."""
    place = 0
    while len(extra) - place >= 4:
        kind, size = struct.unpack_from("<2H", extra, place)
        data = extra[place + 4 : place + 4 + size]
        if kind == _EXTRA_64:
            return [int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), 8)]
        place += 4 + size
    return []


def _drained(inflate: "zlib._Decompress | None") -> Iterator[bytes]:
    """What is still inside when all packed bytes are in."""
    while inflate is not None and not inflate.eof:
        try:
            block = inflate.decompress(inflate.unconsumed_tail, BLOCK_BYTES)
        except zlib.error:
            raise broken("deflate") from None
        if not block:
            raise broken("deflate")
        yield block
