"""Signed statements and key files as they travel."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from crypto.errors.base import KeyFileRefused
from crypto.errors.statements import BadStatement
from crypto.records.fields import FieldKind
from crypto.signed import keyfile
from crypto.signed.orders import (
    BudgetRaise,
    Canaries,
    CertificateRevocation,
    Corrections,
    Extension,
    Hold,
    PartyDecision,
    RecipientChange,
    Reissue,
    ShredOrder,
)
from crypto.signed.statements import (
    ApproverKey,
    approve,
    dump_request,
    dump_signed,
    fingerprint,
    load_request,
    load_signed,
    prepare,
    read,
    verify,
)
from crypto.signed.terms import RosterEntry, Statement, StatementBody
from crypto.signed.words import in_words
from tests.crypto.world import START, TERMS

KEY = ApproverKey.generate()
ROSTER = RosterEntry("per_1", "pty_1", "sit_1", "operator", START)
PARTY = PartyDecision("ent_1", "ctr_1", "pty_9", approved=True)
HOLD = Hold("ent_1", "lst_1", held=True, reason="訴訟 R8-1")
BODIES: tuple[StatementBody, ...] = (
    Reissue(
        *("ent_1", "lst_1", "ent_1-000001", "name"),
        Corrections("架空市", "R8-健-02", "payment_notice", ("架空社", "仮空社"), 71, 81, 91, 111),
    ),
    CertificateRevocation("ent_1", "lst_1", "ent_1-000002", "wrong_claim"),
    TERMS,
    ROSTER,
    RecipientChange("ent_1", b"a public key"),
    BudgetRaise("ent_1", "ctr_1", START, "per_1", None, 201, 901, 19_001, 19_002, 9_003, 904),
    PARTY,
    HOLD,
    Extension("ent_1", "lst_1", START),
    ShredOrder("ent_1", ("lst_1", "lst_2")),
    Canaries("ent_1", "ctr_1", b"sealed numbers"),
)


def statement(body: StatementBody = TERMS) -> Statement:
    return prepare(body, issuer="iss_1", now=START, valid_for=timedelta(days=1))


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_a_statement_survives_both_kinds_of_file(body: StatementBody) -> None:
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


def leaves(value: object) -> Iterator[object]:
    """Every single value that a signature covers; yes and no are said in other words."""
    if isinstance(value, msgspec.Struct):
        value = tuple(getattr(value, name) for name in value.__struct_fields__)
    if isinstance(value, dict):
        for part in (*value.keys(), *value.values()):
            yield from leaves(part)
        return
    if isinstance(value, tuple):
        for part in value:
            yield from leaves(part)
    elif isinstance(value, datetime):
        yield value.isoformat()
    elif isinstance(value, bytes):
        yield fingerprint(value)
    elif not isinstance(value, bool | msgspec.UnsetType) and value is not None:
        yield value


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_every_value_of_a_statement_is_said_in_words(body: StatementBody, lang: str) -> None:
    """Nobody signs what they were not shown."""
    signed = statement(body)
    words = in_words(signed, lang)
    names = set(body.__struct_fields__)
    for name in names:
        for value in leaves(getattr(body, name)):
            assert str(value) in words, name
    for value in (signed.issuer, signed.issued.isoformat(), signed.valid_until.isoformat()):
        assert value in words
    assert signed.nonce in words


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_every_number_is_said_in_its_own_place(body: StatementBody) -> None:
    """Two equal numbers do not cover for each other."""
    first = statement(body)
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if type(value) is int:
            other = msgspec.structs.replace(body, **{name: value + 7})
            second = msgspec.structs.replace(first, body=other)
            assert in_words(second) != in_words(first), name


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_columns_kept_as_groups_are_said_in_words(lang: str) -> None:
    conduct = msgspec.structs.replace(TERMS.conduct, segments=("年代", "地区"))
    words = in_words(statement(msgspec.structs.replace(TERMS, conduct=conduct)), lang)
    assert "年代" in words
    assert "地区" in words


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_yes_and_a_no_read_differently(lang: str) -> None:
    for body, name in ((PARTY, "approved"), (HOLD, "held"), (TERMS, "inbound")):
        other = msgspec.structs.replace(body, **{name: not getattr(body, name)})
        first, second = (statement(each) for each in (body, other))
        said = in_words(msgspec.structs.replace(second, nonce=first.nonce), lang)
        assert said != in_words(first, lang)
    assert FieldKind.AMOUNT not in in_words(statement(), lang)


def test_every_kind_of_statement_is_tried_here() -> None:
    assert {type(body) for body in BODIES} == set(get_args(StatementBody))


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


def test_nobody_who_carries_a_public_file_puts_their_own_receiving_key_into_it(
    tmp_path: Path,
) -> None:
    """People compare the fingerprint of the signing key: the other key hangs on it."""
    keyfile.generate(tmp_path / "owner.key")
    keyfile.generate(tmp_path / "carrier.key")
    owner, carrier = (
        msgspec.json.decode((tmp_path / f"{name}.pub").read_bytes())
        for name in ("owner", "carrier")
    )
    for taken in (["recipient"], ["recipient", "signature"]):
        forged = owner | {name: carrier[name] for name in taken}
        (tmp_path / "owner.pub").write_bytes(msgspec.json.encode(forged))
        with pytest.raises(KeyFileRefused, match="did not sign"):
            keyfile.load_public(tmp_path / "owner.pub")


def test_secrets_do_not_print(tmp_path: Path) -> None:
    pair = keyfile.generate(tmp_path / "one.key")
    assert repr(pair.approver.seed) not in repr(pair) + repr(pair.approver)
