"""What the upload form says of a file."""

import pytest

from calllist.intake.problems import IntakeError, Problem
from calllist.web.choosing import choices_of
from crypto.records.fields import FieldKind as Kind

PERMITTED = frozenset({Kind.PHONE, Kind.NAME, Kind.REFERENCE})


def test_columns_are_named_by_header_or_each_by_its_number() -> None:
    assert choices_of({"phone": " TEL ", "name": "", "csrf": "x"}, PERMITTED).by_hand == {
        Kind.PHONE: "TEL"
    }
    mapped = {"mapped": "1", "c2": "name:2", "c7": "name:1", "c3": "phone", "c4": "", "c5": "sex"}
    assert choices_of(mapped, PERMITTED).by_hand == {
        Kind.PHONE: "#3",
        Kind.NAME: "#7+#2",
        Kind.REFERENCE: "-",
    }


def test_what_is_left_empty_is_found_out() -> None:
    said = choices_of({"encoding": "", "sheet": " ", "header_line": "x"}, PERMITTED)
    assert (said.encoding, said.sheet, said.header_line, said.area_code) == (None, None, None, "")
    said = choices_of({"header_line": "0", "area_code": "03", "sheet": "2"}, PERMITTED)
    assert (said.header_line, said.area_code, said.sheet) == (0, "03", "2")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"area_code": "3"}, Problem.UNKNOWN_AREA_CODE),
        ({"area_code": "0120"}, Problem.UNKNOWN_AREA_CODE),
        ({"encoding": "utf-7"}, Problem.NO_SUCH_ENCODING),
    ],
)
def test_what_cannot_be_is_refused_before_a_byte_is_read(
    given: dict[str, str], problem: Problem
) -> None:
    with pytest.raises(IntakeError) as refused:
        choices_of(given, PERMITTED)
    assert refused.value.code == problem
