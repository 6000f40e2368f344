"""Columns: recognised by their words, or named by hand; a phone column or nothing."""

import pytest

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import assigning
from calllist.intake.reading.columns import MOST_COLUMNS, Columns, Wanted, missing
from crypto.records.fields import FieldKind as Kind

ALL = frozenset(Kind)


def columns(header: list[str], permitted: frozenset[Kind] = ALL, **by_hand: str) -> Columns | None:
    named = {Kind(kind): name for kind, name in by_hand.items()}
    return assigning.find(header, Wanted(permitted, named), line=1)


def find(
    header: list[str], permitted: frozenset[Kind] = ALL, **by_hand: str
) -> dict[Kind, int] | None:
    found = columns(header, permitted, **by_hand)
    return None if found is None else dict(found.kept)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("電話番号", Kind.PHONE),
        ("電 話", Kind.PHONE),
        ("ＴＥＬ", Kind.PHONE),
        ("telephone　number", Kind.PHONE),
        ("電話番号\n（自宅）", Kind.PHONE),
        ("Tel.", Kind.PHONE),
    ],
)
def test_headers_are_compared_without_width_space_and_marks(header: str, kind: Kind) -> None:
    assert find(["x", header]) == {kind: 1}


def test_what_the_columns_of_a_usual_list_mean() -> None:
    header = ["整理番号", "氏名", "フリガナ", "生年月日", "郵便番号", "住所", "電話番号", "備考"]
    assert find(header) == {
        Kind.REFERENCE: 0,
        Kind.NAME: 1,
        Kind.NAME_KANA: 2,
        Kind.BIRTH_DATE: 3,
        Kind.POSTAL: 4,
        Kind.ADDRESS: 5,
        Kind.PHONE: 6,
    }


@pytest.mark.parametrize(
    "header",
    [["氏名", "FAX番号"], ["郵便番号", "法人番号"], ["口座番号", "氏名"], ["03-0001-2345", "山田"]],
)
def test_nothing_else_is_taken_for_a_phone(header: list[str]) -> None:
    assert find(header) is None


def test_only_what_the_contract_permits_is_kept_and_the_rest_is_named() -> None:
    found = columns(
        ["氏名", "住　所\n（", "電話番号", "年収" * 30, "備考" + "※" * 50],
        frozenset({Kind.PHONE, Kind.NAME}),
    )
    assert found is not None
    assert found.kept == {Kind.NAME: 0, Kind.PHONE: 2}
    assert [(one.header, one.kind) for one in found.columns if one.kind is None] == [
        ("住 所 （", None),
        ("", None),
        (("備考" + "※" * 50)[:40], None),
    ]


def test_the_better_name_wins() -> None:
    assert find(["施設名", "氏名", "携帯電話番号", "電話番号"]) == {Kind.NAME: 1, Kind.PHONE: 3}


def test_columns_named_by_hand() -> None:
    header = ["A", "TEL", "FAX番号", "A"]
    assert find(header, phone="FAX番号", name="#4") == {Kind.PHONE: 2, Kind.NAME: 3}
    assert find(header, name="nowhere") is None


@pytest.mark.parametrize(
    ("header", "by_hand", "problem", "column"),
    [
        (["電話番号", "x", "電話番号"], {}, Problem.TWO_COLUMNS_FOR, 3),
        (["氏名", "氏名", "電話番号"], {}, Problem.TWO_COLUMNS_FOR, 2),
        (["電話番号", "A", "A"], {"name": "A"}, Problem.TWO_COLUMNS_FOR, 3),
    ],
)
def test_equal_claims_are_not_decided_by_chance(
    header: list[str], by_hand: dict[str, str], problem: Problem, column: int
) -> None:
    with pytest.raises(IntakeError) as refused:
        find(header, ALL, **by_hand)
    assert (refused.value.code, refused.value.column) == (problem, column)


def test_an_equal_claim_is_no_matter_where_a_better_column_stands_behind_it() -> None:
    assert find(["携帯", "携帯", "氏名", "電話番号"]) == {Kind.NAME: 2, Kind.PHONE: 3}


@pytest.mark.parametrize(
    "header",
    [
        "【必須】電話番号",
        "電話番号（半角）",
        "1. 電話番号",
        "電話番号(ハイフンあり)",
        "電話番号(日中)",
        "*TEL",
    ],
)
def test_remarks_in_a_header_do_not_hide_its_word(header: str) -> None:
    assert find(["氏名", header]) == {Kind.NAME: 0, Kind.PHONE: 1}


@pytest.mark.parametrize(
    "header",
    ["電話番号（FAX）", "電話番号(配偶者)", "電話番号（緊急連絡先）", "電話区分",
     "電話番号の有無", "ＦＡＸ番号",
     "医療機関番号", "口座番号", "郵便番号"],
)  # fmt: skip
def test_remarks_that_make_it_another_number_are_heeded(header: str) -> None:
    assert find(["氏名", header]) is None


@pytest.mark.parametrize(
    ("header", "name", "kana"),
    [
        (["姓", "名", "電話番号"], (0, 1), None),
        (["名", "姓", "電話番号"], (1, 0), None),
        (["姓", "名", "セイ", "メイ", "電話番号"], (0, 1), (2, 3)),
        (["姓（漢字）", "名（漢字）", "姓（カナ）", "名（カナ）", "電話番号"], (0, 1), (2, 3)),
        (["last_name", "first_name", "phone"], (0, 1), None),
        (["施設名", "姓", "名", "電話番号"], (1, 2), None),
        (["カナ姓", "カナ名", "電話番号"], None, (0, 1)),
    ],
)
def test_a_name_in_two_columns_is_one_field(
    header: list[str], name: tuple[int, int] | None, kana: tuple[int, int] | None
) -> None:
    found = columns(header)
    assert found is not None
    assert found.parts == {
        kind: pair for kind, pair in ((Kind.NAME, name), (Kind.NAME_KANA, kana)) if pair
    }
    assert {Kind.NAME, Kind.NAME_KANA}.isdisjoint(found.kept)


def test_a_whole_name_comes_before_its_parts_and_a_family_name_before_none() -> None:
    assert find(["姓", "名", "氏名", "電話番号"]) == {Kind.NAME: 2, Kind.PHONE: 3}
    assert find(["姓", "電話番号"]) == {Kind.NAME: 0, Kind.PHONE: 1}
    with pytest.raises(IntakeError) as refused:
        find(["姓", "名", "姓", "電話番号"])
    assert (refused.value.code, refused.value.column) == (Problem.TWO_COLUMNS_FOR, 3)


def test_two_columns_of_a_name_and_no_column_can_be_said_by_hand() -> None:
    header = ["A", "B", "氏名", "TEL"]
    found = columns(header, name="#1+#2", reference="-")
    assert found is not None
    assert found.parts == {Kind.NAME: (0, 1)}
    assert find(header, name="-") == {Kind.PHONE: 3}
    assert find(header, phone="#1+#2") is None
    assert columns(header, name="A+B") == found.__class__(
        found.columns, found.kept, found.parts, found.segments
    )


def test_segment_columns_are_found_by_their_header_and_need_not_be_there() -> None:
    wanted = Wanted({Kind.PHONE}, segments=("年 代", "地区"))
    found = assigning.find(["電話番号", "年代"], wanted, line=1)
    assert found is not None
    assert found.segments == (1, None)
    assert [one.segment for one in found.columns] == [0, 1]
    with pytest.raises(IntakeError) as refused:
        assigning.find(["電話番号", "年代", "年代"], wanted, line=1)
    assert (refused.value.column, refused.value.reason) == (3, "segment")


def test_duplicate_headers_that_are_dropped_do_no_harm() -> None:
    assert find(["定員", "電話番号", "定員"]) == {Kind.PHONE: 1}


def test_a_column_outside_the_contract_cannot_be_named_by_hand() -> None:
    with pytest.raises(IntakeError) as refused:
        find(["電話番号", "生まれ"], frozenset({Kind.PHONE}), birth_date="生まれ")
    assert (refused.value.code, refused.value.reason) == (Problem.NOT_PERMITTED, "birth_date")


def test_columns_without_end_are_refused() -> None:
    with pytest.raises(IntakeError) as refused:
        find(["電話番号"] + ["x"] * MOST_COLUMNS)
    assert refused.value.code == Problem.TOO_MANY_COLUMNS


@pytest.mark.parametrize(
    "cell",
    [
        "03-0001-2345",
        "０９０－０００１－２３４５",
        "9000012345",
        "412-3456",
        "1980/1/2",
        "昭和55年1月2日",
        "令和元年5月1日",
        "S55.1.2",
        "1980年1月2日生",
        "A0123456",
    ],
)
def test_a_row_with_a_value_is_never_a_header(cell: str) -> None:
    assert find(["氏名", "電話番号", cell]) is None


@pytest.mark.parametrize("cell", ["電話番号2", "2026年度", "R8年4月", "住所1", "第1期", "1丁目"])
def test_a_header_may_have_a_digit(cell: str) -> None:
    assert find(["氏名", "携帯電話番号", cell]) is not None


def test_why_there_is_no_header() -> None:
    titles = [["対象者リスト"], ["山田", "03-0001-2345"]]
    none = missing(titles, line=1, by_hand={})
    assert none.code == Problem.NO_PHONE_COLUMN
    other = missing(titles, line=1, by_hand={Kind.NAME: "氏"})
    assert (other.code, other.reason) == (Problem.NO_SUCH_COLUMN, "name")
