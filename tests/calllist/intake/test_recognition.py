"""Knowing a file again without keeping it."""

import hashlib

from calllist.intake.recognition import ClosedLines, recognition, same_file

FILE = hashlib.sha256("氏名,電話番号\r\n".encode("cp932")).digest()
OTHER = hashlib.sha256("氏名,電話番号\n".encode("cp932")).digest()


def test_a_file_is_known_again_and_another_is_not() -> None:
    kept = recognition(FILE, 3)
    assert kept is not None
    assert same_file(FILE, kept)
    assert not same_file(OTHER, kept)


def test_two_files_of_one_content_are_not_seen_to_be_one() -> None:
    """Each list has a salt of its own: nobody sees from the database who uploaded what twice."""
    assert recognition(FILE, 3) != recognition(FILE, 3)


def test_two_lines_are_too_few_to_be_known_again() -> None:
    """What recognises a file must not let anybody guess it: of a tiny one nothing is kept."""
    assert recognition(FILE, 2) is None


def test_a_record_is_closed_by_its_line_wherever_it_stands_in_the_chunk() -> None:
    closed = ClosedLines([2, 12, 40])
    closed.chunk([2, 3, 5])  # line 4 was rejected
    closed.chunk([])
    closed.chunk([*range(6, 13)])
    assert closed.chunks == (b"\x01", b"", b"\x40")
