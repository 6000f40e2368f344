"""A record that nobody is to call any more: opened for its result alone, closed out of any hand.

Nothing of it is shown to anybody; what leaves is sealed to the entrustor. Why it is taken out, and
who may say so, stands where it is asked for (`withdrawals`, `suppressions`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from crypto.lists.lifecycle import ListFacts, Lists
from crypto.lists.progress import Attempt, RecordId, Records
from crypto.records.fields import FieldKind, Stage
from crypto.records.sealing import CallResult, person_tag, seal_result
from crypto.standards.canonical import micros
from crypto.wire.records import SealedRecord


@dataclass(frozen=True, repr=False)
class Leaving:
    """A record that is about to be taken out: its result, and who it is. Not to be kept."""

    outcome: Attempt
    tag: str
    line: int
    fields: Mapping[FieldKind, str]


def sealed(
    lists: Lists, facts: ListFacts, record: SealedRecord, attempt: str, code: int, now: datetime
) -> Leaving:
    """The result of nobody's call, sealed to the entrustor. Also of a frozen list as long as its
    keys are there, as a close. Raises ListOver, DoesNotOpen."""
    keys = lists.closing(facts, now)
    chunk = keys.chunk(record.chunk, record.chunk_key, lists.manifested)
    person = chunk.open(record.index, record.sealed)
    reference = person.fields.get(FieldKind.REFERENCE, "")
    said = CallResult(person.line, reference, code, now.isoformat())
    result = seal_result(keys.result_key, list_id=facts.list, attempt=attempt, result=said)
    tag = person_tag(keys.trace_key, facts.list, person.traced_by)
    return Leaving(
        Attempt(code, True, micros(now), result, tag=tag), tag, person.line, person.fields
    )


def close(
    records: Records,
    record: RecordId,
    attempt: str,
    outcome: Attempt,
    *,
    principal: str,
    grant: bytes,
    now: datetime,
) -> None:
    """For ever, and out of any hand. principal: on whose word. grant: whose, if anybody's."""
    records.keep_attempt(attempt, record, principal, outcome)
    state = records.state(record, grant)
    over = replace(state, stage=Stage.CLOSED, closed=True, withdrawn=True, findable=0)
    records.keep(record, grant, over)
    records.let_go_of(record.list, (record.chunk, record.idx), now)
