"""A hand-over slip, field by field: what is read, and what is asked for again."""

from datetime import date

import pytest

from calllist.dialing.errors import SlipUnreadable
from calllist.web import slips
from crypto.records.slips import Slip, SlipKind

TODAY = date(2026, 6, 2)


@pytest.mark.parametrize(
    ("kind", "typed", "read"),
    [
        (SlipKind.PHONE, "09000001234", "090-0000-1234"),
        (SlipKind.PHONE, " ０３－００００－１２３４ ", "03-0000-1234"),
        (SlipKind.PHONE, "+81 90 0000 1234", "090-0000-1234"),
        (
            SlipKind.ADDRESS,
            "みなと野市港町三丁目2-1　架空荘101",
            "みなと野市港町三丁目2-1　架空荘101",
        ),
        (SlipKind.DATE, "2026-06-05", "2026-06-05"),
        (SlipKind.DATE, "令和8年6月5日", "2026-06-05"),
        (SlipKind.AMOUNT, "１２，０００円", 12_000),
        (SlipKind.AMOUNT, "¥99,999,999", 99_999_999),
        (SlipKind.AMOUNT, "500", 500),
    ],
)
def test_a_field_is_read_as_people_write_it(kind: SlipKind, typed: str, read: object) -> None:
    slip = slips.read({kind: typed}, TODAY)
    assert slip is not None
    assert getattr(slip, kind.value) == read
    assert slip.kinds == (kind,)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (SlipKind.PHONE, "0000-1234"),
        (SlipKind.PHONE, "架空"),
        (SlipKind.PHONE, "+1 212 555 0100"),
        (SlipKind.ADDRESS, "港町"),
        (SlipKind.ADDRESS, "123-4567"),
        (SlipKind.ADDRESS, "港" * 201),
        (SlipKind.DATE, "6月5日"),
        (SlipKind.DATE, "2026-02-30"),
        (SlipKind.DATE, "2025-05-31"),
        (SlipKind.DATE, "2030-01-01"),
        (SlipKind.AMOUNT, "0"),
        (SlipKind.AMOUNT, "-500"),
        (SlipKind.AMOUNT, "12,00"),
        (SlipKind.AMOUNT, "100,000,000"),
        (SlipKind.AMOUNT, "一万"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_field_and_not_repeated(
    kind: SlipKind, typed: str
) -> None:
    both = {SlipKind.DATE: "2026-06-05", kind: typed}
    with pytest.raises(SlipUnreadable) as refused:
        slips.read(both, TODAY)
    assert refused.value.faults == (kind,)
    assert typed not in repr(refused.value)


def test_nothing_typed_is_no_slip() -> None:
    assert slips.read(dict.fromkeys(SlipKind, " "), TODAY) is None
    assert slips.read({SlipKind.AMOUNT: "500", SlipKind.PHONE: ""}, TODAY) == Slip(amount=500)
