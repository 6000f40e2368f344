"""A file that the entrustor encrypted to the job (age), opened block by block as it is read.

The reader recognises one by its first bytes and asks for its file key: the intake process asks
the keeper, which alone can read the header. What is opened is parsed at once; if the file turns
out to be altered or cut off, all of it is refused and nothing of it was stored.
"""

from collections.abc import Callable, Iterator

from calllist.intake.problems import IntakeError, Problem
from crypto.standards.age import header, stream

Ask = Callable[[bytes], bytes]
"""From a header to the file key."""


def opened(body: Iterator[bytes], ask: Ask, *, sealed_only: bool = False) -> Iterator[bytes]:
    """The file itself: an encrypted one opened, a plain one as it is.

    Raises IntakeError SEALED_HEADER, SEALED_DAMAGED; SEALED_ONLY for a plain one where that is
    forbidden.
    """
    start, rest = _beginning(body)
    if not header.sealed_file(start):
        if sealed_only:
            raise IntakeError(Problem.SEALED_ONLY)
        yield from rest
        return
    try:
        head, payload = header.split(rest)
    except header.HeaderRefused:
        raise IntakeError(Problem.SEALED_HEADER) from None
    try:
        yield from stream.opened(ask(head), payload)
    except stream.PayloadDamaged:
        raise IntakeError(Problem.SEALED_DAMAGED) from None


def nobodys(_head: bytes) -> bytes:
    """Where no keeper is asked: to look into a file before its upload. Raises IntakeError."""
    raise IntakeError(Problem.SEALED_FILE)


def _beginning(body: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Enough of a file to recognise it, and all of it."""
    blocks: list[bytes] = []
    size = 0
    for block in body:
        blocks.append(block)
        size += len(block)
        if size >= len(header.SIGNATURE):
            break
    return b"".join(blocks), _all(blocks, body)


def _all(first: list[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    yield from first
    yield from rest
