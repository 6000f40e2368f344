"""Proofs about the ledger's tree: a leaf is in it, it has only grown, these leaves are in it.

RFC 6962, 2.1.1 and 2.1.2 (RFC 9162, 2.1.3 and 2.1.4, for checking). Whoever proves needs the
hashes of perfect subtrees (`HashAt`: from tiles); whoever checks needs nothing but the proof.
Checking raises BadProof and never returns a bool.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from typing import TypeAlias

from crypto.ledger.tree import EMPTY_ROOT, HASH_BYTES, node_hash

HashAt = Callable[[int, int], bytes]
"""(level, index) -> root of the leaves from index << level, 1 << level of them."""

Indices: TypeAlias = "Sequence[int] | array[int]"  # array is no runtime generic before 3.12


class BadProof(ValueError):
    """The proof does not show what it should."""


def split(size: int) -> int:
    """The largest power of two below `size` (size > 1): where a tree parts in two."""
    return 1 << ((size - 1).bit_length() - 1)


def subtree(first: int, end: int, at: HashAt) -> bytes:
    """Root of the leaves first..end-1, which are a node of the tree as RFC 6962 parts it."""
    size = end - first
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return at(level, first >> level)
    middle = first + split(size)
    return node_hash(subtree(first, middle, at), subtree(middle, end, at))


def root(size: int, at: HashAt) -> bytes:
    """The tree head of the first `size` leaves."""
    return subtree(0, size, at) if size else EMPTY_ROOT


# -- proving -------------------------------------------------------------------------------


def inclusion(index: int, size: int, at: HashAt) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962, 2.1.1: from the leaf's neighbour up to the root's child."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    first, end, path = 0, size, []
    while end - first > 1:
        middle = first + split(end - first)
        if index < middle:
            path.append(subtree(middle, end, at))
            end = middle
        else:
            path.append(subtree(first, middle, at))
            first = middle
    return path[::-1]


def consistency(old: int, new: int, at: HashAt) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962, 2.1.2. Empty if nothing has been added, or to nothing."""
    if not 0 <= old <= new:
        raise ValueError("a log does not shrink")
    if old in (0, new):
        return []
    first, end, path = 0, new, []
    while end != old:  # until the old tree's own border is reached
        middle = first + split(end - first)
        if old <= middle:
            path.append(subtree(middle, end, at))
            end = middle
        else:
            path.append(subtree(first, middle, at))
            first = middle
    if first:  # the old tree is not a perfect subtree: its last part is named too
        path.append(subtree(first, end, at))
    return path[::-1]


def several(indices: Indices, size: int, at: HashAt) -> Iterator[bytes]:
    """One proof for many leaves (ascending): the roots of the largest parts without any of
    them, from left to right. Not an RFC's, but its tree: checking rebuilds the head."""
    return (subtree(first, end, at) for first, end in parts_without(indices, size))


def parts_without(indices: Indices, size: int) -> Iterator[tuple[int, int]]:
    """The parts of the tree, first..end-1, of which `several` takes the roots."""
    stack = [(0, size, 0, len(indices))]
    while stack:
        first, end, low, high = stack.pop()
        if low == high:
            yield first, end
        elif end - first > 1:
            middle = first + split(end - first)
            cut = bisect_left(indices, middle, low, high)
            stack += [(middle, end, cut, high), (first, middle, low, cut)]


# -- checking ------------------------------------------------------------------------------


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], head: bytes
) -> None:
    """RFC 9162, 2.1.3.2; `leaf` is its hash. Raises BadProof."""
    if not 0 <= index < size:
        raise BadProof("no such leaf")
    place, last, node = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise BadProof("too long")
        if place & 1 or place == last:
            node = node_hash(step, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, step)
        place, last = place >> 1, last >> 1
    if last or node != head:
        raise BadProof("leads to another head")


def check_consistency(
    old: int, old_head: bytes, new: int, new_head: bytes, proof: Sequence[bytes]
) -> None:
    """RFC 9162, 2.1.4.2. Raises BadProof."""
    if not 0 <= old <= new:
        raise BadProof("the log is shorter than before")
    if old in (0, new):
        if proof or old_head != (new_head if old == new else EMPTY_ROOT):
            raise BadProof("another log")
        return
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_head)
    if not steps:
        raise BadProof("too short")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise BadProof("too long")
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    if last or before != old_head or after != new_head:
        raise BadProof("another log")


def check_several(
    indices: Indices, leaves: Sequence[bytes], size: int, proof: Iterator[bytes], head: bytes
) -> None:
    """`leaves` are the hashes of the leaves at `indices`, ascending. Raises BadProof."""
    ascending = all(one < next_ for one, next_ in pairwise(chain([-1], indices, [size])))
    if not ascending or len(indices) != len(leaves):
        raise BadProof("not ascending")

    def rebuilt(first: int, end: int, low: int, high: int) -> bytes:
        if low == high:
            step = next(proof, b"")
            if len(step) != HASH_BYTES:
                raise BadProof("too short")
            return step
        if end - first == 1:
            return leaves[low]
        middle = first + split(end - first)
        cut = bisect_left(indices, middle, low, high)
        return node_hash(rebuilt(first, middle, low, cut), rebuilt(middle, end, cut, high))

    if (rebuilt(0, size, 0, len(indices)) if size else EMPTY_ROOT) != head:
        raise BadProof("leads to another head")
    if next(proof, None) is not None:
        raise BadProof("too long")
