"""Records as they are written: one by one and a thousand at a time, the same."""

import hashlib

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from crypto.keys.opening import ChunkOpener
from crypto.records import recordform
from crypto.records.fields import FieldKind
from crypto.records.sealing import ChunkSealer, RecipientKey, Tokens, chunk_context, token
from crypto.standards.canonical import injective

KINDS = list(FieldKind)
KEY = RecipientKey(bytes(range(96)))


@given(
    st.lists(st.sampled_from(KINDS), min_size=1, max_size=6, unique=True),
    st.lists(st.lists(st.text(max_size=4), min_size=6, max_size=6), min_size=1, max_size=5),
)
def test_many_records_are_written_like_one(kinds: list[FieldKind], rows: list[list[str]]) -> None:
    lines = range(2, 2 + len(rows))
    columns = {kind: [row[at] for row in rows] for at, kind in enumerate(kinds)}
    for line, row, written in zip(
        lines, rows, recordform.Writer(kinds).records(lines, columns), strict=True
    ):
        fields = {kind: row[at] for at, kind in enumerate(kinds) if row[at]}
        assert written == recordform.record(line, fields)
        assert msgspec.msgpack.decode(written) == {"line": line} | fields


def test_a_chunk_sealed_at_once_opens_record_by_record() -> None:
    sealer = ChunkSealer(KEY.public, entrustor="e", list_id="l", chunk=7)
    people = [{FieldKind.NAME: f"架空{number}"} for number in range(1200)]
    records = [recordform.record(line, person) for line, person in enumerate(people)]
    sealed = sealer.seal_all(records[:500])
    sealed.append(sealer.seal(500, people[500]))
    sealed += sealer.seal_all(records[501:])
    assert sealer.rows == len(people)
    key = KEY.open(chunk_context("e", "l", 7), sealer.sealed_key)
    opener = ChunkOpener(key, "e", "l", 7, rows=len(people))
    opened = [opener.open(index, one) for index, one in enumerate(sealed)]
    assert [(one.line, one.fields) for one in opened] == list(enumerate(people))


@given(st.lists(st.text(max_size=20), max_size=6), st.binary(min_size=32, max_size=32))
def test_a_token_is_keyed_blake2b_over_list_and_number(texts: list[str], key: bytes) -> None:
    """RFC 7693 with a key and 128 bits of digest, over an encoding without shifted borders."""
    plain = [
        hashlib.blake2b(
            injective("calllist/token/2", "lst_1", text), key=key, digest_size=16
        ).digest()
        for text in texts
    ]
    assert Tokens(key, "lst_1").column(texts) == plain
    assert [token(key, "lst_1", text) for text in texts] == plain
    assert all(token(key, "lst_2", text) != one for text, one in zip(texts, plain, strict=True))
