"""What the private authority certifies, for how long, and who may read its files."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID

from crypto.errors.base import KeyFileRefused
from crypto.wire.base import Caller
from crypto.wire.private_ca import Authority, certify

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
BEFORE = timedelta(minutes=5)
USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign"),
)


def uses(certificate: x509.Certificate) -> set[str]:
    found = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert found.critical
    return {name for name in USES if getattr(found.value, name)}


def constraints(certificate: x509.Certificate) -> tuple[bool, int | None]:
    found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert found.critical
    return found.value.ca, found.value.path_length


def lenient(certificate: x509.Certificate) -> set[str]:
    """The extensions that whoever does not know them may look away from."""
    return {one.oid._name for one in certificate.extensions if not one.critical}


def days(certificate: x509.Certificate) -> tuple[timedelta, timedelta]:
    return NOW - certificate.not_valid_before_utc, certificate.not_valid_after_utc - NOW


def test_the_authority_certifies_ends_only_and_does_nothing_else() -> None:
    made = Authority.create(NOW).certificate
    assert constraints(made) == (True, 0)
    assert uses(made) == {"key_cert_sign", "crl_sign"}
    assert lenient(made) == {"subjectKeyIdentifier"}
    assert days(made) == (BEFORE, timedelta(days=3650))


def test_a_certificate_of_either_side_signs_certifies_nobody_and_lives_397_days() -> None:
    authority = Authority.create(NOW)
    for issued, purpose in (
        (authority.keeper("keeper.example.jp", NOW), ExtendedKeyUsageOID.SERVER_AUTH),
        (authority.caller(Caller.WEB, NOW), ExtendedKeyUsageOID.CLIENT_AUTH),
    ):
        made = issued.certificate
        assert constraints(made) == (False, None)
        assert uses(made) == {"digital_signature"}
        usage = made.extensions.get_extension_for_class(x509.KeyUsage).value
        assert "encipher_only=False, decipher_only=False" in repr(usage)
        extended = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        assert list(extended.value) == [purpose]
        assert lenient(made) == {
            *("extendedKeyUsage", "subjectAltName"),
            *("subjectKeyIdentifier", "authorityKeyIdentifier"),
        }
        assert days(made) == (BEFORE, timedelta(days=397))
        made.verify_directly_issued_by(authority.certificate)


def test_each_host_gets_its_own_files_and_only_keys_are_secret(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "certificates"
    certify(folder, "127.0.0.1", NOW)
    modes = {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
    }
    places = {
        "authority": ("ca",),
        "keeper": ("ca", "keeper"),
        "web": ("ca", "web", "intake"),
        "worker": ("ca", "worker"),
    }
    expected = {f"{place}/{name}.crt": 0o644 for place, names in places.items() for name in names}
    expected |= {path.replace(".crt", ".key"): 0o600 for path in expected if "/ca." not in path}
    expected |= dict.fromkeys(places, 0o700) | {"authority/ca.key": 0o600}
    assert modes == expected


def test_a_folder_without_an_authority_of_ours_certifies_nobody(tmp_path: Path) -> None:
    certify(tmp_path, "127.0.0.1", NOW)
    own = tmp_path / "authority"
    key = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (own / "ca.key").write_bytes(b"nonsense")
    with pytest.raises(KeyFileRefused, match=r"no authority$"):
        Authority.load(own)
    (own / "ca.key").write_bytes(key)
    with pytest.raises(KeyFileRefused, match="no authority of ours"):
        Authority.load(own)


def test_a_file_that_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    certify(tmp_path, "127.0.0.1", NOW)
    left = tmp_path / "web" / "web.key.new"
    left.write_bytes(b"half")
    [*_, issued, _, _] = certify(tmp_path, "127.0.0.1", NOW)
    assert issued.name == "web"
    assert not left.exists()
    kept = serialization.load_pem_private_key((tmp_path / "web" / "web.key").read_bytes(), None)
    assert kept.public_key() == issued.key.public_key()
