"""A preview tells shapes, and nothing that stands in a cell."""

import msgspec
import pytest

from calllist.intake import belief
from calllist.intake.fields.phones import PhoneRules
from calllist.intake.messages import Order
from calllist.intake.preview import Preview
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.columns import Wanted
from calllist.intake.reading.previewing import Facts, preview, trimmed
from calllist.intake.reading.shapes import MIXED, shapes
from calllist.intake.reading.tables import open_table
from crypto.records.fields import FieldKind as Kind

ALL = frozenset(Kind)
ORDER = Order(mode="preview")
NAMES = ["架空 花子", "空想 太郎", "想像 二郎", "夢野 三子", "幻 次郎", "外架空 百合子"]
ROWS = [
    f"{name},カクウ ハナコ,090-0001-{n:04d},S{40 + n}.1.2,みなと野市{n}丁目,秘密の備考{n}"
    for n, name in enumerate(NAMES)
]
HEADER = "氏名,フリガナ,電話番号,生年月日,住所,備考"
FILE = "\r\n".join([HEADER, *ROWS, "架空 松子,,,,,"]).encode("cp932")


def seen(data: bytes, wanted: Wanted | None = None, *, whole: bool = True) -> Preview:
    table = open_table(iter([data]))
    return preview(
        table,
        (wanted or Wanted(ALL))._replace(synthetic=True),
        PhoneRules(synthetic=True),
        lambda: Facts(table.encoding, table.delimiter),
        whole=whole,
    )


def test_what_is_told_of_a_file() -> None:
    told = seen(FILE)
    assert (told.rows, told.encoding, told.delimiter, told.complete) == (7, "cp932", ",", True)
    assert (told.header_line, told.trouble) == (1, None)
    assert belief.preview(told, ORDER)
    name, kana, phone, born, _, note = told.columns
    assert (name.kind, name.how, name.filled, name.shortest, name.longest) == (
        "name", "synonym", 1.0, 4, 7,
    )  # fmt: skip
    assert [(run.what, run.least, run.most) for run in name.shapes[0].runs] == [
        ("kanji", 1, 3), ("space", 1, 1), ("kanji", 2, 3),
    ]  # fmt: skip
    assert kana.parsed == {"katakana": 6}
    assert (phone.parsed, phone.filled) == ({"mobile": 6}, 0.857)
    assert born.parsed == {"era": 6}
    assert (note.header, note.kind, note.looks_like) == ("備考", None, None)


def test_nothing_that_stands_in_a_cell_is_told() -> None:
    for data in (FILE, FILE.split(b"\r\n", 1)[1], "\n".join(ROWS).encode("utf-16")):
        told = msgspec.json.encode(seen(data)).decode()
        for row in ROWS:
            assert all(cell not in told for cell in row.split(","))
        for piece in ("架空", "花子", "みなと", "0001", "秘密", "カクウ"):
            assert piece not in told


def test_an_unknown_header_is_told_by_its_number_only() -> None:
    told = seen("電話番号,架空花子\n03-0001-0001,x\n".encode())
    assert [(one.number, one.header) for one in told.columns] == [(1, "電話番号"), (2, "")]


def test_a_file_that_cannot_be_mapped_is_told_of_so_that_it_can_be_mapped_by_hand() -> None:
    data = "氏名,住所,つながる先\n" + "\n".join(
        f"架空{n},みなと野市,03000{n:05d}" for n in range(1, 10)
    )
    told = seen(data.encode())
    assert told.trouble is not None
    assert told.trouble.code == Problem.NO_PHONE_COLUMN
    assert (told.header_line, [one.kind for one in told.columns]) == (1, [None] * 3)
    assert told.columns[2].shapes[0].count == 9
    mended = seen(data.encode(), Wanted(ALL, {Kind.PHONE: "#3"}))
    assert mended.trouble is None
    assert mended.columns[2].parsed == {"fixed": 9}


def test_what_stops_the_reading_is_told_with_its_place() -> None:
    with pytest.raises(IntakeError) as refused:
        seen(FILE + b"\r\n\x80,1,2,3,4,5\r\n")
    assert (refused.value.code, refused.value.line) == (Problem.UNKNOWN_ENCODING, 9)
    trouble = seen(FILE + b'\r\n"' + b"x\n" * 20).trouble
    assert trouble is not None
    assert (trouble.code, trouble.line) == (Problem.UNCLOSED_QUOTE, 9)


def test_a_file_without_a_row_for_anybody_is_told_to_be_refused() -> None:
    trouble = seen(f"{HEADER}\r\n".encode()).trouble
    assert trouble is not None
    assert (trouble.code, trouble.line) == (Problem.EMPTY_FILE, 1)
    assert seen(f"{HEADER}\r\n".encode(), whole=False).trouble is None


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-16-le", "utf-16-be", "utf-16"])
def test_the_beginning_of_a_file_ends_with_a_whole_line(encoding: str) -> None:
    data = "\n".join([HEADER, *ROWS * 40]).encode(encoding)
    for most in range(2000, 2012):
        head, whole = trimmed(iter([data[:100], data[100:]]), most)
        told = seen(head, whole=whole)
        assert (whole, told.complete, told.trouble) == (False, False, None)
        assert 10 < told.rows < 40
    assert trimmed(iter([data]), len(data)) == (data, True)


def test_a_record_that_the_sample_cuts_is_no_trouble() -> None:
    data = (HEADER + "\n" + ROWS[0] + '\n"架空\n').encode()
    assert seen(data, whole=False).trouble is None
    trouble = seen(data).trouble
    assert trouble is not None
    assert (trouble.code, trouble.line) == (Problem.UNCLOSED_QUOTE, 3)


def test_shapes_that_few_cells_have_are_not_drawn() -> None:
    told = shapes(["03-0001-2345"] * 5 + ["なし", "髙", "", "a1b2c3d4e5"])
    assert [(one.count, len(one.runs)) for one in told] == [(5, 5), (3, 0)]
    (text,) = shapes(["a1-b2-c3-d4"] * 4)
    assert [run.what for run in text.runs] == [MIXED]


def test_a_reader_that_would_tell_a_cell_is_not_believed() -> None:
    told = seen(FILE)
    column = msgspec.structs.replace(told.columns[0], header="架空花子")
    assert not belief.preview(msgspec.structs.replace(told, columns=(column,)), ORDER)
    packed = msgspec.msgpack.encode(msgspec.structs.replace(column, parsed={"架空花子": 1}))
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(packed, type=type(column))
