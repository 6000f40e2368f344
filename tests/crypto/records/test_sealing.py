"""Ciphertext is bound to its place, says nothing by its length, and prints nothing."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors.records import DoesNotOpen
from crypto.keys.keystore import ListSecrets
from crypto.keys.opening import OpenList
from crypto.records import sealing
from crypto.records.fields import FieldKind
from crypto.records.sealing import (
    PAD_BYTES,
    CallResult,
    ChunkSealer,
    ListKeys,
    Recipient,
    RecipientKey,
    open_list_keys,
    open_result,
    pad,
    person_tag,
    record_place,
    seal_list_keys,
    seal_result,
    token,
    unpad,
)
from crypto.standards.canonical import injective

KEY = RecipientKey.generate()
SECRETS = ListSecrets(KEY.seeds, bytes(32), bytes(32))
PLACES = [
    (entrustor, list_id, chunk, index)
    for entrustor in ("ent_1", "ent_2")
    for list_id in ("lst_1", "lst_2")
    for chunk in (0, 1)
    for index in (0, 1)
]
FIELDS = {FieldKind.NAME: "山田 花子", FieldKind.PHONE: "+819000000678"}


def _sealed() -> dict[tuple[str, str, int, int], tuple[bytes, bytes, bytes]]:
    out = {}
    for entrustor, list_id, chunk in {place[:3] for place in PLACES}:
        sealer = ChunkSealer(KEY.public, entrustor=entrustor, list_id=list_id, chunk=chunk)
        for index in (0, 1):
            record = sealer.seal(index + 2, FIELDS)
            out[entrustor, list_id, chunk, index] = (sealer.sealed_key, sealer.commitment, record)
    return out


SEALED = _sealed()


@given(st.sampled_from(PLACES), st.sampled_from(PLACES), st.sampled_from(PLACES))
def test_a_record_opens_in_its_place_only(
    here: tuple[str, str, int, int],
    key_of: tuple[str, str, int, int],
    record_of: tuple[str, str, int, int],
) -> None:
    entrustor, list_id, chunk, index = here
    sealed_key, committed, _ = SEALED[key_of]
    _, _, record = SEALED[record_of]
    opened = OpenList(entrustor, list_id, SECRETS)
    if here == record_of and here[:3] == key_of[:3]:
        assert (
            opened.chunk(chunk, sealed_key, lambda *_: (committed, 2)).open(index, record).fields
            == FIELDS
        )
    else:
        with pytest.raises(DoesNotOpen):
            opened.chunk(chunk, sealed_key, lambda *_: (committed, 2)).open(index, record)


def test_the_commitment_decides_even_if_the_key_would_open() -> None:
    sealed_key, committed, _ = SEALED["ent_1", "lst_1", 0, 0]
    opened = OpenList("ent_1", "lst_1", SECRETS)
    with pytest.raises(DoesNotOpen):
        opened.chunk(0, sealed_key, lambda *_: (bytes(32), 2))
    opened.chunk(0, sealed_key, lambda *_: (committed, 2))


@given(st.text(max_size=40), st.integers(0, 10**7))
def test_lengths_are_rounded(name: str, line: int) -> None:
    sealer = ChunkSealer(KEY.public, entrustor="e", list_id="l", chunk=0)
    assert (len(sealer.seal(line, {FieldKind.NAME: name})) - 16) % PAD_BYTES == 0


@given(st.binary(max_size=200))
def test_padding_is_undone_exactly(data: bytes) -> None:
    assert unpad(pad(data)) == data


@pytest.mark.parametrize("padded", [b"", bytes(64), b"\x80", b"a\x80" + bytes(61)])
def test_what_pad_did_not_make_is_refused(padded: bytes) -> None:
    with pytest.raises(DoesNotOpen):
        unpad(padded)


@given(st.lists(st.text() | st.binary() | st.integers(0, 2**63), max_size=4), st.data())
def test_no_two_sequences_are_encoded_alike(
    parts: list[str | int | bytes], data: st.DataObject
) -> None:
    other = data.draw(st.lists(st.text() | st.binary() | st.integers(0, 2**63), max_size=4))
    same = [(type(p), p) for p in parts] == [(type(p), p) for p in other]
    assert (injective(*parts) == injective(*other)) == same


def test_results_open_for_the_entrustor_and_nowhere_else() -> None:
    key, result = bytes(range(32)), CallResult(2, "K-1", 10, "2026-04-07T10:00:00+09:00")
    sealed = seal_result(key, list_id="lst_1", attempt="att_1", result=result)
    assert open_result(key, list_id="lst_1", attempt="att_1", sealed=sealed) == result
    for list_id, attempt, data in (
        ("lst_2", "att_1", sealed),
        ("lst_1", "att_2", sealed),
        ("lst_1", "att_1", b"\x02" + sealed[1:]),
        ("lst_1", "att_1", sealed[:8]),
        ("lst_1", "att_1", b""),
    ):
        with pytest.raises(DoesNotOpen):
            open_result(key, list_id=list_id, attempt=attempt, sealed=data)


def test_list_keys_open_for_their_entrustor_and_list_only() -> None:
    keys = ListKeys(b"r" * 32, b"t" * 32)
    sealed = seal_list_keys(KEY.public, entrustor="ent_1", list_id="lst_1", keys=keys)
    assert open_list_keys(KEY, entrustor="ent_1", list_id="lst_1", sealed=sealed) == keys
    for entrustor, list_id in (("ent_2", "lst_1"), ("ent_1", "lst_2")):
        with pytest.raises(DoesNotOpen):
            open_list_keys(KEY, entrustor=entrustor, list_id=list_id, sealed=sealed)
    with pytest.raises(DoesNotOpen):
        open_list_keys(KEY, entrustor="ent_1", list_id="lst_1", sealed=b"")


def test_tokens_and_tags_of_two_lists_are_unlinkable() -> None:
    key, phone = bytes(32), "+819000000678"
    assert token(key, "lst_1", phone) == token(key, "lst_1", phone)
    assert token(key, "lst_1", phone) != token(key, "lst_2", phone)
    assert person_tag(key, "lst_1", phone) != person_tag(key, "lst_2", phone)


def test_a_context_is_mandatory() -> None:
    with pytest.raises(ValueError, match="mandatory"):
        KEY.public.seal(b"", b"x")
    with pytest.raises(ValueError, match="mandatory"):
        KEY.open(b"", b"x")


def test_what_is_no_key_is_no_recipient() -> None:
    for data in (b"", bytes(1215), bytes(1217)):
        with pytest.raises(ValueError, match="not a recipient"):
            Recipient(data)
    with pytest.raises(ValueError, match="not a recipient"):
        RecipientKey(bytes(95))


def test_secrets_do_not_print() -> None:
    sealed_key, committed, record = SEALED["ent_1", "lst_1", 0, 0]
    opener = OpenList("ent_1", "lst_1", SECRETS).chunk(0, sealed_key, lambda *_: (committed, 2))
    person = opener.open(0, record)
    for thing in (
        KEY,
        SECRETS,
        ListKeys(b"r" * 32, b"t" * 32),
        person,
        CallResult(1, "K-1", 1, ""),
    ):
        for secret in ("山田", "819000000678", "rrrr", "K-1", "\\x00\\x00"):
            assert secret not in repr(thing)


@pytest.mark.parametrize("low", [bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"])
def test_a_point_of_low_order_is_nobody_s_key(low: bytes) -> None:
    """RFC 7748, 6.1: everybody would agree on zero with it."""
    post_quantum = RecipientKey.generate().public.data[:-32]
    with pytest.raises(ValueError, match=r"."):
        Recipient(post_quantum + low)


def test_every_part_of_a_records_place_counts_and_every_record_has_its_own_number() -> None:
    """Whatever is remembered between two records of a chunk, or of a process."""
    entrustor, list_id = f"ent_{secrets.token_hex(8)}", f"lst_{secrets.token_hex(8)}"
    place = record_place(entrustor, list_id, 7, 3)
    assert place == injective("calllist/record/1", entrustor, list_id, 7) + injective(3)
    others = [("ent_x", list_id, 7, 3), (entrustor, "lst_x", 7, 3), (entrustor, list_id, 8, 3)]
    places = {place, *(record_place(*other) for other in others)}
    assert len(places | {record_place(entrustor, list_id, 7, 4)}) == 5
    more = len(sealing._numbered(0)[0]) + 3
    nonces, ends = sealing._numbered(more)
    assert nonces[-1] == (more - 1).to_bytes(12, "big")
    assert place.endswith(ends[3])
    assert len(set(nonces)) == len(set(ends)) == more
