"""Whole columns of phones: what each cell alone would give, a million of them, and fast.

The judge is `phonenumbers`: asked itself about every beginning and thousands of numbers, and
by its own patterns about a million. Every number is made while the test runs or is one that
nobody can be rung under.
"""

import csv
import random
import re
import subprocess
import sys
import timeit
import unicodedata
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.phonemetadata import PhoneMetadata

from calllist.intake.fields import phones
from calllist.intake.fields.numbering import KINDS, SYNTHETIC, kind_of
from calllist.intake.fields.phones import Phone, PhoneRules
from calllist.intake.problems import REJECTIONS, Code

RANGES = (
    Path(__file__).resolve().parents[3].parent
    / "shared/samples/reference/libphonenumber_81/ranges.csv"
)
PLAIN, SYNTHETIC_RULES = PhoneRules(), PhoneRules(synthetic=True)
MILLION = 1_000_000
BLOCK = 1_000


def _valid() -> re.Pattern[str]:
    """The library's own patterns of Japan's national numbers, those of ten and eleven digits."""
    plan = PhoneMetadata.metadata_for_region("JP")
    kinds = ("fixed_line", "mobile", "toll_free", "premium_rate", "personal_number", "voip")
    patterns = (getattr(plan, kind).national_number_pattern for kind in (*kinds, "pager", "uan"))
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def test_a_million_cells_are_judged_as_the_library_judges_them() -> None:
    """Digits, with dashes, ten and eleven of them, at random: half of them begin as phones do."""
    chance = random.Random(20_260_401)
    fullmatch, shapes = _valid().fullmatch, ((3, 7), (2, 6), (4, 6))
    wrong = 0
    for block in range(MILLION // BLOCK):
        length = 10 + block % 2
        low = 5 * 10 ** (length - 2) if block % 4 == 1 else 10 ** (length - 2)
        numbers = [str(chance.randrange(low, 10 ** (length - 1))) for _ in range(BLOCK)]
        first, second = shapes[block % 3]
        cells = [
            f"0{one[: first - 1]}-{one[first - 1 : second - 1]}-{one[second - 1 :]}"
            if block % 5
            else "0" + one
            for one in numbers
        ]
        column = phones.column(cells, PLAIN)
        refused = {at for at, code in column.verdicts if code is Code.INVALID_NUMBER}
        wrong += sum(
            (at in refused) == (fullmatch(one) is not None) and not one.endswith("000000")
            for at, one in enumerate(numbers)
        )
    assert wrong == 0


def test_every_beginning_is_judged_as_the_library_judges_it() -> None:
    chance = random.Random(7)
    for free, heads in ((6, range(1000)), (6, range(10_000))):
        for head in heads:
            length = 10 if len(heads) == 1000 else 11
            start = "0" + str(head).zfill(length - free - 1)
            if start[1] == "0" or (length == 11 and start[:3] not in _LONG and head % 7):
                continue
            tail = "".join(chance.choices("123456789", k=free))
            number = phonenumbers.PhoneNumber(81, int(start[1:] + tail))
            valid = phonenumbers.is_valid_number(number)
            assert (kind_of(start + tail, synthetic=False) is not None) == valid, length


_LONG = frozenset({"020", "050", "060", "070", "080", "090"})


@pytest.mark.skipif(not RANGES.is_file(), reason="the folder of samples is not here")
def test_the_published_ranges_are_all_known() -> None:
    kinds = {"MOBILE": "mobile", "VOIP": "voip", "PAGER": "machine", "PERSONAL_NUMBER": "personal"}
    seen = 0
    with RANGES.open(encoding="utf-8", newline="") as file:
        for prefix, lengths, kind, tariff, *_ in csv.reader(file, delimiter=";"):
            start, size = prefix.strip(), lengths.strip().partition(",")[0]
            if not re.fullmatch(r"[1-9][0-9x\[\]-]*", start) or size not in ("9", "10"):
                continue
            digits = "0" + re.sub(r"\[([0-9])[^]]*\]", r"\1", start).replace("x", "1")
            found = kind_of(digits.ljust(int(size) + 1, "1"), synthetic=False)
            wanted = kinds.get(kind.strip(), "shared_cost" if "UAN" in kind else "fixed")
            if "TOLL_FREE" in tariff:
                wanted = "toll_free"
            if "PREMIUM" in tariff:
                wanted = "premium"
            assert found == wanted, start
            seen += 1
    assert seen > 500


def test_numbers_that_can_be_dialled_are_never_synthetic() -> None:
    extra = SYNTHETIC.keys() - KINDS.keys()
    assert extra
    for head in extra:
        digits = head + "123456"
        assert not phonenumbers.is_valid_number(phonenumbers.PhoneNumber(81, int(digits[1:])))


def test_a_plain_cell_costs_next_to_nothing() -> None:
    """A thirtieth of the library's parse at most, in the same minute; about 0.5 µs."""
    chance = random.Random(1)
    cells = [f"090-0{chance.randrange(1000):03}-{chance.randrange(10_000):04}" for _ in range(1000)]
    ours = min(timeit.repeat(lambda: phones.column(cells, SYNTHETIC_RULES), number=3, repeat=5)) / 3
    theirs = min(
        timeit.repeat(
            lambda: [phonenumbers.is_valid_number(phonenumbers.parse(c, "JP")) for c in cells[:50]],
            number=1,
            repeat=5,
        )
    )
    assert ours / 1000 < theirs / 50 / 30


def test_the_library_is_not_asked_for_a_cell() -> None:
    said = "import sys; import calllist.intake.fields.phones; print('phonenumbers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


WRITTEN = st.text(
    st.sampled_from("0123456789-－ー‐()（）. 　\n+０９〇一代内線自宅TEL㈹E〒"), max_size=24
) | st.text(max_size=12)
NUMBER = st.from_regex(r"0[79]0-?0[0-9]{3}-?[0-9]{4}|03-?0[0-9]{3}-?[0-9]{4}", fullmatch=True)
CELLS = st.lists(st.one_of(WRITTEN, NUMBER, st.tuples(WRITTEN, NUMBER, WRITTEN).map("".join)))


@settings(max_examples=150, deadline=None)
@given(CELLS)
def test_a_column_is_what_its_cells_are(cells: list[str]) -> None:
    column = phones.column(cells, SYNTHETIC_RULES)
    alone = [phones.read(cell, synthetic=True) for cell in cells]
    assert column.numbers == [one.number if isinstance(one, Phone) else None for one in alone]
    rejected = [(at, code) for at, code in column.verdicts if code in REJECTIONS]
    assert rejected == [(at, one) for at, one in enumerate(alone) if isinstance(one, Code)]
    remarks = [(at, code) for at, code in column.verdicts if code not in REJECTIONS]
    assert sorted(remarks) == sorted(
        (at, code) for at, one in enumerate(alone) if isinstance(one, Phone) for code in one.remarks
    )
    assert sum(column.hows.values()) == sum(column.kinds.values()) == len(cells) - len(rejected)


@settings(max_examples=150, deadline=None)
@given(WRITTEN | st.tuples(WRITTEN, NUMBER, WRITTEN).map("".join))
def test_no_digit_is_invented(cell: str) -> None:
    found = phones.read(cell, synthetic=True)
    if not isinstance(found, Phone):
        return
    kanji = str.maketrans("〇一", "01")
    written = re.sub("[^0-9]", "", unicodedata.normalize("NFKC", cell).translate(kanji))
    assert kind_of("0" + found.number[3:], synthetic=True) == found.kind
    assert all(number[4:] in written for number in (found.number, *found.alternates))


@settings(max_examples=150, deadline=None)
@given(WRITTEN)
def test_the_short_cut_leads_where_the_long_way_does(cell: str) -> None:
    quick = phones.read(cell, synthetic=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phones, "_common", lambda *_: None)
        slow = phones.read(cell, synthetic=True)
    if isinstance(quick, Phone) and isinstance(slow, Phone):
        assert (quick.number, quick.alternates) == (slow.number, slow.alternates)
    else:
        assert quick == slow
