"""The PDF of a certificate is signed by a key of its own, for that certificate, a few times."""

import hashlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crypto.certificates.credential import Credential, key_in
from crypto.errors.lists import NotCertified, TooManyDocuments
from crypto.keeper.certifying import DOCUMENTS_EACH
from crypto.keys.roots.address import parse
from crypto.keys.roots.kinds import RootRefused
from crypto.keys.roots.p256 import token_p256
from crypto.keys.roots.token import Token
from crypto.standards import pades
from crypto.wire.ledger import Head
from crypto.wire.lists import Shred, SignDocument
from tests.crypto.tokens import TokenDirectory
from tests.crypto.world import World

SHA256 = ec.ECDSA(hashes.SHA256())


def digest(number: int) -> bytes:
    return hashlib.sha256(bytes([number])).digest()


async def certified(world: World) -> None:
    await world.upload("lst_1")
    await end(world)


async def end(world: World) -> None:
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    await world.certify("lst_1")


def public_key(chain: tuple[bytes, ...]) -> ec.EllipticCurvePublicKey:
    key = x509.load_der_x509_certificate(chain[0]).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


@pytest.mark.asyncio
async def test_no_document_is_signed_before_its_certificate(world: World) -> None:
    await world.upload("lst_1")
    for name in ("ent_1-000001", "lst_1"):
        with pytest.raises(NotCertified):
            await world.say(SignDocument(name, digest(1)))
    await end(world)
    await world.say(SignDocument("ent_1-000001", digest(1)))
    with pytest.raises(NotCertified):
        await world.say(SignDocument("cer_2", digest(1)))
    assert len(world.lines("document")) == 1


@pytest.mark.asyncio
async def test_the_signature_verifies_under_the_published_certificate_and_the_line_names_it(
    either: World,
) -> None:
    await certified(either)
    signed = await either.say(SignDocument("ent_1-000001", digest(1)))
    chain = (await either.say(Head())).document_chain
    attributes = pades.signed_attributes(chain[0], digest(1))
    public_key(chain).verify(signed.signature, attributes, SHA256)
    with pytest.raises(InvalidSignature):
        public_key(chain).verify(
            signed.signature, pades.signed_attributes(chain[0], digest(2)), SHA256
        )
    [line] = either.lines("document")
    assert (line["certificate"], line["digest"]) == ("ent_1-000001", digest(1).hex())
    assert line["list"] == "lst_1"
    pinned = (either.folder / "public" / "document.pem").read_bytes()
    assert [one.public_bytes(serialization.Encoding.DER) for one in _loaded(pinned)] == list(chain)


@pytest.mark.asyncio
async def test_asked_again_it_answers_the_same_and_a_few_different_ones_is_all(
    world: World,
) -> None:
    await certified(world)
    first = await world.say(SignDocument("ent_1-000001", digest(0)))
    for number in range(1, DOCUMENTS_EACH):
        await world.say(SignDocument("ent_1-000001", digest(number)))
    for again in (DOCUMENTS_EACH, DOCUMENTS_EACH + 1):
        with pytest.raises(TooManyDocuments):
            await world.say(SignDocument("ent_1-000001", digest(again)))
    world.wait(hours=25)
    await world.restart()
    assert (await world.say(SignDocument("ent_1-000001", digest(0)))) == first
    with pytest.raises(TooManyDocuments):
        await world.say(SignDocument("ent_1-000001", digest(DOCUMENTS_EACH)))
    assert len(world.lines("document")) == DOCUMENTS_EACH


@pytest.mark.asyncio
async def test_the_key_is_another_than_the_ledgers_and_the_certificates_and_stays(
    either: World,
) -> None:
    head = await either.say(Head())
    own = public_key(head.document_chain)
    assert isinstance(own.curve, ec.SECP256R1)
    await either.restart()
    assert (await either.say(Head())).document_chain == head.document_chain
    assert own.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    ) not in (head.certificate_key, head.ledger_key)


@pytest.mark.asyncio
async def test_in_a_token_the_key_does_nothing_but_sign(
    token: TokenDirectory, tmp_path: Path
) -> None:
    world = await World.at(tmp_path / "home", token.setting("papers"))
    assert not (tmp_path / "home" / "signing").exists()
    chain = (await world.say(Head())).document_chain
    await world.stop()
    with closing(Token(parse(world.root))) as opened:
        key = token_p256(opened, "document")
        assert key.public_key() == public_key(chain)
        with pytest.raises(RootRefused):
            key.private_bytes()
        with pytest.raises(RootRefused, match="SHA-256 only"):
            key.sign(b"x", ec.ECDSA(hashes.SHA1()))  # noqa: S303


def test_what_is_signed_reads_as_cms_reads_it(tmp_path: Path) -> None:
    chain = Credential(tmp_path, key_in(tmp_path / "key")).chain
    spelled = pades.signed_attributes(chain[0], digest(1))
    found = cms.CMSAttributes.load(spelled, strict=True)
    assert tsp.SigningCertificateV2  # who knows this attribute
    assert found.dump(force=True) == spelled
    said: dict[str, Any] = {one["type"].native: one["values"][0].native for one in found}
    assert said["content_type"] == "data"
    assert said["message_digest"] == digest(1)
    [named] = said["signing_certificate_v2"]["certs"]
    assert named["cert_hash"] == hashlib.sha256(chain[0]).digest()
    assert named["hash_algorithm"]["algorithm"] == "sha256"
    protected = said["cms_algorithm_protection"]
    assert protected["digest_algorithm"]["algorithm"] == "sha256"
    assert protected["signature_algorithm"]["algorithm"] == "sha256_ecdsa"
    for wrong in (b"", bytes(31), bytes(33)):
        with pytest.raises(ValueError, match="digest"):
            pades.signed_attributes(chain[0], wrong)


def _loaded(pem: bytes) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pem)
