"""Bytes to text, block by block, in the one encoding the file is in.

Memory stays flat: the encoding is decided (`encodings`) on a window from the first byte above
0x7F on; what comes before is the same text in all of them. The manager may name the encoding
instead.

A clean decode is no proof: all text, not its head only, is searched for what cannot be
(`script`). Bytes that do not fit and text that cannot be end the text with `Undecodable`,
which the row reader turns into a line and a column: a decoder knows neither.
"""

import codecs
import re
from collections.abc import Iterable, Iterator

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import encodings, eucjp, vocabulary
from calllist.intake.reading.script import Script

HEAD_BYTES = 4096  # in which marks and zero bytes are looked for
_END_OF_FILE = "\x1a"  # Ctrl-Z, by which DOS and host programs end a text
_HIGH = re.compile(rb"[\x80-\xff]")
_JIS = re.compile(rb"\x1b(?:\$[@B]|\$\([@-D]|\([BIJ])")  # ISO-2022-JP changes its character set
_GAIJI = re.compile(r"[\ue000-\uf8ef]")


class Undecodable(Exception):
    """The text ends here; `before` is what of the last block could still be read."""

    def __init__(self, problem: Problem, before: str, reason: str = "") -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.before = before
        self.reason = reason


class Decoded:
    """The text of a file as blocks; `encoding` is known once the first block is out.

    encoding: as the manager named it, one of `vocabulary.ENCODINGS`, or None.
    """

    def __init__(self, body: Iterable[bytes], encoding: str | None = None) -> None:
        self._body = iter(body)
        self._by_hand = encoding
        self._ended = False  # by Ctrl-Z: nothing may follow
        self._script = Script(lenient=encoding is not None)
        self.encoding = "ascii"

    @property
    def damaged(self) -> bool:
        """Whether cells have to be looked at one by one (`script.damage`)."""
        return self._script.damaged

    @property
    def gaiji(self) -> bool:
        """Whether there were characters of somebody's own (外字) so far."""
        return self._script.gaiji

    def __iter__(self) -> Iterator[str]:
        """Raises Undecodable, and IntakeError EMPTY_FILE, UNKNOWN_ENCODING, NO_SUCH_ENCODING."""
        head = self._head()
        encoding, skip = encodings.marked(head)
        if self._by_hand is not None:
            if self._by_hand not in vocabulary.ENCODINGS:
                raise IntakeError(Problem.NO_SUCH_ENCODING)
            skip = skip if encoding == self._by_hand else 0
            yield from self._decode(head[skip:], self._by_hand)
        elif encoding is None:
            yield from self._unmarked(head)
        else:
            yield from self._decode(head[skip:], encoding)

    def _head(self) -> bytes:
        """The first bytes, enough for every mark."""
        head = b""
        while len(head) < HEAD_BYTES and (block := next(self._body, b"")):
            head += block
        if not head:
            raise IntakeError(Problem.EMPTY_FILE)
        return head

    def _unmarked(self, block: bytes) -> Iterator[str]:
        """ASCII as long as it lasts, then a window that decides."""
        while (high := _HIGH.search(block)) is None:
            yield self._checked(self._ascii(block))
            if not (block := next(self._body, b"")):
                return
        if high.start():
            yield self._checked(self._ascii(block[: high.start()]))
        before = block[: high.start()][-1:]
        pieces, size = [block[high.start() :]], len(block) - high.start()
        complete = False
        while size < encodings.WINDOW and not complete:
            more = next(self._body, b"")
            complete = not more
            pieces.append(more)
            size += len(more)
        window = b"".join(pieces)
        encoding = encodings.unmarked(window, before=before, complete=complete)
        if encoding is None:
            raise Undecodable(Problem.UNKNOWN_ENCODING, "", "ambiguous")
        self._judge(window, encoding)
        yield from self._decode(window, encoding)

    def _ascii(self, block: bytes) -> str:
        if jis := _JIS.search(block):
            raise Undecodable(Problem.JIS_ENCODING, block[: jis.start()].decode("ascii"))
        return block.decode("ascii")

    def _judge(self, window: bytes, encoding: str) -> None:
        """Raises Undecodable if this is no Japanese. UTF-8 proves itself by its form."""
        if encoding == vocabulary.UTF_8:
            return
        text = window.decode(encoding, "ignore")
        if encodings.strange(text, encoding):
            raise Undecodable(Problem.UNKNOWN_ENCODING, "", "script")

    def _decode(self, first: bytes, encoding: str) -> Iterator[str]:
        self.encoding = encoding
        decoder = encodings.decoder(encoding)
        block = first
        while True:
            text = _step(decoder, block, encoding, final=False)
            if text:
                yield self._checked(text)
            if not (block := next(self._body, b"")):
                break
        if rest := _step(decoder, b"", encoding, final=True):
            yield self._checked(rest)

    def _checked(self, text: str) -> str:
        """The text, if all of it can be; raises Undecodable."""
        if self._ended and text.strip(_END_OF_FILE):
            raise Undecodable(Problem.BINARY_FILE, "")
        found = self._script.trouble(text, legacy=self.encoding == vocabulary.CP932)
        if found is None:
            return text
        if text[found.at] == _END_OF_FILE and not text[found.at :].strip(_END_OF_FILE + "\r\n"):
            self._ended = True
            return text[: found.at]
        raise Undecodable(found.problem, text[: found.at], found.reason)


def has_gaiji(text: str) -> bool:
    """Whether a cell holds private-use characters: kept as they are, counted."""
    return _GAIJI.search(text) is not None


def _step(decoder: codecs.IncrementalDecoder, block: bytes, encoding: str, *, final: bool) -> str:
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError as error:
        good = error.object[: error.start].decode(encoding, eucjp.errors(encoding))
    raise Undecodable(Problem.UNKNOWN_ENCODING, good)
