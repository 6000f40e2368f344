"""Of each pinned witness the latest head is kept, with our signature and its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.bookkeeping import signing
from crypto.bookkeeping.witnesses import SCHEMA, Witnesses
from crypto.errors.keeper import BadNote
from crypto.ledger.checkpoint import Note, Witness, cosign, parse
from tests.crypto.logs import KEY

NAMES = ("auditor.example", "press.example")
KEYS = {
    name: Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n, name in enumerate(NAMES, 1)
}
FIRST, SECOND = NAMES


def head(size: int, month: str = "2026-04") -> Note:
    return parse(signing.sign(month, size, bytes([size]) * 32, KEY))


def cosigned(note: Note, at: int, *names: str) -> str:
    """With these witnesses' signatures in front of ours, as a witness may put them."""
    lines = tuple(cosign(note.checkpoint, name, KEYS[name], at) for name in names)
    return str(Note(note.checkpoint, (*lines, *note.signatures)))


def pinned(name: str, key: Ed25519PrivateKey | None = None) -> str:
    return Witness(name, (key or KEYS[name]).public_key().public_bytes_raw()).written


@pytest.fixture
def witnesses(tmp_path: Path) -> Iterator[Witnesses]:
    db = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    db.execute("PRAGMA foreign_keys = ON")
    db.executescript(SCHEMA)
    kept = Witnesses(db)
    for name in NAMES:
        kept.pin(pinned(name))
    yield kept
    db.close()


def test_ours_and_the_witness_s_own_signature_are_kept_of_each(witnesses: Witnesses) -> None:
    witnesses.keep(cosigned(head(1), 100, FIRST, SECOND))
    for name, text in zip(NAMES, witnesses.notes(), strict=True):
        note = parse(text)
        assert [one.name for one in note.signatures] == [note.checkpoint.origin, name]


def test_an_older_head_changes_nothing_and_a_later_one_takes_its_place(
    witnesses: Witnesses,
) -> None:
    witnesses.keep(cosigned(head(2), 100, FIRST))
    before = witnesses.notes()
    witnesses.keep(cosigned(head(1), 200, FIRST))
    witnesses.keep(cosigned(head(2), 99, FIRST))
    assert witnesses.notes() == before
    for later, at in ((head(2), 101), (head(3), 90), (head(1, "2026-05"), 80)):
        witnesses.keep(cosigned(later, at, FIRST))
        (text,) = witnesses.notes()
        assert parse(text).checkpoint == later.checkpoint


def test_what_is_kept_already_brings_nothing_and_what_one_of_two_lacks_does(
    witnesses: Witnesses,
) -> None:
    both = cosigned(head(2), 100, FIRST, SECOND)
    assert witnesses.brings(both)
    witnesses.keep(cosigned(head(2), 100, FIRST))
    assert not witnesses.brings(cosigned(head(2), 100, FIRST))
    assert not witnesses.brings(cosigned(head(1), 100, FIRST))
    assert witnesses.brings(cosigned(head(2), 101, FIRST))
    assert witnesses.brings(both)
    witnesses.keep(both)
    assert not witnesses.brings(both)


def test_whom_nobody_pinned_is_not_heard(witnesses: Witnesses) -> None:
    for text in (str(head(1)), "no note at all"):
        with pytest.raises(BadNote):
            witnesses.brings(text)
    with pytest.raises(BadNote):
        witnesses.keep(str(head(1)))
    with pytest.raises(BadNote):
        witnesses.pin("no key at all")
    assert witnesses.notes() == ()


def test_a_witness_with_another_key_begins_anew(witnesses: Witnesses) -> None:
    """What its old key has signed would be shown under the new one, where it does not verify."""
    witnesses.keep(cosigned(head(2), 100, FIRST, SECOND))
    witnesses.pin(pinned(FIRST, Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)))
    assert [parse(text).signatures[1].name for text in witnesses.notes()] == [SECOND]
    with pytest.raises(BadNote):
        witnesses.keep(cosigned(head(3), 200, FIRST))
