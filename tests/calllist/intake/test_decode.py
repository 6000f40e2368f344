"""Decoding: the right encoding whatever the blocks, and a place for what does not decode."""

import codecs
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calllist.intake import decode
from calllist.intake.decode import Decoded, Undecodable
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.rows import Row, Rows

TEXT = "氏名,電話番号\r\n髙橋㈱ ソ能,03-0001-2345\r\n"


def blocks(data: bytes, size: int = 7) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def text_of(data: bytes, size: int = 7) -> tuple[str, str]:
    decoded = Decoded(blocks(data, size))
    return "".join(decoded), decoded.encoding


def rows_of(data: bytes, size: int = 7) -> list[Row]:
    return list(Rows(Decoded(blocks(data, size))))


@pytest.mark.parametrize("size", [1, 2, 3, 64, 100_000])
@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode("cp932"), "cp932"),
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_the_encoding_is_found(data: bytes, encoding: str, size: int) -> None:
    assert text_of(data, size) == (TEXT, encoding)


def test_a_long_ascii_beginning_decides_nothing() -> None:
    head = "name,phone\n" + "Taro,03-0001-2345\n" * 50_000
    tail = "山田,03-0001-2346\n"
    assert text_of((head + tail).encode("cp932"), 4096) == (head + tail, "cp932")
    assert text_of((head + tail).encode(), 4096) == (head + tail, "utf-8")


def test_short_halfwidth_kana_is_not_taken_for_latin_letters() -> None:
    kana = "ﾃｽ,03-0001-2345\n"
    assert text_of(kana.encode("cp932")) == (kana, "cp932")


def test_kana_beside_kanji_in_utf8_stays_utf8() -> None:
    text = "é,佐藤\n"
    assert text_of(text.encode()) == (text, "utf-8")


ONE_WAY = "¢£¬‖−〜"  # written to the bytes of a neighbour, which come back as the neighbour
CP932 = st.characters(codec="cp932", exclude_characters=ONE_WAY, exclude_categories=["Cc"])


@settings(deadline=None)
@given(st.text(CP932, max_size=40))
def test_whatever_cp932_can_write_is_read_back(text: str) -> None:
    whole = "漢字,ﾊﾝｶｸ㈱\n" + text + "\n"
    data = whole.encode("cp932")
    assert text_of(data)[0] == data.decode("cp932")


@pytest.mark.parametrize(
    ("data", "problem", "line", "column"),
    [
        ("氏名,電話\n山田,".encode() + b"\xff\n", Problem.UNKNOWN_ENCODING, 2, 2),
        ("氏名,電話\n山田,03\n".encode("cp932") + b"\x80,1\n", Problem.UNKNOWN_ENCODING, 3, 1),
        ("氏名,電話\n山田,03\n".encode("cp932") + b"a,b,\xfd\n", Problem.UNKNOWN_ENCODING, 3, 3),
        ("氏名,電話\n山田,\x01\n".encode(), Problem.BINARY_FILE, 2, 2),
        (b"name,phone\nTaro,\x00\n", Problem.BINARY_FILE, 2, 2),
        ("氏名,電話\n山田,".encode() + b"\x8eR\n", Problem.UNKNOWN_ENCODING, 2, 2),
        ('氏名,電話\n"山\n田",'.encode() + b"\xff\n", Problem.UNKNOWN_ENCODING, 3, 2),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 4096])
def test_what_does_not_decode_is_named_by_line_and_column(
    data: bytes, problem: Problem, line: int, column: int, size: int
) -> None:
    with pytest.raises(IntakeError) as refused:
        rows_of(data, size)
    error = refused.value
    assert (error.code, error.line, error.column) == (problem, line, column)
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


def test_damage_far_into_a_utf8_file_is_no_change_of_encoding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decode, "WINDOW", 64)
    good = "氏名,電話\n" + "山田太郎,03-0001-2345\n" * 20
    with pytest.raises(IntakeError) as refused:
        rows_of(good.encode() + b"\x8e\x52,1\n", 16)
    assert (refused.value.code, refused.value.line) == (Problem.UNKNOWN_ENCODING, 22)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", Problem.EMPTY_FILE),
        (b"PK\x03\x04rest of a workbook", Problem.WORKBOOK_FILE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", Problem.WORKBOOK_FILE),
        (bytes(range(256)) * 20, Problem.BINARY_FILE),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00", Problem.BINARY_FILE),
    ],
)
def test_what_is_no_list_is_refused_at_once(data: bytes, problem: Problem) -> None:
    with pytest.raises(IntakeError) as refused:
        rows_of(data, 4096)
    assert refused.value.code == problem


def test_the_readable_part_is_handed_over_but_not_printed() -> None:
    with pytest.raises(Undecodable) as broken:
        list(Decoded(iter(["山田".encode() + b"\xff"])))
    assert broken.value.before == "山田"
    assert "山" not in str(broken.value)
