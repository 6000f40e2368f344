"""RFC 3161: who else says that the signature was there at a time. Put beside it afterwards.

A token lies outside the signed bytes, so nothing in it may be free: it has one signature and
one spelling, no attributes beside it, and its certificates form one chain, from the one that
signed up to a self-issued root, each checked by the next. A changed bit breaks one of these.

Not checked: revocation (nothing here asks the network).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms as asn1
from asn1crypto import tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from crypto.standards.der import OCTETS, SET, element, elements, inside, sequence
from retention.errors import NotAuthentic
from retention.pdf import cms

TOKEN_LIMIT = 12 * 1024  # bytes
CHAIN_LONGEST = 6  # certificates
VERSION_3 = element(cms.INTEGER, b"\x03")  # RFC 5652, 5.1: the content is not plain data
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")  # 1.2.840.113549.1.9.16.1.4
NULL = b"\x05\x00"
HASHES: dict[str, hashes.HashAlgorithm] = {
    "0609608648016503040201": hashes.SHA256(),
    "0609608648016503040202": hashes.SHA384(),
    "0609608648016503040203": hashes.SHA512(),
}
RSA = {  # with which hash; None: that of the signature's own (RFC 8017, appendix C; RFC 3370)
    "06092a864886f70d010101": None,
    "06092a864886f70d01010b": "sha256",
    "06092a864886f70d01010c": "sha384",
    "06092a864886f70d01010d": "sha512",
}
ECDSA = {
    "06082a8648ce3d040302": "sha256",
    "06082a8648ce3d040303": "sha384",
    "06082a8648ce3d040304": "sha512",
}
_WRONG = (
    *(ValueError, TypeError, KeyError, IndexError),
    *(InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion, x509.ExtensionNotFound),
)


@dataclass(frozen=True)
class Stamp:
    """What a genuine token says."""

    at: datetime
    authority: str  # as the certificate names it
    root: bytes  # DER of the root that its chain ends at


@dataclass(frozen=True)
class _Token:
    """A token taken apart; each part as DER."""

    info: bytes  # TSTInfo
    certificates: tuple[bytes, ...]
    digest: bytes  # algorithm
    attributes: bytes  # the SET that is signed
    algorithm: bytes
    value: bytes

    def spelled(self, own: bytes, certificates: tuple[bytes, ...]) -> bytes:
        """The token with these certificates, in its one spelling."""
        content = element(cms.CONTEXT_0, element(OCTETS, self.info))
        info = cms.signer_info(own, self.digest, self.attributes, self.algorithm, self.value)
        return cms.signed_data(
            VERSION_3, self.digest, sequence(TST_INFO, content), certificates, info
        )


def check(token: bytes, value: bytes, roots: tuple[bytes, ...] | None) -> Stamp:
    """A token over this signature value. roots: DER of those that may vouch for it; None: any,
    which says that the token is whole, and not whose it is.

    Raises NotAuthentic: `stamp`, `stamp_root`.
    """
    try:
        stamp = _checked(token, value)
    except _WRONG:
        raise NotAuthentic("stamp") from None
    if roots is not None and stamp.root not in roots:
        raise NotAuthentic("stamp_root")
    return stamp


def completed(answer: bytes, roots: tuple[bytes, ...]) -> bytes:
    """An authority's token as we keep it: in its one spelling, with the certificates of its
    chain up to one of these roots, and no others. Raises NotAuthentic if there is no such chain.
    """
    try:
        token = _parts(answer)
        own = _signers(token)
        chain = _chain(own, {*map(_loaded, (*token.certificates, *roots))}, unused=True)
        return token.spelled(_der(own), tuple(_der(one) for one in chain))
    except _WRONG:
        raise NotAuthentic("stamp") from None


def _parts(content: bytes) -> _Token:
    """Raises ValueError, IndexError."""
    parts, info = cms.parts_of(content)
    _, wrapped = elements(parts[2].body)
    [octets] = elements(wrapped.body)
    return _Token(
        info=octets.body,
        certificates=tuple(one.spelled for one in elements(parts[3].body)),
        digest=info[2].spelled,
        attributes=element(SET, info[3].body),
        algorithm=info[4].spelled,
        value=info[5].body,
    )


def _checked(content: bytes, value: bytes) -> Stamp:
    """Raises one of _WRONG."""
    _must(len(content) <= TOKEN_LIMIT)
    token = _parts(content)
    own, digest = _signers(token), _hash(token.digest)
    chain = _chain(own, set(map(_loaded, token.certificates)), unused=False)
    _must(token.spelled(_der(own), token.certificates) == content)
    signed = _attributes(token)
    _must(signed["content_type"][0].native == "tst_info")
    _must(signed["message_digest"][0].native == _digested(digest, token.info))
    _verify(own, token, digest)
    said = tsp.TSTInfo.load(token.info, strict=True)
    imprint = said["message_imprint"]
    _must(imprint["hash_algorithm"]["algorithm"].native == "sha256")
    _must(imprint["hashed_message"].native == hashlib.sha256(value).digest())
    at: datetime = said["gen_time"].native
    _must(all(one.not_valid_before_utc <= at <= one.not_valid_after_utc for one in chain))
    use = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    _must(list(use.value) == [ExtendedKeyUsageOID.TIME_STAMPING] and use.critical)
    return Stamp(at, own.subject.rfc4514_string(), _der(chain[-1]))


def _attributes(token: _Token) -> dict[str, asn1.SetOfAny]:
    held = asn1.CMSAttributes.load(token.attributes, strict=True)
    return {one["type"].native: one["values"] for one in held}


def _signers(token: _Token) -> x509.Certificate:
    """The certificate that the signed attributes name by its hash (RFC 5035, 3; RFC 2634, 5.4)."""
    signed = _attributes(token)
    kind: hashes.HashAlgorithm = hashes.SHA1()  # noqa: S303  # the old attribute knows no other
    named = signed.get("signing_certificate")
    if "signing_certificate_v2" in signed:
        named = signed["signing_certificate_v2"]
        kind = _hash(named[0]["certs"][0]["hash_algorithm"].dump())
    if named is None:
        raise ValueError("signer")
    wanted = named[0]["certs"][0]["cert_hash"].native
    [own] = [one for one in map(_loaded, token.certificates) if one.fingerprint(kind) == wanted]
    return own


def _chain(
    own: x509.Certificate, others: set[x509.Certificate], *, unused: bool
) -> list[x509.Certificate]:
    """From `own` to a self-issued root. unused: whether there may be others beside them."""
    chain, left = [own], others - {own}
    while chain[-1].issuer != chain[-1].subject:
        _must(len(chain) < CHAIN_LONGEST)
        above = next((one for one in left if _issued(chain[-1], one)), None)
        if above is None:
            raise ValueError("chain")
        chain.append(above)
        left.discard(above)
    chain[-1].verify_directly_issued_by(chain[-1])
    for above in chain[1:]:
        _must(above.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    _must(unused or not left)
    return chain


def _issued(below: x509.Certificate, above: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
    except _WRONG:
        return False
    return True


def _verify(own: x509.Certificate, token: _Token, digest: hashes.HashAlgorithm) -> None:
    """The signature over the signed attributes: RSA (PKCS #1 v1.5) or ECDSA."""
    name, key = _named(token.algorithm), own.public_key()
    match key:
        case rsa.RSAPublicKey():
            _must(RSA[name] in (None, digest.name))
            key.verify(token.value, token.attributes, padding.PKCS1v15(), digest)
        case ec.EllipticCurvePublicKey():
            _must(ECDSA[name] == digest.name)
            key.verify(token.value, token.attributes, ec.ECDSA(digest))
        case _:
            raise ValueError("key")


def _hash(algorithm: bytes) -> hashes.HashAlgorithm:
    return HASHES[_named(algorithm)]


def _named(algorithm: bytes) -> str:
    """The object identifier, in hexadecimal, of an algorithm without parameters."""
    name, *parameters = inside(algorithm)
    _must(all(one.spelled == NULL for one in parameters[:1]) and len(parameters) <= 1)
    return name.spelled.hex()


def _digested(kind: hashes.HashAlgorithm, data: bytes) -> bytes:
    made = hashes.Hash(kind)
    made.update(data)
    return made.finalize()


def _loaded(der: bytes) -> x509.Certificate:
    """With a signature of whole octets, for nothing else reads those bits, and a positive serial
    number (RFC 5280, 4.1.2.2): the reader would only warn."""
    _must(inside(der)[2].body[:1] == b"\0")
    _, serial = inside(cms.issuer_and_serial(der))
    _must(int.from_bytes(serial.body, "big", signed=True) > 0)
    return x509.load_der_x509_certificate(der)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _must(holds: bool) -> None:
    if not holds:
        raise ValueError("form")
