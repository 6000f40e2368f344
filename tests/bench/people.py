"""Files of fictional people for measurements: seven columns, CP932, numbers nobody can dial.

About one row in a hundred repeats number and reference of an earlier row.
"""

import itertools
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

from demo.townsfolk import CITY, FAMILIES, GIVEN, QUARTERS

HEADER = "整理番号,氏名,フリガナ,電話番号,郵便番号,住所,生年月日"
COLUMNS = ("reference", "name", "kana", "phone", "postal", "address", "born")
REPEATS = 100  # one row in so many
PIECE = 10_000  # rows written at once


def write(path: Path, rows: int, seed: int) -> None:
    """The file as an entrustor sends it."""
    with path.open("wb") as file:
        file.write(f"{HEADER}\r\n".encode("cp932"))
        for piece in _pieces(rows, seed):
            file.write("".join(f"{line}\r\n" for line in piece).encode("cp932"))


def write_plain(source: Path, target: Path) -> None:
    """The same rows as UTF-8, each with the number of its line: what plain COPY takes."""
    with source.open(encoding="cp932", newline="") as read, target.open("wb") as written:
        next(read)
        for number, line in enumerate(read, start=2):
            written.write(f"{number},{line}".encode())


def write_workbook(path: Path, rows: int, seed: int) -> None:
    """The same as XLSX, as Excel writes it: texts in a table of shared strings."""
    shared: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            lines = itertools.chain([[HEADER]], _pieces(rows, seed))
            for number, line in enumerate(itertools.chain.from_iterable(lines), start=1):
                cells = "".join(
                    f'<c r="{letter}{number}" t="s">'
                    f"<v>{shared.setdefault(text, len(shared))}</v></c>"
                    for letter, text in zip("ABCDEFG", line.split(","), strict=True)
                )
                sheet.write(f'<row r="{number}">{cells}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        with archive.open("xl/sharedStrings.xml", "w") as strings:
            strings.write(f'{_XML}<sst xmlns="{_MAIN}" uniqueCount="{len(shared)}">'.encode())
            for text in shared:
                strings.write(f"<si><t>{text}</t></si>".encode())
            strings.write(b"</sst>")


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/>'
    "</Types>",
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_LINKS}/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>",
}


def _pieces(rows: int, seed: int) -> Iterator[list[str]]:
    chance = random.Random(seed)
    for first in range(0, rows, PIECE):
        yield [_row(chance, seed, number) for number in range(first, min(first + PIECE, rows))]


def _row(chance: random.Random, seed: int, number: int) -> str:
    pick = chance.random
    family, family_kana = FAMILIES[int(pick() * len(FAMILIES))]
    given, given_kana = GIVEN[int(pick() * len(GIVEN))]
    repeats = number > REPEATS and pick() * REPEATS < 1
    if repeats:
        number = int(pick() * number)
    subscriber = number
    area = ("090-0", "070-0")[subscriber & 1]
    digits = f"{subscriber * 7919 % 10_000_000:07d}"
    return (
        f"T{seed:02d}{number:07d},{family}　{given},{family_kana}　{given_kana},"
        f"{area}{digits[:3]}-{digits[3:]},000-{int(pick() * 10_000):04d},"
        f"{CITY}{QUARTERS[int(pick() * len(QUARTERS))]}{int(pick() * 5) + 1}丁目"
        f"{int(pick() * 20) + 1}-{int(pick() * 15) + 1},"
        f"{1935 + int(pick() * 60)}/{int(pick() * 12) + 1}/{int(pick() * 28) + 1}"
    )
