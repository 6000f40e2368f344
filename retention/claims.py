"""State a destruction: what the worker did and checked, for the keeper to sign.

The claims are made from the holding's row, and from the keeper's own word on when and why the
keys ended: asked again after a crash, they are the same bytes. How a certificate reads for
people stands in `retention.certificates`.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from crypto.wire.lists import ListState
from retention.facts import FORM, Check, Claims
from retention.states import Outcome
from retention.tables import Holding

BLOCKING = (Outcome.FAILED, Outcome.UNKNOWN)


def identifier(holding: Holding) -> str:
    """The certificate's id as printed: entrustor and gap-free number."""
    return f"{holding.entrustor_id}-{holding.number:06d}"


def number_of(certificate: str) -> int:
    """The number in a certificate's id, also of a later edition (`000001.2`)."""
    return int(certificate.rpartition("-")[2].partition(".")[0])


def rows_check(holding: Holding) -> Check:
    """As many rows must have been erased as people were received: "0 rows" is never certified."""
    outcome = Outcome.PASS if holding.erased_rows == holding.people else Outcome.FAILED
    return Check(
        "row_count",
        outcome,
        how="compared",
        found=holding.people - (holding.erased_rows or 0),
        seen=holding.people,
    )


def keeper_checks(keys: ListState) -> list[Check]:
    """What the keeper itself says: its keys of the list are shredded, and no note is left."""
    left = 0 if keys.state == "shredded" else 1
    return [
        Check("keeper", Outcome.FAILED if left else Outcome.PASS, how="asked", found=left),
        Check(
            "notes", Outcome.FAILED if keys.notes else Outcome.PASS, how="asked", found=keys.notes
        ),
    ]


def failure(checks: Sequence[Check]) -> str | None:
    """None if a certificate may follow; else a code with the first store that forbids it."""
    for check in checks:
        if check.outcome in BLOCKING:
            return f"{check.outcome.lower()}:{check.store}"
    return None


def outcomes(checks: Sequence[Check]) -> dict[str, str]:
    """How many stores came out how, and how many bytes were read: for the ledger."""
    counted = Counter(check.outcome.lower() for check in checks)
    return {name: str(count) for name, count in sorted(counted.items())} | {
        "bytes": str(sum(check.bytes for check in checks))
    }


def checks_column(checks: Sequence[Check]) -> dict[str, Any]:
    """The checks as the holding's row keeps them."""
    return {"checks": msgspec.to_builtins(list(checks))}


def state(holding: Holding, keys: ListState) -> bytes:
    """Canonical JSON of what the worker did and checked; `keys`: how the keeper says they ended,
    which is no matter of our books.

    Raises msgspec.ValidationError if a step is missing: nothing incomplete is ever signed.
    """
    column = holding.checks or {}
    stated = {
        "form": FORM,
        "number": holding.number,
        "reference": holding.reference,
        "basis": holding.basis,
        "trigger": keys.trigger,
        "people": holding.people,
        "received": holding.facts,
        "received_at": holding.opened_at,
        "deadline": keys.expires,
        "frozen_at": keys.frozen_at,
        "shredded_at": keys.shredded_at,
        "erased_at": holding.erased_at,
        "erased_rows": holding.erased_rows,
        "verified_at": holding.verified_at,
        "checks": _dated(column.get("checks", ()), holding.erased_at),
        "ending": "results_first" if holding.results_first else "at_once",
    }
    return msgspec.json.encode(msgspec.convert(stated, Claims), order="sorted")


def _dated(column: Sequence[dict[str, Any]], erased_at: datetime | None) -> list[Check]:
    """What lies beyond our reach may have been copied until the rows were erased, not later: from
    then on its days are counted."""
    checks = msgspec.convert(column, list[Check])
    return [
        msgspec.structs.replace(check, until=erased_at + timedelta(days=check.days))
        if check.days and erased_at
        else check
        for check in checks
    ]
