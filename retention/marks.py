"""What of a list can be recognised without opening it, and the search for it in files.

Before its rows are erased, some pieces of a list's own ciphertext, keyed hashes and sealed keys
are set aside: random bytes that are nowhere else by chance and say nothing about anybody. When
the rows are gone, every store in reach is read to its end for them, as they are, in hexadecimal
and in base64; with the certificate they are forgotten.

Not promised: a copy that was compressed, encrypted or cut is not recognised.
"""

from collections.abc import Iterable, Iterator, Sequence

from retention.facts import Check
from retention.residue import Needles, Store, scan
from retention.states import Outcome

MARK_BYTES = 16  # chance finds one in 2^128
MOST = 64  # marks of one list


def join(pieces: Sequence[bytes]) -> bytes:
    """At most `MOST` marks, as a holding keeps them: the last bytes of each piece, where what was
    sealed has its tag."""
    marks = [piece[-MARK_BYTES:] for piece in pieces if len(piece) >= MARK_BYTES]
    return b"".join(dict.fromkeys(marks[:MOST]))


def split(joined: bytes) -> list[bytes]:
    """The marks that a holding keeps."""
    return [joined[at : at + MARK_BYTES] for at in range(0, len(joined), MARK_BYTES)]


def search(stores: Sequence[Store], marks: Sequence[bytes]) -> Iterator[Check]:
    """One check for each store: what was read of it, and how often a mark was there.

    Without a mark there is nothing to look for, and nothing is claimed: UNKNOWN.
    """
    for finding in scan(stores, Needles.of_bytes(marks)):
        yield Check(
            finding.store,
            finding.outcome if marks else Outcome.UNKNOWN,
            how="searched",
            found=finding.total,
            seen=finding.files,
            bytes=finding.bytes,
        )


def look(store: str, blocks: Iterable[bytes], marks: Sequence[bytes]) -> Check:
    """As `search`, of what was read elsewhere: a block is a row."""
    needles = Needles.of_bytes(marks)
    found = seen = size = 0
    for block in blocks:
        seen, size = seen + 1, size + len(block)
        found += sum(1 for _ in needles.search(block))
    outcome = Outcome.FAILED if found else Outcome.PASS if marks else Outcome.UNKNOWN
    return Check(store, outcome, how="searched", found=found, seen=seen, bytes=size)
