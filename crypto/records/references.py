"""Reference numbers as they are filed in one list: 8 bytes each, under the list's index key.

Intake files them record by record, so that a withdrawal finds its record again without anything
being opened; the keeper alone can make them later. Two spellings of one number are filed alike
(`forms.reference`).
"""

from collections.abc import Iterable
from hashlib import blake2b

from crypto.records import forms

REFERENCE_BYTES = 8  # a chance hit among a million references on a million records: 1 in 10^7
NOTHING = bytes(REFERENCE_BYTES)  # a record without a reference: found by nothing
_PERSON = b"calllist/ref/1"  # BLAKE2b's personalisation (RFC 7693, 2.8): no phone token is one


class ReferenceTokens:
    """Files references of one list. One keyed state is made, and copied for each of them."""

    def __init__(self, index_key: bytes, list_id: str) -> None:
        self._state = blake2b(
            list_id.encode() + b"\x00", key=index_key, digest_size=REFERENCE_BYTES, person=_PERSON
        )

    def of(self, text: str) -> bytes:
        """8 bytes; `NOTHING` for an empty reference."""
        said = forms.reference(text)
        if not said:
            return NOTHING
        state = self._state.copy()
        state.update(said.encode())
        return state.digest()

    def column(self, texts: Iterable[str]) -> bytes:
        """Of a chunk's records, in their order, one behind the other."""
        return b"".join(map(self.of, texts))

    def column_of_forms(self, brought: Iterable[str]) -> bytes:
        """The same of texts that were brought into their form before: at intake, by the reader."""
        begun, filed = self._state, []
        for said in brought:
            state = begun.copy()
            state.update(said.encode())
            filed.append(state.digest() if said else NOTHING)
        return b"".join(filed)


def places(filed: bytes, wanted: Iterable[bytes]) -> list[tuple[int, bytes]]:
    """Which records of a chunk are filed under one of these tokens: (index, token)."""
    sought = frozenset(wanted) - {NOTHING}
    pieces = (filed[at : at + REFERENCE_BYTES] for at in range(0, len(filed), REFERENCE_BYTES))
    return [(index, piece) for index, piece in enumerate(pieces) if piece in sought]
