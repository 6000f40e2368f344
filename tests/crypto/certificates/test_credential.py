"""The certificate of the document key: what it says of itself, and what may lie in its file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from crypto.certificates.credential import CERTIFICATE, CHAIN_LONGEST, Credential, key_in
from crypto.errors.base import KeyFileRefused


def issued(
    name: str, key: ec.EllipticCurvePublicKey, by: ec.EllipticCurvePrivateKey, issuer: str
) -> x509.Certificate:
    """Of one year. by: the issuer's key."""

    def named(words: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, words)])

    since = datetime(2026, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=365))
        .sign(by, hashes.SHA256())
    )


def pem(certificate: x509.Certificate) -> bytes:
    """As it lies in a file."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def private(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def test_a_self_issued_certificate_says_what_it_is_for_and_never_ends(tmp_path: Path) -> None:
    [der] = Credential(tmp_path, key_in(tmp_path / "key")).chain
    made = x509.load_der_x509_certificate(der)
    made.verify_directly_issued_by(made)
    assert made.not_valid_before_utc == datetime(2026, 1, 1, tzinfo=UTC)
    assert made.not_valid_after_utc == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    documents = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
    said = {type(one.value): (one.value, one.critical) for one in made.extensions}
    assert said == {
        x509.BasicConstraints: (x509.BasicConstraints(ca=False, path_length=None), True),
        x509.KeyUsage: (
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            True,
        ),
        x509.ExtendedKeyUsage: (x509.ExtendedKeyUsage([documents]), False),
        x509.SubjectKeyIdentifier: (
            x509.SubjectKeyIdentifier.from_public_key(made.public_key()),
            False,
        ),
    }


def test_everybody_may_read_the_certificate_and_nobody_else_writes_it(tmp_path: Path) -> None:
    assert Credential(tmp_path, key_in(tmp_path / "key")).chain
    assert (tmp_path / CERTIFICATE).stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_the_customers_own_certificate_is_taken_if_it_is_of_this_key(tmp_path: Path) -> None:
    key = key_in(tmp_path / "key")
    credential = Credential(tmp_path, key)
    (tmp_path / "public").mkdir()
    credential.publish(tmp_path / "public")
    request = x509.load_pem_x509_csr((tmp_path / "public" / "document.csr").read_bytes())
    assert request.is_signature_valid
    authority = ec.generate_private_key(ec.SECP256R1())
    root = issued("架空認証局", authority.public_key(), authority, "架空認証局")
    own = issued("架空コール株式会社", key.public_key(), authority, "架空認証局")
    file = tmp_path / "document.pem"
    file.write_bytes(pem(own) + pem(root))
    taken = Credential(tmp_path, key)
    assert [x509.load_der_x509_certificate(one) for one in taken.chain] == [own, root]

    stranger = ec.generate_private_key(ec.SECP256R1())
    for wrong, said in (
        (pem(root) + pem(own), "not of the document key"),
        (pem(own) + pem(issued("別", stranger.public_key(), stranger, "別")), "lead to"),
        (pem(own) + pem(issued("架空認証局", stranger.public_key(), stranger, "架空認証局")),
         "lead to"),
        (b"", "lead to"),
    ):  # fmt: skip
        file.write_bytes(wrong)
        with pytest.raises(KeyFileRefused, match=said):
            assert Credential(tmp_path, key).chain


@pytest.mark.parametrize("length", [1, CHAIN_LONGEST, CHAIN_LONGEST + 1])
def test_a_chain_has_so_many_certificates_at_most(tmp_path: Path, length: int) -> None:
    key = key_in(tmp_path / "key")
    keys = [key, *(ec.generate_private_key(ec.SECP256R1()) for _ in range(length))]
    chain = [
        issued(str(at), keys[at].public_key(), keys[at + 1], str(at + 1)) for at in range(length)
    ]
    (tmp_path / CERTIFICATE).write_bytes(b"".join(map(pem, chain)))
    if length <= CHAIN_LONGEST:
        assert len(Credential(tmp_path, key).chain) == length
    else:
        with pytest.raises(KeyFileRefused, match=f"more than {CHAIN_LONGEST} certificates"):
            assert Credential(tmp_path, key).chain


def test_a_certificate_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / CERTIFICATE).mkdir()
    with pytest.raises(KeyFileRefused, match="Is a directory"):
        assert Credential(tmp_path, key_in(tmp_path / "key")).chain


def test_a_key_that_is_damaged_or_not_on_p256_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key_in(path)
    for content, said in (
        (private(ec.generate_private_key(ec.SECP384R1())), "no key on P-256"),
        (private(ed25519.Ed25519PrivateKey.generate()), "no key on P-256"),
        (b"damaged", "damaged"),
    ):
        path.write_bytes(content)
        with pytest.raises(KeyFileRefused, match=said):
            key_in(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        key_in(path)
