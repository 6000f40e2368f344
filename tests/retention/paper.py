"""PDFs made by a document key of the test's own, as the worker makes them."""

import asyncio
import tempfile
from functools import cache
from pathlib import Path

from crypto.certificates.credential import Credential, key_in
from retention.pdf import cms
from retention.pdf.hole import taken_apart
from retention.pdf.signing import sign
from retention.pdf.typesetting import typeset
from tests.retention.kit import FACTS, certificate

CHECK_PAGE = "https://calls.example.jp/check"
ORIGINAL = certificate()


def credential(folder: Path) -> Credential:
    """A document key with a self-issued certificate."""
    return Credential(folder, key_in(folder / "document.key"))


@cache
def signer() -> Credential:
    """The one whose certificate is pinned."""
    made = credential(Path(tempfile.mkdtemp()))
    assert made.chain  # read now: the folder need not stay
    return made


def signed(page: bytes, by: Credential) -> bytes:
    """As the keeper would, with the key at hand."""

    async def ask(digest: bytes) -> bytes:
        return by.sign(digest)

    return asyncio.run(sign(page, FACTS.issued_at, by.chain, ask))


@cache
def page() -> bytes:
    """Set in type, not signed."""
    return typeset(ORIGINAL, FACTS, CHECK_PAGE)


@cache
def genuine() -> bytes:
    """A PDF without timestamp."""
    return signed(page(), signer())


def stamped(pdf: bytes, token: bytes) -> bytes:
    """With this token beside the signature."""
    found = taken_apart(pdf)
    value, _ = cms.values_of(found.content)
    chain = cms.chain_of(found.content)
    return found.holding(cms.signature_of(found.digest, chain, value, token))
