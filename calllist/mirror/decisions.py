"""What was decided by signature, as the mirrored ledger tells it: numbers and ids, nobody's name.

The keeper's own words: `signature` (one of two has signed), `statement` (in force, and about
what). Whose signature it was stands in the line that pinned the key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.mirror import showing
from calllist.mirror.errors import NotInTheLedger
from calllist.mirror.tables import LedgerLine

SHOWN = 100  # the latest
KINDS = ("pin", "signature", "statement")


@dataclass(frozen=True)
class Decided:
    """A statement that is, or was, in force."""

    number: str
    at: datetime
    kind: str  # first word of `about`: contract, roster, budget, party, list, ...
    about: str  # the keeper's words, with ids
    overruled: bool = False  # by a later one on the same matter


class _Line(msgspec.Struct):
    approver: str = ""
    key: str = ""
    statement: str = ""
    about: str = ""


async def decided(session: AsyncSession, approver: str | None = None) -> list[Decided]:
    """The latest first. `approver`: only what this entrustor has signed, alone or as one of two."""
    try:
        log = (await showing.newest(session)).log
    except NotInTheLedger:
        return []
    rows = await session.execute(
        select(LedgerLine.kind, LedgerLine.at, LedgerLine.leaf)
        .where(LedgerLine.log == log, LedgerLine.kind.in_(KINDS))
        .order_by(LedgerLine.seq)
    )
    lines = [(kind, at, msgspec.json.decode(leaf, type=_Line)) for kind, at, leaf in rows]
    keys = {line.key for kind, _, line in lines if kind == "pin" and line.approver == approver}
    theirs = {line.statement for _, _, line in lines if line.key in keys}
    found = [
        Decided(line.statement, at, line.about.partition(" ")[0], line.about)
        for kind, at, line in lines
        if kind == "statement" and (approver is None or line.statement in theirs)
    ]
    return overruled(found)[: -SHOWN - 1 : -1]


def overruled(found: Sequence[Decided]) -> list[Decided]:
    """In their order, each marked if a later one speaks of the same matter."""
    told: list[Decided] = []
    later: set[str] = set()
    for one in reversed(found):
        told.append(replace(one, overruled=not later.isdisjoint(_matters(one))))
        later |= {_matters(one)[0]}
    return told[::-1]


def _matters(one: Decided) -> Sequence[str]:
    """Its own matter, and those whose later decision ends it too (a contract's next version)."""
    words = one.about.split()
    match words:
        case ["contract", contract, *_]:
            return (contract,)
        case ["budget", "of", whom, "under", contract]:
            return (f"budget {whom} {contract}", contract)
        case ["party", party, *_, contract]:
            return (f"party {party} {contract}", contract)
        case ["list", list_id, "extended"]:
            return (f"extension {list_id}",)
        case ["list", list_id, *_]:
            return (f"hold {list_id}",)
        case ["recipient" | "canaries", "of", whose, *_]:
            return (f"{words[0]} {whose.rstrip(':')}",)
        case ["roster", person, *_]:
            return (f"roster {person}",)
    return (one.number,)


def ids(found: Iterable[Decided]) -> set[str]:
    """Every id that these speak of."""
    return {word.rstrip(":") for one in found for word in one.about.split() if "_" in word}
