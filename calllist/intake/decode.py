"""Bytes to text, block by block, in the one encoding the file is in.

Order: byte-order mark (UTF-8, UTF-16), strict UTF-8, strict CP932. Never `shift_jis`, which
fails on 髙 and ㈱. Memory stays flat: the encoding is decided on a window from the first
byte above 0x7F on; what comes before is the same text in both.

A clean decode is no proof. Python's cp932 accepts 80, A0, FD, FE and FF as characters that
no such file contains; short half-width kana in CP932 can be valid UTF-8. Both are handled
here. Bytes that do not fit end the text with `Undecodable`, which the row reader turns into
a line and a column: a decoder knows neither.
"""

import codecs
import re
from collections.abc import Iterable, Iterator

from calllist.intake.problems import IntakeError, Problem

ASCII_SHARE = 16  # UTF-16 without a mark: at least one byte in so many is zero
WINDOW = 64 * 1024  # bytes from the first non-ASCII byte on which the encoding is decided
SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b")

_BINARY = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_NOT_CP932 = re.compile(r"[\x80-\x9f\uf8f0-\uf8f3\ufffd]")
_DAMAGED = re.compile(r"[\x80-\x84\x86-\x9f\ufffd]")
_GAIJI = re.compile(r"[\ue000-\uf8ef]")
_HIGH = re.compile(rb"[\x80-\xff]")
_LONG = re.compile(r"[\u0800-\ufffc\U00010000-\U0010ffff]")
_KANA_PAIRS = re.compile(rb"(?:[\x00-\x7f]|[\xc2-\xdf][\xa1-\xbf])*[\xc2-\xdf]?")


class Undecodable(Exception):
    """The text ends here; `before` is what of the last block could still be read."""

    def __init__(self, problem: Problem, before: str) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.before = before


class Decoded:
    """The text of a file as blocks; `encoding` is known once the first block is out.

    `damaged` turns true when a block held U+FFFD or C1 characters, `gaiji` when it held
    characters of somebody's own (外字): then rows are looked at one by one.
    """

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = iter(body)
        self.encoding = "ascii"
        self.damaged = False
        self.gaiji = False

    def __iter__(self) -> Iterator[str]:
        head = self._head()
        if head.startswith(SIGNATURES):
            raise IntakeError(Problem.WORKBOOK_FILE)
        encoding, skip = _marked(head)
        if encoding is None:
            yield from self._unmarked(head)
        else:
            yield from self._decode(head[skip:], encoding)

    def _head(self) -> bytes:
        """The first bytes, enough for every mark."""
        head = b""
        while len(head) < 4096 and (block := next(self._body, b"")):
            head += block
        if not head:
            raise IntakeError(Problem.EMPTY_FILE)
        return head

    def _unmarked(self, block: bytes) -> Iterator[str]:
        """ASCII as long as it lasts, then a window that decides."""
        while (high := _HIGH.search(block)) is None:
            yield self._checked(block.decode("ascii"))
            if not (block := next(self._body, b"")):
                return
        yield self._checked(block[: high.start()].decode("ascii"))
        window = block[high.start() :]
        complete = False
        while len(window) < WINDOW and not complete:
            more = next(self._body, b"")
            complete = not more
            window += more
        encoding = _decide(window, complete=complete)
        if (nul := window.find(0)) >= 0:
            raise Undecodable(Problem.BINARY_FILE, window[:nul].decode(encoding, "ignore"))
        yield from self._decode(window, encoding)

    def _decode(self, first: bytes, encoding: str) -> Iterator[str]:
        self.encoding = encoding
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        block = first
        while True:
            yield self._checked(_step(decoder, block, encoding, final=False))
            if not (block := next(self._body, b"")):
                break
        if rest := _step(decoder, b"", encoding, final=True):
            yield self._checked(rest)

    def _checked(self, text: str) -> str:
        if found := _BINARY.search(text):
            raise Undecodable(Problem.BINARY_FILE, text[: found.start()])
        if text.isascii():
            return text
        if self.encoding == "cp932":
            if found := _NOT_CP932.search(text):
                raise Undecodable(Problem.UNKNOWN_ENCODING, text[: found.start()])
        elif not self.damaged and _DAMAGED.search(text):
            self.damaged = True
        if not self.gaiji and _GAIJI.search(text):
            self.gaiji = True
        return text


def is_damaged(text: str) -> bool:
    """Whether a cell holds characters that only a broken conversion leaves behind."""
    return _DAMAGED.search(text) is not None


def has_gaiji(text: str) -> bool:
    """Whether a cell holds private-use characters: kept as they are, counted."""
    return _GAIJI.search(text) is not None


def _step(decoder: codecs.IncrementalDecoder, block: bytes, encoding: str, *, final: bool) -> str:
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError as error:
        good = error.object[: error.start].decode(encoding, "ignore")
    raise Undecodable(Problem.UNKNOWN_ENCODING, good)


def _marked(head: bytes) -> tuple[str | None, int]:
    """Encoding and length of a byte-order mark; UTF-16 also by where its zero bytes are."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8", 3
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", 2
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if (even + odd) * ASCII_SHARE < len(head) or (even and odd):
        return None, 0
    return ("utf-16-le" if odd else "utf-16-be"), 0


def _decide(window: bytes, *, complete: bool) -> str:
    """UTF-8 if the window is; but pairs that could be half-width kana are CP932.

    A window with more of UTF-8's long characters than faults is damaged UTF-8: read as CP932
    it would come out as other people's names.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        decoder.decode(window, final=complete)
    except UnicodeDecodeError:
        text = window.decode("utf-8", "replace")
        return "utf-8" if len(_LONG.findall(text)) > text.count("\ufffd") else "cp932"
    return "cp932" if _KANA_PAIRS.fullmatch(window) else "utf-8"
