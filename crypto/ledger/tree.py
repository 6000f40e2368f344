"""The Merkle tree of the ledger: leaf and node hashes, and the root of a growing log.

RFC 6962, 2.1. Only the compact range is kept: the roots of the perfect subtrees, one for
each bit of the size, which is all that appending needs.
"""

import hashlib

HASH_BYTES = 32  # SHA-256
EMPTY_ROOT = hashlib.sha256().digest()  # RFC 6962, 2.1: the head of a log without leaves


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 with the prefix of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 with the prefix of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The head of a log of `size` leaves; `peaks` are its perfect subtrees, largest first."""

    def __init__(self, size: int = 0, peaks: tuple[bytes, ...] = ()) -> None:
        if size.bit_count() != len(peaks):
            raise ValueError("a log of this size has other subtrees")
        self.size = size
        self._peaks = list(peaks)

    @property
    def peaks(self) -> tuple[bytes, ...]:
        return tuple(self._peaks)

    def append(self, data: bytes) -> int:
        """Add a leaf and return its index."""
        return self.append_hash(leaf_hash(data))

    def append_hash(self, node: bytes) -> int:
        """Add a leaf of which only the hash is known."""
        index = self.size
        for bit in range(index.bit_length()):
            if not index >> bit & 1:
                break
            node = node_hash(self._peaks.pop(), node)
        self._peaks.append(node)
        self.size += 1
        return index

    def root(self) -> bytes:
        """The tree head; SHA-256 of nothing for an empty log."""
        if not self._peaks:
            return EMPTY_ROOT
        node = self._peaks[-1]
        for left in reversed(self._peaks[:-1]):
            node = node_hash(left, node)
        return node

    def copy(self) -> "CompactRange":
        return CompactRange(self.size, self.peaks)
