"""The branches of a call, what may stand in each, and what must.

Sales calls name the trader, the caller, the kind of goods and that it is solicitation before
anything else (Act on Specified Commercial Transactions, Article 16): all four are placeholders,
so that no text can leave one out. Others than the person asked for hear who calls and for whom.
"""

import hashlib
import re
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from calllist.entrustors.purposes import Purpose
from crypto.standards.canonical import canonical_json


class Branch(StrEnum):
    """Where a call is, in the order of the tabs."""

    OPENING = "opening"
    FAMILY = "family"  # somebody else answers
    ABOUT = "about"  # "what is this about?" before the identity check
    IDENTITY = "identity"
    VERIFIED = "verified"
    REFUSAL = "refusal"
    VOICEMAIL = "voicemail"
    CLOSING = "closing"


ANYBODY = frozenset({"entrustor", "caller", "number_to_call"})  # says nothing of the person
OFFER = frozenset({"goods", "solicitation"})  # the reason of a sales call
ASKED_FOR = frozenset({"person"})
CHECK = frozenset({"kinds", "count"})
PLACEHOLDERS = ANYBODY | OFFER | ASKED_FOR | CHECK

_MAY: dict[Branch, frozenset[str]] = {
    Branch.OPENING: ANYBODY | ASKED_FOR,
    Branch.FAMILY: ANYBODY | ASKED_FOR,
    Branch.ABOUT: ANYBODY,
    Branch.IDENTITY: ANYBODY | ASKED_FOR | CHECK,
    Branch.VERIFIED: ANYBODY | ASKED_FOR,
    Branch.REFUSAL: ANYBODY,
    Branch.VOICEMAIL: ANYBODY,  # whoever is at home hears it
    Branch.CLOSING: ANYBODY,
}
_MUST: dict[Branch, tuple[str, ...]] = {
    Branch.OPENING: ("entrustor", "caller"),
    Branch.FAMILY: ("entrustor", "caller"),
    Branch.IDENTITY: ("kinds", "count"),
    Branch.VOICEMAIL: ("entrustor", "caller"),
}
_SAYS_WHY = frozenset({Branch.OPENING, Branch.ABOUT, Branch.VERIFIED})  # of a sales call
_PLACE = re.compile(r"\{([a-z_]+)\}(?:様|さま|さん)?")


class Line(msgspec.Struct, frozen=True):
    """What to say, and what must not be said (may be empty)."""

    say: str
    dont: str = ""


class Script(msgspec.Struct, frozen=True):
    """One version. `message`: whether a voicemail may be left at all."""

    lines: Mapping[str, Line]
    goods: str = ""  # the kind of goods, for {goods}
    number_to_call: str = ""  # the entrustor's own, as it publishes it: digits
    message: bool = False

    def line(self, branch: Branch) -> Line:
        """The line of a branch; empty if there is none."""
        return self.lines.get(branch.value, Line(""))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: what the ledger has."""
        return hashlib.sha256(canonical_json(self)).hexdigest()


def may(branch: Branch, purpose: str) -> frozenset[str]:
    """The placeholders that this branch may have."""
    sales = purpose == Purpose.SALES and branch in _SAYS_WHY
    return _MAY[branch] | OFFER if sales else _MAY[branch]


def must(branch: Branch, purpose: str) -> tuple[str, ...]:
    """The placeholders that this branch may not lack."""
    first = branch is Branch.OPENING and purpose == Purpose.SALES
    return (*_MUST.get(branch, ()), *(("goods", "solicitation") if first else ()))


def named(text: str) -> frozenset[str]:
    """The placeholders that stand in a text, known or not."""
    return frozenset(_PLACE.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text as it is said. A 様 behind {person} is not said twice: the value has it."""
    return _PLACE.sub(lambda found: _filled(found, values), text)


def _filled(found: re.Match[str], values: Mapping[str, str]) -> str:
    name = found[1]
    if name not in values:
        return found[0]
    own = "" if name == "person" else found[0][len(name) + 2 :]
    return values[name] + own
