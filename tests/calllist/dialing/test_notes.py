"""What a note may not say, in whatever writing; what a call centre writes all day passes."""

from pathlib import Path

import pytest

from calllist.dialing import notes
from calllist.dialing.errors import Fault, NoteBlocked, Why

HERE = Path(__file__).parent
BLOCKED = [line.split("\t") for line in (HERE / "notes_blocked.tsv").read_text().splitlines()]
ORDINARY = (HERE / "notes_ordinary.txt").read_text().splitlines()


def test_a_hundred_ways_to_write_a_number_or_an_address_are_blocked_for_their_reason() -> None:
    assert len({text for _, text in BLOCKED}) >= 100
    through = [
        (why, text) for why, text in BLOCKED if why not in {f.why for f in notes.faults(text)}
    ]
    assert through == []


def test_of_two_hundred_ordinary_notes_two_at_most_are_blocked() -> None:
    assert len(set(ORDINARY)) >= 200
    blocked = [note for note in ORDINARY if notes.faults(note)]
    assert len(blocked) <= 2, blocked


@pytest.mark.parametrize(
    ("note", "faults"),
    [
        ("午後に", ()),
        ("番号は090-0000-1234へ", (Fault(3, 16, Why.NUMBER),)),
        ("携帯０９０００００１２３４。", (Fault(2, 13, Why.NUMBER),)),
        ("ｾﾞﾛｷｭｳｾﾞﾛ", (Fault(0, 9, Why.NUMBER),)),
        ("三丁目のa@example.jp", (Fault(0, 3, Why.ADDRESS), Fault(4, 16, Why.MAIL))),
        ("㍿12345", (Fault(1, 6, Why.NUMBER),)),  # one character that is two in plain writing
        ("あ" * 103, (Fault(100, 103, Why.LONG),)),
    ],
)
def test_a_fault_names_the_places_as_typed_and_why(note: str, faults: tuple[Fault, ...]) -> None:
    assert notes.faults(note) == faults


def test_a_blocked_note_is_refused_without_being_repeated() -> None:
    with pytest.raises(NoteBlocked) as refused:
        notes.check("番号は090-0000-1234へ")
    assert "1234" not in repr(refused.value)
    notes.check("午後はご在宅")


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        (" 午後に\r\n再度 ", "午後に 再度"),
        ("\t", ""),
        ("a\x00b", "a b"),
        ("全角　空白", "全角　空白"),
    ],
)
def test_a_note_is_one_line_without_what_cannot_be_seen(typed: str, tidied: str) -> None:
    assert notes.tidy(typed) == tidied
