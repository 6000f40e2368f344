"""Payment cards and My Numbers refuse the file, customer numbers that look alike do not."""

import random
import timeit
from collections.abc import Callable

import pytest

from calllist.intake.fields import forbidden
from calllist.intake.fields.forbidden import FULL_ROWS, Forbidden
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.blocks import Block


def luhn(start: str) -> str:
    """The start with the check digit that the issuers' rule (ISO/IEC 7812) asks for."""
    digits = [int(one) for one in start + "0"]
    doubled = [2 * one - 9 * (one > 4) for one in digits[-2::-2]]
    return start + str(-(sum(digits[-1::-2]) + sum(doubled)) % 10)


def my_number(start: str) -> str:
    """Eleven digits and the check digit of the ordinance: weights 2 to 7 and 2 to 6 from behind."""
    weights = [*range(2, 8), *range(2, 7)]
    rest = sum(w * int(d) for w, d in zip(weights, reversed(start), strict=True)) % 11
    return start + str(0 if rest <= 1 else 11 - rest)


def numbers(make: Callable[[str], str], prefix: str, length: int, count: int) -> list[str]:
    chance = random.Random(length)
    free = length - len(prefix) - 1
    return [make(prefix + str(chance.randrange(10**free)).zfill(free)) for _ in range(count)]


def refused(
    columns: list[list[str]], headers: tuple[str, ...] = ()
) -> tuple[str, int | None] | None:
    rows = [list(cells) for cells in zip(*columns, strict=True)]
    if headers:
        rows.insert(0, list(headers))
    blocks = [Block(range(at, at + 1000), rows[at : at + 1000]) for at in range(0, len(rows), 1000)]
    told = IntakeError(Problem.INTERNAL)
    try:
        assert list(Forbidden().watched(blocks)) == blocks
    except IntakeError as error:
        told = error
    else:
        return None
    assert not any(cell in str(told) for row in rows for cell in row if len(cell) > 4)
    return told.code, told.column


CARDS = (Problem.FORBIDDEN_CARDS.value, 2)
MY_NUMBERS = (Problem.FORBIDDEN_MY_NUMBERS.value, 2)
NAMES = ["山田花子"]


@pytest.mark.parametrize(
    ("prefix", "length"),
    [
        ("4", 16),
        ("51", 16),
        ("2221", 16),
        ("35", 16),
        ("37", 15),
        ("36", 14),
        ("6011", 16),
        ("62", 16),
    ],
)
@pytest.mark.parametrize("count", [4, 300, 5000])
def test_a_column_of_payment_cards_refuses_the_file(prefix: str, length: int, count: int) -> None:
    prefix = prefix if prefix != "35" else "3530"
    assert refused([NAMES * count, numbers(luhn, prefix, length, count)]) == CARDS


@pytest.mark.parametrize("count", [4, 300, 5000])
def test_a_column_of_my_numbers_refuses_the_file(count: int) -> None:
    assert refused([NAMES * count, numbers(my_number, "", 12, count)]) == MY_NUMBERS


def test_however_they_are_written() -> None:
    cards = numbers(luhn, "4", 16, 10)
    spaced = [" ".join(one[at : at + 4] for at in range(0, 16, 4)) for one in cards]
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    for written in (
        spaced,
        [one.replace(" ", "-") for one in spaced],
        [one.translate(wide) for one in cards],
    ):
        assert refused([NAMES * 10, written]) == CARDS


def test_few_cells_of_a_column_are_enough_and_typing_errors_do_not_hide_them() -> None:
    mine = numbers(my_number, "", 12, 40)
    assert refused([NAMES * 2000, (mine + [""] * 1960)]) == MY_NUMBERS
    wrong = [mine[0][:-1] + str((int(mine[0][-1]) + 1) % 10)]
    assert refused([NAMES * 40, mine[:39] + wrong]) == MY_NUMBERS


def test_they_are_found_behind_the_rows_that_are_looked_at_in_full() -> None:
    rows = 3 * FULL_ROWS
    late = [""] * (rows - 2000) + numbers(luhn, "4", 16, 2000)
    assert refused([NAMES * rows, late]) == CARDS


@pytest.mark.parametrize(
    "header", ["個人番号", "マイナンバー", "個人番号（マイナンバー）", "My Number"]
)
def test_a_column_that_says_so_is_refused_at_the_first(header: str) -> None:
    (mine,) = numbers(my_number, "", 12, 1)
    assert refused([["山田花子"], [mine]], ("氏名", header)) == MY_NUMBERS
    assert refused([["山田花子"], ["1.23457E+11"]], ("氏名", header)) == MY_NUMBERS
    assert refused([["山田花子"], ["A-123"]], ("氏名", header)) is None


@pytest.mark.parametrize("header", ["クレジットカード番号", "クレジット番号", "Credit Card Number"])
def test_so_is_a_column_of_cards_that_says_so(header: str) -> None:
    (card,) = numbers(luhn, "4", 16, 1)
    assert refused([["山田花子"], [card]], ("氏名", header)) == CARDS
    assert refused([["山田花子"], ["4.00000000000001E+15"]], ("氏名", header)) == CARDS
    assert refused([["山田花子"], [card]], ("氏名", "会員番号")) is None


def test_customer_numbers_that_pass_by_chance_refuse_nothing() -> None:
    """One in ten passes. Of 2,000 files of any size none is refused (odds: 1 in 9,000)."""
    chance = random.Random(20_260_401)
    for size in [*range(1, 60)] * 33:
        start = chance.randrange(10**11)
        mine = [f"{start + at * 10 + chance.randrange(10):012}" for at in range(size)]
        cards = [f"4{chance.randrange(10**15):015}" for _ in range(size)]
        looked = Forbidden()
        looked.look(Block.of_columns(range(1, len(mine) + 1), [mine, cards]))
        if size != 4:
            looked.finish()


def test_what_every_list_holds_refuses_nothing() -> None:
    chance = random.Random(5)
    phones = [
        f"090-0{chance.randrange(1000):03}-{chance.randrange(10_000):04}" for _ in range(3000)
    ]
    columns = [
        [f"{at:012}" for at in range(3000)],
        phones,
        [f"+8190{one[5:8]}{one[9:]}0" for one in phones],
        [f"2026040112{at:04}" for at in range(3000)],
        ["000000000000"] * 3000,
        ["4000000000000000"] * 3000,
        ["1950/01/02"] * 3000,
        ["東京都港区架空1-2-3 444444444444"] * 3000,
    ]
    assert refused(columns) is None


def test_the_check_digits_are_the_published_ones() -> None:
    assert forbidden.is_my_number("123456789018")  # the specimen of the ministry's leaflets
    assert not forbidden.is_my_number("123456789012")
    assert forbidden.is_card("4111111111111111")  # the issuers' test cards
    assert forbidden.is_card("378282246310005")
    assert forbidden.is_card("3530111333300000")
    assert not forbidden.is_card("4111111111111112")
    assert not forbidden.is_card(luhn("911111111111111"))  # no issuer's


def test_looking_costs_next_to_nothing() -> None:
    """Of 20,000 rows of seven columns: less than splitting them at their commas does."""
    cells = [
        "A000123",
        "山田花子",
        "ヤマダハナコ",
        "090-0000-1234",
        "1950/01/02",
        "100-0001",
        "東京都港区架空1-2-3",
    ]
    blocks = [Block(range(1000), [list(cells) for _ in range(1000)]) for _ in range(20)]
    text = ",".join(cells)
    split = min(timeit.repeat(lambda: [text.split(",") for _ in range(20_000)], number=1, repeat=5))
    looked = Forbidden()
    looked.look(Block(range(3000), blocks[0].rows * 3))
    ours = min(timeit.repeat(lambda: [looked.look(block) for block in blocks], number=1, repeat=5))
    assert ours < split
