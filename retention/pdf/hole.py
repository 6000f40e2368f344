"""Where a signature lies in a PDF: one hole in the signed bytes, and nothing behind them.

    |---- signed ----|< 30 82 ... 00 00 >|---- signed ----|
    0                a                   b               end     /ByteRange [0 a b end-b]

The range is written in the signed bytes themselves, so there is one way only to read a file
(ISO 32000-1, 12.8.1). The hole holds lower-case hexadecimal and is filled up with zeros.
"""

import hashlib
import re
from dataclasses import dataclass

from retention.errors import NotAuthentic

PDF_LIMIT = 8 * 1024 * 1024  # bytes; a certificate has some 250 thousand
_RANGE = re.compile(rb"/ByteRange \[ ?0 (\d{1,8}) (\d{1,8}) (\d{1,8}) *\]")
_HEX = re.compile(rb"<((?:[0-9a-f]{2})+)>")


@dataclass(frozen=True)
class Signed:
    """A PDF taken apart at its signature."""

    before: bytes
    content: bytes  # DER of the signature
    room: int  # bytes of DER that the hole has room for
    after: bytes

    @property
    def digest(self) -> bytes:
        """SHA-256 of what is signed."""
        return hashlib.sha256(self.before + self.after).digest()

    def holding(self, content: bytes) -> bytes:
        """The whole file, with this signature in the hole. Raises ValueError if it is too long."""
        if len(content) > self.room:
            raise ValueError("the hole is too small")
        filled = content.hex().encode().ljust(2 * self.room, b"0")
        return b"%b<%b>%b" % (self.before, filled, self.after)


def taken_apart(pdf: bytes) -> Signed:
    """At the one signature of a finished file.

    Raises NotAuthentic: `too_long`, `not_signed`, `signed_twice`, `appended`, `cut_off`,
    `pdf_hole`.
    """
    start, end, held = _placed(pdf)
    size = _der_size(held)
    if size > len(held) or any(held[size:]):
        raise NotAuthentic("pdf_hole")
    return Signed(pdf[:start], held[:size], len(held), pdf[end:])


def prepared(pdf: bytes) -> Signed:
    """A file whose hole is still empty. Raises NotAuthentic as above."""
    start, end, held = _placed(pdf)
    if any(held):
        raise NotAuthentic("pdf_hole")
    return Signed(pdf[:start], b"", len(held), pdf[end:])


def _placed(pdf: bytes) -> tuple[int, int, bytes]:
    """Where the hole begins and ends, and what is in it."""
    if len(pdf) > PDF_LIMIT:
        raise NotAuthentic("too_long")
    ranges = _RANGE.findall(pdf)
    if len(ranges) != 1:
        raise NotAuthentic("signed_twice" if ranges else "not_signed")
    start, end, rest = (int(number) for number in ranges[0])
    if end + rest != len(pdf):
        raise NotAuthentic("appended" if end + rest < len(pdf) else "cut_off")
    hole = _HEX.fullmatch(pdf[start:end])
    if hole is None:
        raise NotAuthentic("pdf_hole")
    return start, end, bytes.fromhex(hole[1].decode())


def _der_size(held: bytes) -> int:
    """How long the element is that begins here (X.690, 8.1.3): a SEQUENCE in definite form."""
    if len(held) < 6 or held[0] != 0x30:  # SEQUENCE; no signature is shorter
        raise NotAuthentic("pdf_hole")
    if held[1] < 0x80:  # short form
        return 2 + held[1]
    octets = held[1] & 0x7F
    if not 1 <= octets <= 3:
        raise NotAuthentic("pdf_hole")
    return 2 + octets + int.from_bytes(held[2 : 2 + octets], "big")
