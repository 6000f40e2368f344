"""What a manager may say of a file before it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from calllist.intake.fields import areas
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.vocabulary import ENCODINGS
from crypto.records.fields import FieldKind


@dataclass(frozen=True)
class Choices:
    """What is not said is found out. by_hand: see `columns.Wanted`. header_line: 0 if none."""

    by_hand: Mapping[FieldKind, str] = field(default_factory=dict)
    encoding: str | None = None
    sheet: str | None = None
    header_line: int | None = None
    area_code: str = ""  # of numbers without one

    def __post_init__(self) -> None:
        """Raises IntakeError UNKNOWN_AREA_CODE, NO_SUCH_ENCODING."""
        if self.area_code and not areas.known(self.area_code):
            raise IntakeError(Problem.UNKNOWN_AREA_CODE)
        if self.encoding is not None and self.encoding not in ENCODINGS:
            raise IntakeError(Problem.NO_SUCH_ENCODING)
