"""再勧誘禁止: whoever stands on the entrustor's list of refusals is not called, or nothing is."""

import io
from collections.abc import Iterator

import pytest

from calllist.intake.fields.phones import PhoneRules
from calllist.intake.problems import Code, IntakeError, Problem
from calllist.intake.reading import references, refusals
from calllist.intake.reading.columns import Wanted
from calllist.intake.reading.file import Reading
from calllist.intake.receipt import Finding, Receipt
from crypto.records.fields import FieldKind

RULES = PhoneRules(synthetic=True)


def read(text: str, encoding: str = "cp932") -> frozenset[str]:
    return refusals.read([text.encode(encoding)], RULES)


@pytest.mark.parametrize(
    "text",
    [
        "090-0000-0001\n090-0000-0002\n",
        "電話番号\n090-0000-0001\n090-0000-0002\n",
        "架電拒否の番号\n09000000001\n09000000002\n",
        "整理番号,氏名,TEL\n1,架空一,090-0000-0001\n2,架空二,090-0000-0002\n",
        "電話番号\n090-0000-0001\n\nなし\n+1 202 555 0100\n090-0000-0002\n",
        "０９０－００００－０００１\n9000000002\n090-0000-0002\n",
        "電話番号\n090-0000-0001 / 090-0000-0002\n",
        "電話番号,電話番号2\n090-0000-0001,090-0000-0002\n",
    ],
)
def test_the_numbers_of_a_list_of_refusals(text: str) -> None:
    assert read(text) == {"+819000000001", "+819000000002"}


@pytest.mark.parametrize(
    ("text", "reason", "line", "column"),
    [
        ("", "empty_file", None, None),
        ("氏名,住所\n架空一,架空市\n", "no_phone_column", 1, None),
        ("名前\n架空一\n架空二\n", "no_phone_column", 2, None),
        ("電話番号\n架空一\nなし\n", "no_phone_column", 2, None),
        ("電話番号\n090-0000-0001\n9.0E+10\n", Code.DAMAGED_NUMBER.value, 3, 1),
        ("電話番号\n090-0000-0001\n1234-5678\n", Code.NO_AREA_CODE.value, 3, 1),
        ('電話番号\n"090-0000-0001\n', "unclosed_quote", 2, None),
    ],
)
def test_one_that_cannot_be_read_refuses_the_upload_and_quotes_nothing(
    text: str, reason: str, line: int | None, column: int | None
) -> None:
    with pytest.raises(IntakeError) as refused:
        read(text)
    error = refused.value
    assert error.code == Problem.REFUSALS_UNREADABLE
    assert (error.reason, error.line, error.column) == (reason, line, column)


def test_an_endless_line_of_refusals_is_refused() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"0" * 65536

    with pytest.raises(IntakeError) as refused:
        refusals.read(endless(), RULES)
    assert refused.value.code == Problem.REFUSALS_UNREADABLE


LIST = (
    "氏名,電話番号,携帯電話\n"
    "架空一,090-0000-0001,\n"
    "架空二,03-0000-0002,090-0000-0009\n"
    "架空三,090-0000-0003 / 090-0000-0008,\n"
    "架空四,090-0000-0004,\n"
    "架空五,090-0000-0001,\n"
    "架空六,なし,\n"
)


def received(refused: frozenset[str] | None) -> tuple[list[int], list[Finding], Receipt]:
    """Accepted lines, findings, receipt."""
    permitted = frozenset({FieldKind.PHONE, FieldKind.PHONE_ALT, FieldKind.NAME})
    reading = Reading(
        [LIST.encode()],
        Wanted(permitted, {FieldKind.PHONE_ALT: "携帯電話"}, synthetic=True),
        by="phone",
        max_rows=100,
        refusals=refused,
    )
    lines, found = [], []
    for batch in reading:
        lines += batch.accepted.lines
        found += batch.findings
    return lines, found, reading.receipt("00")


def test_every_number_of_a_row_is_compared_and_the_receipt_adds_up() -> None:
    """The number to dial, a further column, a second number in the cell; before duplicates."""
    refused = frozenset({"+819000000001", "+819000000008", "+819000000009", "+819000000077"})
    lines, found, receipt = received(refused)
    assert lines == [5]
    assert [one.line for one in found if one.code is Code.NOT_TO_BE_CALLED] == [2, 3, 4, 6]
    assert (receipt.not_to_be_called, receipt.refusals) == (4, 4)
    assert receipt.rows == (
        receipt.accepted + receipt.not_to_be_called + receipt.duplicates + receipt.rejected
    )


def test_without_a_list_of_refusals_the_receipt_says_so() -> None:
    lines, _, receipt = received(None)
    assert lines == [2, 3, 4, 5]
    assert (receipt.not_to_be_called, receipt.refusals) == (0, None)
    assert received(frozenset())[2].refusals == 0, "an empty one was attached"


# -- references ------------------------------------------------------------------------------


def numbers(data: bytes, by_hand: str = "") -> list[tuple[int, str]]:
    found = references.read(io.BytesIO(data), by_hand)
    return [row for lines, texts in found for row in zip(lines, texts, strict=True)]


@pytest.mark.parametrize(
    ("text", "by_hand", "expected"),
    [
        ("1001\n1002\n", "", [(1, "1001"), (2, "1002")]),
        ("整理番号\n1001\n\n1002\n", "", [(2, "1001"), (4, "1002")]),
        ("取下げ一覧\n1001\n", "", [(2, "1001")]),
        ("令和8年4月分\n宛名番号,氏名\n A-1 ,架空一\n,架空二\n", "", [(3, "A-1")]),
        ("番号A,氏名\n7,架空一\n", "番号A", [(2, "7")]),
        ("架空一,7\n架空二,8\n", "#2", [(1, "7"), (2, "8")]),
    ],
)
def test_the_references_of_a_withdrawal_file(
    text: str, by_hand: str, expected: list[tuple[int, str]]
) -> None:
    assert numbers(text.encode("cp932"), by_hand) == expected


@pytest.mark.parametrize(
    ("text", "by_hand", "code"),
    [
        ("\n\n", "", Problem.EMPTY_FILE),
        ("氏名,住所\n架空一,架空市\n", "", Problem.NO_REFERENCE_COLUMN),
        ("氏名,住所\n架空一,架空市\n", "番号", Problem.NO_SUCH_COLUMN),
        ("整理番号,整理番号\n1,2\n", "", Problem.TWO_COLUMNS_FOR),
    ],
)
def test_a_withdrawal_file_without_a_column_of_references_is_refused(
    text: str, by_hand: str, code: Problem
) -> None:
    with pytest.raises(IntakeError) as refused:
        numbers(text.encode(), by_hand)
    assert refused.value.code == code
