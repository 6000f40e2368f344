"""The sealing half: what intake and the entrustor's own tools may do with keys.

Intake seals records it cannot read again; the entrustor opens the results that were sealed
to it. Nothing here opens a record: that is `crypto.keys.opening`, in the keeper only.

    list key pair (HPKE) <- chunk key (fresh, AES-256) <- record 0, 1, 2, ... of the chunk

Every ciphertext is bound to its place: moved to another record, chunk, list or entrustor,
it does not open.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.errors.records import DoesNotOpen
from crypto.records import recordform
from crypto.records.fields import FieldKind
from crypto.records.slips import Slip
from crypto.standards.canonical import injective

KEY_BYTES = 32  # AES-256, HMAC-SHA-256
NONCE_BYTES = 12  # NIST SP 800-38D, 5.2.1.1
PAD_BYTES = 64  # lengths of sealed records are multiples of it: short names do not show
NOTE_PAD_BYTES = 448  # 100 characters of four bytes each: every note has one length
CANARY_PAD_BYTES = 2048  # of sealed canary numbers: about 140 look like one
TOKEN_BYTES = 16  # 128 bits: no accidental collision among 10^9 numbers
TAG_BYTES = 16  # of a person in the ledger
MLKEM_SEED_BYTES, X25519_BYTES = 64, 32  # FIPS 203, 7.1 (d || z); RFC 7748, 5
MLKEM_PUBLIC_BYTES = 1184  # FIPS 203, table 3, ML-KEM-768
RESULT_VERSION = b"\x01"  # stands in front of every sealed result

SUITE_NAME = "MLKEM768_X25519/HKDF_SHA256/AES_256_GCM"
_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


# -- recipients ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipient:
    """A public key that one can seal to: ML-KEM-768 key, then X25519 key (1,216 bytes)."""

    data: bytes

    def __post_init__(self) -> None:
        """Raises ValueError on anything that is not such a key."""
        if len(self.data) != MLKEM_PUBLIC_BYTES + X25519_BYTES:
            raise ValueError("not a recipient's public key")
        self._key()
        # A point of low order (RFC 7748, 6.1) is found only when a secret is agreed with it.
        classical = x25519.X25519PublicKey.from_public_bytes(self.data[MLKEM_PUBLIC_BYTES:])
        x25519.X25519PrivateKey.generate().exchange(classical)

    def _key(self) -> hpke.MLKEM768X25519PublicKey:
        post_quantum, classical = self.data[:MLKEM_PUBLIC_BYTES], self.data[MLKEM_PUBLIC_BYTES:]
        return hpke.MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(post_quantum),
            x25519.X25519PublicKey.from_public_bytes(classical),
        )

    def seal(self, context: bytes, plaintext: bytes) -> bytes:
        """`context` (HPKE `info`) is mandatory: pyca takes None and empty for the same."""
        if not context:
            raise ValueError("context is mandatory")
        return _SUITE.encrypt(plaintext, self._key(), context)


@dataclass(frozen=True, repr=False)
class RecipientKey:
    """The secret half, as seeds: the hybrid key has no serialiser of its own (96 bytes)."""

    seeds: bytes

    def __post_init__(self) -> None:
        if len(self.seeds) != MLKEM_SEED_BYTES + X25519_BYTES:
            raise ValueError("not a recipient's secret key")

    @classmethod
    def generate(cls) -> "RecipientKey":
        return cls(secrets.token_bytes(MLKEM_SEED_BYTES + X25519_BYTES))

    def _halves(self) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
        return (
            mlkem.MLKEM768PrivateKey.from_seed_bytes(self.seeds[:MLKEM_SEED_BYTES]),
            x25519.X25519PrivateKey.from_private_bytes(self.seeds[MLKEM_SEED_BYTES:]),
        )

    @property
    def public(self) -> Recipient:
        post_quantum, classical = self._halves()
        return Recipient(
            post_quantum.public_key().public_bytes_raw() + classical.public_key().public_bytes_raw()
        )

    def open(self, context: bytes, sealed: bytes) -> bytes:
        """Raises DoesNotOpen."""
        if not context:
            raise ValueError("context is mandatory")
        try:
            return _SUITE.decrypt(sealed, hpke.MLKEM768X25519PrivateKey(*self._halves()), context)
        except InvalidTag:
            raise DoesNotOpen from None


# -- places: what a ciphertext is bound to -------------------------------------------------


def chunk_context(entrustor: str, list_id: str, chunk: int) -> bytes:
    """HPKE `info` of a chunk key."""
    return injective("calllist/chunk/1", SUITE_NAME, entrustor, list_id, chunk)


def index_context(entrustor: str, list_id: str) -> bytes:
    """HPKE `info` of a list's index key."""
    return injective("calllist/index/1", SUITE_NAME, entrustor, list_id)


def record_place(entrustor: str, list_id: str, chunk: int, index: int) -> bytes:
    """AAD of a record."""
    return chunk_place(entrustor, list_id, chunk) + injective(index)


@lru_cache(maxsize=1024)  # on every open's way, and the same for a chunk's thousand records
def chunk_place(entrustor: str, list_id: str, chunk: int) -> bytes:
    """What the AADs of a chunk's records begin with; each ends with its own index."""
    return injective("calllist/record/1", entrustor, list_id, chunk)


def record_nonce(index: int) -> bytes:
    """The record's number in its chunk: unique under a key that is made for one chunk."""
    return index.to_bytes(NONCE_BYTES, "big")


def pad(plaintext: bytes, block: int = PAD_BYTES) -> bytes:
    """ISO/IEC 7816-4: one 0x80, then zeros up to a multiple of `block`."""
    return plaintext + b"\x80" + bytes(-(len(plaintext) + 1) % block)


def unpad(padded: bytes, block: int = PAD_BYTES) -> bytes:
    """Raises DoesNotOpen if it was not made by `pad`."""
    plaintext, mark, _ = padded.rpartition(b"\x80")
    if not mark or pad(plaintext, block) != padded:
        raise DoesNotOpen
    return plaintext


def note_context(entrustor: str, list_id: str, chunk: int, index: int) -> bytes:
    """HPKE `info` of the note of one record."""
    return injective("calllist/note/1", SUITE_NAME, entrustor, list_id, chunk, index)


# -- intake --------------------------------------------------------------------------------


class ChunkSealer:
    """Seals the records of one chunk under a fresh key, which ends with this object.

    The nonce is the record's number. It is safe here because the key is made here, is used
    for this chunk only, and `seal` counts by itself: no pair of key and nonce comes twice.

    recipient: the list's public key, from `Minted`. chunk: 0, 1, 2, ... within the list.
    """

    def __init__(self, recipient: Recipient, *, entrustor: str, list_id: str, chunk: int) -> None:
        key = secrets.token_bytes(KEY_BYTES)
        self.sealed_key = recipient.seal(chunk_context(entrustor, list_id, chunk), key)
        self.commitment = commitment(key)
        self.rows = 0
        self._cipher = AESGCM(key)
        self._place = chunk_place(entrustor, list_id, chunk)

    def seal(self, line: int, fields: dict[FieldKind, str]) -> bytes:
        """The sealed record; its index is the value of `rows` before the call.

        line: number of the record's line in the file, what receipts and results name.
        """
        return self.seal_all([recordform.record(line, fields)])[0]

    def seal_all(self, records: Sequence[bytes]) -> list[bytes]:
        """The next records of the chunk, written by `recordform`; sealed in the same order.

        A million records take a second: nonces and places come out of a table.
        """
        first, self.rows = self.rows, self.rows + len(records)
        nonces, indices = _numbered(self.rows)
        places = map(self._place.__add__, indices[first : self.rows])
        padded = [record + _PADDINGS[len(record) % PAD_BYTES] for record in records]
        return list(map(self._cipher.encrypt, nonces[first : self.rows], padded, places))


_PADDINGS = [pad(bytes(length))[length:] for length in range(PAD_BYTES)]  # by length modulo it
_nonces: list[bytes] = []
_indices: list[bytes] = []


def _numbered(count: int) -> tuple[list[bytes], list[bytes]]:
    """The nonces, and the ends of the places, of the first so many records of any chunk."""
    for index in range(len(_nonces), count):
        _nonces.append(record_nonce(index))
        _indices.append(injective(index))
    return _nonces, _indices


def commitment(chunk_key: bytes) -> bytes:
    """What the manifest says of a chunk key: AES-GCM alone does not commit to its key."""
    return hashlib.sha256(injective("calllist/commitment/1", chunk_key)).digest()


def new_index_key() -> bytes:
    """A key for `token`; intake generates it, seals it to the list and forgets it."""
    return secrets.token_bytes(KEY_BYTES)


def seal_index_key(recipient: Recipient, *, entrustor: str, list_id: str, key: bytes) -> bytes:
    """For the manifest: only the keeper opens it, until the list is shredded."""
    return recipient.seal(index_context(entrustor, list_id), key)


def token(index_key: bytes, list_id: str, text: str) -> bytes:
    """Finds the same number again inside one list, for whoever holds the index key."""
    return Tokens(index_key, list_id).column([text])[0]


class Tokens:
    """Tokens of many numbers of one list: keyed BLAKE2b (RFC 7693), 128 bits (decision D71).

    What all of them begin with is hashed once and copied: a third of what HMAC costs.
    """

    def __init__(self, index_key: bytes, list_id: str) -> None:
        self._begun = hashlib.blake2b(
            injective("calllist/token/2", list_id), key=index_key, digest_size=TOKEN_BYTES
        )
        self._by_length: dict[int, hashlib.blake2b] = {}

    def column(self, texts: Iterable[str]) -> list[bytes]:
        """The token of each text: over injective("calllist/token/2", list, text)."""
        by_length, tokens = self._by_length, []
        for text in texts:
            body = text.encode()
            begun = by_length.get(len(body))
            if begun is None:
                begun = by_length[len(body)] = self._begun.copy()
                begun.update(injective(text)[: -len(body) or None])
            state = begun.copy()
            state.update(body)
            tokens.append(state.digest())
        return tokens


# -- what goes to the entrustor ------------------------------------------------------------


class ListKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The two keys of a list that the entrustor holds as well."""

    result_key: bytes  # opens results
    trace_key: bytes  # makes the ledger's person tags

    def __repr__(self) -> str:
        return "ListKeys(2 keys)"


class Revision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a result was given another code later."""

    first: int  # what whoever called had given
    at: str  # ISO 8601, by the keeper's clock
    reason: str  # a code: `crypto.wire.revisions.Reason`


class CallResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One call's result as the entrustor reads it. With neither slip nor revision: the bytes it
    always had."""

    line: int  # in the file the entrustor uploaded
    reference: str  # its own key of the person, empty if the file had none
    code: int
    at: str  # ISO 8601, by the keeper's clock
    slip: Slip | None = None  # what the person asked to have told
    revised: Revision | None = None  # the code is not the one that the call had

    def __repr__(self) -> str:
        return f"CallResult(line {self.line}, {self.code})"


def person_tag(trace_key: bytes, list_id: str, phone: str) -> str:
    """How the ledger names a person: hex; phone in E.164.

    Whoever holds the list's trace key can test numbers against the ledger; nobody else can.
    A record without a number is tagged by `"line N"` instead.
    """
    message = injective("calllist/tag/1", list_id, phone)
    return hmac.digest(trace_key, message, "sha256")[:TAG_BYTES].hex()


def file_salt(trace_key: bytes, list_id: str) -> bytes:
    """What stands before an uploaded file's bytes when they are hashed (SHA-256).

    Nobody is told it: the keeper gives it to the intake process of this one upload, the
    entrustor derives it from its own list keys, and receipt and certificate show the hash only.
    """
    return hmac.digest(trace_key, injective("calllist/file-salt/1", list_id), "sha256")


def _list_keys_context(entrustor: str, list_id: str) -> bytes:
    return injective("calllist/list-keys/1", SUITE_NAME, entrustor, list_id)


def seal_list_keys(recipient: Recipient, *, entrustor: str, list_id: str, keys: ListKeys) -> bytes:
    """For the entrustor: what opens results and tests tags, after we have lost both."""
    return recipient.seal(_list_keys_context(entrustor, list_id), msgspec.msgpack.encode(keys))


def open_list_keys(key: RecipientKey, *, entrustor: str, list_id: str, sealed: bytes) -> ListKeys:
    """On the entrustor's machine. Raises DoesNotOpen."""
    plaintext = key.open(_list_keys_context(entrustor, list_id), sealed)
    return msgspec.msgpack.decode(plaintext, type=ListKeys)


# -- what goes to the keeper ---------------------------------------------------------------


def _canaries_context(entrustor: str, contract: str) -> bytes:
    return injective("calllist/canaries/1", SUITE_NAME, entrustor, contract)


def seal_canaries(
    keeper: Recipient, *, entrustor: str, contract: str, numbers: Sequence[str]
) -> bytes:
    """On the entrustor's machine: numbers it owns, E.164, for the keeper's eyes only."""
    plaintext = pad(msgspec.msgpack.encode(sorted(set(numbers))), CANARY_PAD_BYTES)
    return keeper.seal(_canaries_context(entrustor, contract), plaintext)


def open_canaries(key: RecipientKey, *, entrustor: str, contract: str, sealed: bytes) -> list[str]:
    """In the keeper. Raises DoesNotOpen."""
    padded = key.open(_canaries_context(entrustor, contract), sealed)
    try:
        return msgspec.msgpack.decode(unpad(padded, CANARY_PAD_BYTES), type=list[str])
    except msgspec.DecodeError:
        raise DoesNotOpen from None


def _result_place(list_id: str, attempt: str) -> bytes:
    return injective("calllist/result/1", list_id, attempt)


def seal_result(result_key: bytes, *, list_id: str, attempt: str, result: CallResult) -> bytes:
    """Version byte, nonce, ciphertext.

    The nonce is random: a list has far fewer calls than the 2^32 that SP 800-38D, 8.3 allows.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    plaintext = pad(msgspec.msgpack.encode(result))
    place = _result_place(list_id, attempt)
    return RESULT_VERSION + nonce + AESGCM(result_key).encrypt(nonce, plaintext, place)


def open_result(result_key: bytes, *, list_id: str, attempt: str, sealed: bytes) -> CallResult:
    """On the entrustor's machine. Raises DoesNotOpen."""
    version, nonce, body = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if version != RESULT_VERSION or len(nonce) != NONCE_BYTES:
        raise DoesNotOpen
    try:
        padded = AESGCM(result_key).decrypt(nonce, body, _result_place(list_id, attempt))
    except InvalidTag:
        raise DoesNotOpen from None
    return msgspec.msgpack.decode(unpad(padded), type=CallResult)
