"""Unique texts for every place where clear text enters, and files full of them.

Each canary remembers the place it was put: what is found says where it came from, and a
failing test never has to print it.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence

from demo.townsfolk import file
from retention.residue import Finding, Needles, Store, scan
from tests.platform import WholePlatform

PHONE = 6  # its column in demo.townsfolk.HEADER
LONG = 2500  # characters: more than a cell may have


class Canaries:
    """Makes them and looks for them."""

    def __init__(self) -> None:
        self.places: list[str] = []
        self.texts: list[str] = []

    def put(self, place: str, text: str) -> str:
        """A text that was put at a place."""
        self.places.append(place)
        self.texts.append(text)
        return text

    def kanji(self, place: str) -> str:
        """Eight kanji of JIS level 1: every encoding can write them."""
        pairs = bytes(
            byte
            for _ in range(8)
            for byte in (random.randint(0x8A, 0x96), random.randint(0x9F, 0xFC))
        )
        return self.put(place, pairs.decode("cp932"))

    def word(self, place: str) -> str:
        """Sixteen letters and digits."""
        return self.put(place, secrets.token_hex(8))

    def phone(self, place: str) -> str:
        """A number that nobody can dial; looked for in every usual spelling."""
        digits = f"{random.randrange(10**7):07d}"
        plain = f"0{random.choice((7, 9))}00{digits}"
        self.put(place, plain)
        self.put(place, "+81" + plain[1:])
        return self.put(place, f"{plain[:3]}-{plain[3:7]}-{plain[7:]}")

    def row(self, place: str) -> list[str]:
        """A row under demo.townsfolk.HEADER, a canary in every cell."""
        born = f"19{random.randint(20, 69)}/{random.randint(1, 9)}/{random.randint(10, 28)}"
        self.put(f"{place}: birth date", born.replace("/", "-"))
        due = f"21{random.randint(10, 99)}-1{random.randint(0, 2)}-{random.randint(10, 28)}"
        return [
            self.word(f"{place}: reference"),
            self.kanji(f"{place}: name"),
            self.kanji(f"{place}: kana"),
            self.put(f"{place}: birth date", born),
            self.put(f"{place}: postal", f"000-{random.randrange(10**4):04d}"),
            self.kanji(f"{place}: address") + self.word(f"{place}: address"),
            self.phone(f"{place}: phone"),
            self.kanji(f"{place}: subject"),
            self.put(f"{place}: due date", due),
            self.kanji(f"{place}: dropped column") + self.word(f"{place}: dropped column"),
        ]

    def list_of(self, people: int, encoding: str) -> bytes:
        """People, and every kind of row that is not taken."""
        rows = [self.row(f"accepted ({encoding})") for _ in range(people)]
        repeated = self.row("repeated")
        repeated[0], repeated[1], repeated[PHONE] = rows[0][0], rows[0][1], rows[0][PHONE]
        no_number = self.row("no number")
        no_number[PHONE] = self.kanji("no number: phone cell")
        short = self.row("too short a number")
        short[PHONE] = short[PHONE][:8]
        ragged = [*self.row("ragged"), self.kanji("ragged: one cell too many")]
        cut = self.row("cut")[:5]
        long = self.row("too long")
        long[5] = self.kanji("too long: cell") + "長" * LONG
        rows += [repeated, no_number, short, ragged, cut, long]
        return file(rows, encoding=encoding)

    # -- looking ---------------------------------------------------------------------------

    def found(self, stores: Sequence[Store]) -> tuple[list[Finding], list[str]]:
        """What was read, and "place in store" for everything that was found."""
        findings = scan(stores, Needles(self.texts))
        return findings, [
            f"{self.places[needle - 1]} as {writing} in {finding.store}"
            for finding in findings
            for needle, writing in sorted(finding.hits)
        ]

    def heard(self, answer: bytes) -> list[str]:
        """The places whose canaries an answer repeats."""
        text = answer.decode(errors="replace")
        return [p for p, canary in zip(self.places, self.texts, strict=True) if canary in text]


async def written(platform: WholePlatform) -> list[Store]:
    """The stores, once everything that waits in memory is on the disk."""
    await platform.sql("checkpoint")
    return platform.stores()
