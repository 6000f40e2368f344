"""Proofs after RFC 6962: the reference tree's, by definition, and every changed one refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.ledger.proofs import (
    BadProof,
    HashAt,
    check_consistency,
    check_inclusion,
    check_several,
    consistency,
    inclusion,
    root,
    several,
)
from crypto.ledger.tree import CompactRange, leaf_hash, node_hash
from tests.crypto.ledger.test_ledger import LEAVES, ROOTS

# certificate-transparency-go, merkletree: audit paths and consistency proofs of that tree.
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
PATHS = {
    (0, 1): [],
    (0, 8): [A, B, C],
    (5, 8): [D, E, ROOTS[4]],
    (2, 3): [ROOTS[2]],
    (1, 5): [ROOTS[1], B, D],
}
GROWTHS = {(1, 1): [], (1, 8): [A, B, C], (6, 8): [F, E, ROOTS[4]], (2, 5): [B, D]}


def hashes_of(leaves: list[bytes]) -> HashAt:
    def at(level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hash(leaves[index])
        return node_hash(at(level - 1, 2 * index), at(level - 1, 2 * index + 1))

    return at


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_the_reference_trees_audit_paths(index: int, size: int) -> None:
    path = inclusion(index, size, hashes_of(LEAVES))
    assert [step.hex() for step in path] == PATHS[index, size]
    check_inclusion(leaf_hash(LEAVES[index]), index, size, path, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new"), GROWTHS)
def test_the_reference_trees_consistency_proofs(old: int, new: int) -> None:
    proof = consistency(old, new, hashes_of(LEAVES))
    assert [step.hex() for step in proof] == GROWTHS[old, new]
    heads = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new])
    check_consistency(old, heads[0], new, heads[1], proof)


def test_every_leaf_and_every_growth_of_small_trees() -> None:
    leaves = [bytes([number]) for number in range(40)]
    at, heads = hashes_of(leaves), [CompactRange().root()]
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
        heads.append(tree.root())
    for size in range(41):
        assert root(size, at) == heads[size]
        for index in range(size):
            path = inclusion(index, size, at)
            check_inclusion(leaf_hash(leaves[index]), index, size, path, heads[size])
        for old in range(size + 1):
            check_consistency(old, heads[old], size, heads[size], consistency(old, size, at))


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[bytes], list[int]]:
    leaves = draw(st.lists(st.binary(max_size=4), min_size=1, max_size=70))
    return leaves, sorted(draw(st.sets(st.integers(0, len(leaves) - 1))))


@given(trees(), st.data())
@settings(max_examples=150, deadline=None)
def test_one_proof_for_many_leaves_holds_and_no_changed_one_does(
    tree: tuple[list[bytes], list[int]], data: st.DataObject
) -> None:
    leaves, indices = tree
    at, size = hashes_of(leaves), len(leaves)
    head, hashes = root(size, at), [leaf_hash(leaves[index]) for index in indices]
    proof = list(several(indices, size, at))
    check_several(indices, hashes, size, iter(proof), head)

    changed = data.draw(st.sampled_from(["more", "less", "flipped", "leaf", "size", "order"]))
    match changed:
        case "more":
            proof = [*proof, bytes(32)]
        case "less":
            proof, hashes = proof[:-1], hashes if proof else [bytes(32) for _ in hashes]
        case "flipped" if proof:
            place = data.draw(st.integers(0, len(proof) - 1))
            proof[place] = bytes([proof[place][0] ^ 1]) + proof[place][1:]
        case "leaf" if hashes:
            hashes = [bytes(32), *hashes[1:]]
        case "order" if len(indices) > 1:
            indices = indices[::-1]
        case _:
            head = bytes(32)
    with pytest.raises(BadProof):
        check_several(indices, hashes, size, iter(proof), head)


@given(trees(), st.data())
@settings(max_examples=150, deadline=None)
def test_no_changed_path_or_growth_is_taken(
    tree: tuple[list[bytes], list[int]], data: st.DataObject
) -> None:
    leaves, _ = tree
    at, size = hashes_of(leaves), len(leaves)
    index = data.draw(st.integers(0, size - 1))
    head, old_head = root(size, at), root(index, at)
    path, growth = inclusion(index, size, at), consistency(index, size, at)
    for steps in (path[:-1], [*path, bytes(32)], [bytes(32), *path[1:]]):
        if steps != path:
            with pytest.raises(BadProof):
                check_inclusion(leaf_hash(leaves[index]), index, size, steps, head)
    with pytest.raises(BadProof):
        check_inclusion(bytes(32), index, size, path, head)
    for steps in (growth[:-1], [*growth, bytes(32)], [bytes(32), *growth[1:]]):
        if steps != growth:
            with pytest.raises(BadProof):
                check_consistency(index, old_head, size, head, steps)
    with pytest.raises(BadProof):
        check_consistency(index, bytes(32), size, head, growth)
    with pytest.raises(BadProof):
        check_consistency(size, head, index, old_head, growth)


def test_what_does_not_exist_is_not_proven() -> None:
    at = hashes_of(LEAVES)
    for index, size in ((8, 8), (-1, 8), (0, 0)):
        with pytest.raises(ValueError, match="no such leaf"):
            inclusion(index, size, at)
        with pytest.raises(BadProof):
            check_inclusion(bytes(32), index, size, [], bytes(32))
    with pytest.raises(ValueError, match="shrink"):
        consistency(5, 4, at)
