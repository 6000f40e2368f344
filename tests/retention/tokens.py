"""RFC 3161 tokens that a real authority would not make: each wrong in one thing."""

import hashlib
from datetime import UTC, datetime, timedelta

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from crypto.standards.der import OCTETS, element, inside, sequence, set_of
from crypto.standards.pades import CONTENT_TYPE, MESSAGE_DIGEST, SHA256, SIGNING_CERTIFICATE_V2
from retention.pdf import cms
from retention.pdf.timestamps import TST_INFO, VERSION_3

AT = datetime(2026, 4, 7, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    by: tuple[str, ec.EllipticCurvePrivateKey],
    *extensions: tuple[x509.ExtensionType, bool],
) -> bytes:
    """DER; valid for two days around AT."""

    def named(words: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])

    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(by[0]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT - DAY)
        .not_valid_after(AT + DAY)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(by[1], hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def root_of(key: ec.EllipticCurvePrivateKey, *, ca: bool = True) -> bytes:
    limits = x509.BasicConstraints(ca=ca, path_length=None)
    return certificate("root", key, ("root", key), (limits, True))


def token(
    value: bytes,
    *,
    use: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING,
    critical: bool = True,
    ca: bool = True,
    at: datetime = AT,
    said: bytes = TST_INFO,
    beside: tuple[bytes, ...] = (),
    spoil_root: bool = False,
) -> bytes:
    """In order, but for what is given."""
    above, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = root_of(above, ca=ca)
    while spoil_root and root[-1] & 1:  # a last bit that nobody reads
        root = root_of(above, ca=ca)
    if spoil_root:
        start = len(root) - len(sequence_signature(root))
        root = root[:start] + b"\x01" + root[start + 1 :]
    leaf = certificate("leaf", own, ("root", above), (x509.ExtendedKeyUsage([use]), critical))
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3.4",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(value).digest(),
            },
            "serial_number": 1,
            "gen_time": at,
        }
    ).dump()
    named = sequence(sequence(sequence(element(OCTETS, hashlib.sha256(leaf).digest()))))
    attributes = set_of(
        sequence(CONTENT_TYPE, set_of(said)),
        sequence(MESSAGE_DIGEST, set_of(element(OCTETS, hashlib.sha256(info).digest()))),
        sequence(SIGNING_CERTIFICATE_V2, set_of(named)),
    )
    signature = own.sign(attributes, ec.ECDSA(hashes.SHA256()))
    signer = cms.signer_info(leaf, SHA256, attributes, cms.ECDSA, signature)
    content = sequence(TST_INFO, element(cms.CONTEXT_0, element(OCTETS, info)))
    return cms.signed_data(VERSION_3, SHA256, content, (leaf, root, *beside), signer)


def sequence_signature(der: bytes) -> bytes:
    """The body of a certificate's signatureValue: unused bits, and the signature."""
    return inside(der)[2].body
