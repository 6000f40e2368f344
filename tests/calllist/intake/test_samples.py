"""Real files, where the folder with them is present: the outcomes stated beside them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import Reading
from crypto.fields import FieldKind

FOLDER = Path(__file__).resolve().parents[3].parent / "shared" / "samples"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of samples is not here")

# name: rows, accepted, rejected by code, how written, kinds
EXPECTED: dict[str, tuple[int, int, dict[str, int], dict[str, int], dict[str, int]]] = {
    "E01": (157, 154, {"no_area_code": 3}, {"ok": 154}, {"fixed": 152, "voip": 1, "mobile": 1}),
    "E02": (57, 38, {"no_phone_placeholder": 1}, {"ok": 56}, {"fixed": 56}),
    "E03": (
        160, 136, {"no_area_code": 17, "no_phone": 2}, {"ok": 141}, {"fixed": 136, "mobile": 5},
    ),
    "E04": (
        628, 626, {"no_phone": 1}, {"ok": 627},
        {"fixed": 622, "voip": 2, "toll_free": 1, "mobile": 2},
    ),
    "E07": (155, 119, {"no_phone": 5}, {"ok": 150}, {"fixed": 150}),
    "E08": (
        1106, 1102, {"invalid_number": 1},
        {"ok": 1018, "normalised": 86, "zero_restored": 1},
        {"fixed": 1075, "mobile": 4, "voip": 26},
    ),
    "E09": (41, 41, {}, {"ok": 39, "normalised": 2}, {"fixed": 41}),
    "E10": (164, 160, {"invalid_dummy": 1}, {"ok": 163}, {"fixed": 156, "mobile": 7}),
    "E12": (57, 55, {"no_phone_placeholder": 2}, {"ok": 55}, {"fixed": 55}),
    "E14": (27, 24, {"no_phone": 3}, {"ok": 7, "normalised": 17}, {"fixed": 24}),
}  # fmt: skip


def read(name: str, by_hand: dict[FieldKind, str] | None = None) -> Reading:
    (path,) = FOLDER.glob(f"{name}_*")
    file = Reading(
        _blocks(path),
        permitted=frozenset(FieldKind),
        by_hand=by_hand or {},
        by="phone",
        synthetic=False,
        max_rows=10_000,
    )
    for _ in file:
        pass
    return file


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1000):
            yield block


@pytest.mark.parametrize("name", EXPECTED)
def test_the_outcome_is_the_stated_one(name: str) -> None:
    rows, accepted, rejected, hows, kinds = EXPECTED[name]
    receipt = read(name).receipt("")
    assert (receipt.rows, receipt.accepted) == (rows, accepted)
    assert receipt.rejected == sum(rejected.values())
    assert {code: receipt.codes[code] for code in rejected} == rejected
    assert (receipt.phones, receipt.kinds) == (hows, kinds)
    assert receipt.duplicates == rows - accepted - receipt.rejected


def test_a_column_may_be_named_by_hand() -> None:
    receipt = read("E01", {FieldKind.PHONE: "TEL", FieldKind.NAME: "Label"}).receipt("")
    assert [one.header for one in receipt.columns if one.kind == "name"] == ["Label"]


def test_a_file_without_header_stops_at_the_mapping() -> None:
    with pytest.raises(IntakeError) as refused:
        read("E11")
    assert (refused.value.code, refused.value.line) == (Problem.NO_HEADER_ROW, 1)


def test_a_file_without_header_is_read_whole_if_its_columns_are_numbered() -> None:
    receipt = read("E11", {FieldKind.PHONE: "#4"}).receipt("")
    assert (receipt.rows, receipt.accepted, receipt.duplicates) == (178, 173, 4)
    assert receipt.codes["no_area_code"] == receipt.rejected == 1
    assert {one.header for one in receipt.columns} == {""}


def test_a_workbook_is_refused() -> None:
    with pytest.raises(IntakeError) as refused:
        read("E13")
    assert refused.value.code == Problem.WORKBOOK_FILE
