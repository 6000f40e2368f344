"""Gate 10: what was sealed yesterday opens for ever, and only in its place.

    python -m tests.crypto.records.test_sealing_vectors      writes the vectors, where none are

`tests/vectors/sealing.json` was written once. It is never written again: whoever changes a
label, an order of parts or a format gets a new version beside the old one.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from crypto.errors.records import DoesNotOpen
from crypto.keys.opening import ChunkOpener
from crypto.records.fields import FieldKind
from crypto.records.sealing import (
    CallResult,
    ChunkSealer,
    ListKeys,
    RecipientKey,
    chunk_context,
    commitment,
    index_context,
    open_canaries,
    open_list_keys,
    open_result,
    person_tag,
    record_place,
    seal_canaries,
    seal_index_key,
    seal_list_keys,
    seal_result,
    token,
)

FILE = Path(__file__).parents[2] / "vectors" / "sealing.json"
ENTRUSTOR, CONTRACT, LIST, CHUNK, ATTEMPT = "ent_1", "ctr_1", "lst_1", 3, "att_1"
KEY = RecipientKey(bytes(range(96)))
INDEX_KEY, RESULT_KEY, TRACE_KEY = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32
PHONE = "+819000000678"
PEOPLE = [
    {FieldKind.PHONE: PHONE, FieldKind.NAME: "架空 花子"},
    {FieldKind.NAME_KANA: "カクウ タロウ", FieldKind.REFERENCE: "K-0000123"},
]
RESULT = CallResult(2, "K-0000123", 10, "2026-04-07T01:00:00+00:00")
CANARIES = ["+819000000901", "+819000000902"]


def written() -> dict[str, Any]:
    """Everything that is sealed, once."""
    recipient, place = KEY.public, {"entrustor": ENTRUSTOR, "list_id": LIST}
    chunk = ChunkSealer(recipient, **place, chunk=CHUNK)
    records = [chunk.seal(line, person) for line, person in enumerate(PEOPLE, start=2)]
    keys = ListKeys(RESULT_KEY, TRACE_KEY)
    return {
        "chunk_key": chunk.sealed_key.hex(),
        "commitment": chunk.commitment.hex(),
        "records": [record.hex() for record in records],
        "index_key": seal_index_key(recipient, **place, key=INDEX_KEY).hex(),
        "token": token(INDEX_KEY, LIST, PHONE).hex(),
        "list_keys": seal_list_keys(recipient, **place, keys=keys).hex(),
        "tag": person_tag(TRACE_KEY, LIST, PHONE),
        "result": seal_result(RESULT_KEY, list_id=LIST, attempt=ATTEMPT, result=RESULT).hex(),
        "canaries": seal_canaries(
            recipient, entrustor=ENTRUSTOR, contract=CONTRACT, numbers=CANARIES
        ).hex(),
        "contexts": [
            chunk_context(ENTRUSTOR, LIST, CHUNK).hex(),
            index_context(ENTRUSTOR, LIST).hex(),
            record_place(ENTRUSTOR, LIST, CHUNK, 1).hex(),
        ],
    }


@pytest.fixture(scope="module", params=["yesterday", "today"])
def frozen(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The vectors, as they were written, and as they would be written now."""
    told: dict[str, Any] = json.loads(FILE.read_text())
    return written() if request.param == "today" else told


def test_records_open(frozen: dict[str, Any]) -> None:
    key = KEY.open(chunk_context(ENTRUSTOR, LIST, CHUNK), bytes.fromhex(frozen["chunk_key"]))
    assert commitment(key).hex() == frozen["commitment"]
    chunk = ChunkOpener(key, ENTRUSTOR, LIST, CHUNK, rows=2)
    records = [bytes.fromhex(record) for record in frozen["records"]]
    opened = [chunk.open(index, record) for index, record in enumerate(records)]
    assert [(one.line, one.fields) for one in opened] == [(2, PEOPLE[0]), (3, PEOPLE[1])]
    assert [one.traced_by for one in opened] == [PHONE, "line 3"]
    for index, record in ((0, records[1]), (1, records[0])):
        with pytest.raises(DoesNotOpen):
            chunk.open(index, record)
    with pytest.raises(DoesNotOpen):
        ChunkOpener(key, ENTRUSTOR, LIST, CHUNK, rows=1).open(1, records[1])


def test_what_the_entrustor_was_sealed_opens(frozen: dict[str, Any]) -> None:
    sealed = bytes.fromhex(frozen["list_keys"])
    keys = open_list_keys(KEY, entrustor=ENTRUSTOR, list_id=LIST, sealed=sealed)
    assert (keys.result_key, keys.trace_key) == (RESULT_KEY, TRACE_KEY)
    sealed = bytes.fromhex(frozen["result"])
    assert open_result(RESULT_KEY, list_id=LIST, attempt=ATTEMPT, sealed=sealed) == RESULT
    with pytest.raises(DoesNotOpen):
        open_result(RESULT_KEY, list_id=LIST, attempt="att_2", sealed=sealed)


def test_what_the_keeper_was_sealed_opens(frozen: dict[str, Any]) -> None:
    sealed = bytes.fromhex(frozen["index_key"])
    assert KEY.open(index_context(ENTRUSTOR, LIST), sealed) == INDEX_KEY
    sealed = bytes.fromhex(frozen["canaries"])
    canaries = open_canaries(KEY, entrustor=ENTRUSTOR, contract=CONTRACT, sealed=sealed)
    assert canaries == CANARIES
    with pytest.raises(DoesNotOpen):
        open_canaries(KEY, entrustor=ENTRUSTOR, contract="ctr_2", sealed=sealed)


@pytest.mark.parametrize("name", ["token", "tag", "contexts"])
def test_what_is_computed_is_computed_the_same(frozen: dict[str, Any], name: str) -> None:
    assert written()[name] == frozen[name]


if __name__ == "__main__":
    if FILE.exists():
        raise SystemExit(f"{FILE} is there, and stays as it is")
    FILE.write_text(json.dumps(written(), indent=1) + "\n")
