"""Is a given string left anywhere? Every store read to its last byte, in every writing.

A needle is looked for as text (UTF-8, UTF-16, CP932, EUC-JP, JSON and URL escapes) and, of
each of these, as hexadecimal and base64 at its three alignments. A finding counts and names
needles by number, never by content.

Not promised: a needle inside compressed or encrypted data is not seen, nor one that a store
splits between two places; the memory of processes is not read.
"""

import base64
import json
import os
import stat
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path

import ahocorasick_rs

from retention.errors import NeedleTooShort
from retention.states import Outcome

MIN_BYTES = 6  # of the shortest writing: chance finds 6 given bytes once in 280 TB of noise
BLOCK_BYTES = 4 * 1024 * 1024
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp932", "euc_jp")


@dataclass(frozen=True)
class Store:
    """One place where data may lie: a file, a folder with everything below it, a block device.

    Several places may have one name: then they are one store.
    """

    name: str
    path: Path
    apart: frozenset[Path] = frozenset()  # folders inside, resolved, that belong to other stores


@dataclass
class Finding:
    """What was read of one store, and which needles (by number, from 1) it held."""

    store: str
    files: int = 0
    bytes: int = 0
    hits: Counter[tuple[int, str]] = field(default_factory=Counter)  # (needle, writing)
    unread: int = 0  # files that exist and could not be read
    vanished: int = 0  # files that went away while we read: not residue
    missing: bool = False  # the store itself does not exist

    @property
    def total(self) -> int:
        """Occurrences of all needles in all writings."""
        return self.hits.total()

    @property
    def needles(self) -> set[int]:
        """The numbers of the needles found."""
        return {needle for needle, _ in self.hits}

    @property
    def outcome(self) -> Outcome:
        """FAILED if anything was found, UNKNOWN if anything could not be read."""
        if self.hits:
            return Outcome.FAILED
        return Outcome.UNKNOWN if self.unread or self.missing else Outcome.PASS


class Needles:
    """The strings to look for, compiled once. Its repr shows how many, never which."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Raises NeedleTooShort with the number of the needle. Equal texts count as one each."""
        written: list[list[tuple[str, bytes]]] = []
        for number, text in enumerate(texts, 1):
            if not searchable(text):
                raise NeedleTooShort(number)
            written.append(list(writings(text)))
        self._compile(written)

    @classmethod
    def of_bytes(cls, pieces: Iterable[bytes]) -> "Needles":
        """Bytes that are no text: as they are, in hexadecimal, in base64."""
        made = cls(())
        made._compile([[("bytes", piece), *_coded("bytes", piece)] for piece in pieces])
        return made

    def _compile(self, written: Sequence[Sequence[tuple[str, bytes]]]) -> None:
        """written: for each needle, in order, its writings."""
        self._labels: list[list[tuple[int, str]]] = []
        patterns: dict[bytes, int] = {}
        self.count = len(written)
        for number, ways in enumerate(written, 1):
            for writing, pattern in ways:
                at = patterns.setdefault(pattern, len(patterns))
                if at == len(self._labels):
                    self._labels.append([])
                if all(needle != number for needle, _ in self._labels[at]):
                    self._labels[at].append((number, writing))
        self.longest = max(map(len, patterns), default=1)
        self._automaton = ahocorasick_rs.BytesAhoCorasick(list(patterns))

    def __repr__(self) -> str:
        return f"Needles({self.count})"

    def search(self, block: bytes, after: int = 0) -> Iterator[tuple[int, str]]:
        """Each (needle, writing) that ends beyond `after` bytes of this block."""
        found = self._automaton.find_matches_as_indexes(block, overlapping=True)
        for pattern, _start, end in found:
            if end > after:
                yield from self._labels[pattern]


def searchable(text: str) -> bool:
    """Whether a text is long enough for a hit to mean something."""
    return all(len(pattern) >= MIN_BYTES for _, pattern in _encoded(text)) and text.strip() != ""


def writings(text: str) -> Iterator[tuple[str, bytes]]:
    """Every (name, bytes) in which a text is looked for; equal bytes may repeat."""
    yield from _encoded(text)
    escapes = [("escaped", escaped.encode("ascii")) for escaped in _escapes(text)]
    yield from escapes
    for encoding, raw in [*_encoded(text), *escapes]:  # a broker's message: base64 of JSON
        yield from _coded(encoding, raw)


def scan(stores: Sequence[Store], needles: Needles) -> list[Finding]:
    """Read every regular file of every store once; a finding for each name, in order.

    Symbolic links inside are not followed: what they point at is read where it lies, or, if
    that is in none of these stores, counts as not read.
    """
    found: dict[str, Finding] = {}
    roots = {store.path.resolve() for store in stores}
    for store in stores:
        _scan_store(store, needles, roots, found.setdefault(store.name, Finding(store.name)))
    return list(found.values())


def _coded(name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    """In hexadecimal, and in base64 of both alphabets."""
    yield f"{name} hex", raw.hex().encode()
    yield f"{name} hex", raw.hex().upper().encode()
    for inner in _base64_inner(raw):
        yield f"{name} base64", inner
        yield f"{name} base64", inner.translate(bytes.maketrans(b"+/", b"-_"))


def _encoded(text: str) -> Iterator[tuple[str, bytes]]:
    for encoding in ENCODINGS:
        try:
            yield encoding, text.encode(encoding)
        except UnicodeEncodeError:
            continue  # a text that the encoding cannot write cannot lie there in it


def _escapes(text: str) -> Iterator[str]:
    """As JSON and as part of a URL, the hexadecimal digits in either case."""
    in_json = [json.dumps(character)[1:-1] for character in text]
    in_url = [urllib.parse.quote(character, safe="") for character in text]
    yield "".join(in_json)
    yield "".join(e if e[:2] != "\\u" else e.upper().replace("\\U", "\\u") for e in in_json)
    yield "".join(in_url)
    yield "".join(e if e[:1] != "%" else e.lower() for e in in_url)


def _base64_inner(raw: bytes) -> Iterator[bytes]:
    """The characters of base64 that depend on nothing but `raw`, at each alignment."""
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw)
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        yield coded[first:last]


def _scan_store(store: Store, needles: Needles, roots: set[Path], finding: Finding) -> None:
    try:
        root = store.path.resolve(strict=True)
        kind = root.stat().st_mode
    except FileNotFoundError:
        finding.missing = True
        return
    except OSError:
        finding.unread += 1
        return
    if not stat.S_ISDIR(kind):
        _scan_named(Path(root.name), needles, finding)
        if not (stat.S_ISREG(kind) or stat.S_ISBLK(kind)):
            finding.unread += 1  # a pipe, a terminal: nobody knows what went through it
        elif not _scan_file(root, needles, finding):
            finding.missing = True
        return
    for path in _files(root, store.apart, finding):
        _scan_named(path.relative_to(root.parent), needles, finding)
        try:
            mode = path.lstat().st_mode
        except OSError:
            mode = stat.S_IFREG  # opening it says what is wrong
        if stat.S_ISLNK(mode):
            finding.unread += _leads_away(path, roots)
        elif stat.S_ISREG(mode) and not _scan_file(path, needles, finding):
            finding.vanished += 1


def _leads_away(link: Path, roots: set[Path]) -> bool:
    """Whether there is something at its end that none of the stores has."""
    try:
        end = link.resolve(strict=True)
    except FileNotFoundError:
        return False  # its end is nowhere
    except (OSError, RuntimeError):  # we may not look there; a loop
        return True
    return not roots.intersection((end, *end.parents))


def _scan_named(path: Path, needles: Needles, finding: Finding) -> None:
    """The name of a file is content too."""
    finding.hits.update(needles.search(os.fsencode(path)))


def _files(root: Path, apart: frozenset[Path], finding: Finding) -> Iterator[Path]:
    unlisted: list[OSError] = []
    for folder, below, names in os.walk(root, onerror=unlisted.append):
        below[:] = [name for name in below if Path(folder) / name not in apart]
        for name in (*names, *(name for name in below if (Path(folder) / name).is_symlink())):
            yield Path(folder) / name
    finding.unread += sum(not isinstance(error, FileNotFoundError) for error in unlisted)


def _scan_file(path: Path, needles: Needles, finding: Finding) -> bool:
    """Whether it is there."""
    try:
        with path.open("rb", buffering=0) as stream:
            finding.files += 1
            _scan_stream(stream, needles, finding)
    except FileNotFoundError:
        return False
    except OSError:
        finding.unread += 1
    return True


def _scan_stream(stream: FileIO, needles: Needles, finding: Finding) -> None:
    """Blocks overlap by the longest needle, so that none hides on a seam or counts twice."""
    tail = b""
    while block := stream.read(BLOCK_BYTES):
        finding.bytes += len(block)
        window = tail + block
        finding.hits.update(needles.search(window, after=len(tail)))
        tail = window[-(needles.longest - 1) :] if needles.longest > 1 else b""
