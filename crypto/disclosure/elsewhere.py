"""How a number is filed: in one list, and in the other living lists of the list's job.

Each list files its numbers under a key of its own, which nobody but the keeper has. So only here
is seen that two records of two lists of one job have one number (decision D120).
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from crypto.errors.records import DoesNotOpen
from crypto.lists.lifecycle import ListFacts, Lists
from crypto.records.fields import FieldKind
from crypto.records.sealing import token
from crypto.wire.records import Filed


def filed(lists: Lists, facts: ListFacts, phone: str, now: datetime) -> Filed:
    """In this list, whether the number is there or not. Raises ListOver."""
    return Filed(facts.list, token(lists.index_key(facts, now), facts.list, phone))


def elsewhere(
    lists: Lists, facts: ListFacts, fields: Mapping[FieldKind, str], now: datetime
) -> tuple[Filed, ...]:
    """The number of this record of the list: in each other list of its job that opens.

    One whose index key does not open holds up nobody of the others.
    """
    phone = fields.get(FieldKind.PHONE)
    if not phone:
        return ()
    found = []
    for other in lists.of_job(facts.job):
        if other.list != facts.list and lists.state(other, now) == "open":
            with suppress(DoesNotOpen):
                found.append(filed(lists, other, phone, now))
    return tuple(found)
