"""What can be wrong with a script. A fault names field, line and column, never what stood there."""

from typing import NamedTuple

from calllist.errors import CalllistError


class Fault(NamedTuple):
    """One thing to correct. `line` and `column` count from 1; 0: the field as a whole."""

    field: str  # say_<branch>, dont_<branch>, goods, number_to_call
    code: str
    line: int = 0
    column: int = 0
    reason: str = ""  # a limit, or placeholders that are missing


class ScriptRefused(CalllistError):
    """The script stays as it was."""

    code = "script_refused"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(" ".join(sorted({fault.code for fault in faults})))
        self.faults = faults


class ScriptChanged(CalllistError):
    """Somebody else has saved a version meanwhile."""

    code = "script_changed"
