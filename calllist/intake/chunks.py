"""What was read becomes ciphertext, a chunk at a time, under keys that end with the upload.

Each chunk has a key of its own, sealed to the list; tokens are made with the list's index
key. Neither is stored anywhere: once this object is gone, nobody here opens a record or tries
a number.
"""

from calllist.intake.messages import Rows
from calllist.intake.store import Chunk
from crypto.records.references import ReferenceTokens
from crypto.records.sealing import ChunkSealer, Recipient, Tokens, new_index_key, seal_index_key


class Sealing:
    """The chunks of one list. `rows` and `commitments`: of those sealed so far, in order."""

    def __init__(self, recipient: bytes, *, entrustor: str, list_id: str) -> None:
        """recipient: the list's public key, from `Minted`."""
        self.rows: list[int] = []
        self.commitments: list[bytes] = []
        self._recipient = Recipient(recipient)
        self._entrustor, self._list = entrustor, list_id
        self._index_key = new_index_key()
        self._tokens = Tokens(self._index_key, list_id)
        self._references = ReferenceTokens(self._index_key, list_id)

    def sealed(self, rows: Rows) -> Chunk:
        """The next chunk, under a fresh key that ends with this call."""
        number = len(self.rows)
        sealer = ChunkSealer(
            self._recipient, entrustor=self._entrustor, list_id=self._list, chunk=number
        )
        sealed = sealer.seal_all(rows.records)
        self.rows.append(sealer.rows)
        self.commitments.append(sealer.commitment)
        return Chunk(
            number,
            sealer.sealed_key,
            rows.lines,
            sealed,
            self._tokens.column(rows.numbers),
            rows.segments,
            self._references.column_of_forms(rows.references) if rows.references else None,
        )

    def index_key(self) -> bytes:
        """The key of the tokens, sealed to the list: only the keeper opens it."""
        return seal_index_key(
            self._recipient, entrustor=self._entrustor, list_id=self._list, key=self._index_key
        )
