"""The private authority of one keeper: it certifies the keeper's host and its callers.

    <folder>/authority/  ca.crt  ca.key                       stays with the keeper's administrator
    <folder>/keeper/     ca.crt  keeper.crt  keeper.key       to the keeper's host
    <folder>/web/        ca.crt  web.*  intake.*              to a web host (uploads run there)
    <folder>/worker/     ca.crt  worker.*                     to a worker host

Made with `calllist certificates`. Run again it certifies fresh keys under the same authority;
earlier certificates live until they expire or stand in the keeper's `revoked` file.
"""

import ipaddress
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from crypto.errors.base import KeyFileRefused
from crypto.host.secretfile import read_secret
from crypto.wire.base import Caller
from crypto.wire.tls import KEEPER, SCHEME, fingerprint

AUTHORITY_LIFE = timedelta(days=3650)
LIFE = timedelta(days=397)  # CA/Browser Forum, Baseline Requirements 6.3.2: no longer than that
BACKDATED = timedelta(minutes=5)  # for clocks that are a little behind
HOSTS = {"web": (Caller.WEB, Caller.INTAKE), "worker": (Caller.WORKER,)}


@dataclass(frozen=True, repr=False)
class Authority:
    """Its certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, now: datetime) -> "Authority":
        """A fresh one: certifies hosts and callers, no further authorities."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("calllist keeper authority")
        made = (
            _builder(name, name, key.public_key(), now, AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )
        return cls(made.sign(key, hashes.SHA256()), key)

    @classmethod
    def load(cls, folder: Path) -> "Authority":
        """Raises KeyFileRefused."""
        try:
            key = serialization.load_pem_private_key(read_secret(folder / "ca.key"), None)
            certificate = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
        except (OSError, ValueError, TypeError):
            raise KeyFileRefused(f"{folder} holds no authority") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise KeyFileRefused(f"{folder} holds no authority of ours")
        return cls(certificate, key)

    def keeper(self, host: str, now: datetime, life: timedelta = LIFE) -> "Issued":
        """For the keeper's host: a name or an address, as callers write it."""
        name: x509.GeneralName
        try:
            name = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        return self._issue(KEEPER, name, ExtendedKeyUsageOID.SERVER_AUTH, now, life)

    def caller(self, caller: Caller, now: datetime, life: timedelta = LIFE) -> "Issued":
        """For callers of one class."""
        name = x509.UniformResourceIdentifier(f"{SCHEME}:{caller}")
        return self._issue(caller, name, ExtendedKeyUsageOID.CLIENT_AUTH, now, life)

    def _issue(
        self,
        common: str,
        name: x509.GeneralName,
        purpose: x509.ObjectIdentifier,
        now: datetime,
        life: timedelta,
    ) -> "Issued":
        key = ec.generate_private_key(ec.SECP256R1())
        ours = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ours.value)
        made = (
            _builder(_name(common), self.certificate.subject, key.public_key(), now, life)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(issuer, critical=False)
        )
        return Issued(common, made.sign(self.key, hashes.SHA256()), key)


@dataclass(frozen=True, repr=False)
class Issued:
    """A certificate with its key; `name` is that of its files."""

    name: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def fingerprint(self) -> str:
        """As it stands in a `revoked` file."""
        return fingerprint(self.certificate.public_bytes(serialization.Encoding.DER))

    def write(self, folder: Path, authority: Authority) -> None:
        """`name.crt` and `name.key` (0600), with the authority's certificate beside them."""
        _write(folder / f"{self.name}.key", _pem(self.key), 0o600)
        _write(folder / f"{self.name}.crt", _public_pem(self.certificate), 0o644)
        _write(folder / "ca.crt", _public_pem(authority.certificate), 0o644)


def certify(folder: Path, host: str, now: datetime, life: timedelta = LIFE) -> list[Issued]:
    """Fill `folder` for every host; the authority that is there goes on. Raises KeyFileRefused."""
    own = folder / "authority"
    if (own / "ca.key").exists():
        authority = Authority.load(own)
    else:
        authority = Authority.create(now)
        _write(own / "ca.key", _pem(authority.key), 0o600)
        _write(own / "ca.crt", _public_pem(authority.certificate), 0o644)
    issued = [authority.keeper(host, now, life)]
    issued[0].write(folder / KEEPER, authority)
    for place, callers in HOSTS.items():
        for caller in callers:
            issued.append(authority.caller(caller, now, life))
            issued[-1].write(folder / place, authority)
    return issued


def _write(path: Path, data: bytes, mode: int) -> None:
    """Replace a file, with its mode from the first byte on."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
    fresh.rename(path)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
