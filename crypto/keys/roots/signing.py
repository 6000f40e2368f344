"""Ed25519 keys made in a PKCS#11 token, which sign there (CKM_EDDSA) and never leave."""

import secrets
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import PKCS11Error

from crypto.keys.roots.kinds import RootRefused
from crypto.keys.roots.pkcs11 import SessionKey, objects, require_that_it_never_leaves
from crypto.keys.roots.token import Token

EDWARDS25519 = bytes.fromhex("06032b6570")  # CKA_EC_PARAMS: DER of 1.3.101.112 (RFC 8410, 3)
POINT_BYTES = 32  # RFC 8032, 5.1.5; in a token as they are, or behind two bytes of DER


class TokenKey:
    """As pyca's private key, as far as the keeper needs it; the private half stays away."""

    def __init__(self, token: Token, name: str, public: Ed25519PublicKey) -> None:
        self._token, self._name, self._public = token, name, public
        self._private = SessionKey(
            {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: name}
        )

    def sign(self, data: bytes, /) -> bytes:
        """64 bytes (RFC 8032). Raises RootRefused."""
        try:
            signature = self._token.call(
                lambda session: self._private.of(session).sign(data, mechanism=Mechanism.EDDSA)
            )
        except PKCS11Error as error:
            raise RootRefused(f"{self._name}: {type(error).__name__}") from None
        return bytes(signature)

    def public_key(self) -> Ed25519PublicKey:
        return self._public


def token_key(token: Token, purpose: str) -> TokenKey:
    """The keeper's key for one purpose; made at the first call, the same ever after.

    Raises RootRefused if the two halves do not belong together.
    """
    name = f"{token.address.name} {purpose}"
    try:
        found = token.call(lambda session: halves(session, name))
        if found is None:
            found = token.call(lambda session: _made(session, name))
            token.settle()
        point = token.call(lambda _: _point(found[1]))
    except PKCS11Error as error:
        raise RootRefused(f"{name}: {type(error).__name__} in {token.address}") from None
    require_that_it_never_leaves(token, found[0], name)
    public = Ed25519PublicKey.from_public_bytes(point)
    key = TokenKey(token, name, public)
    challenge = secrets.token_bytes(32)
    try:
        public.verify(key.sign(challenge), challenge)
    except InvalidSignature:
        raise RootRefused(f"{name}: its halves are of different pairs") from None
    return key


def forget_key(token: Token, purpose: str) -> None:
    """Destroy the key for one purpose: the next `token_key` makes another. Raises RootRefused."""
    name = f"{token.address.name} {purpose}"

    def destroy(session: Any) -> None:
        for half in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY):
            for key in objects(session, {Attribute.CLASS: half, Attribute.LABEL: name}):
                key.destroy()

    try:
        token.call(destroy)
    except PKCS11Error as error:
        raise RootRefused(f"{name}: {type(error).__name__} in {token.address}") from None


def halves(session: Any, name: str) -> tuple[Any, Any] | None:
    """On the token's thread: the private and the public half under this name, if there are any.

    Raises RootRefused if there are others than one of each.
    """
    private, public = (
        objects(session, {Attribute.CLASS: half, Attribute.LABEL: name})
        for half in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY)
    )
    if not private and not public:
        return None
    if len(private) != 1 or len(public) != 1:
        raise RootRefused(f"{name}: {len(private)} private and {len(public)} public halves")
    return private[0], public[0]


def _made(session: Any, name: str) -> tuple[Any, Any]:
    curve = session.create_domain_parameters(
        KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: EDWARDS25519}, local=True
    )
    public, private = curve.generate_keypair(
        mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        store=True,
        label=name,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )
    return private, public


def _point(public: Any) -> bytes:
    return bytes(public[Attribute.EC_POINT])[-POINT_BYTES:]
