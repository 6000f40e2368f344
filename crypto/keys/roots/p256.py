"""A P-256 key made in a PKCS#11 token, which signs there (CKM_ECDSA) and never leaves."""

import hashlib
import secrets
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import PKCS11Error

from crypto.keys.roots.kinds import RootRefused
from crypto.keys.roots.pkcs11 import SessionKey, require_that_it_never_leaves
from crypto.keys.roots.signing import halves
from crypto.keys.roots.token import Token

P256 = bytes.fromhex("06082a8648ce3d030107")  # CKA_EC_PARAMS: DER of 1.2.840.10045.3.1.7
POINT_BYTES = 65  # SEC 1, 2.3.3, uncompressed; in a token behind two bytes of DER
HALF = 32  # of a signature in a token: r and s, big-endian (PKCS#11 3.0, 2.3.1)


class TokenP256(ec.EllipticCurvePrivateKey):
    """As pyca's private key, so that it may sign X.509; the private half stays away."""

    def __init__(self, token: Token, name: str, public: ec.EllipticCurvePublicKey) -> None:
        self._token, self._name, self._public = token, name, public
        self._private = SessionKey(
            {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: name}
        )

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """DER, over SHA-256. Raises RootRefused."""
        if not isinstance(signature_algorithm.algorithm, hashes.SHA256):
            raise RootRefused(f"{self._name}: SHA-256 only")
        digest = hashlib.sha256(data).digest()
        try:
            raw = self._token.call(
                lambda session: self._private.of(session).sign(digest, mechanism=Mechanism.ECDSA)
            )
        except PKCS11Error as error:
            raise RootRefused(f"{self._name}: {type(error).__name__}") from None
        r, s = (int.from_bytes(half, "big") for half in (raw[:HALF], raw[HALF:]))
        return encode_dss_signature(r, s)

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def _never(self, *_: Any, **__: Any) -> NoReturn:
        raise RootRefused(f"{self._name}: it signs, and nothing else")

    exchange = private_numbers = private_bytes = _never

    def __copy__(self) -> "TokenP256":
        return self

    def __deepcopy__(self, memo: dict[Any, Any]) -> "TokenP256":
        return self


def token_p256(token: Token, purpose: str) -> TokenP256:
    """The keeper's key for one purpose; made at the first call, the same ever after.

    Raises RootRefused if the two halves do not belong together.
    """
    name = f"{token.address.name} {purpose}"
    try:
        found = token.call(lambda session: halves(session, name))
        if found is None:
            found = token.call(lambda session: _made(session, name))
            token.settle()
        point = token.call(lambda _: bytes(found[1][Attribute.EC_POINT])[-POINT_BYTES:])
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except PKCS11Error as error:
        raise RootRefused(f"{name}: {type(error).__name__} in {token.address}") from None
    except ValueError:
        raise RootRefused(f"{name}: it is no key on P-256") from None
    require_that_it_never_leaves(token, found[0], name)
    key = TokenP256(token, name, public)
    challenge = secrets.token_bytes(32)
    algorithm = ec.ECDSA(hashes.SHA256())
    try:
        public.verify(key.sign(challenge, algorithm), challenge, algorithm)
    except InvalidSignature:
        raise RootRefused(f"{name}: its halves are of different pairs") from None
    return key


def _made(session: Any, name: str) -> tuple[Any, Any]:
    curve = session.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: P256}, local=True)
    public, private = curve.generate_keypair(
        mechanism=Mechanism.EC_KEY_PAIR_GEN,
        store=True,
        label=name,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )
    return private, public
