"""The check page shows the whole certificate, knows the one of its QR code, and takes our PDFs."""

import base64
import json
import re
import zlib
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect

from calllist.web.offline import FOLDER
from retention.certificates import document, reason
from retention.facts import CertificateFacts, Check, Named
from retention.pdf.typesetting import check_address
from retention.states import Outcome
from tests.offline_pages.conftest import LIST, PINNED
from tests.retention.kit import CLAIMS, FACTS, KNOWN, PUBLIC, certificate, facts
from tests.retention.paper import CHECK_PAGE, ORIGINAL, genuine
from tests.retention.test_verify import anchor

HERE = (FOLDER / "check.html").as_uri()
WRITTEN = "([facts, lang]) => checking.written(facts, lang)"
RAW = "const raw = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));"
FLIPPED = (
    "async ([key, given]) => {"
    + RAW
    + """
  const whole = raw(given), passed = [];
  for (let at = 0; at < whole.length; at += 1) {
    const one = whole.slice();
    one[at] ^= 1 << (at % 8);
    try { await checking.verify(one, raw(key)); passed.push(at); } catch { /* as it must */ }
  }
  return passed;
}"""
)
ATTACHED = (
    "async (given) => {"
    + RAW
    + """
  try { return btoa(String.fromCharCode(...await checking.attached(raw(given)))); }
  catch (error) { return error.code; }
}"""
)
EVERYTHING = {
    **CLAIMS.received,
    "accepted": 1234,
    "not_to_be_called": 7,
    "parties": ["架空コール株式会社", "Sub & Co. <x>"],
    "grace_hours": 2,
    "file_salt": "cd" * 16,
}
CHECKS = (
    Check("row_count", Outcome.PASS, "compared", seen=1_234_567),
    Check("swap", Outcome.PASS, "searched", bytes=9_280_000),
    Check("a_new_store", Outcome.PASS, "a_new_way", found=2),
    Check("wal", Outcome.OUTSIDE, "not_reached"),
)
NOON = datetime(2026, 12, 31, 15, 0, 0, 999_999, tzinfo=UTC)  # another year in Japan
STATED = {
    "as issued": FACTS,
    "everything": facts(
        claims=msgspec.structs.replace(CLAIMS, received=EVERYTHING, checks=CHECKS, verified_at=NOON)
    ),
    "known to the keeper": facts(**KNOWN),
    "known, half of it attested": facts(
        **{**KNOWN, "attested": {"erased": 1}, "manifested_at": None, "purpose": "new"},
        claims=msgspec.structs.replace(CLAIMS, received=EVERYTHING),
    ),
    "nothing known": facts(claims=msgspec.structs.replace(CLAIMS, received={}, checks=())),
    "root proven": facts(root_kind="software-token", root_proof="old_wrap_does_not_open"),
    "hsm": facts(root_kind="hsm: maker model 7", trigger="a_new_trigger"),
    "unknown root": facts(root_kind="constructor", opens=1_000_000),
    "third edition": facts(
        edition=3, replaces=Named("ent_01-000002", 2, "ab" * 32, "claim", "stm_01")
    ),
    "kept elsewhere": facts(
        claims=msgspec.structs.replace(
            CLAIMS,
            ending="results_first",
            checks=(
                Check("wal", Outcome.OUTSIDE, "not_reached", days=7, until=NOON),
                Check("backups", Outcome.OUTSIDE, "not_reached", days=30, until=NOON),
            ),
        )
    ),
    "one of two known": facts(
        claims=msgspec.structs.replace(
            CLAIMS,
            ending="at_once",
            checks=(Check("wal", Outcome.OUTSIDE, "not_reached", days=7, until=NOON),),
        )
    ),
    "in the ledger": anchor(),
}


def open_page(page: Page, behind: str = "") -> None:
    page.goto("about:blank")  # a change behind the "#" alone would not load the page anew
    page.goto(HERE + behind)


def check(page: Page, file: Path, **more: Path) -> None:
    page.fill("#key", PINNED)
    for field, given in {"certificate": file, **more}.items():
        page.set_input_files(f"#{field}", given)
    page.click("#go")


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", STATED)
def test_the_page_says_the_whole_certificate_word_for_word(
    page: Page, name: str, lang: str
) -> None:
    stated: CertificateFacts = STATED[name]
    open_page(page)
    shown: dict[str, Any] = page.evaluate(WRITTEN, [json.loads(msgspec.json.encode(stated)), lang])
    expected = asdict(document(stated, lang))
    assert shown["title"] == expected["title"]
    assert shown["statement"] == list(expected["statement"])
    for one in expected["sections"]:
        del one["source"]  # the code; its words are compared
        one["source"] = one.pop("source_label")
        one["lines"] = [{**line, "cells": list(line["cells"])} for line in one["lines"]]
    assert shown["sections"] == list(expected["sections"])


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_each_line_of_the_certificate_stands_on_the_page(
    page: Page, tmp_path: Path, lang: str
) -> None:
    (tmp_path / "c.json").write_bytes(certificate())
    open_page(page)
    page.click(f"[data-to={lang}]")
    check(page, tmp_path / "c.json")
    expect(page.locator("article")).to_be_visible()
    text = page.locator("article").inner_text()
    for section in document(FACTS, lang).sections:
        assert section.title in text
        assert section.source_label in text
        for line in section.lines:
            for part in (line.label, *(line.cells or line.value.split("\n"))):
                assert part in text


def test_a_bit_changed_anywhere_in_a_certificate_is_refused(page: Page) -> None:
    open_page(page)
    given = [base64.b64encode(one).decode() for one in (PUBLIC, certificate())]
    assert page.evaluate(FLIPPED, given) == []


@pytest.mark.parametrize("at", [0, len(LIST) // 2, len(LIST) - 1])
def test_a_bit_changed_in_the_list_is_told(
    page: Page, papers: Path, tmp_path: Path, at: int
) -> None:
    changed = bytearray(LIST)
    changed[at] ^= 1
    (tmp_path / "list.csv").write_bytes(changed)
    open_page(page)
    more = {"secret": papers / "own.key", "paper": papers / "results.json"}
    check(page, papers / "certificate.json", list=tmp_path / "list.csv", **more)
    expect(page.locator("#found .bad")).to_contain_text("この証明書のリストではありません")


@pytest.mark.parametrize(
    ("changed", "behind", "kind", "says"),
    [
        ({}, "", "good", "QRコードの証明書です: ent_01-000003"),
        ({"opens": 5}, "", "bad", "内容がQRコードの証明書と1文字以上違います"),
        ({"certificate": "ent_01-000004"}, "", "bad", "別の証明書のファイルです"),
        ({}, "#ent_01-000009." + "A" * 43, "bad", "別の証明書のファイルです"),
    ],
)
def test_the_page_knows_which_certificate_the_qr_code_stands_for(
    page: Page, tmp_path: Path, changed: dict[str, Any], behind: str, kind: str, says: str
) -> None:
    code = check_address(ORIGINAL, FACTS, CHECK_PAGE).removeprefix(CHECK_PAGE)
    (tmp_path / "c.json").write_bytes(certificate(**changed))
    open_page(page, behind or code)
    number = (behind or code)[1:].split(".")[0]
    expect(page.locator("#expected")).to_contain_text(f"QRコードの証明書: {number}")
    check(page, tmp_path / "c.json")
    expect(page.locator(f"#found .{kind}", has_text="QRコード")).to_contain_text(says)
    expect(page.locator("#found")).to_contain_text("本物の証明書です")


def test_a_refused_file_is_held_against_the_qr_code_too(page: Page, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_bytes(ORIGINAL + b" ")
    open_page(page, check_address(ORIGINAL, FACTS, ""))
    check(page, tmp_path / "c.json")
    expect(page.locator("#found")).to_contain_text("受け入れられません")
    expect(page.locator("#found")).to_contain_text("このファイルの内容とは合いません")


@pytest.mark.parametrize("behind", ["#x", "#ent_01-000003.short", "#<b>." + "A" * 43])
def test_an_address_that_cannot_be_read_is_said_and_stops_nobody(
    page: Page, tmp_path: Path, behind: str
) -> None:
    (tmp_path / "c.json").write_bytes(ORIGINAL)
    open_page(page, behind)
    expect(page.locator("#expected")).to_contain_text("読めません")
    check(page, tmp_path / "c.json")
    expect(page.locator("#found")).to_contain_text("本物の証明書です")


def test_the_pdf_of_a_certificate_is_taken_for_its_original_and_its_signature_left_open(
    page: Page, tmp_path: Path
) -> None:
    (tmp_path / "c.pdf").write_bytes(genuine())
    open_page(page, check_address(ORIGINAL, FACTS, ""))
    check(page, tmp_path / "c.pdf")
    found = page.locator("#found")
    for says in ("本物の証明書です", "QRコードの証明書です", "calllist verify FILE.pdf"):
        expect(found).to_contain_text(says)
    expect(found).to_contain_text("PDF自体の署名は、ここでは確認していません")
    expect(page.locator("article")).to_contain_text("ent_01-000003")


def _unfolded(pdf: bytes, content: bytes) -> bytes:
    """The PDF with another file inside, spelled as ours are."""
    packed = zlib.compress(content)
    head, begin, end = re.split(
        rb"(?s)(<</Length \d+/Type/EmbeddedFile.+?stream\n).+?(?=\nendstream)", pdf, maxsplit=1
    )
    return head + re.sub(rb"Length \d+", b"Length %d" % len(packed), begin) + packed + end


PDFS = {
    "no pdf of ours": b"%PDF-1.7\n%%EOF\n",
    "no name": genuine().replace(b"/UF(certificate.json)", b"/UF(certificatf.json)"),
    "two names": genuine() + genuine(),
    "cut off": genuine()[: genuine().index(b"/EmbeddedFile") + 200],
    "too much": _unfolded(genuine(), b" " * (1 << 21)),
    "unreadable": _unfolded(genuine(), b"").replace(zlib.compress(b""), b"\xff" * 8),
}


@pytest.mark.parametrize("name", PDFS)
def test_a_pdf_that_is_not_ours_is_refused_with_the_reason(
    page: Page, tmp_path: Path, name: str
) -> None:
    (tmp_path / "c.pdf").write_bytes(PDFS[name])
    open_page(page)
    check(page, tmp_path / "c.pdf")
    expect(page.locator("#found")).to_contain_text(reason("pdf_attachment"))


def test_what_a_changed_pdf_holds_is_refused_like_any_other_file(
    page: Page, tmp_path: Path
) -> None:
    changed = bytearray(ORIGINAL)
    changed[200] ^= 1
    (tmp_path / "c.pdf").write_bytes(_unfolded(genuine(), bytes(changed)))
    open_page(page)
    check(page, tmp_path / "c.pdf")
    expect(page.locator("#found")).to_contain_text("この証明書は受け入れられません")
    expect(page.locator("article")).to_have_count(0)


def test_the_attached_original_is_taken_out_byte_for_byte(page: Page) -> None:
    open_page(page)
    taken = page.evaluate(ATTACHED, base64.b64encode(genuine()).decode())
    assert base64.b64decode(taken) == ORIGINAL
