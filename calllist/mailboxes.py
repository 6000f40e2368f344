"""What may be a mail address here: one, plain, in ASCII."""

import re

_PLAUSIBLE = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")


def plausible(text: str) -> bool:
    """Whether a server could take it; no name, no second one, no line ends."""
    return _PLAUSIBLE.fullmatch(text) is not None
