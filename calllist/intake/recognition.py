"""Knowing a file again without keeping it.

When the keeper's disk is lost, the same file uploaded again continues a list (`jobs.lost`);
while its list is called, it is not taken into the job once more (`taken_twice`). What is kept
for this is salt and a memory-hard hash; of a file so small that it could be guessed, nothing is
kept (decision I10).
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from calllist.intake.frames import KnownFile
from calllist.intake.receipt import Receipt

SALT_BYTES = 16
FEWEST = 3  # accepted rows: three unknown numbers are 84 bits, beyond anybody's reach
# RFC 7914: 16 MiB and about 50 ms a guess, for whoever knows all of a file but one row.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1
MOST_COMPARED = 40  # lists of exactly as many rows: two seconds of slow hashes


def recognition(digest: bytes, accepted: int) -> bytes | None:
    """What is kept of a file with this SHA-256 to know it again; None if it could be guessed."""
    return _slow(digest, secrets.token_bytes(SALT_BYTES)) if accepted >= FEWEST else None


def same_file(digest: bytes, kept: bytes) -> bool:
    """Whether `kept` is the recognition of this file."""
    return hmac.compare_digest(_slow(digest, kept[:SALT_BYTES]), kept)


def _slow(digest: bytes, salt: bytes) -> bytes:
    return salt + hashlib.scrypt(digest, salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, dklen=32)


def taken_twice(digest: bytes, receipt: Receipt, known: Iterable[KnownFile]) -> int | None:
    """The number of the list that is this very file already: the newest one of so many.

    Files of as many written rows are compared, of a workbook the same sheet.
    """
    alike = [one for one in known if (one.written, one.sheet) == (receipt.written, receipt.sheet)]
    alike.sort(key=lambda one: one.number, reverse=True)
    found = (one.number for one in alike[:MOST_COMPARED] if same_file(digest, one.recognition))
    return next(found, None)


class ClosedLines:
    """Which records of an upload are closed from the start, if it continues a lost list.

    lines: of the lost list, those that are done.
    """

    def __init__(self, lines: Iterable[int]) -> None:
        self._lines = frozenset(lines)
        self._chunks: list[bytes] = []

    def chunk(self, lines: list[int]) -> None:
        """The next chunk has these lines, by index."""
        bits = sum(1 << index for index, line in enumerate(lines) if line in self._lines)
        self._chunks.append(bits.to_bytes((bits.bit_length() + 7) // 8, "little"))

    @property
    def chunks(self) -> tuple[bytes, ...]:
        """A bit for each record, chunk by chunk, as the keeper's `Manifest` takes them."""
        return tuple(self._chunks)
