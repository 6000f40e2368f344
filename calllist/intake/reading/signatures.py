"""What a file is by its first bytes, where it is no text: names of files are not believed.

Source: the formats' own specifications; [MS-CFB] for Excel 97 to 2003 and encrypted workbooks.
"""

import itertools
import re
from collections.abc import Iterable, Iterator

from calllist.intake.problems import IntakeError, Problem

HEAD_BYTES = 512
SEARCHED_BYTES = 64 << 20  # of an old container, for the names of its streams

PACKAGE = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (
    (b"%PDF-", Problem.DOCUMENT_FILE, "pdf"),
    (b"\x89PNG\r\n\x1a\n", Problem.DOCUMENT_FILE, "image"),
    (b"\xff\xd8\xff", Problem.DOCUMENT_FILE, "image"),
    (b"GIF8", Problem.DOCUMENT_FILE, "image"),
    (b"II*\x00", Problem.DOCUMENT_FILE, "image"),
    (b"MM\x00*", Problem.DOCUMENT_FILE, "image"),
    (b"{\\rtf", Problem.DOCUMENT_FILE, "rtf"),
    (b"\x1f\x8b", Problem.WORKBOOK_FILE, "gzip"),
    (b"7z\xbc\xaf\x27\x1c", Problem.WORKBOOK_FILE, "7z"),
    (b"Rar!\x1a\x07", Problem.WORKBOOK_FILE, "rar"),
    (b"BZh", Problem.WORKBOOK_FILE, "bzip2"),
    (b"\xfd7zXZ\x00", Problem.WORKBOOK_FILE, "xz"),
    (b"\x28\xb5\x2f\xfd", Problem.WORKBOOK_FILE, "zstd"),
)
# Systems write HTML and XML under the name of .xls.
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|meta|table|\?xml|\?mso)", re.IGNORECASE
)
_STREAMS = (  # the first that is found decides
    ("EncryptedPackage", Problem.ENCRYPTED_WORKBOOK, ""),
    ("Workbook", Problem.OLD_WORKBOOK, ""),
    ("Book", Problem.OLD_WORKBOOK, ""),
    ("WordDocument", Problem.DOCUMENT_FILE, "word"),
    ("PowerPoint Document", Problem.DOCUMENT_FILE, "powerpoint"),
)
_NAMES = {name: name.encode("utf-16-le") + b"\0\0" for name, *_ in _STREAMS}
_OVERLAP = max(map(len, _NAMES.values()))


def head(body: Iterator[bytes]) -> bytes:
    """The first bytes, enough for every signature; fewer if there are no more."""
    taken = b""
    while len(taken) < HEAD_BYTES and (block := next(body, b"")):
        taken += block
    return taken


def permit(first: bytes, rest: Iterable[bytes]) -> None:
    """Raises IntakeError if a file that begins so is neither text nor a package."""
    if first.startswith(_CONTAINER):
        raise _contained(first, rest)
    for signature, problem, reason in _OTHERS:
        if first.startswith(signature):
            raise IntakeError(problem, reason=reason)
    if _MARKUP.match(first):
        raise IntakeError(Problem.MARKUP_FILE)


def _contained(first: bytes, rest: Iterable[bytes]) -> IntakeError:
    """What an old container holds, by the names of its streams (UTF-16, in any place)."""
    seen: set[str] = set()
    before, size = b"", 0
    for block in itertools.chain((first,), rest):
        if (size := size + len(block)) > SEARCHED_BYTES:
            break
        piece = before + block
        seen.update(name for name, text in _NAMES.items() if text in piece)
        before = piece[-_OVERLAP:]
    for name, problem, reason in _STREAMS:
        if name in seen:
            return IntakeError(problem, reason=reason)
    return IntakeError(Problem.CONTAINER_FILE)
