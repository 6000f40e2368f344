"""Golden comparisons of what a record holds with what the callee says (japanese.md §3, §4)."""

from datetime import date

import pytest

from crypto.disclosure.matching import matchable, same
from crypto.errors.records import NotMatchable, NotUnderstood
from crypto.records.eras import parse_date
from crypto.records.fields import FieldKind

K = FieldKind
BORN = date(1975, 1, 2)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1975-01-02", BORN),
        ("1975/1/2", BORN),
        ("1975.1.2", BORN),
        ("１９７５年１月２日", BORN),
        ("19750102", BORN),
        ("S50.1.2", BORN),
        ("s50/1/2", BORN),
        ("昭和50年1月2日", BORN),
        ("昭和５０年１月２日", BORN),
        ("㍼50年1月2日", BORN),
        ("3500102", BORN),
        ("S500102", BORN),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("㋿1.5.1", date(2019, 5, 1)),
        ("T15.12.25", date(1926, 12, 25)),
        ("S1.12.25", date(1926, 12, 25)),
        ("M45.7.30", date(1912, 7, 30)),
        ("T1.7.30", date(1912, 7, 30)),
        ("S65.1.1", None),
        ("S64.1.8", None),
        ("H31.5.1", None),
        ("H32.1.1", None),
        ("H1.1.7", None),
        ("M1.1.24", None),
        ("S0.1.1", None),
        ("昭和50年1月00日", None),
        ("1975-99-02", None),
        ("1975-02-29", None),
        ("昭和50年", None),
        ("不詳", None),
        ("75-1-2", None),
        ("", None),
    ],
)
def test_dates(text: str, day: date | None) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("kind", "held", "said", "alike"),
    [
        (K.BIRTH_DATE, "昭和50年1月2日", "1975/01/02", True),
        (K.BIRTH_DATE, "昭和50年1月2日", "1975/02/01", False),
        (K.POSTAL, "〒100-0001", "１００ー０００１", True),
        (K.POSTAL, "1000001", "1000002", False),
        (K.PHONE, "+819000000678", "090-0000-0678", True),
        (K.PHONE, "+819000000678", "０９０ー００００ー０６７８", True),
        (K.PHONE, "+819000000678", "+81 90 0000 0678", True),
        (K.PHONE, "+819000000678", "090-0000-0679", False),
        (K.PHONE_ALT, "+818000000111 +81300000222", "03-0000-0222", True),
        (K.PHONE_ALT, "+818000000111 +81300000222", "03-0000-0223", False),
        (K.NAME_KANA, "ﾔﾏﾀﾞ ﾊﾅｺ", "やまだ はなこ", True),
        (K.NAME_KANA, "ヤマダ　ハナコ", "ヤマダハナコさん", True),
        (K.NAME_KANA, "オーノ サトー", "オ－ノ サト－", True),
        (K.NAME_KANA, "ヤマダ ハナコ", "ヤマタ ハナコ", False),
        (K.NAME, "山田　花子", "山田花子様", True),
        (K.NAME, "辻󠄀 一郎", "辻一郎", True),
        (K.NAME, "神 一郎", "神一郎", True),
        (K.NAME, "山田 花子", "山田 華子", False),
        (K.NAME, "JOHN SMITH", "John Smith", True),
        (K.REFERENCE, "K-0000123", "ｋ‐００００１２３", True),
        (K.REFERENCE, "K-0000123", "K0000123", False),
        (K.REFERENCE, "0123", "123", True),
        (K.REFERENCE, "12-3", "1-23", False),
        (K.REFERENCE, "12-3", "123", False),
        (K.ADDRESS, "神奈川県横浜市中区一丁目二番三号", "横浜市中区1-2-3", True),
        (K.ADDRESS, "横浜市中区１丁目２−３", "神奈川県横浜市中区1ー2ー3", True),
        (K.ADDRESS, "横浜市中区十二丁目3番地4", "横浜市中区12-3-4", True),
        (K.ADDRESS, "横浜市中区1-2-3", "横浜市中区1-2-4", False),
        (K.ADDRESS, "横浜市中区1-2-3", "横浜市中区", False),
        (K.AMOUNT, "12,300円", "１２３００", True),
        (K.DUE_DATE, "令和8年5月31日", "2026-05-31", True),
    ],
)
def test_golden_comparisons(kind: FieldKind, held: str, said: str, alike: bool) -> None:
    assert same(kind, held, said) is alike


@pytest.mark.parametrize(
    ("kind", "held"),
    [
        (K.BIRTH_DATE, "昭和50年1月00日"),
        (K.BIRTH_DATE, ""),
        (K.POSTAL, "100"),
        (K.SEX, "女"),
        (K.SUBJECT, "特定健診"),
        (K.ORGANISATION, "㈱山田商店"),
    ],
)
def test_only_full_precision_is_compared(kind: FieldKind, held: str) -> None:
    assert not matchable(kind, held)
    with pytest.raises(NotMatchable):
        same(kind, held, "1975-01-02")


def test_what_cannot_be_read_is_not_a_mismatch() -> None:
    for kind, held, said in (
        (K.BIRTH_DATE, "1975-01-02", "1975-13-02"),
        (K.POSTAL, "1000001", "100"),
        (K.REFERENCE, "K-1", " - "),
    ):
        with pytest.raises(NotUnderstood):
            same(kind, held, said)
