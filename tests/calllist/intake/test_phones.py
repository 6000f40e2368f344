"""Phones: what a cell says is dialled, what is doubtful is refused with its reason.

Every number here is one that nobody can be rung under (`synthetic`), or is made while the
test runs.
"""

import random

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType as Type

from calllist.intake.fields import phones
from calllist.intake.fields.phones import Phone
from calllist.intake.problems import Code

FIXED = "+81300012345"
MOBILE = "+819000012345"


def read(cell: str) -> Phone | Code:
    return phones.read(cell, synthetic=True)


@pytest.mark.parametrize(
    ("cell", "number", "how"),
    [
        ("03-0001-2345", FIXED, "ok"),
        ("0300012345", FIXED, "ok"),
        ("090-0001-2345", MOBILE, "ok"),
        ("09000012345", MOBILE, "ok"),
        ("0300012345 ", FIXED, "normalised"),
        ("０３－０００１－２３４５", FIXED, "normalised"),
        ("03‐0001−2345", FIXED, "normalised"),
        ("03ー0001ｰ2345", FIXED, "normalised"),
        ("03₋0001⁻2345", FIXED, "normalised"),
        ("(03)0001-2345", FIXED, "normalised"),
        ("(03) 0001-2345", FIXED, "normalised"),
        ("（０３）\n０００１－２３４５", FIXED, "normalised"),
        ("03-0001-\n2345", FIXED, "normalised"),
        ("03 0001 2345", FIXED, "normalised"),
        ("03--0001-2345", FIXED, "normalised"),
        ("TEL:03-0001-2345", FIXED, "normalised"),
        ("03-0001-2345(代)", FIXED, "normalised"),
        ("03-0001-2345㈹", FIXED, "normalised"),
        ("03-0001-2345 内線12", FIXED, "normalised"),
        ("03-0001-2345（内線2442・2421）", FIXED, "normalised"),
        ("03-0001-2345 ext. 99", FIXED, "normalised"),
        ("内科 03-0001-2345", FIXED, "normalised"),
        ("03-0001-2345（456号室）", FIXED, "normalised"),
        ("090-0001-2345\n(土、日のみ)", MOBILE, "normalised"),
        ("+81-90-0001-2345", MOBILE, "normalised"),
        ("+81 90 0001 2345", MOBILE, "normalised"),
        ("+81-(0)90-0001-2345", MOBILE, "normalised"),
        ("0081-90-0001-2345", MOBILE, "normalised"),
        ("010-81-90-0001-2345", MOBILE, "normalised"),
        ('="09000012345"', MOBILE, "normalised"),
        ("'09000012345", MOBILE, "normalised"),
        ("09000012345.0", MOBILE, "normalised"),
        ("〇三－〇〇〇一－二三四五", FIXED, "normalised"),
        ("9000012345", MOBILE, "zero_restored"),
        ("9000012345.0", MOBILE, "zero_restored"),
        ("3-0001-2345", FIXED, "zero_restored"),
    ],
)
def test_a_number_is_found_however_it_is_written(cell: str, number: str, how: str) -> None:
    found = read(cell)
    assert isinstance(found, Phone)
    assert (found.number, found.how, found.alternates) == (number, how, ())


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", Code.NO_PHONE),
        ("　 ", Code.NO_PHONE),
        ("-", Code.NO_PHONE_PLACEHOLDER),
        ("――", Code.NO_PHONE_PLACEHOLDER),
        ("なし", Code.NO_PHONE_PLACEHOLDER),
        ("休止中", Code.NO_PHONE_PLACEHOLDER),
        ("001-2345", Code.INVALID_NUMBER),
        ("481-0001", Code.NO_AREA_CODE),
        ("963-0035", Code.NO_AREA_CODE),  # a postal code: nothing is put in front of it
        ("２２－９１５０", Code.NO_AREA_CODE),
        ("0", Code.INVALID_DUMMY),
        ("00000000000", Code.INVALID_DUMMY),
        ("090-0000-0000", Code.INVALID_DUMMY),
        ("0600000000", Code.INVALID_DUMMY),
        ("9.00001E+10", Code.DAMAGED_NUMBER),
        ("09000012345.5", Code.INVALID_NUMBER),
        ("03-0001-23456", Code.INVALID_NUMBER),
        ("03-0001-2345-9", Code.INVALID_NUMBER),
        ("1-03-0001-2345", Code.INVALID_NUMBER),
        ("110", Code.NOT_CALLABLE),
        ("119", Code.NOT_CALLABLE),
        ("+1-202-000-0000", Code.FOREIGN_NUMBER),
        ("④⑤⑥", Code.INVALID_NUMBER),
        ("٠٩٠٠٠٠١٢٣٤٥", Code.NO_PHONE_PLACEHOLDER),  # digits, but not ours
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(cell: str, code: Code) -> None:
    assert read(cell) is code


def test_the_first_number_dials_and_further_ones_are_kept() -> None:
    found = read("（予防課）  03-0001-2345  （感染症係）  03-0001-2346 / 090-0001-2345")
    assert isinstance(found, Phone)
    assert found.number == FIXED
    assert found.alternates == ("+81300012346", MOBILE)


def test_numbers_that_nobody_can_be_rung_under_pass_only_when_asked_for() -> None:
    assert phones.read("090-0001-2345", synthetic=False) is Code.INVALID_NUMBER
    assert phones.read("03-0001-2345", synthetic=False) is Code.INVALID_NUMBER


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Type.FIXED_LINE, "fixed"),
        (Type.MOBILE, "mobile"),
        (Type.VOIP, "voip"),
        (Type.TOLL_FREE, "toll_free"),
        (Type.UAN, "shared_cost"),
        (Type.PAGER, Code.NOT_CALLABLE),
        (Type.PREMIUM_RATE, Code.NOT_CALLABLE),
    ],
)
def test_kinds_of_numbers(kind: int, expected: str | Code) -> None:
    example = phonenumbers.example_number_for_type("JP", kind)
    assert example is not None
    found = phones.read(f"0{example.national_number}", synthetic=False)
    assert (found.kind if isinstance(found, Phone) else found) == expected


def test_the_table_says_what_the_library_says() -> None:
    """Over random complete numbers, and every beginning that the table can be asked for."""
    chance = random.Random(20_260_401)
    heads = [f"0{head:04d}" for head in range(1000, 10_000, 7)]
    for head in heads + [f"0{chance.randrange(1000, 10_000)}" for _ in range(1500)]:
        for length in (10, 11):
            digits = head + "".join(chance.choices("123456789", k=length - len(head)))
            number = phonenumbers.PhoneNumber(81, int(digits[1:]))
            judged = phonenumbers.is_valid_number(number)
            assert (phones.kind_of(digits, synthetic=False) is not None) == judged, length


def test_a_number_is_not_printed() -> None:
    assert "2345" not in repr(read("03-0001-2345"))
