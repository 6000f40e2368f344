"""The web's side of a withdrawal file: a reader process reads it, and tells references only.

What anybody may have written is parsed there (`reading`); here come lines and short texts,
held in memory until the keeper has filed them, and kept nowhere. Few at once: each is a process.

    rows = await WithdrawalFiles().rows(person_id, request.stream(), column="#2")
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from calllist.intake import belief
from calllist.intake.messages import Order, Read, Referred, Refused
from calllist.intake.problems import IntakeError, Problem, TooManyUploads
from calllist.intake.reader import fed, message
from calllist.intake.reading.references import CELL_CHARACTERS, MOST
from crypto.records.fields import FieldKind

SECONDS = 300  # the sending included
AT_ONCE = 4
Row = tuple[int, str]  # line of the file, reference


@dataclass(frozen=True)
class WithdrawalFiles:
    """Reads withdrawal files, one of a person at a time."""

    _running: set[str] = field(default_factory=set, init=False, repr=False)

    async def rows(
        self, person_id: str, body: AsyncIterator[bytes], *, column: str = ""
    ) -> list[Row]:
        """As `references`. Raises TooManyUploads, too: nobody waits for a place."""
        running = self._running
        if len(running) >= AT_ONCE or person_id in running:
            raise TooManyUploads
        running.add(person_id)
        try:
            return await references(body, column=column)
        finally:
            running.remove(person_id)


async def references(body: AsyncIterator[bytes], *, column: str = "") -> list[Row]:
    """The rows of a withdrawal file. column: its header or "#2", where that is in doubt.

    Raises IntakeError: what the file is refused for.
    """
    by_hand = {FieldKind.REFERENCE: column} if column else {}
    try:
        async with asyncio.timeout(SECONDS):
            async with fed(Order(mode="references", by_hand=by_hand), body) as source:
                return await _rows(source)
    except TimeoutError:
        raise IntakeError(Problem.READER_FAILED, reason="time") from None


async def _rows(source: asyncio.StreamReader) -> list[Row]:
    """Raises IntakeError."""
    rows: list[Row] = []
    while True:
        said = await message(source)
        match said:
            case Refused():
                raise belief.refusal(said)
            case Read():
                return rows
            case Referred() if _is_sound(said) and len(rows) <= MOST:
                rows += zip(said.lines, said.references, strict=True)
            case _:
                raise IntakeError(Problem.READER_FAILED)


def _is_sound(said: Referred) -> bool:
    return len(said.lines) == len(said.references) and all(
        len(text) <= CELL_CHARACTERS + 1 for text in said.references
    )
