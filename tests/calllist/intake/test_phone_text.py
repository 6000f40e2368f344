"""What stands in phone cells beside a number: told, never silently dropped or dialled."""

import json
import random
from pathlib import Path

import pytest

from calllist.intake.fields import areas, phones, postal_codes
from calllist.intake.fields.phones import Phone, PhoneRules
from calllist.intake.problems import Code

IMI = Path(__file__).resolve().parents[3].parent / "shared/samples/reference/imi_phone_spec"
FIXED, FIXED_2, MOBILE = "+81300012345", "+81300012346", "+819000012345"
FUKUSHIMA = areas.PREFECTURES.index("福島県") + 1


def read(cell: str) -> Phone | Code:
    return phones.read(cell, synthetic=True)


@pytest.mark.parametrize(
    ("cell", "numbers", "remarks"),
    [
        ("自宅 03-0001-2345", [FIXED], []),
        ("電話:03-0001-2345(代表)", [FIXED], []),
        ("℡03-0001-2345 ㈹", [FIXED], []),
        ("03-0001-2345(直通)", [FIXED], []),
        ("携帯:090-0001-2345", [MOBILE], []),
        ("03-0001-2345 山田宅", [FIXED], [Code.TEXT_IGNORED]),
        ("090-0001-2345(母)", [MOBILE], [Code.TEXT_IGNORED]),
        ("03-0001-2345※要連絡", [FIXED], [Code.TEXT_IGNORED]),
        ("03-0001-2345 内線12", [FIXED], [Code.TEXT_IGNORED]),
        ("内線12 03-0001-2345", [FIXED], [Code.TEXT_IGNORED]),
        ("03-0001-2345 x12", [FIXED], [Code.TEXT_IGNORED]),
        ("03-0001-2345 9", [FIXED], [Code.TEXT_IGNORED]),
        ("03-0001-2345・2346", [FIXED], [Code.TEXT_IGNORED]),
        ("3-0001-2345 山田宅", [FIXED], [Code.ZERO_RESTORED, Code.TEXT_IGNORED]),
        ("03-0001-2345 03-0001-2346", [FIXED, FIXED_2], [Code.SEVERAL_NUMBERS]),
        ("03-0001-2345(03-0001-2346)", [FIXED, FIXED_2], [Code.SEVERAL_NUMBERS]),
        ("自宅03-0001-2345\n携帯090-0001-2345", [FIXED, MOBILE], [Code.SEVERAL_NUMBERS]),
        ("03-0001-2345、03-0001-2345", [FIXED], []),
        ("TEL 03-0001-2345 FAX 03-0001-2346", [FIXED], []),
        ("FAX 03-0001-2346 TEL 03-0001-2345", [FIXED], []),
        ("03-0001-2346(FAX) 03-0001-2345", [FIXED], []),
        ("03-0001-2345 (TEL/FAX)", [FIXED], []),
        ("03-0001-2345(FAX兼用)", [FIXED], [Code.TEXT_IGNORED]),
        ("+44 20 7946 0958 / 03-0001-2345", [FIXED], [Code.TEXT_IGNORED]),
        ("03 - 0001 - 2345", [FIXED], []),
        ("03.0001.2345", [FIXED], []),
        ("03(0001)2345", [FIXED], []),
        ("03-0001\n-2345", [FIXED], []),
        ("03─0001╴2345", [FIXED], []),
        ("\u202a090-0001-2345\u202c", [MOBILE], []),
        ("090\u200b-0001\u00ad-2345", [MOBILE], []),
        ("819000012345", [MOBILE], []),  # Excel took the + for a sign
        ("〇九〇　〇〇〇一　二三四五", [MOBILE], []),
        ("○九○－○○○一－二三四五", [MOBILE], []),
        ("＇０９０００１２３４５".replace("９０００１", "９００００１"), [MOBILE], []),
    ],
)
def test_numbers_are_found_and_what_stands_beside_them_is_remarked(
    cell: str, numbers: list[str], remarks: list[Code]
) -> None:
    found = read(cell)
    assert isinstance(found, Phone)
    assert ([found.number, *found.alternates], list(found.remarks)) == (numbers, remarks)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("FAX 03-0001-2345", Code.NOT_CALLABLE),
        ("03-0001-2345 FAX", Code.NOT_CALLABLE),
        ("#7119", Code.NOT_CALLABLE),
        ("TEL:110", Code.NOT_CALLABLE),
        ("020-0001-2345", Code.NOT_CALLABLE),
        ("0200-00012-34567", Code.NOT_CALLABLE),
        ("0990-000-123", Code.NOT_CALLABLE),
        ("+82-10-0001-2345", Code.FOREIGN_NUMBER),
        ("+39 06 0001 2345", Code.FOREIGN_NUMBER),  # not Osaka's 06
        ("TEL +1 202 000 0000", Code.FOREIGN_NUMBER),
        ("010-1-202-000-0000", Code.FOREIGN_NUMBER),
        ("001-3-0001-2345", Code.INVALID_NUMBER),
        ("0120-000-000", Code.INVALID_DUMMY),
        ("0000-00-0000", Code.INVALID_DUMMY),
        ("0422-00-0000", Code.INVALID_DUMMY),
        ("03-0000-0000", Code.INVALID_DUMMY),
        ("1234567890", Code.INVALID_NUMBER),
        ("9.00001E+10", Code.DAMAGED_NUMBER),
        ("9.00001e10", Code.DAMAGED_NUMBER),
        ("1.23456789012345E+16", Code.DAMAGED_NUMBER),
        ("9000012345.00", Code.INVALID_NUMBER),  # only exactly .0 is what Excel adds
        ("481-0001 21", Code.INVALID_NUMBER),  # nine digits, but not of one number
        ("一人暮らし", Code.NO_PHONE_PLACEHOLDER),
    ],
)
def test_what_nobody_may_dial_is_refused(cell: str, code: Code) -> None:
    assert read(cell) is code


def test_of_a_very_long_cell_the_beginning_is_read() -> None:
    long = " 次の連絡先まで" * 40
    found = read("03-0001-2345" + long + "090-0001-2345")
    assert isinstance(found, Phone)
    assert (found.number, found.alternates) == (FIXED, ())
    assert found.remarks == (Code.TEXT_IGNORED,)
    assert read("1-" * 1000) is Code.INVALID_NUMBER


def test_a_column_looks_closer_where_a_cell_is_not_plain() -> None:
    broken = phones.column(["03-0001-\n2345", "090-0001-2345"], PhoneRules(synthetic=True))
    assert broken.numbers == [FIXED, MOBILE]
    assert dict(broken.hows) == {"ok": 1, "normalised": 1}
    broken = phones.column(["0900012\n345", "0900001234"], PhoneRules(synthetic=True))
    assert broken.numbers == [None, None]  # ten digits; the line feed is no eleventh
    cells = ["03-0001-\n2345", "090-0001-2345", "0422-00-0000", "-", "--", "03--0001-2345"]
    column = phones.column(cells, PhoneRules(synthetic=True))
    assert column.numbers == [FIXED, MOBILE, None, None, None, FIXED]
    assert dict(column.hows) == {"ok": 1, "normalised": 2}
    assert [(at, code) for at, code in column.verdicts] == [
        (2, Code.INVALID_DUMMY),
        (3, Code.NO_PHONE_PLACEHOLDER),
        (4, Code.NO_PHONE_PLACEHOLDER),
    ]


@pytest.mark.parametrize("head", ["03-57", "090-1", "080-2"])
def test_numbers_with_many_zeros_or_repeated_digits_may_be_somebodys(head: str) -> None:
    digits = head.replace("-", "")
    for fill in "0123456789":
        cell = digits.ljust(11 if digits[2] == "0" else 10, fill)
        assert isinstance(phones.read(cell, synthetic=False), Phone), fill


def local(*, postal: bool) -> str:
    """Seven digits that are, or are no, postal code of Fukushima. Made while the test runs."""
    chance = random.Random(3)
    if postal:
        code = next(c for c in postal_codes.load()[FUKUSHIMA - 1] if c > 9_631_000)
        return f"{code:07}"
    while True:
        code = f"{chance.randrange(2_000_000, 9_000_000)}"
        if not postal_codes.exists(code):
            return code


def completed(cell: str, area_code: str, *beside: str) -> tuple[str | None, set[Code]]:
    column = phones.column([cell], PhoneRules(area_code=area_code), lambda _: beside)
    return column.numbers[0], {code for _, code in column.verdicts}


def test_a_local_number_gets_the_area_code_of_its_list_and_is_flagged() -> None:
    number = local(postal=False)
    for cell in (number, f"{number[:3]}-{number[3:]}", f"（{number[:3]}）{number[3:]}"):
        assert completed(cell, "024") == ("+8124" + number, {Code.AREA_CODE_ADDED})
        assert completed(cell, "")[1] == {Code.NO_AREA_CODE}
    column = phones.column([number], PhoneRules(area_code="024"))
    assert dict(column.hows) == {"area_code_added": 1}


def test_a_postal_code_of_the_place_is_never_completed() -> None:
    """The place is the row's own prefecture, or where the area code is used."""
    code = local(postal=True)
    for beside in ((), ("福島県郡山市",), ("〒" + code,), ("", "郡山市朝日")):
        assert completed(code, "024", *beside) == (None, {Code.NO_AREA_CODE})
    # Another prefecture's postal code is a number like any other.
    other = next(c for c in postal_codes.load()[12] if c > 2_000_000)  # Tokyo
    assert FUKUSHIMA not in postal_codes.prefectures(f"{other:07}")
    assert completed(f"{other:07}", "024", "福島県郡山市")[1] == {Code.AREA_CODE_ADDED}
    # A row of a prefecture where the area code is not used: both places count.
    assert completed(code, "024", "東京都港区")[1] == {Code.NO_AREA_CODE}
    assert completed(f"{other:07}", "024", "東京都港区")[1] == {Code.NO_AREA_CODE}


@pytest.mark.parametrize(
    "cell", ["222-2222", "22-2222", "1234567", "{} 山田宅", "{} 9", "〒{}", "{}/{}"]
)
def test_nothing_else_is_completed(cell: str) -> None:
    """One digit repeated, too few digits, an exchange that cannot be, or anything beside it."""
    assert completed("9" + local(postal=False)[1:], "011")[0] is None  # 011-9 there is not
    number, codes = completed(cell.replace("{}", local(postal=False)), "024")
    assert number is None
    assert codes <= {Code.NO_AREA_CODE, Code.INVALID_NUMBER}


def test_area_codes_are_japans() -> None:
    for code in ("03", "06", "0422", "04992", "011", "099"):
        assert areas.known(code)
    for code in ("", "3", "0120", "090", "０３", "050", "0000", "03-"):
        assert not areas.known(code)
        if code:
            with pytest.raises(ValueError, match="no Japanese area code"):
                PhoneRules(area_code=code)
    assert {areas.PREFECTURES[one - 1] for one in areas.AREA_CODES["0280"]} == {
        "茨城県", "栃木県", "埼玉県",
    }  # fmt: skip


def test_the_row_says_where_it_is() -> None:
    def named(*cells: str) -> set[str]:
        return {areas.PREFECTURES[one - 1] for one in areas.own_prefectures(cells)}

    assert named("東京都府中市") == {"東京都"}
    assert named("", "〒960-8670") == named("9608670") == named("９６０－８６７０") == {"福島県"}
    assert named("郡山市朝日1-2-3", "", "000-0000") == set()


@pytest.mark.skipif(not IMI.is_dir(), reason="the folder of samples is not here")
def test_the_imi_specification_of_phone_cells() -> None:
    """Its national form is our number, where the number is one (rule 8: the library judges).

    Two cells it leaves untouched ("+81,(03)…") are read here; 060, 050 and others with a digit
    too few or too many are examples of shapes there, no numbers.
    """
    seen = 0
    for path in sorted(IMI.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            given, wanted = _phone_of(case["input"]), _phone_of(case["output"])
            found = phones.read(given, synthetic=False)
            digits = "".join(filter(str.isdigit, wanted.replace("+81,(0", "(0")))
            if isinstance(found, Phone):
                assert "0" + found.number[3:] == digits
                seen += 1
            else:
                assert found in (Code.INVALID_NUMBER, Code.NOT_CALLABLE, Code.NO_AREA_CODE)
    assert seen >= 24


def _phone_of(side: object) -> str:
    if isinstance(side, list):
        side = side[0]
    return str(side["電話番号"]) if isinstance(side, dict) else str(side)
