"""Files made to hurt: refused with a code, soon, and without taking the machine's memory."""

import contextlib
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator

import pytest

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import merged, package, sharedstrings, vocabulary
from calllist.intake.reading.tables import open_table
from tests.calllist.intake.workbooks import MAIN, book, letters, packed, parts, rows

MOST_MEMORY = 24 << 20  # bytes that a refusal may take, beside the file itself


def refused(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Code and reason; the memory that it took is bounded."""
    tracemalloc.start()
    try:
        with pytest.raises(IntakeError) as error:
            for _ in open_table(iter([data]), encoding=encoding):
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY + 2 * len(data), peak
    assert error.value.__cause__ is None
    return error.value.code, error.value.reason


def deflated(size: int, piece: bytes = b" ") -> bytes:
    """So many bytes, packed, without ever having them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = piece * ((1 << 20) // len(piece))
    out = b"".join(packer.compress(block) for _ in range(size >> 20))
    return out + packer.flush()


def replaced(name: str, deflate: bytes, unpacked: int) -> bytes:
    """A workbook one part of which is this packed data, its sizes told as given."""
    files: dict[str, str | bytes] = dict(parts(sheet="<row><c t='s'><v>0</v></c></row>"))
    files[name] = deflate
    data = bytearray(packed(files, zipfile.ZIP_STORED))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.index(signature)
        while data[at : at + 4] == signature or (at := data.find(signature, at + 1)) >= 0:
            named = at + (30 if offset == 8 else 46)
            if data[named : named + len(name)] == name.encode():
                struct.pack_into("<H", data, at + offset, 8)
                struct.pack_into("<L", data, at + offset + 14, unpacked)
                break
            at += 1
    return bytes(data)


@pytest.mark.parametrize(
    "name", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
def test_a_zip_bomb_is_refused_while_it_is_unpacked(name: str) -> None:
    bomb = deflated(64 << 20)
    assert len(bomb) < 80_000
    for said in (64 << 20, 100):  # whatever the directory says of its size
        code, reason = refused(replaced(name, bomb, said))
        assert (code, reason) == (Problem.WORKBOOK_TOO_LARGE, "unpacked")


def test_a_table_of_texts_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """2 GB of shared strings, in small: the bound is on texts kept, not on what was told."""
    monkeypatch.setattr(sharedstrings, "TEXT_BYTES", 1 << 17)
    texts = f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>架空{n}</t></si>" for n in range(20_000))
    files = parts(sheet="<row/>") | {"xl/sharedStrings.xml": texts}
    assert refused(packed(files)) == (Problem.WORKBOOK_TOO_LARGE, "texts")
    empty = f'<sst xmlns="{MAIN}">' + "<si/>" * 50_000
    files = parts(sheet="<row/>") | {"xl/sharedStrings.xml": empty}
    assert refused(packed(files)) == (Problem.WORKBOOK_TOO_LARGE, "texts")


def test_a_file_beyond_the_bound_is_not_collected() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield b"PK\x03\x04"
        while True:
            taken += 1
            yield bytes(1 << 20)

    with pytest.raises(IntakeError) as error:
        open_table(endless())
    assert (error.value.code, error.value.reason) == (Problem.WORKBOOK_TOO_LARGE, "packed")
    assert taken <= package.PACKED_BYTES >> 20


def sheet(xml: str, **how: object) -> bytes:
    return packed(parts(sheet=xml, **how))  # type: ignore[arg-type]


LONG = f"<c t='str'><v>{'a' * 60_000}</v></c>"
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'


def document(text: str) -> bytes:
    return packed(parts() | {"xl/worksheets/sheet1.xml": text})


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        (sheet('<row><c r="BYA1"><v>1</v></c></row>'), Problem.TOO_MANY_COLUMNS, ""),
        (sheet('<row><c r="ZZZ1"><v>1</v></c></row>'), Problem.TOO_MANY_COLUMNS, ""),
        (sheet('<row><c r="AAAAAAAAAA1"><v>1</v></c></row>'), Problem.WORKBOOK_BROKEN, "cell"),
        (sheet("<row>" + "<c><v>1</v></c>" * 3000 + "</row>"), Problem.TOO_MANY_COLUMNS, ""),
        (sheet('<row r="1048577"><c><v>1</v></c></row>'), Problem.WORKBOOK_BROKEN, "row"),
        (sheet('<row r="99999999999999"/>'), Problem.WORKBOOK_BROKEN, "row"),
        (sheet('<row r="2"/><row r="1"/>'), Problem.WORKBOOK_BROKEN, "row"),
        (sheet('<row r="²"/>'), Problem.WORKBOOK_BROKEN, "row"),
        (sheet('<row><c r="A1"><v>1</v></c>' * 2), Problem.WORKBOOK_BROKEN, "xml"),
        (sheet("<row>" + '<c r="A1"><v>1</v></c>' * 2), Problem.WORKBOOK_BROKEN, "cell"),
        (sheet('<row><c t="s"><v>0</v></c></row>'), Problem.WORKBOOK_BROKEN, "text"),
        (sheet('<row><c t="s"><v>-1</v></c></row>'), Problem.WORKBOOK_BROKEN, "text"),
        (sheet('<row><c t="q"><v>1</v></c></row>'), Problem.WORKBOOK_BROKEN, "cell"),
        (sheet("<row><c><v>" + "1" * 70_000 + "</v></c></row>"), Problem.LINE_TOO_LONG, ""),
        (sheet("<row>" + "<c t='e'><v>#N/A</v></c>" * 3000), Problem.WORKBOOK_BROKEN, "xml"),
        (sheet("<row>" + LONG * 20 + "</row>"), Problem.LINE_TOO_LONG, ""),
        (sheet("<a>" * 100_000), Problem.WORKBOOK_BROKEN, "depth"),
        (sheet("<row><c><v>1</v></c>"), Problem.WORKBOOK_BROKEN, "xml"),
        (document(ENTITIES + "<worksheet>&b;&f;</worksheet>"), Problem.WORKBOOK_BROKEN, "doctype"),
        (document("<worksheet a='" + "x" * (3 << 20) + "'/>"), Problem.WORKBOOK_BROKEN, "token"),
        (document("<?xml version='1.0' encoding='idna'?><worksheet/>"), Problem.EMPTY_FILE, ""),
        (document(""), Problem.WORKBOOK_BROKEN, "xml"),
        (document("<worksheet>\x01</worksheet>"), Problem.WORKBOOK_BROKEN, "xml"),
    ],
    ids=lambda one: str(one) if isinstance(one, str) else "",
)  # fmt: skip
def test_sheets_that_no_program_writes_are_refused(data: bytes, code: Problem, reason: str) -> None:
    if code == Problem.EMPTY_FILE:
        assert list(open_table([data])) == []
    else:
        assert refused(data) == (code, reason)


def test_one_long_text_named_a_million_times_is_not_copied_a_million_times() -> None:
    text = f"<si><t>{'架' * 65_000}</t></si>"
    named = "".join(f'<row r="{n}"><c t="s"><v>0</v></c></row>' for n in range(1, 2001))
    data = packed(parts(sheet=named, strings=text))
    tracemalloc.start()
    for block in open_table([data]):
        assert len(block.rows) <= 1000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150 << 20, peak


def test_a_cell_in_a_far_column_makes_no_wide_rows_of_blank_ones() -> None:
    """Formats reach to XFD in many a real workbook; nothing is in those cells."""
    data = sheet('<row><c r="A1"><v>1</v></c><c r="XFD1" s="0"/><c r="AAAA1"/></row>')
    assert [block.rows for block in open_table([data])] == [[["1"]]]


def test_cells_merged_over_all_rows_and_columns_cost_no_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merged, "MOST_FILLED", 1000)
    monkeypatch.setattr(merged, "MOST_MERGES", 40)
    table = rows(*([["a"] * 30] + [["b"]] * 100))

    def areas(columns: int) -> str:
        names = (f"{letters(column)}1:{letters(column)}9999" for column in range(1, columns + 1))
        return "".join(f'<mergeCell ref="{area}"/>' for area in names)

    for columns in (30, 50):
        data = packed(parts(sheet=table, after=f"<mergeCells>{areas(columns)}</mergeCells>"))
        assert refused(data) == (Problem.WORKBOOK_TOO_LARGE, "merges")


def test_packages_cut_and_changed_anywhere_are_refused_or_read() -> None:
    whole = book(["氏名", "電話番号"], ["架空珠緒", "03-0001-2345"])
    for at in range(0, len(whole), 7):
        for data in (whole[:at], whole[:at] + b"\xff" + whole[at + 1 :], whole[at:]):
            with contextlib.suppress(IntakeError):
                for _ in open_table([data]):
                    pass


def test_a_directory_of_a_million_parts_is_not_read() -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF - 1, 0xFFFF - 1, 1 << 26, 22, 0)
    assert refused(b"PK\x03\x04" + bytes(18) + end) == (Problem.WORKBOOK_TOO_LARGE, "parts")


def test_an_encrypted_part_and_a_wrong_checksum_are_noticed() -> None:
    whole = bytearray(book(["氏名"]))
    at = whole.index(b"PK\x01\x02")
    while at >= 0:
        whole[at + 8] |= 1
        at = whole.find(b"PK\x01\x02", at + 1)
    assert refused(bytes(whole))[0] == Problem.ENCRYPTED_WORKBOOK
    stored = packed(parts(sheet=rows(["架空珠緒"])), zipfile.ZIP_STORED)
    assert refused(stored.replace("珠緒".encode(), "珠美".encode())) == (
        Problem.WORKBOOK_BROKEN, "checksum",
    )  # fmt: skip


CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        (CONTAINER + "Workbook\0".encode("utf-16-le"), Problem.OLD_WORKBOOK, ""),
        (CONTAINER + "Book\0".encode("utf-16-le"), Problem.OLD_WORKBOOK, ""),
        (CONTAINER + "EncryptedPackage\0".encode("utf-16-le"), Problem.ENCRYPTED_WORKBOOK, ""),
        (CONTAINER + "WordDocument\0".encode("utf-16-le"), Problem.DOCUMENT_FILE, "word"),
        (CONTAINER, Problem.CONTAINER_FILE, ""),
        (b"%PDF-1.7\n", Problem.DOCUMENT_FILE, "pdf"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", Problem.DOCUMENT_FILE, "image"),
        (b"\xff\xd8\xff\xe0", Problem.DOCUMENT_FILE, "image"),
        (b"\x1f\x8b\x08", Problem.WORKBOOK_FILE, "gzip"),
        (b"PK\x03\x04rest of a workbook", Problem.WORKBOOK_BROKEN, "end"),
        (b"\xef\xbb\xbf <html><table>", Problem.MARKUP_FILE, ""),
        (b'<?xml version="1.0"?><Workbook>', Problem.MARKUP_FILE, ""),
        (b"", Problem.EMPTY_FILE, ""),
    ],
)
@pytest.mark.parametrize("size", [3, 4096])
def test_what_is_no_table_is_refused_by_its_bytes(
    data: bytes, code: Problem, reason: str, size: int
) -> None:
    with pytest.raises(IntakeError) as error:
        open_table(data[at : at + size] for at in range(0, len(data), size))
    assert (error.value.code, error.value.reason) == (code, reason)


@pytest.mark.parametrize("encoding", vocabulary.ENCODINGS)
def test_an_endless_line_is_refused_in_every_encoding(encoding: str) -> None:
    text = "氏名,電話番号\n" + "架" * (5 << 20)
    assert refused(text.encode(encoding), encoding)[0] == Problem.LINE_TOO_LONG


def test_a_long_line_sent_byte_by_byte_is_read_as_soon_as_one_sent_at_once() -> None:
    text = ("氏名,電話番号\n" + "架," * 150_000).encode()
    begun = time.process_time()
    (block,) = open_table(bytes([byte]) for byte in text)
    assert time.process_time() - begun < 10  # quadratic: minutes
    assert len(block.rows) == 2
