"""A PDF is prepared for its signature by pyHanko; the keeper signs what is to be signed.

PAdES baseline B-B (ETSI EN 319 142-1): one certification signature that permits no change,
invisible, in an incremental update. The signature's date is the certificate's date of issue,
so the same facts give the same bytes and the keeper is asked for the same signature; when it
really signed stands in the ledger, and in the timestamp.
"""

import io
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from retention.pdf import cms
from retention.pdf.hole import prepared

FIELD = "Keeper"
ROOM_BYTES = 16 * 1024  # of DER: chain and timestamp; a token with three certificates has 6 KB
MD = "sha256"

AskKeeper = Callable[[bytes], Awaitable[bytes]]
"""Digest of the signed bytes -> DER of the ECDSA signature over their attributes."""


async def sign(pdf: bytes, at: datetime, chain: tuple[bytes, ...], ask: AskKeeper) -> bytes:
    """The signed PDF. chain: DER, the keeper's document certificate first.

    Raises NotAuthentic if what comes back is no signature of that certificate.
    """
    open_file = prepared(_with_hole(pdf, at))
    value = await ask(open_file.digest)
    content = cms.signature_of(open_file.digest, chain, value)
    cms.check(content, open_file.digest, chain)
    return open_file.holding(content)


class _SameBytes(IncrementalPdfFileWriter):
    """Writes nothing that chance or a clock decides, and leaves the document's dates alone:
    PDF/A wants them to be the same wherever they stand."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        first, second = prev.trailer["/ID"]
        return generic.ArrayObject([_octets(first), _octets(second)])

    def _update_meta(self) -> None:
        pass


def _octets(identifier: Any) -> generic.ByteStringObject:
    """pyHanko reads octets that happen to be letters as text."""
    return generic.ByteStringObject(getattr(identifier, "original_bytes", identifier))


def _with_hole(pdf: bytes, at: datetime) -> bytes:
    """The PDF with a signature field, and room in it. pyHanko's protocol: field, object, output."""
    writer = _SameBytes(io.BytesIO(pdf))
    steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(FIELD)).write_cms(FIELD, writer)
    next(steps)
    placeholder = SignatureObject(
        timestamp=at, subfilter=SigSeedSubFilter.PADES, bytes_reserved=2 * ROOM_BYTES
    )
    permit_nothing = SigMDPSetup(MD, certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    steps.send(SigObjSetup(placeholder, mdp_setup=permit_nothing))
    _, output = steps.send(SigIOSetup(MD))
    return bytes(output.getvalue())
