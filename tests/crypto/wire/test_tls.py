"""What a side of a TLS connection asks for, which files it takes, and what it calls revoked."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crypto.errors.base import KeyFileRefused
from crypto.wire.private_ca import certify
from crypto.wire.tls import (
    Files,
    Revoked,
    client_context,
    expires_at,
    fingerprint,
    host_and_port,
    server_context,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
FIRST, SECOND = b"one certificate", b"another one"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    certify(folder, "127.0.0.1", NOW)
    return folder


@pytest.fixture
def files(tmp_path: Path, made: Path) -> Files:
    """The keeper's, for this test to spoil."""
    for path in (made / "keeper").iterdir():
        copy = tmp_path / path.name
        copy.touch(mode=0o600)
        copy.write_bytes(path.read_bytes())
    return Files.of(tmp_path, "keeper")


def test_both_sides_speak_tls_1_3_and_check_the_other_strictly(files: Files) -> None:
    for context in (server_context(files), client_context(files)):
        assert context.minimum_version is ssl.TLSVersion.TLSv1_3
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert ssl.VERIFY_X509_STRICT in context.verify_flags
        assert ssl.VERIFY_X509_TRUSTED_FIRST in context.verify_flags
        assert len(context.get_ca_certs()) == 1, "our authority, and no other"


def test_a_server_hands_out_no_ticket_by_which_one_could_come_back_unproven(files: Files) -> None:
    assert server_context(files).num_tickets == 0


def test_a_client_goes_by_the_names_that_were_certified_only(files: Files) -> None:
    context = client_context(files)
    assert context.check_hostname
    assert not context.hostname_checks_common_name


@pytest.mark.parametrize("name", ["ca.crt", "keeper.crt", "keeper.key"])
def test_a_file_that_is_missing_is_named(files: Files, name: str) -> None:
    folder = Path(files.ca).parent
    (folder / name).unlink()
    with pytest.raises(KeyFileRefused, match=f"{name}.* is missing|{name}.*No such file"):
        Files.of(folder, "keeper")


@pytest.mark.parametrize("make", [server_context, client_context])
def test_a_key_that_was_opened_to_others_meanwhile_is_not_used(files: Files, make) -> None:  # type: ignore[no-untyped-def]
    Path(files.key).chmod(0o640)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        make(files)


def test_why_a_certificate_is_not_taken_is_said(files: Files, made: Path) -> None:
    Path(files.certificate).write_bytes((made / "web" / "web.crt").read_bytes())
    with pytest.raises(KeyFileRefused, match=r"keeper\.crt: KEY_VALUES_MISMATCH$"):
        server_context(files)
    Path(files.certificate).unlink()
    with pytest.raises(KeyFileRefused, match=r"keeper\.crt: No such file"):
        server_context(files)


def test_an_address_has_no_fragment() -> None:
    with pytest.raises(ValueError, match="tls://host:port"):
        host_and_port("tls://keeper:7443#web")


def test_a_certificate_that_says_no_end_has_ended() -> None:
    assert expires_at({}) == 0
    assert expires_at({"notAfter": "Nov  2 09:00:00 2026 GMT"}) == NOW.timestamp()


def test_what_is_revoked_at_the_start_is_held(tmp_path: Path) -> None:
    path = tmp_path / "revoked"
    colons = ":".join(fingerprint(FIRST)[at : at + 2] for at in range(0, 64, 2)).upper()
    path.write_text(f"# lost on Tuesday\n\n {colons}  # the web's\n")
    revoked = Revoked(path)
    assert revoked.holds(FIRST)
    assert not revoked.holds(SECOND)


def test_one_line_that_is_no_fingerprint_spoils_the_list(tmp_path: Path) -> None:
    path = tmp_path / "revoked"
    for wrong in ("abcd", fingerprint(SECOND) + "00", "what is this"):
        path.write_text(f"{fingerprint(FIRST)}\n{wrong}\n")
        with pytest.raises(KeyFileRefused, match="fingerprint"):
            Revoked(path)


def test_a_list_that_never_was_revokes_nobody_and_one_that_is_gone_everybody(
    tmp_path: Path,
) -> None:
    path = tmp_path / "revoked"
    revoked = Revoked(path)
    assert not revoked.holds(FIRST)
    path.write_text(fingerprint(SECOND))
    assert not revoked.holds(FIRST)
    assert revoked.holds(SECOND)
    path.unlink()
    assert revoked.holds(FIRST)
