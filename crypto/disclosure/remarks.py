"""What an operator adds to a result: a note for the next call, a slip for the entrustor.

Both only as far as the signed terms permit. A note is sealed to its list and bound to its record;
the keeper opens it with the record, from the stage that the terms name (crypto D113). A slip goes
into the result and is never opened here (crypto D114).
"""

from crypto.disclosure.threshold import Case, Opened
from crypto.errors.records import NoteNotPermitted, SlipNotPermitted
from crypto.lists.progress import RecordState
from crypto.records.slips import Slip
from crypto.signed.terms import ContractTerms
from crypto.wire.records import Noted


def check(terms: ContractTerms, note: str, slip: Slip | None) -> None:
    """Raises NoteNotPermitted, SlipNotPermitted."""
    if note and terms.notes_from is None:
        raise NoteNotPermitted
    for kind in slip.kinds if slip else ():
        if kind not in (terms.slips or ()):
            raise SlipNotPermitted(kind)


def kept(case: Case, opened: Opened, note: str) -> bytes:
    """The note that stands from now on, sealed: this one, or without one the earlier."""
    if not note:
        return case.state.note
    return opened.keys.seal_note(case.id.chunk, case.id.idx, note)


def shown(terms: ContractTerms, state: RecordState) -> bool:
    """Whether there is a note, and it may be read at this stage."""
    first = terms.notes_from
    return bool(state.note) and first is not None and state.stage >= first


def read(case: Case, opened: Opened, state: RecordState) -> Noted | None:
    """The note of an earlier call, for the eyes. Raises DoesNotOpen."""
    if not shown(case.terms, state):
        return None
    return Noted(opened.keys.note(case.id.chunk, case.id.idx, state.note))
