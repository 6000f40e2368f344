"""What the keeper wrote down of a file when its list was received, in an entrustor's extract.

One line of the kind "manifest" for each list: how many rows its chunks have, and the salted hash of
the file. Whoever changes a receipt afterwards, our platform included, has that line against it.
"""

import msgspec

from crypto.ledger.extract import SALT_BYTES, Extract, lines_of

_MARK = b'"kind":"manifest"'


class Manifested(msgspec.Struct, frozen=True):
    """The line, as far as a receipt says the same."""

    seq: int
    kind: str
    list: str
    rows: int  # accepted
    file_hash: str  # hex


_read = msgspec.json.Decoder(Manifested).decode


def manifested(extract: Extract, list_id: str) -> Manifested | None:
    """The line about this list, or None. Believe it only of an extract that was verified."""
    with extract.path.open("rb") as file:
        for offset, length in extract.blocks():
            file.seek(offset)
            block = file.read(length)
            if _MARK not in block:
                continue
            for _, entry in lines_of(block):
                leaf = entry[SALT_BYTES:]
                if _MARK in leaf:
                    line = _read(leaf)
                    if line.kind == "manifest" and line.list == list_id:
                        return line
    return None
