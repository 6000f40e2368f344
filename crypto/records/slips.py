"""The hand-over slip (申し送り票): what a person asks to have told to the entrustor.

Typed fields and no prose. A slip travels inside the sealed result of its call, so that it cannot
be moved to another one; only the entrustor opens it.
"""

from enum import StrEnum
from typing import Annotated

import msgspec


class SlipKind(StrEnum):
    """What a slip may say. The value is its key inside a sealed result."""

    PHONE = "phone"  # a new number, in groups: 090-0000-0000
    ADDRESS = "address"  # a new address, as it was read back
    DATE = "date"  # ISO 8601, a day
    AMOUNT = "amount"  # yen


Yen = Annotated[int, msgspec.Meta(ge=0, le=99_999_999)]


class Slip(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One slip; what it does not say is empty. Its text never reaches a log."""

    phone: Annotated[str, msgspec.Meta(pattern=r"\A(0[0-9-]{9,14})?\Z")] = ""
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""
    date: Annotated[str, msgspec.Meta(pattern=r"\A([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z")] = ""
    amount: Yen = 0

    def __repr__(self) -> str:
        return f"Slip({len(self.kinds)} fields)"

    @property
    def kinds(self) -> tuple[SlipKind, ...]:
        """What it says something of."""
        return tuple(kind for kind in SlipKind if getattr(self, kind.value))
