"""Real files, where the folder with them is present: each is read as what it is, to the last row.

What becomes of their rows is `test_samples`.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from calllist.intake.reading.tables import Table, open_table

FOLDER = Path(__file__).resolve().parents[3].parent / "shared" / "samples"
SPECTRUM = FOLDER / "reference" / "csv-spectrum"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of samples is not here")

# name: encoding, line of the header (0: none), its cells, rows below it that hold anything
SHAPES = {
    "E01": ("cp932", 1, 28, 157),
    "E02": ("utf-8", 1, 22, 57),
    "E03": ("utf-8", 1, 29, 160),
    "E04": ("utf-8", 1, 16, 628),
    "E05": ("utf-8", 7, 11, 11),  # two of vocabulary among them
    "E06": ("xlsx", 3, 9, 1355),
    "E07": ("cp932", 1, 56, 155),
    "E08": ("utf-8", 1, 24, 1106),
    "E09": ("utf-8", 1, 5, 41),
    "E10": ("utf-8", 1, 17, 164),
    "E11": ("utf-16-le", 0, 10, 178),
    "E12": ("utf-8", 1, 21, 57),
    "E13": ("xlsx", 1, 6, 524),
    "E14": ("utf-8", 1, 21, 27),
}


def blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1000):
            yield block


def read(path: Path) -> tuple[list[tuple[int, list[str]]], Table]:
    table = open_table(blocks(path))
    rows = [row for block in table for row in zip(block.lines, block.rows, strict=True)]
    return rows, table


def sample(name: str) -> Path:
    (path,) = FOLDER.glob(f"{name}_*")
    return path


@pytest.mark.parametrize("name", SHAPES)
def test_every_row_and_column_is_read_in_the_right_encoding(name: str) -> None:
    encoding, header_line, width, below = SHAPES[name]
    rows, table = read(sample(name))
    assert (table.encoding, table.damaged) == (encoding, False)
    written = [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]
    data = [cells for line, cells in written if line > header_line]
    assert len(data) == below
    assert {len(cells) for cells in data} == {width}
    if header_line:
        header = next(cells for line, cells in written if line == header_line)
        assert len(header) == width


def test_the_workbooks_texts_are_those_without_furigana() -> None:
    rows, _ = read(sample("E06"))
    assert [line for line, _ in rows[:3]] == [1, 3, 4]
    header = [cell.replace("\u3000", "").replace(" ", "") for cell in rows[1][1]]
    assert header[-1] == "電話"
    katakana = set(map(chr, range(0x30A1, 0x30F7)))
    names = [cells[1] for _, cells in rows[2:]]
    read_aloud = sum(1 for name in names if len(katakana & set(name)) > len(name) // 2)
    assert read_aloud < len(names) // 20


def test_names_in_euc_jp_are_read() -> None:
    path = FOLDER / "reference" / "mecab_ipadic_Noun.name.eucjp.csv"
    rows, table = read(path)
    assert (table.encoding, len(rows)) == ("euc-jp", 34_202)
    text = path.read_bytes().decode("euc_jp")
    assert [cells for _, cells in rows] == list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", sorted(path.stem for path in SPECTRUM.glob("*.csv")))
def test_every_file_of_csv_spectrum_is_read_as_the_csv_module_reads_it(name: str) -> None:
    path = SPECTRUM / f"{name}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        wanted = list(csv.reader(file))
    assert [cells for _, cells in read(path)[0]] == wanted
