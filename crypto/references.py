"""Reference numbers as they are filed in one list: 8 bytes each, under the list's index key.

Intake files them record by record, so that a withdrawal finds its record again without anything
being opened; the keeper alone can make them later. Two spellings of one number are filed alike:
Excel takes leading zeros away and adds ".0", cores write full width.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import blake2b

REFERENCE_BYTES = 8  # a chance hit among a million references on a million records: 1 in 10^7
NOTHING = bytes(REFERENCE_BYTES)  # a record without a reference: found by nothing
_PERSON = b"calllist/ref/1"  # BLAKE2b's personalisation (RFC 7693, 2.8): no phone token is one

_PLAIN = re.compile(r"[1-9A-Z][0-9A-Z]*")
_ALL_PLAIN = re.compile(r"(?:[1-9A-Z][0-9A-Z]*(?:\n(?!\Z)|\Z))+")
_SPACES = re.compile(r"\s+")
_DASHES = re.compile(r"[\u002D\u2010-\u2015\u2212\u30FC\uFF0D\uFF70\u2500]")  # as `matching`
_DIGITS = re.compile(r"([0-9]+)(?:\.0+)?")


def form(text: str) -> str:
    """The one spelling that is compared; empty if there is nothing to compare."""
    if _PLAIN.fullmatch(text):
        return text
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", text)).upper()
    plain = _DASHES.sub("-", plain)
    if digits := _DIGITS.fullmatch(plain):
        return digits[1].lstrip("0") or "0"
    return plain


def forms(texts: Sequence[str]) -> list[str]:
    """`form` of each text of a column, all at once where all are plain."""
    text = "\n".join(texts)
    if text.count("\n") == len(texts) - 1 and _ALL_PLAIN.fullmatch(text):
        return list(texts)
    return list(map(form, texts))


class ReferenceTokens:
    """Files references of one list. One keyed state is made, and copied for each of them."""

    def __init__(self, index_key: bytes, list_id: str) -> None:
        self._state = blake2b(
            list_id.encode() + b"\x00", key=index_key, digest_size=REFERENCE_BYTES, person=_PERSON
        )

    def of(self, text: str) -> bytes:
        """8 bytes; `NOTHING` for an empty reference."""
        said = form(text)
        if not said:
            return NOTHING
        state = self._state.copy()
        state.update(said.encode())
        return state.digest()

    def column(self, texts: Iterable[str]) -> bytes:
        """Of a chunk's records, in their order, one behind the other."""
        return b"".join(map(self.of, texts))

    def column_of_forms(self, forms: Iterable[str]) -> bytes:
        """The same of texts that were brought into their form before: at intake, by the reader."""
        begun, filed = self._state, []
        for said in forms:
            state = begun.copy()
            state.update(said.encode())
            filed.append(state.digest() if said else NOTHING)
        return b"".join(filed)


def places(filed: bytes, wanted: Iterable[bytes]) -> list[tuple[int, bytes]]:
    """Which records of a chunk are filed under one of these tokens: (index, token)."""
    sought = frozenset(wanted) - {NOTHING}
    pieces = (filed[at : at + REFERENCE_BYTES] for at in range(0, len(filed), REFERENCE_BYTES))
    return [(index, piece) for index, piece in enumerate(pieces) if piece in sought]
