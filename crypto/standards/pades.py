"""What is signed under a PDF: the CMS signed attributes of PAdES, over a digest, in one spelling.

ETSI EN 319 142-1, 6.3 (B-B): content type, message digest, signing certificate; and the
algorithms (RFC 6211). The keeper makes them itself from a digest: its key signs nothing that
somebody else has spelled. Whoever checks makes them again and compares.
"""

import hashlib

from crypto.standards.der import OCTETS, element, sequence, set_of

DIGEST_BYTES = 32  # SHA-256
IMPLICIT_1 = 0xA1  # [1], constructed
CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")  # 1.2.840.113549.1.9.3
DATA = bytes.fromhex("06092a864886f70d010701")  # 1.2.840.113549.1.7.1
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")  # 1.2.840.113549.1.9.4
SIGNING_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")  # 1.2.840.113549.1.9.16.2.47
ALGORITHM_PROTECTION = bytes.fromhex("06092a864886f70d010934")  # 1.2.840.113549.1.9.52
SHA256 = sequence(bytes.fromhex("0609608648016503040201"))  # RFC 5754, 2: no parameters
ECDSA_SHA256 = bytes.fromhex("06082a8648ce3d040302")  # 1.2.840.10045.4.3.2


def signed_attributes(certificate: bytes, digest: bytes) -> bytes:
    """DER of the SET that is signed (RFC 5652, 5.4).

    certificate: DER of the signer's X.509 certificate. digest: SHA-256 of the PDF's signed
    bytes. Raises ValueError if it is no SHA-256.
    """
    if len(digest) != DIGEST_BYTES:
        raise ValueError("digest")
    named = element(OCTETS, hashlib.sha256(certificate).digest())  # ESSCertIDv2 (RFC 5035, 4)
    attributes = (
        (CONTENT_TYPE, DATA),
        (MESSAGE_DIGEST, element(OCTETS, digest)),
        (SIGNING_CERTIFICATE_V2, sequence(sequence(sequence(named)))),
        (ALGORITHM_PROTECTION, sequence(SHA256, element(IMPLICIT_1, ECDSA_SHA256))),
    )
    return set_of(*(sequence(name, set_of(value)) for name, value in attributes))
