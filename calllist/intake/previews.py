"""The web's side of a preview: a reader process, fed and listened to; nothing is stored.

The reader has no keeper, no database and no secret (`reading`), so that a file can be looked
at before anybody has decided to take it. Few at once: each is a process.

    told = await previews.look(person_id, order(terms, ...), request.stream())
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from calllist.intake import belief
from calllist.intake.choices import Choices
from calllist.intake.messages import Kept, Order, Previewed, Refused
from calllist.intake.preview import Preview
from calllist.intake.problems import IntakeError, Problem, TooManyUploads
from calllist.intake.reader import fed, message
from calllist.jobs.tables import ColumnTemplate
from crypto.records.fields import FieldKind
from crypto.signed.terms import ContractTerms

AT_ONCE = 4
SECONDS = 60  # the sending included: a workbook has to be there as a whole
ANSWER_BYTES = 4 << 20


@dataclass(frozen=True)
class Previews:
    """Looks at files. Nothing is handed in: a preview needs no power of ours."""

    _looks: dict[str, asyncio.Task[Preview]] = field(default_factory=dict, init=False, repr=False)

    async def look(self, person_id: str, order: Order, body: AsyncIterator[bytes]) -> Preview:
        """What a file looks like. Who looks again gives up the look before.

        Raises IntakeError, TooManyUploads.
        """
        if (earlier := self._looks.get(person_id)) is not None:
            earlier.cancel()
            await asyncio.wait([earlier])
        if len(self._looks) >= AT_ONCE:
            raise TooManyUploads
        look = self._looks[person_id] = asyncio.create_task(_look(order, body))
        try:
            async with asyncio.timeout(SECONDS):
                await asyncio.wait([look])
            return look.result()
        except TimeoutError:
            raise IntakeError(Problem.READER_FAILED, reason="time") from None
        except asyncio.CancelledError:
            if not look.cancelled():  # the request itself was: nobody waits any more
                raise
            raise IntakeError(Problem.DISCONNECTED) from None
        finally:
            look.cancel()
            if self._looks.get(person_id) is look:
                del self._looks[person_id]


def order(
    terms: ContractTerms,
    choices: Choices,
    templates: Iterable[ColumnTemplate],
    *,
    synthetic: bool,
    whole: bool,
) -> Order:
    """What a reader is told for a preview under these terms."""
    return Order(
        mode="preview",
        permitted=tuple(terms.fields),
        by_hand=choices.by_hand,
        synthetic=synthetic,
        entrustor=terms.entrustor,
        encoding=choices.encoding,
        sheet=choices.sheet,
        segments=terms.conduct.segments or (),
        templates=kept(templates),
        header_line=choices.header_line,
        area_code=choices.area_code,
        whole=whole,
    )


def kept(templates: Iterable[ColumnTemplate]) -> tuple[Kept, ...]:
    """Saved mappings as a reader takes them: cells are counted from 0."""
    return tuple(
        Kept(
            one.id,
            one.header_key,
            {FieldKind(kind): tuple(at - 1 for at in at_) for kind, at_ in one.places.items()},
        )
        for one in templates
    )


async def _look(order: Order, body: AsyncIterator[bytes]) -> Preview:
    async with fed(order, body) as source:
        return await _answer(source, order)


async def _answer(source: asyncio.StreamReader, order: Order) -> Preview:
    """Raises IntakeError: what the reader said, or READER_FAILED."""
    said = await message(source, ANSWER_BYTES)
    if isinstance(said, Refused):
        raise belief.refusal(said)
    if isinstance(said, Previewed) and belief.preview(said.preview, order):
        return said.preview
    raise IntakeError(Problem.READER_FAILED)
