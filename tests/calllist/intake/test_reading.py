"""Reading a file: nothing is lost, nothing is guessed, memory stays flat."""

import itertools
import tracemalloc
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pytest

from calllist.intake.fields import postal_codes
from calllist.intake.problems import Code, IntakeError, Problem
from calllist.intake.reading.blocks import BLOCK_ROWS
from calllist.intake.reading.columns import Wanted
from calllist.intake.reading.file import Reading
from calllist.intake.reading.triage import Accepted
from calllist.intake.receipt import Finding, Receipt
from crypto.records.fields import FieldKind as Kind

HEADER = "整理番号,氏名,電話番号,住所\n"


class Person(NamedTuple):
    """One accepted row."""

    line: int
    phone: str
    fields: dict[Kind, str]


def open_file(
    body: bytes | Iterable[bytes], *, by: str = "phone", max_rows: int = 1000, **kept: object
) -> Reading:
    wanted = Wanted(
        permitted=kept.get("permitted", frozenset(Kind)),  # type: ignore[arg-type]
        by_hand=kept.get("by_hand", {}),  # type: ignore[arg-type]
        synthetic=True,
    )
    return Reading([body] if isinstance(body, bytes) else body, wanted, by=by, max_rows=max_rows)


def people(accepted: Accepted) -> list[Person]:
    columns = accepted.columns.items()
    return [
        Person(
            line,
            accepted.columns[Kind.PHONE][index],
            {kind: cells[index] for kind, cells in columns if cells[index]},
        )
        for index, line in enumerate(accepted.lines)
    ]


def read(text: str, **how: object) -> tuple[list[Person], list[Finding], Receipt]:
    file = open_file(text.encode(), **how)  # type: ignore[arg-type]
    batches = list(file)
    receipt = file.receipt("00")
    assert receipt.rows == receipt.accepted + receipt.duplicates + receipt.rejected
    return (
        [row for batch in batches for row in people(batch.accepted)],
        [one for batch in batches for one in batch.findings],
        receipt,
    )


def test_every_row_is_accepted_a_duplicate_or_rejected_with_its_place() -> None:
    accepted, findings, receipt = read(
        HEADER
        + "1,山田太郎,03-0001-2345,A\n"
        + "2,佐藤花子,,B\n"
        + "\n"
        + ",,,\n"
        + '3,"鈴木\n一郎",090-0001-2345,C\n'
        + "4,田中,03-0001-2345,D\n"
        + "5,高橋\n"
        + "6,伊藤,3-0001-2346,E,,\n"
        + "7,渡辺,03-0001-2347,F,余分\n"
    )
    assert [(row.line, row.phone) for row in accepted] == [
        (2, "+81300012345"),
        (6, "+819000012345"),
        (10, "+81300012346"),
    ]
    assert accepted[1].fields[Kind.NAME] == "鈴木\n一郎"
    assert findings == [
        Finding(3, Code.NO_PHONE, 3),
        Finding(8, Code.DUPLICATE, 3, 2),
        Finding(9, Code.RAGGED_ROW, 3),
        Finding(10, Code.ZERO_RESTORED, 3),
        Finding(11, Code.RAGGED_ROW, 5),
    ]
    assert (receipt.rows, receipt.blank) == (7, 2)


def test_couples_share_a_number_and_are_both_called() -> None:
    text = (
        HEADER
        + "1,山田太郎,03-0001-2345,A\n"
        + "2,山田花子,03-0001-2345,A\n"
        + "1,山田 太郎,03-0001-2345,A\n"
        + "9,山田花子,03-0001-2345,A\n"
    )
    assert [row.line for row in read(text, by="person")[0]] == [2, 3]
    assert [one.repeats for one in read(text, by="person")[1]] == [2, 3]
    assert [row.line for row in read(text, by="phone")[0]] == [2]


def test_titles_above_the_header_are_passed_over() -> None:
    accepted, _, receipt = read(
        "対象者リスト,,\n令和8年4月1日現在,,\n\n氏名,ＴＥＬ,\n山,03-0001-2345,\n"
    )
    assert receipt.header_line == 4
    assert [row.line for row in accepted] == [5]


PERSON = ["架空珠緒", "090-0001-2345", "1980/1/2", "架空市架空町一丁目", "携帯"]


def test_a_file_without_header_row_loses_nobody() -> None:
    by_hand = {Kind.NAME: "#1", Kind.PHONE: "#2"}
    text = "山田,なし,,,携帯\n" + ",".join(PERSON) + "\n佐藤,03-0001-2345,,,\n短い,\n"
    accepted, findings, receipt = read(text, by_hand=by_hand)
    assert [(row.line, row.fields[Kind.NAME]) for row in accepted] == [
        (2, "架空珠緒"),
        (3, "佐藤"),
    ]
    assert findings == [Finding(1, Code.NO_PHONE_PLACEHOLDER, 2), Finding(4, Code.RAGGED_ROW, 3)]
    assert (receipt.rows, receipt.header_line) == (4, 0)
    assert {one.header for one in receipt.columns} == {""}


def test_columns_by_number_below_titles_and_a_header_row() -> None:
    text = "対象者リスト,,\n令和8年4月1日現在,,\n氏名,電話番号,不明な見出し\n山,03-0001-2345,\n"
    accepted, findings, receipt = read(text, by_hand={Kind.PHONE: "#2"})
    assert ([row.line for row in accepted], findings, receipt.header_line) == ([4], [], 3)
    assert [one.header for one in receipt.columns] == ["氏名", "電話番号", ""]
    assert accepted[0].fields[Kind.NAME] == "山"


@pytest.mark.parametrize(
    ("first", "problem", "line"),
    [
        ("", Problem.NO_HEADER_ROW, 1),
        ("なまえ,ばんごう,うまれ,すまい,かたち\n", Problem.NO_PHONE_COLUMN, 1),
        ("架空春子,,1980/1/2,架空市,\n", Problem.NO_HEADER_ROW, 1),
    ],
)
def test_a_person_is_never_the_header(first: str, problem: Problem, line: int) -> None:
    with pytest.raises(IntakeError) as refused:
        read(first + ",".join(PERSON) + "\n佐藤,03-0001-2346,,,携帯\n")
    assert (refused.value.code, refused.value.line) == (problem, line)


def test_names_are_kept_as_they_came_and_own_characters_are_counted() -> None:
    name = "神\ufa19\u3000㈱髙𠮷\ue000"
    accepted, _, receipt = read(HEADER + f"1,{name},03-0001-2345,\n")
    assert accepted[0].fields[Kind.NAME] == name
    assert Kind.ADDRESS not in accepted[0].fields
    assert receipt.gaiji == 1


def test_columns_outside_the_contract_are_dropped_unread() -> None:
    accepted, _, receipt = read(
        HEADER + "1,山田,03-0001-2345,秘密\n", permitted=frozenset({Kind.PHONE, Kind.NAME})
    )
    assert accepted[0].fields == {Kind.NAME: "山田", Kind.PHONE: "+81300012345"}
    assert [one.header for one in receipt.columns if one.kind is None] == ["整理番号", "住所"]


def test_text_damaged_before_it_came_here_is_rejected() -> None:
    _, findings, _ = read(HEADER + "1,山\ufffd,03-0001-2345,\n2,山田,03-0001-2346,\ufffd\n")
    assert findings == [Finding(2, Code.DAMAGED_TEXT, 2), Finding(3, Code.DAMAGED_TEXT, 4)]
    accepted, _, _ = read(
        HEADER + "1,山,03-0001-2345,\ufffd\n", permitted=frozenset({Kind.PHONE, Kind.NAME})
    )
    assert len(accepted) == 1


def test_a_cell_too_long_for_a_record_is_rejected() -> None:
    _, findings, _ = read(HEADER + f"1,{'山' * 2001},03-0001-2345,\n")
    assert findings == [Finding(2, Code.CELL_TOO_LONG, 2)]


def test_further_numbers_are_kept_if_the_contract_permits() -> None:
    text = "電話番号,電話番号2\n03-0001-2345/03-0001-2346,090-0001-2345\n03-0001-2347,無\n"
    accepted, findings, _ = read(text)
    assert accepted[0].fields[Kind.PHONE_ALT] == "+81300012346 +819000012345"
    assert findings == [
        Finding(2, Code.SEVERAL_NUMBERS, 1),
        Finding(3, Code.ALTERNATE_UNREADABLE, 2),
    ]
    assert read(text, permitted=frozenset({Kind.PHONE}))[0][0].fields == {
        Kind.PHONE: "+81300012345"
    }


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("", Problem.EMPTY_FILE, None),
        ("\n\n \n", Problem.EMPTY_FILE, None),
        (HEADER, Problem.EMPTY_FILE, 1),
        ("氏名,FAX番号\n山田,03-0001-2345\n", Problem.NO_PHONE_COLUMN, 1),
        ("氏名,電話番号,電話番号\n", Problem.TWO_COLUMNS_FOR, 1),
    ],
)
def test_a_file_that_is_no_list_is_refused(text: str, problem: Problem, line: int | None) -> None:
    with pytest.raises(IntakeError) as refused:
        read(text)
    assert (refused.value.code, refused.value.line) == (problem, line)


def _endless(taken: list[int]) -> Iterator[bytes]:
    yield HEADER.encode()
    for number in itertools.count():
        taken[0] += 1
        lines = (f"{number},山田,090-0{number % 1000:03d}-{row:04d},A\n" for row in range(100))
        yield "".join(lines).encode()


def test_ten_million_lines_are_refused_without_being_read() -> None:
    taken = [0]
    with pytest.raises(IntakeError) as refused:
        for _ in open_file(_endless(taken), max_rows=20_000):
            pass
    assert (refused.value.code, refused.value.line) == (Problem.TOO_MANY_ROWS, 20_002)
    assert taken[0] < 400


def test_memory_does_not_grow_with_the_file() -> None:
    """But for one small entry per accepted row: here every row repeats the first hundred."""
    lines = (f"{row},山田,090-0001-{row % 100:04d},{'住' * 50}\n".encode() for row in range(60_000))
    file = open_file(itertools.chain([HEADER.encode()], lines), max_rows=100_000)
    tracemalloc.start()
    for batch in file:
        assert len(batch.findings) <= BLOCK_ROWS
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert file.receipt("").duplicates == 59_900
    assert peak < 6 * 1024 * 1024, peak


def test_errors_carry_no_value() -> None:
    secret = "山田太郎"
    broken = HEADER.encode() + f"1,{secret},".encode() + b"\xff\n"
    with pytest.raises(IntakeError) as refused:
        list(open_file(broken))
    chain: list[BaseException] = []
    error: BaseException | None = refused.value
    while error is not None:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert len(chain) == 1
    assert secret not in f"{refused.value!r} {refused.value.facts()}"


def test_rows_are_not_printed() -> None:
    batch = next(iter(open_file((HEADER + "1,山田,03-0001-2345,A\n").encode())))
    assert "山田" not in f"{batch!r} {batch.accepted!r}"


def test_couples_share_a_landline_and_nobody_is_called_twice() -> None:
    head = "整理番号,氏名,フリガナ,電話番号\n"
    rows = [
        "1,山田　太郎,ヤマダ　タロウ,03-0001-2345",
        "2,山田　花子,ヤマダ　ハナコ,03-0001-2345",
        "3,山田花子様,ﾔﾏﾀﾞ ﾊﾅｺ,０３－０００１－２３４５",  # line 3 again
        "１,山田太朗,ヤマダ　タロウ,(03)0001-2345",  # the reference of line 2
        ",,やまだ　はなこ,03-0001-2345",  # a reading, no name: not compared with names in kanji
        ",,ﾔﾏﾀﾞﾊﾅｺ,03-0001-2345",  # line 6 again
    ]
    accepted, findings, _ = read(head + "\n".join(rows), by="person")
    assert [row.line for row in accepted] == [2, 3, 6]
    repeats = [(one.line, one.repeats) for one in findings if one.code is Code.DUPLICATE]
    assert repeats == [(4, 3), (5, 2), (7, 6)]
    assert [row.line for row in read(head + "\n".join(rows), by="phone")[0]] == [2]


def test_fields_are_read_by_their_kind() -> None:
    text = (
        "氏名,フリガナ,電話番号,生年月日,郵便番号,整理番号\n"
        "山田 花子様,ヤマダ1,03-0001-2345,S25.00.00,600000,1.23457E+11\n"
        "佐藤,サトウ,03-0001-2346,S65.1.1,1000001,2\n"
        "鈴木,スズキ,なし,S65.1.1,100,3\n"
    )
    accepted, findings, receipt = read(text)
    assert [(row.line, row.fields[Kind.NAME]) for row in accepted] == [(2, "山田 花子")]
    assert accepted[0].fields[Kind.POSTAL] == "0600000"
    assert accepted[0].fields[Kind.BIRTH_DATE] == "S25.00.00"
    assert receipt.rejected == 2
    assert {(one.line, one.code, one.column) for one in findings} == {
        (2, Code.HONORIFIC_STRIPPED, 1),
        (2, Code.KANA_DOUBTFUL, 2),
        (2, Code.PARTIAL_DATE, 4),
        (2, Code.POSTAL_ZERO_RESTORED, 5),
        (2, Code.REFERENCE_DAMAGED, 6),
        (3, Code.IMPOSSIBLE_DATE, 4),
        (4, Code.NO_PHONE_PLACEHOLDER, 3),
    }


def test_a_file_with_my_numbers_is_refused_even_if_the_column_would_be_dropped() -> None:
    rows = "".join(f"{at},山田,03-0001-{at:04},123456789018\n" for at in range(1000, 1005))
    for header in ("整理番号,氏名,電話番号,備考\n", "整理番号,氏名,電話番号,マイナンバー\n"):
        with pytest.raises(IntakeError) as refused:
            read(header + rows, permitted=frozenset({Kind.PHONE}))
        assert (refused.value.code, refused.value.column) == (Problem.FORBIDDEN_MY_NUMBERS, 4)


def test_the_row_tells_whether_a_local_number_is_a_postal_code() -> None:
    ishikawa, toyama = (set(postal_codes.load()[at]) for at in (16, 15))  # both have 076
    code = min(one for one in ishikawa - toyama if one > 2_000_000)
    body = (
        f"電話番号,郵便番号,住所\n{code},,富山県富山市\n{code},,金沢市\n{code},{code},\n".encode()
    )
    wanted = Wanted(permitted=frozenset(Kind))
    file = Reading([body], wanted, by="phone", max_rows=9, area_code="076")
    findings = [one for batch in file for one in batch.findings]
    assert [(one.line, one.code) for one in findings] == [
        (2, Code.AREA_CODE_ADDED),
        (3, Code.NO_AREA_CODE),
        (4, Code.NO_AREA_CODE),
    ]
