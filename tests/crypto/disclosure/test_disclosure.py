"""Golden masks, field kind by field kind (japanese.md §4)."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.disclosure.masks import graphemes, masked, view
from crypto.records.eras import parse_date
from crypto.records.fields import NAMES, FieldKind, Mask, Stage
from crypto.signed.terms import FieldRule
from tests.crypto.world import TERMS, YAMADA

K, M = FieldKind, Mask
replace = msgspec.structs.replace
TOWNS = (
    *(
        "神奈川県横浜市中区",
        "三重県四日市市",
        "千葉県市川市",
        "佐賀県杵島郡大町町",
        "東京都千代田区",
    ),
    *("沖縄県国頭郡恩納村", "横浜市中区", "北海道余市郡余市町"),
)

GOLDEN = [
    (K.PHONE, M.PHONE_LAST3, "+819000000678", "090-****-*678"),
    (K.PHONE, M.PHONE_LAST3, "+81300000678", "0***-**-*678"),
    (K.PHONE, M.FULL, "+819000000678", "090-0000-0678"),
    (K.PHONE, M.FULL, "+81300000678", "0300000678"),
    (K.PHONE_ALT, M.PHONE_LAST3, "+818000000111 +81300000222", "080-****-*111"),
    (K.PHONE_ALT, M.FULL, "+818000000111 +81300000222", "080-0000-0111 0300000222"),
    (K.NAME, M.FAMILY_NAME, "山田 花子", "山田**"),
    (K.NAME, M.FAMILY_NAME, "山田　花子", "山田**"),
    (K.NAME, M.FAMILY_NAME, "林 太郎左衛門", "林**"),
    (K.NAME, M.FAMILY_NAME, "山田花子", "山**"),
    (K.NAME, M.FAMILY_NAME, "林一", "**"),
    (K.NAME, M.FAMILY_NAME, "林 一", "**"),
    (K.NAME, M.FAMILY_NAME, "辻󠄀　𠮷", "**"),
    (K.NAME, M.FAMILY_NAME, "", "**"),
    (K.NAME_KANA, M.FAMILY_NAME, "イ アン", "イ**"),
    (K.NAME, M.ASKABLE, "山田 花子", "山田 花子"),
    (K.NAME, M.FAMILY_NAME, "辻󠄀 一郎", "辻󠄀**"),
    (K.NAME, M.FAMILY_NAME, "𠮷野花子", "𠮷**"),
    (K.NAME, M.FAMILY_NAME, "\ue000田 花子", "〓田**"),
    (K.NAME, M.FULL, "\ue000田 花子", "〓田 花子"),
    (K.NAME_KANA, M.FAMILY_NAME, "ﾔﾏﾀﾞ ﾊﾅｺ", "ﾔﾏﾀﾞ**"),
    (K.NAME, M.HIDDEN, "山田 花子", None),
    (K.NAME, M.DOTS, "山田 花子", "****"),
    (K.REFERENCE, M.LAST3, "K-0000123", "****123"),
    (K.REFERENCE, M.LAST3, "12345", "****"),
    (K.REFERENCE, M.LAST3, "123456", "****456"),
    (K.REFERENCE, M.LAST3, "1234567 ", "****567"),
    (K.REFERENCE, M.LAST3, "12345\ue0006", "****5〓6"),
    (K.BIRTH_DATE, M.DECADE, "昭和50年1月2日", "1970年代"),
    (K.BIRTH_DATE, M.DECADE, "不詳", "****"),
    (K.BIRTH_DATE, M.DECADE, "昭和50年1月00日", "****"),
    (K.BIRTH_DATE, M.YEAR, "昭和50年1月2日", "1975年"),
    (K.BIRTH_DATE, M.YEAR, "昭和50年", "****"),
    (K.BIRTH_DATE, M.DOTS, "昭和50年1月2日", "****年**月**日"),
    (K.POSTAL, M.DOTS, "1000001", "***-****"),
    (K.SENSITIVE, M.DOTS, "要再検査", "****"),
    (K.ADDRESS, M.MUNICIPALITY, "神奈川県横浜市中区日本大通1", "神奈川県横浜市中区****"),
    (K.ADDRESS, M.MUNICIPALITY, "横浜市中区日本大通1", "横浜市中区****"),
    (K.ADDRESS, M.MUNICIPALITY, "東京都千代田区丸の内1-1", "東京都千代田区****"),
    (K.ADDRESS, M.MUNICIPALITY, "三重県四日市市諏訪町1-5", "三重県四日市市****"),
    (K.ADDRESS, M.MUNICIPALITY, "千葉県市川市八幡1", "千葉県市川市****"),
    (K.ADDRESS, M.MUNICIPALITY, "東京都町田市森野2", "東京都町田市****"),
    (K.ADDRESS, M.MUNICIPALITY, "東京都武蔵村山市本町1", "東京都武蔵村山市****"),
    (K.ADDRESS, M.MUNICIPALITY, "奈良県大和郡山市北郡山町2", "奈良県大和郡山市****"),
    (K.ADDRESS, M.MUNICIPALITY, "佐賀県杵島郡大町町大町", "佐賀県杵島郡大町町****"),
    (K.ADDRESS, M.MUNICIPALITY, "北海道余市郡余市町朝日町26", "北海道余市郡余市町****"),
    (K.ADDRESS, M.MUNICIPALITY, "京都府京都市上京区下立売通", "京都府京都市上京区****"),
    (K.ADDRESS, M.MUNICIPALITY, "福岡県糟屋郡新宮町緑ケ浜1", "福岡県糟屋郡新宮町****"),
    (K.ADDRESS, M.MUNICIPALITY, "沖縄県国頭郡恩納村恩納", "沖縄県国頭郡恩納村****"),
    (K.ADDRESS, M.MUNICIPALITY, "どこか", "****"),
    (K.ORGANISATION, M.FULL, "㈱山田商店", "㈱山田商店"),
    (K.AMOUNT, M.FULL, "12,300円", "12,300円"),
]


@pytest.mark.parametrize(("kind", "mask", "text", "seen"), GOLDEN)
def test_golden_masks(kind: FieldKind, mask: Mask, text: str, seen: str | None) -> None:
    assert masked(kind, mask, text) == seen


def test_graphemes_keep_variation_selectors_with_their_kanji() -> None:
    assert graphemes("辻󠄀が") == ["辻󠄀", "が"]


# -- one name to ask for -------------------------------------------------------------------

BOTH = {K.NAME: "山田 花子", K.NAME_KANA: "ヤマダ ハナコ"}


def names(stage: Stage, fields: dict[FieldKind, str]) -> dict[FieldKind, str]:
    return {shown.kind: shown.text for shown in view(TERMS, stage, fields) if shown.kind in NAMES}


@pytest.mark.parametrize("stage", [Stage.DIALLING, Stage.ANSWERED])
@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        (BOTH, {K.NAME_KANA: "ヤマダ ハナコ"}),
        ({K.NAME: "山田 花子"}, {K.NAME: "山田 花子"}),
        ({K.NAME_KANA: "ヤマダ ハナコ"}, {K.NAME_KANA: "ヤマダ ハナコ"}),
        (BOTH | {K.NAME_KANA: "　"}, {K.NAME: "山田 花子"}),
        (BOTH | {K.NAME_KANA: "－"}, {K.NAME: "山田 花子"}),
        (BOTH | {K.NAME_KANA: "山田 花子"}, {K.NAME: "山田 花子"}),
        (BOTH | {K.NAME_KANA: "ﾔﾏﾀﾞ ﾊﾅｺ"}, {K.NAME_KANA: "ﾔﾏﾀﾞ ﾊﾅｺ"}),
        (BOTH | {K.NAME_KANA: "やまだ はなこ"}, {K.NAME_KANA: "やまだ はなこ"}),
        (BOTH | {K.NAME_KANA: "NGUYEN THI LAN"}, {K.NAME_KANA: "NGUYEN THI LAN"}),
        ({K.NAME_KANA: "－"}, {K.NAME_KANA: "－"}),
        ({}, {}),
    ],
)
def test_before_verification_one_form_of_the_name_is_there_to_ask_for(
    stage: Stage, fields: dict[FieldKind, str], seen: dict[FieldKind, str]
) -> None:
    assert names(stage, fields) == seen


def test_the_other_form_comes_with_verification() -> None:
    assert names(Stage.VERIFIED, BOTH) == BOTH


def test_a_contract_that_hides_the_reading_lets_the_kanji_be_asked_for() -> None:
    hidden = FieldRule(M.HIDDEN, M.HIDDEN, M.HIDDEN)
    terms = replace(TERMS, fields=TERMS.fields | {K.NAME_KANA: hidden})
    seen = [shown.kind for shown in view(terms, Stage.DIALLING, BOTH)]
    assert seen == [K.NAME]


# -- no mask reveals more than its rule (Hypothesis) ---------------------------------------

TEXTS = st.text(max_size=40)
NAME_PARTS = st.text("山田花子太郎林𠮷辻󠄀\ue000ヤマダｱﾞが", min_size=1, max_size=12)
MASKING = [mask for mask in Mask if mask not in (M.FULL, M.ASKABLE, M.HIDDEN)]


@given(st.sampled_from(list(K)), st.sampled_from(MASKING), TEXTS, TEXTS)
def test_two_texts_alike_in_what_a_mask_shows_look_alike(
    kind: FieldKind, mask: Mask, one: str, other: str
) -> None:
    """The masked view is a function of `shows`, so neither length nor rest can leak."""
    if shows(mask, one) == shows(mask, other):
        assert masked(kind, mask, one) == masked(kind, mask, other)
    assert masked(kind, mask, one) == masked(kind, mask, one)


@given(NAME_PARTS, NAME_PARTS, NAME_PARTS)
def test_the_given_name_does_not_show(family: str, given_name: str, another: str) -> None:
    one, two = (
        masked(K.NAME, M.FAMILY_NAME, f"{family} {other}") for other in (given_name, another)
    )
    short = len(graphemes(family + given_name)) <= 2
    assert one == "**" if short else one == f"{family.replace(chr(0xE000), '〓')}**"
    assert two in (one, "**") or short


@given(st.text("0123456789", min_size=6, max_size=20), st.text("0123456789", min_size=6))
def test_only_the_last_three_of_a_number_show(number: str, another: str) -> None:
    same_tail = another[:-3] + number[-3:]
    assert masked(K.REFERENCE, M.LAST3, number) == masked(K.REFERENCE, M.LAST3, same_tail)
    for shape in ("+8190{:0>8}", "+813{:0>8}"):
        one, two = (shape.format(digits[-8:]) for digits in (number, same_tail))
        assert masked(K.PHONE, M.PHONE_LAST3, one) == masked(K.PHONE, M.PHONE_LAST3, two)


@given(st.dates(date(1900, 1, 1), date(2039, 12, 31)))
def test_of_a_birth_date_only_year_or_decade_shows(born: date) -> None:
    text = born.isoformat()
    assert masked(K.BIRTH_DATE, M.DECADE, text) == f"{born.year // 10 * 10}年代"
    assert masked(K.BIRTH_DATE, M.YEAR, text) == f"{born.year}年"


@given(st.sampled_from(TOWNS), st.text("〇一二丁目番地号0123456789-ー本中央", max_size=20))
def test_of_an_address_nothing_after_the_municipality_shows(town: str, rest: str) -> None:
    assert masked(K.ADDRESS, M.MUNICIPALITY, f"{town} {rest}") == f"{town}****"


def shows(mask: Mask, text: str) -> object:
    """What a mask may let through, said in another way than in `crypto.disclosure.masks`."""
    match mask:
        case M.DOTS:
            return None
        case M.LAST3:
            parts = graphemes(text.strip())
            return parts[-3:] if len(parts) >= 6 else None
        case M.DECADE | M.YEAR:
            return parse_date(text)
        case _:  # names, numbers and addresses have tests of their own above
            return text


def test_nothing_is_shown_after_the_result_or_outside_the_contract() -> None:
    assert view(TERMS, Stage.CLOSED, YAMADA) == ()
    assert view(TERMS, Stage.VERIFIED, {K.ADDRESS: "横浜市中区"}) == ()


def test_what_is_shown_does_not_print() -> None:
    for shown in view(TERMS, Stage.VERIFIED, YAMADA):
        assert shown.text not in repr(shown)
