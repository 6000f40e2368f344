"""A PDF verifies offline against the pinned certificate; whatever was changed is refused."""

import io
import random
import subprocess
from pathlib import Path

import pytest
import typst
from asn1crypto import x509 as asn1
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from retention.errors import NotAuthentic
from retention.pdf import checking, cms
from retention.pdf.fonts import FOLDER
from retention.pdf.hole import Signed, taken_apart
from retention.pdf.signing import sign
from retention.vocabulary import REASONS
from tests.retention.kit import FACTS, PUBLIC
from tests.retention.paper import ORIGINAL, credential, genuine, page, signed, signer


def reason_of(pdf: bytes) -> str:
    with pytest.raises(NotAuthentic) as refused:
        checking.check(pdf, PUBLIC, signer().chain)
    assert refused.value.reason in REASONS
    return refused.value.reason


def changed(pdf: bytes, at: int, bit: int = 0) -> bytes:
    spoilt = bytearray(pdf)
    spoilt[at] ^= 1 << bit
    return bytes(spoilt)


def test_a_genuine_pdf_verifies_and_holds_the_original() -> None:
    found = checking.check(genuine(), PUBLIC, signer().chain)
    assert (found.facts, found.envelope, found.stamp) == (FACTS, ORIGINAL, None)


def test_the_same_facts_are_the_same_digest_to_sign() -> None:
    again = signed(page(), signer())
    assert taken_apart(again).digest == taken_apart(genuine()).digest


def test_poppler_finds_it_valid_and_the_whole_document_signed(tmp_path: Path) -> None:
    (tmp_path / "c.pdf").write_bytes(genuine())
    said = subprocess.run(
        ["pdfsig", tmp_path / "c.pdf"], capture_output=True, text=True, check=True
    ).stdout
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said


def test_openssl_finds_the_cms_signature_valid(tmp_path: Path) -> None:
    found = taken_apart(genuine())
    (tmp_path / "s.der").write_bytes(found.content)
    (tmp_path / "signed").write_bytes(found.before + found.after)
    (tmp_path / "c.pem").write_bytes(signer().home.joinpath("document.pem").read_bytes())
    command = (
        *("openssl", "cms", "-verify", "-inform", "DER", "-in", "s.der", "-binary"),
        *("-content", "signed", "-certfile", "c.pem", "-noverify", "-out", "out"),
    )
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_pyhanko_finds_it_intact_and_no_change_permitted() -> None:
    [found] = PdfFileReader(io.BytesIO(genuine())).embedded_regular_signatures
    pinned = asn1.Certificate.load(signer().chain[0])
    context = ValidationContext(trust_roots=[pinned], allow_fetching=False)
    said = validate_pdf_signature(found, context)
    assert said.intact
    assert said.valid
    assert said.coverage.name == "ENTIRE_FILE"
    assert found.docmdp_level.name == "NO_CHANGES"


def test_a_changed_bit_in_each_byte_of_the_signature_is_refused() -> None:
    found = taken_apart(genuine())
    for at in range(len(found.content)):
        for bit in (at % 8, (at + 5) % 8):
            with pytest.raises(NotAuthentic):
                cms.check(changed(found.content, at, bit), found.digest, signer().chain)


def test_changed_bits_anywhere_in_the_file_are_refused() -> None:
    pdf, chance = genuine(), random.Random(5)
    found = taken_apart(pdf)
    start, hole = len(found.before), 2 * found.room + 2
    places = [chance.randrange(len(pdf)) for _ in range(300)]
    places += [start, start + 1, start + 7, start + hole - 1, start + hole - 2, start + hole // 2]
    places += range(len(pdf) - 40, len(pdf))
    for at in places:
        for bit in (0, 5):  # 5: the case of a letter
            assert reason_of(changed(pdf, at, bit))


def test_what_was_appended_cut_off_or_signed_again_is_refused() -> None:
    pdf = genuine()
    assert reason_of(pdf + b"\n") == "appended"
    assert reason_of(pdf + b"\n%%EOF") == "appended"
    assert reason_of(pdf[:-1]) == "cut_off"
    assert reason_of(page()) == "not_signed"
    assert reason_of(b"%PDF-1.7\n") == "not_signed"
    assert reason_of(pdf + page() + b"/ByteRange [0 1 2 3]") == "signed_twice"
    assert reason_of(pdf + bytes(9 * 1024 * 1024)) == "too_long"
    with pytest.raises(SigningError):
        signed(pdf, signer())


def test_another_key_another_original_or_a_stretched_hole_does_not_do(tmp_path: Path) -> None:
    stranger = credential(tmp_path)
    assert reason_of(signed(page(), stranger)) == "pdf_other_key"
    with pytest.raises(NotAuthentic) as refused:
        checking.check(genuine(), bytes(32), signer().chain)
    assert refused.value.reason == "other_key"

    found = taken_apart(genuine())
    moved = found.before + b"<" + found.content.hex().encode() + b">" + found.after
    assert reason_of(moved) in {"cut_off", "pdf_hole"}
    upper = found.before + pdf_hole(found).upper() + found.after
    assert reason_of(upper) == "pdf_hole"
    value, _ = cms.values_of(found.content)
    longer = cms.signature_of(found.digest, (*signer().chain, *stranger.chain), value)
    assert reason_of(found.holding(longer)) == "pdf_signature_form"


def pdf_hole(found: Signed) -> bytes:
    return b"<" + found.content.hex().ljust(2 * found.room, "0").encode() + b">"


@pytest.mark.parametrize(
    "attached",
    [
        '#pdf.attach("/other.json", bytes("{}"), relationship: "source")',
        '#pdf.attach("/certificate.json", bytes("{}"), relationship: "data")',
        (
            '#pdf.attach("/certificate.json", bytes("{}"), relationship: "source")'
            '#pdf.attach("/a.json", bytes("{}"), relationship: "source")'
        ),
        "nothing",
    ],
)
def test_a_pdf_with_another_attachment_or_none_is_refused(attached: str) -> None:
    """Signed as it is: by a worker that is no longer ours."""
    made = typst.Compiler(attached.encode(), font_paths=[str(FOLDER)], ignore_system_fonts=True)
    assert reason_of(signed(made.compile(format="pdf"), signer())) == "pdf_attachment"


@pytest.mark.asyncio
async def test_a_signature_of_somebody_else_is_not_put_in() -> None:
    async def ask(digest: bytes) -> bytes:
        return signer().sign(bytes(32))

    with pytest.raises(NotAuthentic):
        await sign(page(), FACTS.issued_at, signer().chain, ask)
