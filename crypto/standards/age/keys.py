"""X25519 keys as people write them: Bech32 (BIP 173) of 32 bytes, as age.md names them."""

import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

X25519_BYTES = 32  # RFC 7748, 5
RECIPIENT, IDENTITY = "age", "age-secret-key-"  # human-readable parts, age.md, "X25519 recipient"
_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # BIP 173
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6  # characters


@dataclass(frozen=True)
class AgeRecipient:
    """Whom a file is encrypted to."""

    public: bytes

    def __post_init__(self) -> None:
        """Raises ValueError on anything that is not such a key, points of low order included."""
        if len(self.public) != X25519_BYTES:
            raise ValueError("not an X25519 key")
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(self.public))

    @classmethod
    def read(cls, text: str) -> "AgeRecipient":
        """Of `age1...`. Raises ValueError."""
        return cls(_decode(RECIPIENT, text))

    def __str__(self) -> str:
        return _encode(RECIPIENT, self.public)


@dataclass(frozen=True, repr=False)
class AgeIdentity:
    """The secret half."""

    secret: bytes

    def __post_init__(self) -> None:
        if len(self.secret) != X25519_BYTES:
            raise ValueError("not an X25519 key")

    @classmethod
    def generate(cls) -> "AgeIdentity":
        return cls(secrets.token_bytes(X25519_BYTES))

    @classmethod
    def read(cls, text: str) -> "AgeIdentity":
        """Of `AGE-SECRET-KEY-1...`. Raises ValueError."""
        return cls(_decode(IDENTITY, text))

    @property
    def recipient(self) -> AgeRecipient:
        return AgeRecipient(
            X25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()
        )

    def written(self) -> str:
        """`AGE-SECRET-KEY-1...`."""
        return _encode(IDENTITY, self.secret).upper()


def _encode(name: str, data: bytes) -> str:
    values = _regroup(data, 8, 5, pad=True)
    checksum = _polymod([*_expanded(name), *values, *[0] * _CHECKSUM]) ^ 1
    values += [checksum >> 5 * (_CHECKSUM - 1 - place) & 31 for place in range(_CHECKSUM)]
    return f"{name}1{''.join(_ALPHABET[value] for value in values)}"


def _decode(name: str, text: str) -> bytes:
    """Raises ValueError; never quotes the text."""
    if text not in (text.lower(), text.upper()):
        raise ValueError("mixed case")
    found, _, body = text.lower().rpartition("1")
    if found != name or len(body) <= _CHECKSUM or set(body) - set(_ALPHABET):
        raise ValueError("not a key of this kind")
    values = [_ALPHABET.index(character) for character in body]
    if _polymod([*_expanded(name), *values]) != 1:
        raise ValueError("checksum")
    return bytes(_regroup(values[:-_CHECKSUM], 5, 8, pad=False))


def _expanded(name: str) -> list[int]:
    return [ord(c) >> 5 for c in name] + [0] + [ord(c) & 31 for c in name]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATOR):
            check ^= generator if top >> place & 1 else 0
    return check


def _regroup(values: bytes | list[int], size: int, into: int, *, pad: bool) -> list[int]:
    """Bits in groups of another size. Raises ValueError if bits that count are left over."""
    held, bits, out = 0, 0, []
    for value in values:
        held, bits = held << size | value, bits + size
        while bits >= into:
            bits -= into
            out.append(held >> bits & (1 << into) - 1)
    left = held & (1 << bits) - 1
    if pad and bits:
        out.append(left << into - bits)
    elif not pad and (bits >= size or left):
        raise ValueError("padding")
    return out
