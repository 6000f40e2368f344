"""Decoding: the right encoding whatever the blocks, and a place for what does not decode."""

import codecs
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import encodings
from calllist.intake.reading.decode import Decoded, Undecodable
from calllist.intake.reading.rows import Row, Rows

TEXT = "氏名,電話番号\r\n髙橋㈱ ソ能,03-0001-2345\r\n"


def blocks(data: bytes, size: int = 7) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def text_of(data: bytes, size: int = 7) -> tuple[str, str]:
    decoded = Decoded(blocks(data, size))
    return "".join(decoded), decoded.encoding


def rows_of(data: bytes, size: int = 7) -> list[Row]:
    return list(Rows(Decoded(blocks(data, size))))


@pytest.mark.parametrize("size", [1, 2, 3, 64, 100_000])
@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode("cp932"), "cp932"),
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.replace("髙", "高").replace("㈱", "").encode("euc_jp"), "euc-jp"),
    ],
)
def test_the_encoding_is_found(data: bytes, encoding: str, size: int) -> None:
    text = TEXT if encoding != "euc-jp" else TEXT.replace("髙", "高").replace("㈱", "")
    assert text_of(data, size) == (text, encoding)


def test_a_long_ascii_beginning_decides_nothing() -> None:
    head = "name,phone\n" + "Taro,03-0001-2345\n" * 50_000
    tail = "山田,03-0001-2346\n"
    assert text_of((head + tail).encode("cp932"), 4096) == (head + tail, "cp932")
    assert text_of((head + tail).encode(), 4096) == (head + tail, "utf-8")


def test_short_halfwidth_kana_is_not_taken_for_latin_letters() -> None:
    kana = "ﾃｽ,03-0001-2345\n"
    assert text_of(kana.encode("cp932")) == (kana, "cp932")


def test_what_is_no_kana_of_a_name_stays_utf8() -> None:
    assert text_of("4,5,ʤ\n".encode()) == ("4,5,ʤ\n", "utf-8")  # ﾊ､ in CP932


def test_kana_beside_kanji_in_utf8_stays_utf8() -> None:
    text = "é,佐藤\n"
    assert text_of(text.encode()) == (text, "utf-8")


ONE_WAY = "¢£¬‖−〜"  # written to the bytes of a neighbour, which come back as the neighbour
NO_LETTERS = "\uf8f0\uf8f1\uf8f2\uf8f3"  # the single bytes A0, FD, FE, FF: refused, as below
CP932 = st.characters(
    codec="cp932", exclude_characters=ONE_WAY + NO_LETTERS, exclude_categories=["Cc"]
)


@settings(deadline=None)
@given(st.text(CP932, max_size=40))
def test_whatever_cp932_can_write_is_read_back(text: str) -> None:
    whole = "漢字,ﾊﾝｶｸ㈱\n" + text + "\n"
    data = whole.encode("cp932")
    assert text_of(data)[0] == data.decode("cp932")


@pytest.mark.parametrize(
    ("data", "problem", "line", "column"),
    [
        ("氏名,電話\n山田,".encode() + b"\xff\n", Problem.UNKNOWN_ENCODING, 2, 2),
        ("氏名,電話\n山田,03\n".encode("cp932") + b"\x80,1\n", Problem.UNKNOWN_ENCODING, 3, 1),
        ("氏名,電話\n山田,03\n".encode("cp932") + b"a,b,\xfd\n", Problem.UNKNOWN_ENCODING, 3, 3),
        ("氏名,電話\n山田,\x01\n".encode(), Problem.BINARY_FILE, 2, 2),
        (b"name,phone\nTaro,\x00\n", Problem.BINARY_FILE, 2, 2),
        ("氏名,電話\n山田,".encode() + b"\x8eR\n", Problem.UNKNOWN_ENCODING, 2, 2),
        ('氏名,電話\n"山\n田",'.encode() + b"\xff\n", Problem.UNKNOWN_ENCODING, 3, 2),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 4096])
def test_what_does_not_decode_is_named_by_line_and_column(
    data: bytes, problem: Problem, line: int, column: int, size: int
) -> None:
    with pytest.raises(IntakeError) as refused:
        rows_of(data, size)
    error = refused.value
    assert (error.code, error.line, error.column) == (problem, line, column)
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


def test_damage_far_into_a_utf8_file_is_no_change_of_encoding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encodings, "WINDOW", 64)
    good = "氏名,電話\n" + "山田太郎,03-0001-2345\n" * 20
    with pytest.raises(IntakeError) as refused:
        rows_of(good.encode() + b"\x8e\x52,1\n", 16)
    assert (refused.value.code, refused.value.line) == (Problem.UNKNOWN_ENCODING, 22)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", Problem.EMPTY_FILE),
        (bytes(range(256)) * 20, Problem.BINARY_FILE),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00", Problem.BINARY_FILE),
    ],
)
def test_what_is_no_list_is_refused_at_once(data: bytes, problem: Problem) -> None:
    with pytest.raises(IntakeError) as refused:
        rows_of(data, 4096)
    assert refused.value.code == problem


def test_the_readable_part_is_handed_over_but_not_printed() -> None:
    with pytest.raises(Undecodable) as broken:
        list(Decoded(iter(["山田".encode() + b"\xff"])))
    assert broken.value.before == "山田"
    assert "山" not in str(broken.value)


def problem_of(data: bytes, encoding: str | None = None) -> tuple[str, str, int | None]:
    """Code, reason and line for which a file is refused."""
    with pytest.raises(IntakeError) as refused:
        list(Rows(Decoded([data], encoding)))
    return refused.value.code, refused.value.reason, refused.value.line


VENDORS = (
    ("\xad\xa1", "①"),  # row 13, as Windows writes EUC-JP
    ("\xad\xea", "㈱"),
    ("\xfc\xe2", "髙"),  # rows 89 to 92
    ("\x8f\xf4\xfb", "髙"),  # IBM's, as Unix writes it
    ("\x8f\xf3\xf3", "ⅰ"),
    ("\x8f\xf4\xfe", "黑"),
    ("\x8e\xb1", "ｱ"),
    ("\xf5\xa1", "\ue000"),  # 外字
)


@pytest.mark.parametrize(("data", "character"), VENDORS)
@pytest.mark.parametrize("size", [1, 3, 4096])
def test_vendors_characters_of_euc_jp_are_read(data: str, character: str, size: int) -> None:
    text = "氏名,フリガナ\n架空,カクウ"
    whole = text.encode("euc_jp") + data.encode("latin-1") + b"\n"
    assert text_of(whole, size) == (text + character + "\n", "euc-jp")


FAMILIES = "架空 仮名 例示 見本 試験 空野 無名 山本 佐々木 長谷川 渡邊 五十嵐".split()  # noqa: SIM905
GIVEN = "太郎 花子 一 美咲 健太 由美子 翔 さくら 恵 直樹 幸子 大輔".split()  # noqa: SIM905
KANA = "ｶｸｳ ﾀﾛｳ,ﾐﾎﾝ ﾊﾅｺ,ﾑﾒｲ ﾊｼﾞﾒ,ﾔﾏﾓﾄ ﾐｻｷ,ｻｻｷ ｹﾝﾀ,ﾊｾｶﾞﾜ ﾕﾐｺ,ﾜﾀﾅﾍﾞ ｼｮｳ,ｲｶﾞﾗｼ ｻｸﾗ".split(",")  # noqa: SIM905
WIDE = "カクウ　タロウ,ミホン　ハナコ,ムメイ　ハジメ,ヤマモト　ミサキ,ササキ　ケンタ".split(",")  # noqa: SIM905


def lists() -> Iterator[tuple[str, str]]:
    """Lists of all kinds: with and without a header, short and long, kanji and kana."""
    kinds = {
        "kanji": [f"{family}{given}" for family in FAMILIES for given in GIVEN],
        "halfwidth": KANA * 18,
        "katakana": WIDE * 29,
        "both": [f"{FAMILIES[n % 12]},{KANA[n % 8]}" for n in range(144)],
    }
    for kind, cells in kinds.items():
        for header in ("氏名,電話番号\r\n", "name,tel\r\n", ""):
            for many in (1, 2, 3, 8, 144):
                body = "".join(f"{cell},03-0001-{n:04d}\r\n" for n, cell in enumerate(cells[:many]))
                yield f"{kind} {len(header)} {many}", header + body


@pytest.mark.parametrize("encoding", ["cp932", "euc-jp", "utf-8", "utf-16-le", "utf-16-be"])
def test_encodings_are_told_apart_by_content(encoding: str) -> None:
    """Or the file is refused, if it is so short that it could be either: never guessed."""
    undecided = []
    for name, text in lists():
        try:
            found = text_of(text.encode(encoding), 4096)
        except Undecodable as refused:
            undecided.append((name, refused.reason))
        else:
            assert found == (text, encoding), name
    assert {reason for _, reason in undecided} <= {"ambiguous"}
    assert len(undecided) <= 2, undecided


def test_what_could_be_either_is_refused_and_read_if_named() -> None:
    data = "name,tel\nｻｳﾋﾜ,1\n".encode("cp932")  # 山本 in EUC-JP
    assert problem_of(data) == (Problem.UNKNOWN_ENCODING, "ambiguous", 2)
    assert "".join(Decoded([data], "euc-jp")) == "name,tel\n山本,1\n"
    assert "".join(Decoded([data], "cp932")) == "name,tel\nｻｳﾋﾜ,1\n"


def test_latin_names_stay_utf8_and_a_named_encoding_is_strict() -> None:
    for name in ("José", "Müller", "Ünal", "éa"):  # the first two are half-width kana too
        text = f"name,tel\n{name},1\n"
        assert text_of(text.encode()) == (text, "utf-8")
    assert problem_of("電話番号\n".encode(), "cp932")[:2] == (Problem.GARBLED_TEXT, "utf8_as_cp932")
    assert problem_of("氏名\n".encode("cp932"), "utf-8")[0] == Problem.UNKNOWN_ENCODING
    assert problem_of("氏名\n".encode(), "shift_jis") == (
        Problem.NO_SUCH_ENCODING, "", None,
    )  # fmt: skip
    with_mark = Decoded([codecs.BOM_UTF8 + "氏名\n".encode()], "utf-8")
    assert "".join(with_mark) == "氏名\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_full_of_ideographic_spaces_and_ones_utf16_is_still_utf16(encoding: str) -> None:
    text = "氏名,電話\n" + "一　一丁目一番,03-0001-2345\n" * 30  # their bytes 00 30 and 00 4E
    assert text_of(text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (
            "姓名,电话号码,地址\n张伟,1,北京市朝阳区建国路八十八号\n李娜,2,上海市浦东新区世纪大道\n",
            "gbk",
        ),
        (
            "姓名,電話,地址\n張偉,1,臺北市信義區信義路五段七號\n李娜,2,高雄市苓雅區四維三路\n",
            "big5",
        ),
        (
            "이름,전화번호,주소\n김철수,1,서울특별시 강남구 테헤란로\n이영희,2,부산광역시\n",
            "euc_kr",
        ),
        ("Имя,Телефон,Адрес\nИван Иванов,1,Москва улица Ленина дом десять\n", "cp1251"),
        ("Nom,Téléphone\nÉléonore Lefèvre,1\nRené Hébert à côté de la forêt,2\n", "cp1252"),
    ],
)
def test_a_clean_decode_is_no_proof(text: str, encoding: str) -> None:
    assert problem_of(text.encode(encoding))[0] == Problem.UNKNOWN_ENCODING


def test_a_text_of_what_japanese_writes_seldom_is_something_else() -> None:
    russian = (
        "Имя,Телефон,Адрес\nИван Иванов,1,Москва улица Ленина дом десять\n"
        "Пётр Петров,2,Санкт-Петербург Невский проспект\n"
    )
    assert problem_of(russian.encode("cp1251"))[:2] == (Problem.UNKNOWN_ENCODING, "script")
    assert encodings.strange("縺繧繝" * 10, "cp932")
    assert encodings.strange("架ｱ空ﾊ" * 10, "cp932")
    assert not encodings.strange("縺繧繝" * 3, "cp932")  # too short to say
    assert not encodings.strange("邊関ｶﾞｸﾊﾟ架空町一丁目" * 9, "cp932")


def test_mail_encoding_is_refused_by_name() -> None:
    data = "No,氏名\n1,架空\n".encode("iso2022_jp")
    assert problem_of(data)[::2] == (Problem.JIS_ENCODING, 1)


def test_the_end_of_file_mark_of_host_systems_is_no_row() -> None:
    assert text_of("架空,1\r\n\x1a".encode("cp932"), 4096)[0] == "架空,1\r\n"
    assert text_of("架空,1\r\n\x1a\x1a".encode("cp932"), 1)[0] == "架空,1\r\n"
    assert problem_of("架空,1\n\x1a架空,2\n".encode())[::2] == (Problem.BINARY_FILE, 2)
    with pytest.raises(IntakeError) as refused:
        rows_of(("a,12345\n" * 1000 + "\x1a\nb,2\n").encode(), 1)
    assert (refused.value.code, refused.value.line) == (Problem.BINARY_FILE, 1001)
    assert problem_of("架空,1\x1b[2J\n".encode())[::2] == (Problem.BINARY_FILE, 1)
