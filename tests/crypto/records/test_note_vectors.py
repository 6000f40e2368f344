"""Gate 10: the note of yesterday's call opens for ever, and only at its place.

    python -m tests.crypto.records.test_note_vectors      writes the vectors, where none are

`tests/vectors/note.json` was written once and is never written again, as in
`test_sealing_vectors`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from crypto.errors.records import DoesNotOpen
from crypto.keys.opening import ListSecrets, OpenList
from crypto.records.sealing import note_context, pad, token

FILE = Path(__file__).parents[2] / "vectors" / "note.json"
LIST = OpenList("ent_1", "lst_1", ListSecrets(bytes(range(96)), bytes([2]) * 32, bytes([3]) * 32))
INDEX_KEY = bytes([1]) * 32
NOTE = "折り返しは夕方を希望。 玄関は裏手"


def written() -> dict[str, Any]:
    return {
        "note": LIST.seal_note(3, 7, NOTE).hex(),
        "context": note_context("ent_1", "lst_1", 3, 7).hex(),
        "token_of_nothing": token(INDEX_KEY, "lst_1", "").hex(),
    }


@pytest.fixture(scope="module")
def frozen() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(FILE.read_text())
    return told


def test_a_note_of_yesterday_opens_at_its_place(frozen: dict[str, Any]) -> None:
    sealed = bytes.fromhex(frozen["note"])
    assert LIST.note(3, 7, sealed) == NOTE
    with pytest.raises(DoesNotOpen):
        LIST.note(3, 8, sealed)


def test_every_note_has_the_length_it_always_had(frozen: dict[str, Any]) -> None:
    lengths = {len(LIST.seal_note(0, 0, text)) for text in ("", "あ", "𠮷" * 100)}
    assert lengths == {len(bytes.fromhex(frozen["note"]))}
    assert len(pad(("𠮷" * 100).encode(), 448)) == 448


@pytest.mark.parametrize("name", ["context", "token_of_nothing"])
def test_what_is_computed_is_computed_the_same(frozen: dict[str, Any], name: str) -> None:
    assert written()[name] == frozen[name]


if __name__ == "__main__":
    if FILE.exists():
        raise SystemExit(f"{FILE} is there, and stays as it is")
    FILE.write_text(json.dumps(written(), indent=1) + "\n")
