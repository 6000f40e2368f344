"""Whatever bytes come: a receipt or a refusal, and no cell in what is said (see tests/fuzz)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from calllist.intake.problems import IntakeError
from tests.calllist.intake.workbooks import packed, parts
from tests.fuzz.reading import reads

CHOICE = st.integers(0, 127).map(lambda byte: bytes([byte]))
ENCODINGS = st.sampled_from(["utf-8", "cp932", "euc_jp", "utf-16", "utf-16-be", "latin-1"])
CELL = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["電話番号", "氏名", "090-0001-2345", "9.0E+10", "#N/A", "菴占陸", '"', "\x1a", ""]
    ),
)
TABLE = st.lists(st.lists(CELL, max_size=5), max_size=8)
XML = st.text("<>/=\"' crvtsfs0123ABX&;é架", max_size=60)


@settings(deadline=None, max_examples=150)
@given(CHOICE, st.binary(max_size=300))
def test_any_bytes(choice: bytes, data: bytes) -> None:
    reads(choice + data)


@settings(deadline=None, max_examples=150)
@given(CHOICE, TABLE, ENCODINGS, st.sampled_from([",", "\t", ";"]), st.sampled_from(["\n", "\r\n"]))
def test_any_table_in_any_encoding(
    choice: bytes, table: list[list[str]], encoding: str, delimiter: str, end: str
) -> None:
    text = end.join(["氏名,電話番号", *(delimiter.join(cells) for cells in table)])
    reads(choice + text.encode(encoding, "replace"))


@settings(deadline=None, max_examples=100)
@given(CHOICE, XML, XML, st.binary(max_size=3), st.integers(0, 4000))
def test_any_workbook(choice: bytes, cells: str, strings: str, change: bytes, at: int) -> None:
    sheet = f"<row><c t='str'><v>電話番号</v></c></row><row>{cells}</row>"
    whole = packed(parts(sheet=sheet, strings=strings))
    reads(choice + whole[:at] + change + whole[at + len(change) :])
    reads(choice + whole)


def test_what_is_said_of_a_broken_workbook_is_a_refusal() -> None:
    assert isinstance(reads(b"\0" + packed(parts(sheet="<row>"))), IntakeError)
