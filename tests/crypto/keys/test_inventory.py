"""What the journal knows of the keystore."""

import sqlite3

import pytest

from crypto.keys import inventory
from crypto.keys.vault import KeystoreRefused, Recorded


def test_the_journal_knows_which_keystore_is_in_force_and_which_comes() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(inventory.SCHEMA)
    assert (inventory.recorded(db), inventory.last_line(db)) == (Recorded(b""), None)
    inventory.begin(db, b"first")
    inventory.begin(db, b"second")  # begun once
    assert inventory.recorded(db) == Recorded(b"first")
    inventory.announce(db, b"next", 7)
    assert (inventory.recorded(db), inventory.last_line(db)) == (Recorded(b"first", b"next"), 7)
    inventory.note(db, b"next", 9)
    assert (inventory.recorded(db), inventory.last_line(db)) == (Recorded(b"next"), 9)
    inventory.forget(db)
    assert (inventory.recorded(db), inventory.last_line(db)) == (Recorded(b""), None)


@pytest.mark.parametrize(
    ("found", "said", "fits"),
    [
        (Recorded(b"\1"), None, True),
        (Recorded(b"\1"), "01", True),
        (Recorded(b"\1", b"\2"), "02", True),
        (Recorded(b"\1", b"\2"), "03", False),
        (Recorded(b"\1"), "02", False),
        (Recorded(b""), "01", False),
    ],
)
def test_the_ledgers_last_word_is_of_the_keystore_that_is_noted(
    found: Recorded, said: str | None, fits: bool
) -> None:
    if fits:
        inventory.check_line(found, said)
    else:
        with pytest.raises(KeystoreRefused, match="last word"):
            inventory.check_line(found, said)
