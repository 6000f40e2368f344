"""`calllist verify --with`: what later documents say of a certificate, in either form."""

import base64
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from retention.pdf.typesetting import typeset
from retention.verify import verify
from tests.calllist.command_line import run
from tests.retention.kit import PUBLIC, certificate
from tests.retention.lineage import FIRST, NAME, SECOND, THIRD, revocation_of
from tests.retention.paper import CHECK_PAGE, genuine, signed, signer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What an entrustor has: documents, and what it has pinned."""
    key = base64.urlsafe_b64encode(PUBLIC).decode()
    (tmp_path / "k.pub").write_text(f"certificate-key {key}\n")
    (tmp_path / "document.pem").write_bytes(signer().home.joinpath("document.pem").read_bytes())
    (tmp_path / "first.json").write_bytes(FIRST)
    (tmp_path / "second.json").write_bytes(SECOND)
    (tmp_path / "third.json").write_bytes(THIRD)
    (tmp_path / "other.json").write_bytes(certificate(opens=1))
    (tmp_path / "revoked.json").write_bytes(revocation_of(FIRST))
    (tmp_path / "third_revoked.json").write_bytes(revocation_of(THIRD))
    return tmp_path


def check(
    folder: Path, original: str, *later: str, more: tuple[str, ...] = (), lang: str = "en"
) -> CompletedProcess[bytes]:
    given = [word for name in later for word in ("--with", name)]
    return run("verify", original, *given, "--key", "k.pub", *more, cwd=folder, lang=lang)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("second.json", f"was replaced. The newest edition given: {NAME}.2,"),
        ("revoked.json", "was revoked on"),
    ],
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
        assert f"was replaced. The newest edition given: {NAME}.2," in said
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


NEWEST = f"The newest edition given: {NAME}.3,"
BETWEEN = "Editions between were not given"
ENDED = f"Edition {NAME}.3, which replaced it, was revoked on"


@pytest.mark.parametrize(
    ("later", "said", "unsaid"),
    [
        (("second.json", "third.json"), (NEWEST,), (BETWEEN, "revoked on")),
        (("third.json", "second.json", "third.json"), (NEWEST,), (BETWEEN,)),
        (("third.json",), (NEWEST, BETWEEN), ()),
        (("second.json", "third.json", "third_revoked.json"), (NEWEST, ENDED), (BETWEEN,)),
        (("third_revoked.json",), (ENDED, BETWEEN), ("This certificate was revoked",)),
    ],
)
def test_of_several_editions_the_newest_counts_and_what_became_of_it(
    folder: Path, later: tuple[str, ...], said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    done = check(folder, "first.json", *later)
    assert done.returncode == 0, done.stderr.decode()
    for words in said:
        assert words in done.stderr.decode()
    for words in (*unsaid, "is not in this certificate"):
        assert words not in done.stderr.decode()


def test_in_japanese_too_the_newest_edition_and_its_revocation_are_named(folder: Path) -> None:
    done = check(folder, "first.json", "third.json", "third_revoked.json", lang="")
    for words in (
        f"最も新しい版は {NAME}.3(",
        f"差替後の版 {NAME}.3 は",
        "間の版が指定されていない",
    ):
        assert words in done.stderr.decode()


@pytest.mark.parametrize(
    ("original", "later", "stranger"),
    [
        ("third.json", ("second.json",), "second.json"),  # an earlier one replaces nothing
        ("first.json", ("second.json", "revoked.json"), "revoked.json"),  # not in force then
        ("first.json", ("second.json", "other.json"), "other.json"),
        ("revoked.json", ("second.json",), "second.json"),
    ],
)
def test_the_document_that_does_not_fit_is_named(
    folder: Path, original: str, later: tuple[str, ...], stranger: str
) -> None:
    done = check(folder, original, *later)
    assert done.returncode == 1
    assert f"{stranger} neither replaces nor revokes" in done.stderr.decode()
    assert not done.stdout
