"""The root of an epoch as an object in a PKCS#11 token: it wraps there and never leaves.

AES-256, made in the token (CKA_LOCAL), sensitive and never extractable; AES-GCM in the
token with the place as additional data. Epochs are told apart by CKA_ID.

Not promised: a token in software lies in files; whoever copied them has its keys.
"""

import secrets
from pathlib import Path
from typing import Any

from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import (
    EncryptedDataInvalid,
    EncryptedDataLenRange,
    FunctionFailed,
    GeneralError,
    KeyHandleInvalid,
    ObjectHandleInvalid,
    PKCS11Error,
)

from crypto.errors.records import DoesNotOpen
from crypto.keys.roots.file import sync_folder
from crypto.keys.roots.kinds import RootGone, RootRefused
from crypto.keys.roots.token import Token
from crypto.keys.wrapping import WRAP_NONCE_BYTES, WRAP_TAG_BITS

ROOT_BITS = 256
ID_BYTES = 8  # of CKA_ID: the epoch, big-endian
# What PKCS#11 tokens say about a ciphertext that does not fit (SoftHSM: CKR_GENERAL_ERROR), or
# about a key that has been destroyed.
_CLOSED = (
    EncryptedDataInvalid,
    EncryptedDataLenRange,
    FunctionFailed,
    GeneralError,
    KeyHandleInvalid,
    ObjectHandleInvalid,
)
NEVER_LEAVES = {  # what a key must say of itself (PKCS#11 3.0, 4.9 and 4.10)
    Attribute.SENSITIVE: True,
    Attribute.ALWAYS_SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.NEVER_EXTRACTABLE: True,
    Attribute.LOCAL: True,
}


class SessionKey:
    """An object of the token, found again when the session is another one."""

    def __init__(self, wanted: dict[Attribute, Any]) -> None:
        self._wanted = wanted
        self._session: Any = None
        self._key: Any = None

    def of(self, session: Any) -> Any:
        """On the token's thread. Raises ObjectHandleInvalid if it is no longer there."""
        if self._session is not session:
            found = objects(session, self._wanted)
            if len(found) != 1:
                raise ObjectHandleInvalid
            self._session, self._key = session, found[0]
        return self._key


class TokenRoot:
    """A root that stays in its token."""

    def __init__(self, token: Token, wanted: dict[Attribute, Any]) -> None:
        self._token, self._key = token, SessionKey(wanted)
        self._name = str(wanted[Attribute.LABEL])

    def wrap(self, place: bytes, plaintext: bytes) -> bytes:
        nonce = secrets.token_bytes(WRAP_NONCE_BYTES)
        try:
            body = self._token.call(
                lambda session: self._key.of(session).encrypt(plaintext, **_gcm(nonce, place))
            )
        except PKCS11Error as error:
            raise RootRefused(f"{self._name}: {type(error).__name__}") from None
        return nonce + bytes(body)

    def unwrap(self, place: bytes, wrapped: bytes) -> bytes:
        nonce, body = wrapped[:WRAP_NONCE_BYTES], wrapped[WRAP_NONCE_BYTES:]
        if len(nonce) != WRAP_NONCE_BYTES or not body:
            raise DoesNotOpen
        try:
            plaintext = self._token.call(
                lambda session: self._key.of(session).decrypt(body, **_gcm(nonce, place))
            )
            return bytes(plaintext)
        except _CLOSED:
            raise DoesNotOpen from None
        except PKCS11Error as error:
            raise RootRefused(f"{self._name}: {type(error).__name__}") from None


class TokenRoots:
    """One object per epoch, under the name of this keeper.

    `mark` is a file that says: the roots under this name are of this home. Without it a new
    home does not touch them, they are another keeper's.
    """

    def __init__(self, token: Token, mark: Path) -> None:
        self._token, self._mark = token, mark
        self._label = f"{token.address.name} root"
        self._ours = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: self._label}
        self.assurance = token.assurance

    def create(self, epoch: int) -> TokenRoot:
        """Raises RootRefused, also if there are roots of another home under this name."""
        self._claim()
        self.destroy(epoch)
        template = {
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
            Attribute.PRIVATE: True,
            Attribute.MODIFIABLE: False,
        }
        key = self._ask(
            lambda session: session.generate_key(
                KeyType.AES,
                ROOT_BITS,
                id=_id(epoch),
                label=self._label,
                store=True,
                capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
                template=template,
            )
        )
        self._token.settle()
        return self._checked(epoch, key)

    def unlock(self, epoch: int) -> TokenRoot:
        """Raises RootRefused, RootGone."""
        keys = self._objects(epoch)
        if not keys:
            raise RootGone(f"root of epoch {epoch}: not in {self._token.address}")
        if len(keys) > 1:
            raise RootRefused(f"root of epoch {epoch}: there are {len(keys)}")
        return self._checked(epoch, keys[0])

    def destroy(self, epoch: int) -> None:
        """C_DestroyObject."""
        keys = self._objects(epoch)
        for key in keys:
            self._ask(lambda _, key=key: key.destroy())
        if keys:
            self._token.settle()

    def epochs(self) -> set[int]:
        """The epochs whose roots are in the token under this name."""
        return {
            int.from_bytes(self._ask(lambda _, key=key: key[Attribute.ID]), "big")
            for key in self._objects(None)
        }

    def close(self) -> None:
        """Nothing to let go of: the token belongs to whoever opened it."""

    def _claim(self) -> None:
        if self._mark.exists():
            return
        if left := self.epochs():
            raise RootRefused(
                f"{self._token.address} holds roots named {self._label!r} (epochs {sorted(left)})"
                " that are not of this home: name yours otherwise (object=...), or destroy them"
            )
        self._mark.write_text(f"{self._label}\n")
        sync_folder(self._mark.parent)

    def _checked(self, epoch: int, key: Any) -> TokenRoot:
        require_that_it_never_leaves(self._token, key, f"root of epoch {epoch}")
        return TokenRoot(self._token, self._wanted(epoch))

    def _wanted(self, epoch: int) -> dict[Attribute, Any]:
        return self._ours | {Attribute.ID: _id(epoch)}

    def _objects(self, epoch: int | None) -> list[Any]:
        wanted = self._ours if epoch is None else self._wanted(epoch)
        found: list[Any] = self._ask(lambda session: objects(session, wanted))
        return found

    def _ask(self, what: Any) -> Any:
        try:
            return self._token.call(what)
        except PKCS11Error as error:
            raise RootRefused(f"{self._token.address}: {type(error).__name__}") from None


def objects(session: Any, wanted: dict[Attribute, Any]) -> list[Any]:
    """On the token's thread: what matches. A session that was lost is found out before the
    search, which the library would not end properly."""
    session.generate_random(8)
    return list(session.get_objects(wanted))


def require_that_it_never_leaves(token: Token, key: Any, name: str) -> None:
    """Raises RootRefused if the key could be, or could have been, outside the token."""
    try:
        found = token.call(lambda _: {attribute: key[attribute] for attribute in NEVER_LEAVES})
    except PKCS11Error as error:
        raise RootRefused(f"{name}: {type(error).__name__}") from None
    if found != NEVER_LEAVES:
        raise RootRefused(f"{name}: it can leave its token")


def _id(epoch: int) -> bytes:
    return epoch.to_bytes(ID_BYTES, "big")


def _gcm(nonce: bytes, place: bytes) -> dict[str, Any]:
    return {
        "mechanism": Mechanism.AES_GCM,
        "mechanism_param": GCMParams(nonce, place, WRAP_TAG_BITS),
    }
