"""CMS signatures (RFC 5652) as we write and accept them: each in its one spelling.

What CMS lets anybody write beside a signature has no room here. Everything but the signature
value, the certificates and a timestamp follows from the digest, so a signature is made again
from those and compared byte by byte.
"""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from crypto.standards.der import (
    OCTETS,
    SEQUENCE,
    SET,
    Element,
    element,
    elements,
    inside,
    sequence,
    set_of,
)
from crypto.standards.pades import DATA, ECDSA_SHA256, SHA256, signed_attributes
from retention.errors import NotAuthentic

INTEGER, CONTEXT_0, CONTEXT_1 = 0x02, 0xA0, 0xA1
VERSION_1 = element(INTEGER, b"\x01")
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # 1.2.840.113549.1.7.2
TIMESTAMP = bytes.fromhex("060b2a864886f70d010910020e")  # 1.2.840.113549.1.9.16.2.14, RFC 3161
ECDSA = sequence(ECDSA_SHA256)  # RFC 5758, 3.2: no parameters


def signature_of(
    digest: bytes, chain: tuple[bytes, ...], value: bytes, token: bytes | None = None
) -> bytes:
    """DER of the signature.

    digest: of the PDF's signed bytes. chain: the signer's certificates, its own first.
    value: DER of the ECDSA signature. token: DER of an RFC 3161 timestamp token over `value`.
    """
    attributes = signed_attributes(chain[0], digest)
    stamp = () if token is None else (set_of(sequence(TIMESTAMP, set_of(token)), tag=CONTEXT_1),)
    info = signer_info(chain[0], SHA256, attributes, ECDSA, value, *stamp)
    return signed_data(VERSION_1, SHA256, sequence(DATA), chain, info)


def signer_info(
    certificate: bytes,
    digest: bytes,
    attributes: bytes,
    algorithm: bytes,
    value: bytes,
    *more: bytes,
) -> bytes:
    """One SignerInfo (5.3). attributes: the SET that is signed."""
    [signed] = elements(attributes)
    return sequence(
        VERSION_1,
        issuer_and_serial(certificate),
        digest,
        element(CONTEXT_0, signed.body),
        algorithm,
        element(OCTETS, value),
        *more,
    )


def signed_data(
    version: bytes, digest: bytes, content: bytes, certificates: tuple[bytes, ...], info: bytes
) -> bytes:
    """A ContentInfo with one signature (5.1)."""
    held = set_of(*certificates, tag=CONTEXT_0)
    signed = sequence(version, set_of(digest), content, held, set_of(info))
    return sequence(SIGNED_DATA, element(CONTEXT_0, signed))


def issuer_and_serial(certificate: bytes) -> bytes:
    """How a signature names a certificate (10.2.4). Raises ValueError."""
    body = elements(inside(certificate)[0].body)
    serial, _, issuer = body[body[0].tag == CONTEXT_0 :][:3]
    return sequence(issuer.spelled, serial.spelled)


def parts_of(content: bytes) -> tuple[list[Element], list[Element]]:
    """What a ContentInfo's SignedData holds, and its one SignerInfo. Raises ValueError."""
    _, wrapped = inside(content)
    [signed] = elements(wrapped.body)
    parts = elements(signed.body)
    [info] = elements(parts[-1].body)
    if wrapped.tag != CONTEXT_0 or (signed.tag, parts[-1].tag, info.tag) != (
        SEQUENCE,
        SET,
        SEQUENCE,
    ):
        raise ValueError("form")
    return parts, elements(info.body)


def values_of(content: bytes) -> tuple[bytes, bytes | None]:
    """Signature value and timestamp token of a signature; what else it says is not looked at.

    Raises NotAuthentic.
    """
    try:
        info = parts_of(content)[1]
        value, unsigned = info[5].body, info[6:]
        if not unsigned:
            return value, None
        [attribute] = elements(unsigned[0].body)
        _, held = elements(attribute.body)
    except (ValueError, IndexError):
        raise NotAuthentic("pdf_signature_form") from None
    return value, held.body


def chain_of(content: bytes) -> tuple[bytes, ...]:
    """The certificates in a signature of ours, the signer's first. Proves nothing."""
    parts, info = parts_of(content)
    found = [one.spelled for one in elements(parts[3].body)]
    return tuple(sorted(found, key=lambda one: issuer_and_serial(one) != info[1].spelled))


def check(content: bytes, digest: bytes, chain: tuple[bytes, ...]) -> tuple[bytes, bytes | None]:
    """As `values_of`, of a signature by the pinned certificate over this digest, in one spelling.

    Raises NotAuthentic: `pdf_signature_form`, `pdf_signature`, `pdf_other_key`.
    """
    value, token = values_of(content)
    key = x509.load_der_x509_certificate(chain[0]).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise NotAuthentic("pdf_other_key")
    try:
        key.verify(value, signed_attributes(chain[0], digest), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        ours = chain[0] in content
        raise NotAuthentic("pdf_signature" if ours else "pdf_other_key") from None
    if signature_of(digest, chain, value, token) != content:
        raise NotAuthentic("pdf_signature_form")
    return value, token
