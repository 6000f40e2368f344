"""When a statement counts, and what it says of itself: found by mutants that nobody noticed."""

from datetime import timedelta

import pytest

from crypto.errors.statements import BadStatement, StatementExpired
from crypto.signed.statements import ApproverKey, approve, dump_signed, load_signed, prepare, verify
from crypto.signed.terms import RosterEntry
from tests.crypto.world import START

ENTRY = RosterEntry("per_8", "pty_1", "sit_1", "operator", START + timedelta(days=30))
TICK = timedelta(microseconds=1)


def test_a_statement_counts_from_five_minutes_before_it_was_issued_until_its_last_moment() -> None:
    key = ApproverKey.generate()
    statement = prepare(ENTRY, issuer="iss_1", now=START, valid_for=timedelta(days=7))
    signed = approve(statement, key)
    first, last = START - timedelta(minutes=5), START + timedelta(days=7)
    for now in (first, last):
        assert verify(signed, key.public, now=now) == statement
    for now in (first - TICK, last + TICK):
        with pytest.raises(StatementExpired):
            verify(signed, key.public, now=now)


def test_a_statements_number_cannot_be_guessed_and_a_key_is_no_shorter_than_it_should_be() -> None:
    statement = prepare(ENTRY, issuer="iss_1", now=START, valid_for=timedelta(days=7))
    assert len(bytes.fromhex(statement.nonce)) * 8 == 128
    for length in (31, 33):
        with pytest.raises(ValueError, match="not a signing key"):
            ApproverKey(bytes(length))


def test_a_signed_file_is_base64_of_its_bytes_and_of_nothing_else() -> None:
    statement = prepare(ENTRY, issuer="iss_1", now=START, valid_for=timedelta(days=7))
    signed = approve(statement, ApproverKey.generate())
    data = dump_signed(signed)
    assert load_signed(data) == signed
    for inside in (b" ", b"!", b"\xe3\x81\x82"):
        spoiled = data.replace(b'"payload":"', b'"payload":"' + inside)
        with pytest.raises(BadStatement):
            load_signed(spoiled)
