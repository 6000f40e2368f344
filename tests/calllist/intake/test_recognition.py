"""Knowing a file again without keeping it."""

import hashlib

from calllist.intake.frames import KnownFile
from calllist.intake.receipt import Receipt
from calllist.intake.recognition import ClosedLines, recognition, same_file, taken_twice

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


def known(number: int, digest: bytes, *, written: int = 4, sheet: int | None = None) -> KnownFile:
    kept = recognition(digest, 3)
    assert kept is not None
    return KnownFile(f"lst_{number}", number, kept, written, sheet)


def test_a_file_taken_twice_is_known_by_its_newest_list_of_as_many_rows_and_the_same_sheet() -> (
    None
):
    receipt = receipt_of(rows=3)
    assert receipt.written == 4  # with the header row
    assert receipt_of(rows=4, header_line=0).written == 4  # the same file, said to have none
    assert taken_twice(FILE, receipt, [known(1, FILE), known(2, FILE), known(3, OTHER)]) == 2
    assert taken_twice(OTHER, receipt, [known(1, FILE)]) is None
    assert taken_twice(FILE, receipt, [known(1, FILE, written=5)]) is None  # not even compared
    assert taken_twice(FILE, receipt, [known(1, FILE, sheet=2)]) is None


def receipt_of(*, rows: int, header_line: int = 1) -> Receipt:
    counted = dict.fromkeys(("duplicates", "rejected", "blank", "gaiji"), 0)
    return Receipt(
        rows=rows, accepted=rows, **counted, codes={}, phones={}, kinds={}, encoding="utf-8",
        delimiter=",", header_line=header_line, columns=(), duplicates_by="phone", file_hash="",
    )  # fmt: skip


def test_a_record_is_closed_by_its_line_wherever_it_stands_in_the_chunk() -> None:
    closed = ClosedLines([2, 12, 40])
    closed.chunk([2, 3, 5])  # line 4 was rejected
    closed.chunk([])
    closed.chunk([*range(6, 13)])
    assert closed.chunks == (b"\x01", b"", b"\x40")
