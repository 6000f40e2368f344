"""Real files, where the folder with them is present: the outcomes stated beside them.

One row of `EXPECTED` is one stated outcome; the order is that of the folder's INDEX.md.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from calllist.intake.reading.columns import Wanted
from calllist.intake.reading.file import Reading
from crypto.records.fields import FieldKind

FOLDER = Path(__file__).resolve().parents[3].parent / "shared" / "samples"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of samples is not here")


class Outcome(NamedTuple):
    """What is stated of a file: rows, people, and why the others are none."""

    rows: int
    accepted: int
    rejected: dict[str, int]
    hows: dict[str, int]
    kinds: dict[str, int]
    area_code: str = ""
    by_hand: Mapping[FieldKind, str] = {}


FIRST_PHONE = {FieldKind.PHONE: "#4"}  # of a file without header row
EXPECTED: dict[str, Outcome] = {
    "E01": Outcome(
        157, 154, {"no_area_code": 3}, {"ok": 154}, {"fixed": 152, "voip": 1, "mobile": 1}
    ),
    "E02": Outcome(57, 38, {"no_phone_placeholder": 1}, {"ok": 56}, {"fixed": 56}),
    "E03": Outcome(
        160, 136, {"no_area_code": 17, "no_phone": 2}, {"ok": 141}, {"fixed": 136, "mobile": 5}
    ),
    "E03 with area code": Outcome(
        160, 153, {"no_phone": 2},
        {"ok": 141, "area_code_added": 17}, {"fixed": 153, "mobile": 5}, area_code="076",
    ),
    "E04": Outcome(
        628, 626, {"no_phone": 1}, {"ok": 627},
        {"fixed": 622, "voip": 2, "toll_free": 1, "mobile": 2},
    ),
    "E05": Outcome(9, 9, {}, {"ok": 7, "normalised": 2}, {"fixed": 9}),
    "E06": Outcome(
        1355, 1346, {"no_phone": 3}, {"ok": 1348, "normalised": 4}, {"fixed": 1351, "mobile": 1}
    ),
    "E07": Outcome(155, 119, {"no_phone": 5}, {"ok": 150}, {"fixed": 150}),
    "E08": Outcome(
        1106, 1102, {"invalid_number": 1},
        {"ok": 1018, "normalised": 86, "zero_restored": 1},
        {"fixed": 1075, "mobile": 4, "voip": 26},
    ),
    "E09": Outcome(41, 41, {}, {"ok": 39, "normalised": 2}, {"fixed": 41}),
    "E10": Outcome(164, 160, {"invalid_dummy": 1}, {"ok": 163}, {"fixed": 156, "mobile": 7}),
    "E11": Outcome(
        178, 173, {"no_area_code": 1}, {"ok": 167, "normalised": 8, "zero_restored": 2},
        {"fixed": 175, "mobile": 2}, by_hand=FIRST_PHONE,
    ),
    "E11 with area code": Outcome(  # its one local number is a postal code of Fukui too
        178, 173, {"no_area_code": 1}, {"ok": 167, "normalised": 8, "zero_restored": 2},
        {"fixed": 175, "mobile": 2}, area_code="0776", by_hand=FIRST_PHONE,
    ),
    "E12": Outcome(57, 55, {"no_phone_placeholder": 2}, {"ok": 55}, {"fixed": 55}),
    "E13": Outcome(
        524, 518, {"no_phone_placeholder": 5, "invalid_number": 1}, {"ok": 516, "normalised": 2},
        {"fixed": 515, "shared_cost": 3},
    ),
    "E14": Outcome(27, 24, {"no_phone": 3}, {"ok": 7, "normalised": 17}, {"fixed": 24}),
}  # fmt: skip


def read(name: str, by_hand: Mapping[FieldKind, str] = {}, *, area_code: str = "") -> Reading:
    (path,) = FOLDER.glob(f"{name}_*")
    wanted = Wanted(permitted=frozenset(FieldKind), by_hand=by_hand)
    file = Reading(_blocks(path), wanted, by="phone", max_rows=10_000, area_code=area_code)
    for _ in file:
        pass
    return file


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1000):
            yield block


@pytest.mark.parametrize("name", EXPECTED)
def test_the_outcome_is_the_stated_one(name: str) -> None:
    stated = EXPECTED[name]
    receipt = read(name[:3], stated.by_hand, area_code=stated.area_code).receipt("")
    assert (receipt.rows, receipt.accepted) == (stated.rows, stated.accepted)
    assert receipt.rejected == sum(stated.rejected.values())
    assert {code: receipt.codes[code] for code in stated.rejected} == stated.rejected
    assert (receipt.phones, receipt.kinds) == (stated.hows, stated.kinds)
    assert receipt.duplicates == stated.rows - stated.accepted - receipt.rejected
    assert receipt.codes.get("area_code_added", 0) == stated.hows.get("area_code_added", 0)


def test_postal_codes_typed_into_the_phone_column_are_not_completed() -> None:
    """The outcome stated for E01 with 024 (157 people) is the trap: these three are Koriyama's
    postal codes, as rule 6 of the same document says."""
    receipt = read("E01", area_code="024").receipt("")
    assert (receipt.accepted, receipt.codes["no_area_code"]) == (154, 3)
    assert "area_code_added" not in receipt.codes


def test_a_column_may_be_named_by_hand() -> None:
    receipt = read("E01", {FieldKind.PHONE: "TEL", FieldKind.NAME: "Label"}).receipt("")
    assert [one.header for one in receipt.columns if one.kind == "name"] == ["Label"]


def test_further_numbers_of_a_cell_are_alternates() -> None:
    receipt = read("E05").receipt("")
    assert receipt.codes["several_numbers"] == 2


def test_a_file_without_header_is_read_whole_if_its_columns_are_numbered() -> None:
    receipt = read("E11", FIRST_PHONE).receipt("")
    assert {one.header for one in receipt.columns} == {""}
