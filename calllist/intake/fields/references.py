"""Reference numbers: stored as received; what Excel destroyed is remarked.

The entrustor knows its person again by this number, or by the line if it is empty or no
longer whole: results carry both (`crypto.records.sealing.CallResult`). So neither a damaged number
nor one that several rows share costs anybody a call.
"""

import re
from collections.abc import Sequence
from datetime import date

from calllist.intake.fields import Parsed, Verdict
from calllist.intake.problems import Code

_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]{1,2}", re.IGNORECASE)


def references(cells: Sequence[str], _today: date) -> Parsed:
    """A column of reference numbers."""
    if "E+" not in (text := "\n".join(cells)) and "e+" not in text:
        return Parsed(cells, ())
    damaged = [
        Verdict(at, Code.REFERENCE_DAMAGED)
        for at, cell in enumerate(cells)
        if _SCIENTIFIC.fullmatch(cell.strip())
    ]
    return Parsed(cells, damaged)
