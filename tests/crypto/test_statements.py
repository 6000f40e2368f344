"""Signed statements and key files as they travel."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from crypto import keyfile
from crypto.errors import BadStatement, KeyFileRefused
from crypto.fields import FieldKind
from crypto.statements import (
    ApproverKey,
    approve,
    dump_request,
    dump_signed,
    fingerprint,
    in_words,
    load_request,
    load_signed,
    prepare,
    read,
    verify,
)
from crypto.terms import ContractTerms, RosterEntry, Statement
from tests.crypto.world import START, TERMS

KEY = ApproverKey.generate()
ROSTER = RosterEntry("per_1", "pty_1", "sit_1", "operator", START)


def statement(body: ContractTerms | RosterEntry = TERMS) -> Statement:
    return prepare(body, issuer="iss_1", now=START, valid_for=timedelta(days=1))


@pytest.mark.parametrize("body", [TERMS, ROSTER])
def test_a_statement_survives_both_kinds_of_file(body: ContractTerms | RosterEntry) -> None:
    before = statement(body)
    assert load_request(dump_request(before)) == before
    signed = load_signed(dump_signed(approve(before, KEY)))
    assert verify(signed, KEY.public, now=START) == before
    assert signed.key == fingerprint(KEY.public)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"\xff", b'{"payload":"!","key":"","signature":""}']
)
def test_what_is_no_statement_file_is_refused(data: bytes) -> None:
    for load in (load_request, load_signed):
        with pytest.raises(BadStatement):
            load(data)


def test_a_time_without_offset_is_refused() -> None:
    naive = msgspec.structs.replace(TERMS, expires=START.replace(tzinfo=None))
    with pytest.raises(BadStatement, match="offset"):
        verify(approve(statement(naive), KEY), KEY.public, now=START)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_value_of_the_terms_is_said_in_words(lang: str) -> None:
    """Nobody signs what they were not shown."""
    words = in_words(statement(), lang)
    conduct, identity = TERMS.conduct, TERMS.identity
    values = [
        *(TERMS.entrustor, TERMS.contract, TERMS.version, TERMS.purpose, *TERMS.parties),
        *(*TERMS.sites, TERMS.expires.isoformat(), TERMS.people_per_hour, TERMS.people_per_day),
        *(TERMS.hold_seconds, TERMS.reveal_seconds, identity.count, identity.tries, *identity.of),
        *(*conduct.weekday, *conduct.weekend, conduct.attempts, conduct.retry_minutes),
        *(conduct.duplicates, conduct.grace_hours, *TERMS.codes),
        *(mask for rule in TERMS.fields.values() for mask in (rule.s1, rule.s2, rule.s3)),
        *TERMS.fields,
    ]
    for value in values:
        assert str(value) in words
    assert FieldKind.AMOUNT not in words
    for value in (*msgspec.structs.astuple(ROSTER)[:4], START.isoformat()):
        assert value in in_words(statement(ROSTER), lang)


@pytest.mark.parametrize(
    ("lang", "said"), [("ja", "新しい二要素認証"), ("en", "new second factor")]
)
def test_leave_for_a_new_factor_is_said_in_words(lang: str, said: str) -> None:
    renewed = msgspec.structs.replace(ROSTER, new_factor=True)
    assert said in in_words(statement(renewed), lang)
    assert said not in in_words(statement(ROSTER), lang)


def test_a_roster_entry_says_nothing_of_factors_unless_it_lets_one_in() -> None:
    """What was signed before there was such a leave still reads, and reads as none."""
    payload = approve(statement(ROSTER), KEY).payload
    assert b"new_factor" not in payload
    assert read(payload).body == ROSTER
    with pytest.raises(BadStatement, match="canonical"):
        read(payload.replace(b'"party":', b'"new_factor":false,"party":'))


# -- key files -----------------------------------------------------------------------------


def test_a_key_file_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "officer.key"
    pair = keyfile.generate(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert keyfile.load(path).public == pair.public
    assert keyfile.load_public(tmp_path / "officer.pub") == pair.public
    with pytest.raises(FileExistsError):
        keyfile.generate(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        keyfile.load(path)


def test_what_is_no_key_file_is_refused_without_quoting_it(tmp_path: Path) -> None:
    path = tmp_path / "officer.key"
    with pytest.raises(KeyFileRefused):
        keyfile.load(path)
    keyfile.generate(path)
    public = tmp_path / "officer.pub"
    for file, load in ((path, keyfile.load), (public, keyfile.load_public)):
        for data in (b"", b"hunter2", file.read_bytes().replace(b"/1", b"/9")):
            file.write_bytes(data)
            with pytest.raises(KeyFileRefused) as refusal:
                load(file)
            assert "hunter2" not in str(refusal.value)


def test_a_public_file_that_contradicts_its_fingerprint_is_refused(tmp_path: Path) -> None:
    keyfile.generate(tmp_path / "one.key")
    keyfile.generate(tmp_path / "two.key")
    one, two = ((tmp_path / name).read_text().splitlines() for name in ("one.pub", "two.pub"))
    mixed = [two[at] if '"signing"' in line else line for at, line in enumerate(one)]
    (tmp_path / "one.pub").write_text("\n".join(mixed))
    with pytest.raises(KeyFileRefused, match="fingerprint"):
        keyfile.load_public(tmp_path / "one.pub")


def test_secrets_do_not_print(tmp_path: Path) -> None:
    pair = keyfile.generate(tmp_path / "one.key")
    assert repr(pair.approver.seed) not in repr(pair) + repr(pair.approver)
