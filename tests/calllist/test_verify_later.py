"""`calllist verify --with`: what later documents say of a certificate, in either form."""

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess

import msgspec
import pytest

from retention.facts import Named, Revocation
from retention.pdf.typesetting import typeset
from retention.verify import REVOCATION_TYPE, verify
from tests.calllist.command_line import run
from tests.retention.kit import PUBLIC, certificate, envelope
from tests.retention.paper import CHECK_PAGE, genuine, signed, signer

NAME = "ent_01-000003"
AT = datetime(2026, 4, 8, tzinfo=UTC)


def named(original: bytes, reason: str = "name") -> Named:
    """The certificate that this original is, as its successor or revocation names it."""
    about = verify(original, PUBLIC)
    digest = hashlib.sha256(original).hexdigest()
    return Named(about.certificate, about.edition, digest, reason, "ab" * 16)


def edition(number: int, before: bytes) -> bytes:
    """The one that replaces the one before."""
    return certificate(
        certificate=f"{NAME}.{number}", edition=number, replaces=named(before), issued_at=AT
    )


def revocation_of(original: bytes) -> bytes:
    said = msgspec.structs.astuple(named(original, "wrong_claim"))
    document = Revocation(*said, "lst_01", "ent_01", AT)
    payload = msgspec.json.encode(document, order="sorted")
    return envelope(payload, payload_type=REVOCATION_TYPE)


FIRST = certificate()
SECOND = edition(2, FIRST)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What an entrustor has: documents, and what it has pinned."""
    key = base64.urlsafe_b64encode(PUBLIC).decode()
    (tmp_path / "k.pub").write_text(f"certificate-key {key}\n")
    (tmp_path / "document.pem").write_bytes(signer().home.joinpath("document.pem").read_bytes())
    (tmp_path / "first.json").write_bytes(FIRST)
    (tmp_path / "second.json").write_bytes(SECOND)
    (tmp_path / "other.json").write_bytes(certificate(opens=1))
    (tmp_path / "revoked.json").write_bytes(revocation_of(FIRST))
    return tmp_path


def check(
    folder: Path, original: str, *later: str, more: tuple[str, ...] = (), lang: str = "en"
) -> CompletedProcess[bytes]:
    given = [word for name in later for word in ("--with", name)]
    return run("verify", original, *given, "--key", "k.pub", *more, cwd=folder, lang=lang)


@pytest.mark.parametrize(
    ("name", "said"),
    [("second.json", f"was replaced by {NAME}.2"), ("revoked.json", "was revoked on")],
)
def test_a_later_document_says_what_became_of_a_certificate(
    folder: Path, name: str, said: str
) -> None:
    alone, since, itself, other = (
        check(folder, "first.json"),
        check(folder, "first.json", name),
        check(folder, name),
        check(folder, "other.json", name),
    )
    assert [one.returncode for one in (alone, since, itself, other)] == [0, 0, 0, 1]
    assert "is not in this certificate" in alone.stderr.decode()
    assert said in since.stderr.decode()
    assert "Authentic" in itself.stderr.decode() or "authentic" in itself.stderr.decode()
    assert "neither replaces nor revokes" in other.stderr.decode()


def test_a_later_edition_may_come_as_its_pdf_beside_an_original_in_either_form(
    folder: Path,
) -> None:
    paper = signed(typeset(SECOND, verify(SECOND, PUBLIC), CHECK_PAGE), signer())
    (folder / "second.pdf").write_bytes(paper)
    (folder / "first.pdf").write_bytes(genuine())
    pinned = ("--document-certificate", "document.pem")
    for original in ("first.json", "first.pdf"):
        done = check(folder, original, "second.pdf", more=pinned)
        assert done.returncode == 0, done.stderr.decode()
        said = done.stderr.decode()
        assert f"was replaced by {NAME}.2" in said
        assert "second.pdf: authentic PDF" in said


def test_a_later_pdf_is_believed_only_as_far_as_its_signature_goes(folder: Path) -> None:
    paper = genuine()
    (folder / "first.pdf").write_bytes(paper)
    (folder / "spoilt.pdf").write_bytes(paper[:100] + b"?" + paper[101:])
    pinned = ("--document-certificate", "document.pem")
    unpinned = check(folder, "first.json", "first.pdf")
    assert unpinned.returncode == 2
    assert "--document-certificate" in unpinned.stderr.decode()
    spoilt = check(folder, "first.json", "spoilt.pdf", more=pinned)
    assert spoilt.returncode == 1
    assert "spoilt.pdf is refused" in spoilt.stderr.decode()
    itself = check(folder, "first.json", "first.pdf", more=pinned)
    assert itself.returncode == 1
    assert "neither replaces nor revokes" in itself.stderr.decode()
    assert not itself.stdout
