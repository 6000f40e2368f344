"""The opening half: only the keeper imports it.

Clear text dies inside the functions that call these; what they return is never stored.
"""

from collections import OrderedDict
from collections.abc import Callable

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.errors.records import DoesNotOpen
from crypto.keys.vault import ListSecrets
from crypto.records.fields import FieldKind
from crypto.records.recordform import LINE
from crypto.records.sealing import (
    NOTE_PAD_BYTES,
    RecipientKey,
    chunk_context,
    commitment,
    index_context,
    note_context,
    pad,
    record_nonce,
    record_place,
    unpad,
)

OPEN_CHUNKS = 1024  # chunk keys kept open per list: about a million people, 1 MB
Manifested = Callable[[str, int], tuple[bytes, int]]  # list, chunk -> commitment, rows
FIELD_CHARACTERS = 2000  # what intake lets in; to normalise more would take seconds
KINDS = {str(kind): kind for kind in FieldKind}  # a look-up costs a fifth of a call


class OpenRecord:
    """One person in clear text. Cannot be printed; not to be kept."""

    __slots__ = ("fields", "line")

    def __init__(self, line: int, fields: dict[FieldKind, str]) -> None:
        self.line = line
        self.fields = fields

    def __repr__(self) -> str:
        return f"OpenRecord(line {self.line}, {len(self.fields)} fields)"

    @property
    def traced_by(self) -> str:
        """What `sealing.person_tag` is made of."""
        return self.fields.get(FieldKind.PHONE) or f"line {self.line}"


class ChunkOpener:
    """The key of one chunk, open, and how many records the manifest says it has."""

    def __init__(self, key: bytes, entrustor: str, list_id: str, chunk: int, rows: int) -> None:
        self._rows = rows
        self._cipher = AESGCM(key)
        self._place = (entrustor, list_id, chunk)

    def open(self, index: int, sealed: bytes) -> OpenRecord:
        """Raises DoesNotOpen if it was added later, sealed elsewhere or otherwise, or changed."""
        if index >= self._rows:
            raise DoesNotOpen
        try:
            padded = self._cipher.decrypt(
                record_nonce(index), sealed, record_place(*self._place, index)
            )
        except InvalidTag:
            raise DoesNotOpen from None
        fields: dict[str, str | int] = msgspec.msgpack.decode(unpad(padded))
        line = fields.pop(LINE)
        texts = list(map(str, fields.values()))
        if max(map(len, texts), default=0) > FIELD_CHARACTERS:
            raise DoesNotOpen
        return OpenRecord(int(line), dict(zip(map(KINDS.__getitem__, fields), texts, strict=True)))


class OpenList:
    """The secrets of one living list, and its open chunk keys; dropped when the list freezes."""

    def __init__(self, entrustor: str, list_id: str, keys: ListSecrets) -> None:
        self.result_key = keys.result_key
        self.trace_key = keys.trace_key
        self._entrustor, self._list = entrustor, list_id
        self._key = RecipientKey(keys.seeds)
        self._chunks: OrderedDict[tuple[int, bytes], ChunkOpener] = OrderedDict()
        self._index_key: bytes | None = None

    def index_key(self, sealed: bytes) -> bytes:
        """What phone tokens are made with. It never leaves the keeper. Raises DoesNotOpen."""
        if self._index_key is None:
            self._index_key = self._key.open(index_context(self._entrustor, self._list), sealed)
        return self._index_key

    def seal_note(self, chunk: int, index: int, text: str) -> bytes:
        """To the list: not even the entrustor opens it. Every sealed note has one length."""
        context = note_context(self._entrustor, self._list, chunk, index)
        return self._key.public.seal(context, pad(text.encode(), NOTE_PAD_BYTES))

    def note(self, chunk: int, index: int, sealed: bytes) -> str:
        """The note of this record, and of no other. Raises DoesNotOpen."""
        context = note_context(self._entrustor, self._list, chunk, index)
        return unpad(self._key.open(context, sealed), NOTE_PAD_BYTES).decode()

    def chunk(self, chunk: int, sealed_key: bytes, manifested: Manifested) -> ChunkOpener:
        """Raises DoesNotOpen, also if the manifest committed to another key."""
        name = (chunk, sealed_key)
        if name not in self._chunks:
            committed, rows = manifested(self._list, chunk)
            self._chunks[name] = self._opener(chunk, sealed_key, committed, rows)
            if len(self._chunks) > OPEN_CHUNKS:
                self._chunks.popitem(last=False)
        self._chunks.move_to_end(name)
        return self._chunks[name]

    def _opener(self, chunk: int, sealed_key: bytes, committed: bytes, rows: int) -> ChunkOpener:
        key = self._key.open(chunk_context(self._entrustor, self._list, chunk), sealed_key)
        if not constant_time.bytes_eq(commitment(key), committed):
            raise DoesNotOpen
        return ChunkOpener(key, self._entrustor, self._list, chunk, rows)
