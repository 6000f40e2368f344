"""What a thief has laid hands on, and how many people that is.

A person counts as obtained as soon as the full name, its full reading or the full telephone
number appears, in any encoding, escape, hexadecimal or base64. Bare digits are a number only
where they stand alone: identifiers and hashes hold every ten digits sooner or later.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from demo.townsfolk import Townsperson
from retention.residue import Needles, searchable

PLAIN = "utf-8"  # how digits are written in all encodings but UTF-16
GAP = "\u3000"  # between the parts of a name, as Japanese files have it


class Loot:
    """Everything obtained so far, searched for everybody who could be stolen."""

    def __init__(self, folk: Sequence[Townsperson]) -> None:
        spellings = [(number, text) for number, one in enumerate(folk) for text in _spellings(one)]
        self._owners = [number for number, _ in spellings]
        self._texts = [text for _, text in spellings]
        self._needles = Needles(self._texts)
        self._folk = folk
        self._people: set[int] = set()
        self.bytes = 0
        self.where: list[str] = []  # each find: whose, in which writing, out of what

    @property
    def people(self) -> list[Townsperson]:
        """Who was obtained."""
        return [self._folk[number] for number in sorted(self._people)]

    def add(self, content: object, source: str = "an answer") -> None:
        """An answer, a file's bytes, a row: whatever came back."""
        data = content if isinstance(content, bytes) else _written(content)
        self.bytes += len(data)
        for needle, writing in set(self._needles.search(data)):
            text = self._texts[needle - 1]
            if writing == PLAIN and text.isdecimal() and not _alone(text, data):
                continue
            owner = self._owners[needle - 1]
            self._people.add(owner)
            self.where.append(f"{self._folk[owner].reference} as {writing} in {source}")

    def add_folder(self, folder: Path) -> None:
        """Every file below a folder, its name and every byte; what goes away meanwhile is gone."""
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                with contextlib.suppress(FileNotFoundError):
                    self.add(os.fsencode(path), str(path))
                    self.add(path.read_bytes(), str(path))


def _alone(digits: str, data: bytes) -> bool:
    """Whether they stand somewhere between what is neither a letter nor a digit."""
    return bool(re.search(rb"(?<![0-9A-Za-z])%b(?![0-9A-Za-z])" % digits.encode(), data))


def _written(content: object) -> bytes:
    """A value as text, byte strings inside it as they are."""
    if isinstance(content, str):
        return content.encode()
    parts: list[bytes] = []

    def walk(value: object) -> None:
        if isinstance(value, bytes | memoryview):
            parts.append(bytes(value))
        elif isinstance(value, dict):
            for key, inner in value.items():
                walk(key)
                walk(inner)
        elif isinstance(value, list | tuple | set | frozenset):
            for inner in value:
                walk(inner)
        elif isinstance(value, msgspec.Struct):
            walk(msgspec.structs.asdict(value))
        else:
            parts.append(str(value).encode())

    walk(content)
    return b"\0".join(parts)


def _spellings(person: Townsperson) -> list[str]:
    plain = person.phone.replace("-", "")
    return [
        *(text.replace(GAP, gap) for text in (person.name, person.kana) for gap in (GAP, " ", "")),
        *(person.phone, plain, f"+81{plain[1:]}"),
    ]


def tellable(folk: Sequence[Townsperson]) -> list[Townsperson]:
    """Those whom one can tell apart by name and find in noise: nobody else of their name."""
    names = [person.name for person in folk]
    kanas = [person.kana for person in folk]
    return [
        person
        for person in folk
        if names.count(person.name) == kanas.count(person.kana) == 1
        and all(map(searchable, _spellings(person)))
    ]
