"""Every kind of file through the real processes: read under confinement, stored, kept silent."""

from collections.abc import AsyncIterator

import pytest

from calllist.intake.problems import IntakeError, Problem
from tests.calllist.intake.conftest import Desk
from tests.calllist.intake.workbooks import MAIN, book, packed, parts

HEADER = ["整理番号", "氏名", "電話番号"]
NAME = "架空珠緒"
NOTHING = {"records": 0, "chunks": 0, "findings": 0, "holdings": 0, "tables": 0}

pytestmark = pytest.mark.asyncio


async def body(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 10_000):
        yield data[at : at + 10_000]


def text(delimiter: str = ",") -> str:
    table = [HEADER, *([str(row), NAME, f"090-0001-{row:04d}"] for row in range(1, 41))]
    return "\r\n".join(delimiter.join(cells) for cells in table) + "\r\n"


def bomb() -> bytes:
    """A workbook of which one text would take 40 MB, in some 40 kilobytes."""
    texts = f'<sst xmlns="{MAIN}"><si><t>' + " " * (40 << 20)
    return packed(parts(sheet="<row/>") | {"xl/sharedStrings.xml": texts})


async def test_every_format_is_read_by_the_confined_reader(desk: Desk) -> None:
    rows = [[str(row), NAME, 9000010000 + row] for row in range(1, 41)]
    files = {
        "xlsx": book(HEADER, *rows),
        "cp932": text("\t").encode("cp932"),
        "euc-jp": text().encode("euc_jp"),
        "utf-16-le": text(";").encode("utf-16"),
        "utf-16-be": text().encode("utf-16-be"),
    }
    for encoding, data in files.items():
        received = await desk.uploads().receive(desk.manager, desk.job, body(data))
        found = (received.receipt.encoding, received.receipt.rows, received.receipt.accepted)
        assert found == (encoding, 40, 40)
    assert received.receipt.sheet is None


async def test_files_made_to_hurt_leave_nothing_but_a_code(desk: Desk) -> None:
    garbled = text().encode().decode("cp932", "replace").replace("\ufffd", "・").encode()
    for data, problem in (
        (bomb(), Problem.WORKBOOK_BROKEN),
        (garbled, Problem.GARBLED_TEXT),
        (packed(parts() | {"xl/vbaProject.bin": "x"}), Problem.MACRO_WORKBOOK),
    ):
        with pytest.raises(IntakeError) as refused:
            await desk.uploads().receive(desk.manager, desk.job, body(data))
        assert refused.value.code == problem
    assert await desk.rows() == NOTHING
    for row in await desk.lists():
        assert row.state == "failed"
        assert NAME not in str(row.failure)
