"""What a worker may claim of a destruction, and what of it the keeper knows better.

The operations plane writes the claims from rows that whoever administers its database can
change. So a certificate takes nothing but these counts, times, codes and names; and what the
keeper itself has seen of the list (`Known`) is claimed as it is, or nothing is signed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from crypto.ids import Id

Count = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Text = Annotated[str, msgspec.Meta(max_length=500)]  # names of houses, numbers of contracts
Texts = Annotated[tuple[Text, ...], msgspec.Meta(max_length=500)]


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is repeated from the receipt, as far as known."""

    entrustor: Text | None = None
    contract: Text | None = None
    purpose: Text | None = None
    rows: Count | None = None
    accepted: Count | None = None
    duplicates: Count | None = None
    rejected: Count | None = None
    not_to_be_called: Count | None = None
    file_hash: Text | None = None
    file_salt: Text | None = None  # early receipts told it
    fields: Texts = ()
    parties: Texts = ()
    grace_hours: Count | None = None


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the look into one store found. What is left over, or unknown, is never certified."""

    store: Id
    outcome: Literal["PASS", "OUTSIDE"]
    how: Id
    found: Count = 0
    seen: Count = 0
    bytes: Count = 0
    days: Count = 0
    until: datetime | None = None


class Claimed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The claims of one destruction; `retention.facts.Claims` says what each is."""

    form: Literal["calllist-claims/1"]
    number: Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
    reference: Text
    basis: Text
    trigger: Id
    people: Count
    received: Receipt
    received_at: datetime
    deadline: datetime
    frozen_at: datetime
    shredded_at: datetime
    erased_at: datetime
    erased_rows: Count
    verified_at: datetime
    checks: Annotated[tuple[Look, ...], msgspec.Meta(min_length=1, max_length=100)]
    ending: Literal["", "results_first", "at_once"] = ""


@dataclass(frozen=True)
class Known:
    """What the keeper has seen of a list itself, and what it was told of each step."""

    rows: int  # records of the manifest
    file_hash: str  # hex, salted, as the manifest says it
    purpose: str
    parties: int  # how many were approved
    trigger: str | None
    expires: datetime
    frozen_at: datetime | None
    shredded_at: datetime | None
    erased: Mapping[str, str]  # facts of the attested steps
    verified: Mapping[str, str]


def contradicted(claims: Claimed, known: Known) -> str | None:
    """The first claim that is not so; None if all may stand."""
    looks = Counter(look.outcome.lower() for look in claims.checks)
    received = claims.received
    holds = {
        "people": claims.people == known.rows,
        "accepted": received.accepted in (None, known.rows),
        "erased_rows": str(claims.erased_rows) == known.erased.get("rows") == str(known.rows),
        "checks": {name: str(count) for name, count in looks.items()} == results(known.verified),
        "file_hash": received.file_hash in (None, known.file_hash),
        "purpose": received.purpose in (None, known.purpose),
        "parties": len(received.parties) <= known.parties,
        "trigger": claims.trigger == known.trigger,
        "deadline": claims.deadline == known.expires,
        "frozen_at": claims.frozen_at == known.frozen_at,
        "shredded_at": claims.shredded_at == known.shredded_at,
    }
    return next((name for name, so in holds.items() if not so), None)


def results(verified: Mapping[str, str]) -> dict[str, str]:
    """How many stores came out how, of what was attested: not how much was read."""
    return {name: count for name, count in verified.items() if name != "bytes"}
