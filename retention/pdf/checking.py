"""The entrustor's offline check of a PDF: nothing changed, nothing added, by the pinned key.

Certificates come from outside, never from the file. What is printed in a PDF is the worker's
typesetting; what counts is the original inside, so a check ends with `retention.verify`.
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from retention.errors import NotAuthentic
from retention.facts import CertificateFacts
from retention.pdf import cms, timestamps
from retention.pdf.attachment import original
from retention.pdf.hole import taken_apart
from retention.pdf.timestamps import Stamp
from retention.verify import verify

MAGIC = b"%PDF-"


@dataclass(frozen=True)
class Checked:
    """What a genuine PDF holds."""

    facts: CertificateFacts
    envelope: bytes
    stamp: Stamp | None


def check(
    pdf: bytes,
    key: bytes,
    chain: tuple[bytes, ...],
    stamp_roots: tuple[bytes, ...] | None = None,
) -> Checked:
    """key: the pinned Ed25519 key of certificates. chain: the pinned document certificate, DER,
    and what follows it. stamp_roots: those that may vouch for a timestamp; None: any.

    Raises NotAuthentic with one of the codes of `retention.vocabulary.REASONS`.
    """
    signed = taken_apart(pdf)
    value, token = cms.check(signed.content, signed.digest, chain)
    stamp = timestamps.check(token, value, stamp_roots) if token else None
    envelope = original(pdf)
    return Checked(verify(envelope, key), envelope, stamp)


def certificates(pem: bytes) -> tuple[bytes, ...]:
    """The certificates of a PEM file, as DER. Raises NotAuthentic if there is none."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise NotAuthentic("no_certificates") from None
    return tuple(one.public_bytes(serialization.Encoding.DER) for one in found)
