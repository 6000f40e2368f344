"""What an operator adds to a result: a note for the next call, a slip for the entrustor.

The note is read before anything is stored (`notes`); the slip must have been read back to the
person once. What the signed terms permit is asked by the keeper.
"""

from dataclasses import dataclass

from calllist.dialing import notes, resting
from calllist.dialing.errors import NoteNeedless, SlipNotReadBack
from calllist.dialing.hand import InHand
from crypto.records.slips import Slip


@dataclass(frozen=True, repr=False)
class Remarks:
    """note: one line, as `notes.tidy` leaves it. read_back: the slip, to the person."""

    note: str = ""
    slip: Slip | None = None
    read_back: bool = False


NONE = Remarks()


def check(said: Remarks, hand: InHand, code: int) -> None:
    """code: as the operator chose it. Raises NoteBlocked, NoteNeedless, SlipNotReadBack."""
    if said.note:
        if hand.terms.codes.get(code, True) or resting.given_up(hand.record):
            raise NoteNeedless
        notes.check(said.note)
    if said.slip and not said.read_back:
        raise SlipNotReadBack
