"""Garbled text is refused wherever it stands; what only looks odd is not."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calllist.intake.problems import Code, IntakeError, Problem
from calllist.intake.reading import script
from calllist.intake.reading.decode import Decoded
from calllist.intake.reading.rows import Rows
from calllist.intake.reading.script import Script, damage

ROW = "架空珠緒,カクウタマオ,東京都千代田区架空町一丁目2-3"


def utf8_as_cp932(text: str) -> str:
    """What Excel makes of UTF-8 without a mark: what CP932 lacks becomes a dot."""
    return text.encode().decode("cp932", "replace").replace("\ufffd", "・")


def utf8_as_latin1(text: str) -> str:
    return text.encode().decode("latin-1")


def utf8_as_windows(text: str) -> str:
    table = {one: bytes([one]).decode("cp1252", "ignore") or chr(one) for one in range(256)}
    return "".join(table[one] for one in text.encode())


def cp932_as_latin1(text: str) -> str:
    return text.encode("cp932").decode("latin-1")


def cp932_as_windows(text: str) -> str:
    table = {one: bytes([one]).decode("cp1252", "ignore") or chr(one) for one in range(256)}
    return "".join(table[one] for one in text.encode("cp932"))


HOW = {
    utf8_as_cp932: script.UTF8_AS_CP932,
    utf8_as_latin1: script.UTF8_AS_LATIN1,
    utf8_as_windows: script.UTF8_AS_LATIN1,
    cp932_as_latin1: script.CP932_AS_LATIN1,
    cp932_as_windows: script.CP932_AS_LATIN1,
}


@pytest.mark.parametrize("garble", HOW, ids=lambda how: how.__name__)
@pytest.mark.parametrize("before", [0, 1, 3000])
def test_garbled_text_is_refused_wherever_it_stands(
    garble: Callable[[str], str], before: int
) -> None:
    head = "氏名,フリガナ,住所\n" + (ROW + "\n") * before
    for encoding in ("utf-8", "utf-16"):
        data = (head + garble(ROW) + "\n" + ROW + "\n").encode(encoding)
        blocks = [data[at : at + 4096] for at in range(0, len(data), 4096)]
        with pytest.raises(IntakeError) as refused:
            list(Rows(Decoded(blocks)))
        error = refused.value
        found = (error.code, error.reason, error.line)
        assert found == (Problem.GARBLED_TEXT, HOW[garble], before + 2)


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("菴占陸", script.UTF8_AS_CP932),  # 佐藤
        ("豌丞錐", script.UTF8_AS_CP932),  # 氏名
        ("縺九￥縺・", script.UTF8_AS_CP932),
        ("ä½\x90è\x97¤", script.UTF8_AS_LATIN1),
        ("ŽR“c", script.CP932_AS_LATIN1),  # 山田
        ("ÔÏÀÞ ÀÛ³", script.CP932_AS_LATIN1),  # half-width kana
    ],
)
def test_one_cell_is_enough(text: str, how: str) -> None:
    found = Script().trouble(f"1,{text},2\n", legacy=False)
    assert found == (2, Problem.GARBLED_TEXT, how)


GENUINE = (  # noqa: SIM905 -- a table of words
    "渡邊 邉見 齋藤 髙﨑 澤邊 關谷 逍遥 迪子 莉英 茉莉子 三艸子 邨山 蜑住 艷子 王羲之 "
    "鄒家華 繧繝 驛田 縺れ "
    "José Müller Éléonore-Hélène ÉLÉONORE Ünal Renée Łukasz naïve São “引用”—ダッシュ… ﾊﾝｶｸ ｻﾞ・ﾎﾃﾙ "
    "霞ヶ関 虎ﾉ門 ①㈱ Ⅲ ℡ § ± × ÷ ° ¥ 金〇〇 佐〃木 ＃ #N A/B 张伟 김철수 Иванов Ελλάς ﾔﾏﾀﾞﾀﾛｳ"
).split()


@pytest.mark.parametrize("name", GENUINE)
def test_what_is_only_rare_passes(name: str) -> None:
    seen = Script()
    assert seen.trouble(f"{name},{name}{name}\n{name} 架空\n架空{name},", legacy=False) is None
    assert not seen.damaged


KANJI = st.text(
    st.sampled_from("架空仮名例示見本試験山田佐藤鈴木高橋伊藤渡辺中村小林加吉井"), min_size=3
)


@settings(deadline=None)
@given(KANJI, st.sampled_from(sorted(HOW, key=lambda how: how.__name__)))
def test_three_kanji_are_known_again_however_they_were_garbled(
    text: str, garble: Callable[[str], str]
) -> None:
    found = Script().trouble(garble(text), legacy=False)
    assert found is not None
    assert found.reason == HOW[garble]


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x3041, max_codepoint=0x30FA), max_size=30), KANJI)
def test_plain_japanese_is_never_taken_for_garbled(kana: str, kanji: str) -> None:
    assert Script().trouble(f"{kana},{kanji}{kana}\n", legacy=True) is None


def test_gaiji_are_kept_and_damage_is_looked_for() -> None:
    seen = Script()
    assert seen.trouble("山\ue000田", legacy=True) is None
    assert (seen.gaiji, seen.damaged) == (True, False)
    assert seen.trouble("山\ufffd", legacy=False) is None
    assert seen.damaged


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("#N/A", Code.FORMULA_ERROR),
        ("#REF! ", Code.FORMULA_ERROR),
        ("山\ufffd", Code.DAMAGED_TEXT),
        ("山\x81", Code.DAMAGED_TEXT),
        ("#1", None),
        ("架空 #N/A", None),
        ("山\x85", None),
    ],
)
def test_damage_of_a_cell(cell: str, code: Code | None) -> None:
    assert damage(cell) == code


def test_a_formula_error_in_a_text_makes_cells_be_looked_at() -> None:
    seen = Script()
    assert seen.trouble("1,#番,2\n", legacy=False) is None
    assert not seen.damaged
    assert seen.trouble("1,#N/A,2\n", legacy=False) is None
    assert seen.damaged


def test_names_that_look_undone_by_chance_are_no_garble_in_a_long_list() -> None:
    """莉 and two fitting kanji: one in a thousand rows is somebody, one in ten is a broken file."""
    looks = "莉丞京"
    plain = "架空花子,東京都架空区架空町一丁目\n" * 2000
    seen = Script()
    assert seen.trouble(plain, legacy=True) is None
    assert seen.trouble(f"{looks},1\n" + plain, legacy=True) is None
    assert Script().trouble(f"架空\n{looks},1\n", legacy=True) is not None
    assert Script(lenient=True).trouble(f"架空\n{looks},1\n", legacy=True) is None
    assert Script().trouble(f"渡{looks}\n", legacy=True) is None  # a kanji before: no garble
