"""Ordinary list files of every kind, and bytes that mean something in one.

The fuzzer starts from them; they take the place of a corpus.
"""

import zipfile
from collections.abc import Iterator

from tests.calllist.intake.workbooks import book, packed, parts, rows

HEADER = ["整理番号", "氏名", "フリガナ", "電話番号", "生年月日", "住所"]
PERSON = ["1", "架空珠緒", "ｶｸｳ ﾀﾏｵ", "090-0001-2345", "S55.1.2", "架空県架空市"]
WORDS = [
    *(bytes([byte]) for byte in b'",\t\r\n;|\x00\x1a\x80\xff'),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"#N/A", b"sep=;\n", b"9E99", b"1E+15"),
    *("電話番号".encode(), "氏名".encode("cp932"), "菴占陸".encode(), "ä½\x90".encode()),
    *(b"<row>", b'<c t="s"><v>0</v></c>', b"<v>", b"</v>", b"<f>", b"<rPh>"),
    *(b'r="XFD1"', b'r="1048576"', b'<mergeCell ref="A1:B9"/>'),
    *(b"&#xD800;", b"&a;", b"<!DOCTYPE a [", b"<![CDATA["),
]


def seeds() -> Iterator[bytes]:
    """Ordinary files of every kind, from which the fuzzer starts."""
    text = "\r\n".join(",".join(line) for line in (["名簿"], HEADER, PERSON, PERSON)) + "\r\n"
    for encoding in ("cp932", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "euc_jp"):
        yield b"\x00" + text.encode(encoding)
    yield b"\x02" + text.replace(",", "\t").replace("架空珠緒", '"架空\n珠緒"').encode()
    yield b"\x01" + "090-0001-2345,架空\n,#N/A\n03-0001-2345;x,仮\ue000\n".encode()
    yield b"\x40" + ("縺九￥縺・\n" + text).encode()
    yield b"\x00" + book(["名簿"], HEADER, PERSON, [2, "仮名", None, 9000012345, 18265, "x"])
    strings = "<si><t>電話番号</t><rPh><t>デ</t></rPh></si>"
    strings += "<si><r><t>架</t></r><r><t>空_x000D_</t></r></si>"
    cells = '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c></row>'
    cells += '<row><c s="1"><v>312345678</v></c><c t="e"><v>#N/A</v></c><c t="b"/></row>'
    yield b"\x05" + packed(
        parts(
            sheets={"a": cells, "b": rows(PERSON)},
            strings=strings,
            styles=(0, 164, 14),
            formats='<numFmt numFmtId="164" formatCode="000-0000-0000"/>',
            after='<mergeCells><mergeCell ref="A2:A3"/></mergeCells>',
        ),
        zipfile.ZIP_STORED,
    )
