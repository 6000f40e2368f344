"""The PDF says what the certificate says, in both languages, and takes nothing from the machine."""

import hashlib
import io
import subprocess
from pathlib import Path

import msgspec
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from retention.certificates import document
from retention.pdf import fonts
from retention.pdf.attachment import original
from retention.pdf.typesetting import check_address, typeset
from tests.retention.kit import CLAIMS, FACTS, envelope, facts
from tests.retention.paper import CHECK_PAGE, ORIGINAL, genuine, page

HASHES = {  # of what was taken from Google Fonts, version 1.002
    "BIZUDPGothic-Regular.ttf": "22f41ce68f1ce62477ca4ec1e2c0c400cc545ddff31d713e8edf87808614aeb2",
    "BIZUDPGothic-Bold.ttf": "1a995936e0f9de8a7c142c97cdb679e7087e89c13e663f946cd047f4283cedf8",
    "OFL.txt": "e753d7155d53c747d037a445e584c8ecfca6dd79846db610417e282a736b28bc",
}


def text_of(pdf: bytes, tmp_path: Path) -> str:
    file = tmp_path / "certificate.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True)
    return done.stdout.decode()


def squeezed(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def test_it_says_everything_that_the_certificate_says_in_both_languages(tmp_path: Path) -> None:
    text = squeezed(text_of(page(), tmp_path))
    for lang in ("ja", "en"):
        said = document(FACTS, lang)
        for section in said.sections:
            assert squeezed(section.title) in text
            for line in section.lines:
                for value in (line.cells or tuple(line.value.split("\n")))[:1]:
                    assert squeezed(value)[:14] in text, line
        for sentence in said.statement:
            assert squeezed(sentence)[:20] in text
    assert hashlib.sha256(ORIGINAL).hexdigest() in text
    assert "架空市御中" in text


def test_the_same_facts_give_the_same_bytes() -> None:
    assert typeset(ORIGINAL, FACTS, CHECK_PAGE) == page()
    assert typeset(ORIGINAL, FACTS, None) != page()


def test_it_is_pdf_a_3u_tagged_with_the_original_attached_as_its_source() -> None:
    for pdf in (page(), genuine()):
        root = PdfFileReader(io.BytesIO(pdf)).root
        metadata = root["/Metadata"].data.decode()
        assert "<pdfaid:part>3</pdfaid:part>" in metadata
        assert "<pdfaid:conformance>U</pdfaid:conformance>" in metadata
        assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == "ja"
        assert "/JavaScript" not in root["/Names"]
        assert "/OpenAction" not in root
        assert original(pdf) == ORIGINAL


def test_every_typeface_in_it_is_ours_and_embedded(tmp_path: Path) -> None:
    (tmp_path / "c.pdf").write_bytes(genuine())
    listed = subprocess.run(
        ["pdffonts", tmp_path / "c.pdf"], capture_output=True, check=True, text=True
    ).stdout.splitlines()[2:]
    assert len(listed) == 2
    for line in listed:
        name, *_, embedded, subset, unicode, _, _ = line.split()
        assert "BIZUDPGothic" in name
        assert (embedded, subset, unicode) == ("yes", "yes", "yes")


@pytest.mark.parametrize("name", HASHES)
def test_the_typeface_is_the_one_that_was_taken_with_its_licence(name: str) -> None:
    assert hashlib.sha256((fonts.FOLDER / name).read_bytes()).hexdigest() == HASHES[name]


def test_a_character_that_the_typeface_lacks_is_named_not_lost(tmp_path: Path) -> None:
    assert fonts.legible("髙橋﨑 ①㈱") == "髙橋﨑 ①㈱"
    assert fonts.legible("𠮷野家\u0007") == "〓(U+20BB7)野家〓(U+0007)"
    received = CLAIMS.received | {"entrustor": "𠮷野市", "contract": '#panic("x") *a* $b$'}
    rare = facts(claims=msgspec.structs.replace(CLAIMS, received=received))
    original_of = envelope(msgspec.json.encode(rare, order="sorted"))
    text = text_of(typeset(original_of, rare, None), tmp_path)
    assert "〓(U+20BB7)野市" in squeezed(text)
    assert '#panic("x") *a* $b$' in text  # words are set, never read as instructions
    assert "この書体にない文字" in squeezed(text)


def test_the_qr_code_holds_page_number_and_hash_and_the_server_learns_neither() -> None:
    address = check_address(ORIGINAL, FACTS, CHECK_PAGE)
    page_url, _, rest = address.partition("#")
    assert page_url == CHECK_PAGE
    number, _, digest = rest.partition(".")
    assert number == FACTS.certificate
    assert len(digest) == 43  # SHA-256 in base64url


def test_two_pages_each_unless_there_is_more_to_say(tmp_path: Path) -> None:
    (tmp_path / "c.pdf").write_bytes(page())
    said = subprocess.run(["pdfinfo", tmp_path / "c.pdf"], capture_output=True, check=True).stdout
    assert b"Pages:           4" in said
    assert b"A4" in said
