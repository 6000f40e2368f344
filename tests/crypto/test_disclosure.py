"""Golden masks, field kind by field kind (japanese.md §4)."""

import pytest

from crypto.disclosure import graphemes, masked, view
from crypto.fields import FieldKind, Mask, Stage
from tests.crypto.world import TERMS, YAMADA

K, M = FieldKind, Mask

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
    (K.BIRTH_DATE, M.DECADE, "昭和50年1月2日", "1970年代"),
    (K.BIRTH_DATE, M.DECADE, "不詳", "****"),
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


@pytest.mark.parametrize("mask", [mask for mask in Mask if mask not in (M.FULL, M.HIDDEN)])
def test_the_length_of_what_is_masked_does_not_show(mask: Mask) -> None:
    short, long = "山田 花子太郎", "山田 花子太郎" + "子" * 30
    assert len(masked(K.NAME, mask, short) or "") == len(masked(K.NAME, mask, long) or "")


def test_nothing_is_shown_after_the_result_or_outside_the_contract() -> None:
    assert view(TERMS, Stage.CLOSED, YAMADA) == ()
    assert view(TERMS, Stage.VERIFIED, {K.ADDRESS: "横浜市中区"}) == ()


def test_what_is_shown_does_not_print() -> None:
    for shown in view(TERMS, Stage.VERIFIED, YAMADA):
        assert shown.text not in repr(shown)
