"""The key that signs documents for people, and the X.509 certificate that names it.

ECDSA on P-256: what PDF readers know (Ed25519 they mostly do not). The certificate is
self-issued at the first start and never expires, like the keys beside it; or the customer's
own, for this very key: its authority gets `public/document.csr`, and what it issues is put into
`document.pem`, the key's own certificate first.

Not promised: that a reader shows a self-issued certificate as trusted. It is compared with the
one that was pinned at onboarding.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crypto.errors.base import KeyFileRefused
from crypto.host.secretfile import read_secret
from crypto.signed.statements import fingerprint
from crypto.standards.pades import signed_attributes

CERTIFICATE = "document.pem"  # in the home: public, and kept as long as what it has signed
CHAIN_BYTES = 64 * 1024
CHAIN_LONGEST = 6  # certificates
# RFC 5280, 4.1.2.5: no well-defined expiration. Fixed, so that a wrong clock at the first start
# makes no certificate that is not valid yet.
NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
NOT_AFTER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True)
class Credential:
    """The key, and the certificate in its home."""

    home: Path
    key: ec.EllipticCurvePrivateKey

    @cached_property
    def chain(self) -> tuple[bytes, ...]:
        """DER: the key's own certificate, made at the first call; then those that lead to an
        authority. Raises KeyFileRefused."""
        path = self.home / CERTIFICATE
        if not path.exists():
            made = _self_issued(self.key).public_bytes(serialization.Encoding.PEM)
            _write_once(path, made, 0o644)
        return _chain(path, self.key)

    def sign(self, digest: bytes) -> bytes:
        """DER of the ECDSA signature over the attributes of a PDF with this digest.

        Raises RootRefused if the key's token does not answer.
        """
        attributes = signed_attributes(self.chain[0], digest)
        return self.key.sign(attributes, ec.ECDSA(hashes.SHA256()))

    def publish(self, folder: Path) -> None:
        """The certificates to pin, and a request for a certificate of one's own authority.

        Raises KeyFileRefused.
        """
        pem = "".join(
            x509.load_der_x509_certificate(one).public_bytes(serialization.Encoding.PEM).decode()
            for one in self.chain
        )
        (folder / CERTIFICATE).write_text(pem)
        request = folder / "document.csr"
        if not request.exists():
            made = x509.CertificateSigningRequestBuilder().subject_name(_name(self.key))
            signed = made.sign(self.key, hashes.SHA256())
            request.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def key_in(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key of a file (PKCS #8, PEM), made at the first call. Raises KeyFileRefused."""
    if not path.exists():
        made = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write_once(path, made, 0o600)
    try:
        key = serialization.load_pem_private_key(read_secret(path), None)
    except (ValueError, TypeError):
        raise KeyFileRefused(f"{path} is damaged") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFileRefused(f"{path} is no key on P-256")
    return key


def _chain(path: Path, key: ec.EllipticCurvePrivateKey) -> tuple[bytes, ...]:
    """The certificates of a file: the first is this key's, each next one has issued the one
    before it."""
    try:
        with path.open("rb") as file:
            found = x509.load_pem_x509_certificates(file.read(CHAIN_BYTES))
        if len(found) > CHAIN_LONGEST:
            raise KeyFileRefused(f"{path}: more than {CHAIN_LONGEST} certificates")
        if found[0].public_key() != key.public_key():
            raise KeyFileRefused(f"{path}: its first certificate is not of the document key")
        for below, above in pairwise(found):
            below.verify_directly_issued_by(above)
    except OSError as error:
        raise KeyFileRefused(f"{path}: {error.strerror}") from None
    except (ValueError, TypeError, InvalidSignature):
        raise KeyFileRefused(f"{path}: its certificates do not lead to each other") from None
    return tuple(one.public_bytes(serialization.Encoding.DER) for one in found)


def _self_issued(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """For signatures and nothing else: it issues no certificate, and opens no TLS."""
    public, name = key.public_key(), _name(key)
    use = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    documents = x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")])  # RFC 9336
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(use, critical=True)
        .add_extension(documents, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def _name(key: ec.EllipticCurvePrivateKey) -> x509.Name:
    """What a reader shows as the signer: no organisation, which nobody has checked."""
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    said = f"calllist keeper document {fingerprint(point)}"  # 60 of 64 characters
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, said)])


def _write_once(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
