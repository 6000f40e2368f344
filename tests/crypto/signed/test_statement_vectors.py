"""Gate 10: what was signed yesterday is accepted for ever, every kind of it.

`tests/vectors/statements/` was written once by `python -m tests.vectors.make`. A later field of
a statement must not change the bytes of those without it, or none of these is canonical any more.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from crypto.errors.base import Refusal
from crypto.people import roster
from crypto.records.fields import FieldKind, Mask
from crypto.records.sealing import RecipientKey
from crypto.signed import approvals
from crypto.signed.approvals import CENTRE, Approvals, approvers
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
    load_request,
    load_signed,
)
from crypto.signed.terms import (
    Conduct,
    ContractTerms,
    FieldRule,
    IdentityRule,
    RosterEntry,
    Statement,
    StatementBody,
)

FROZEN = Path(__file__).parents[2] / "vectors" / "statements"
REQUEST = "contract.request.json"
AT = datetime(2026, 4, 7, 1, 0, tzinfo=UTC)
KEYS = {"ent_1": ApproverKey(bytes(range(64, 96))), CENTRE: ApproverKey(bytes(range(96, 128)))}
RECIPIENT = RecipientKey(bytes(range(96))).public.data
FIELDS = {
    FieldKind.PHONE: FieldRule(Mask.LAST3, Mask.PHONE_LAST3, Mask.PHONE_LAST3, reveal=True),
    FieldKind.PHONE_ALT: FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.PHONE_LAST3, reveal=True),
    FieldKind.NAME: FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.FULL),
    FieldKind.NAME_KANA: FieldRule(Mask.FAMILY_NAME, Mask.ASKABLE, Mask.FULL),
    FieldKind.ORGANISATION: FieldRule(Mask.FULL, Mask.FULL, Mask.FULL),
    FieldKind.REFERENCE: FieldRule(Mask.LAST3, Mask.LAST3, Mask.LAST3, match=True),
    FieldKind.BIRTH_DATE: FieldRule(Mask.HIDDEN, Mask.DECADE, Mask.YEAR, match=True),
    FieldKind.SEX: FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.FULL),
    FieldKind.POSTAL: FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.FULL, match=True),
    FieldKind.ADDRESS: FieldRule(Mask.HIDDEN, Mask.MUNICIPALITY, Mask.MUNICIPALITY, reveal=True),
    FieldKind.SUBJECT: FieldRule(Mask.DOTS, Mask.DOTS, Mask.FULL),
    FieldKind.AMOUNT: FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.FULL),
    FieldKind.DUE_DATE: FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.FULL),
    FieldKind.SENSITIVE: FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.DOTS),
}
TERMS = ContractTerms(
    *("ent_1", "ctr_1", 1, "health_check"),
    fields=FIELDS,
    identity=IdentityRule(2, (FieldKind.BIRTH_DATE, FieldKind.POSTAL), 4, 61),
    codes={10: True, 30: False},
    parties=("pty_1", "pty_2"),
    sites=("sit_1",),
    expires=AT + timedelta(days=30),
    conduct=Conduct((10, 19), (11, 16), 4, 90, "phone", 24),
    people_per_hour=121,
    people_per_day=601,
    people_per_30_days=13_201,
    people_per_job=13_202,
    people_per_list=6_001,
    people_per_entrustor_day=602,
    hold_seconds=1_201,
    reveal_seconds=91,
    reveals_per_hour=122,
    inbound=True,
)
BODIES: dict[str, StatementBody] = {
    "contract": TERMS,
    "roster": RosterEntry("per_1", "pty_1", "sit_1", "operator", AT + timedelta(days=365)),
    "roster-renewed": RosterEntry("per_1", "pty_1", "sit_1", "manager", AT, new_factor=True),
    "recipient": RecipientChange("ent_1", RECIPIENT),
    "budget": BudgetRaise("ent_1", "ctr_1", AT, "per_1", None, 201, 901, 19_001, 19_002, 9_003, 4),
    "budget-role": BudgetRaise("ent_1", "ctr_1", AT, role="operator", people_per_hour=201),
    "party": PartyDecision("ent_1", "ctr_1", "pty_9", approved=True),
    "party-withdrawn": PartyDecision("ent_1", "ctr_1", "pty_2", approved=False),
    "hold": Hold("ent_1", "lst_1", held=True, reason="訴訟 R8-1"),
    "hold-over": Hold("ent_1", "lst_1", held=False, reason="和解"),
    "extension": Extension("ent_1", "lst_1", AT + timedelta(days=2)),
    "shred": ShredOrder("ent_1", ("lst_1", "lst_2")),
    "canaries": Canaries("ent_1", "ctr_1", b"sealed numbers"),
    "reissue": Reissue(
        *("ent_1", "lst_1", "ent_1-000001", "name"),
        Corrections("架空市", "R8-健-02", "payment_notice", ("架空社", "仮空社"), 7, 8, 9, 11),
    ),
    "revocation": CertificateRevocation("ent_1", "lst_1", "ent_1-000002", "wrong_claim"),
}


def statement(name: str) -> Statement:
    """As it was asked for; its number is its place in the table above."""
    nonce = f"{list(BODIES).index(name):032x}"
    return Statement(BODIES[name], "iss_1", AT, AT + timedelta(days=7), nonce)


def signed_files(name: str) -> dict[str, bytes]:
    """File name -> what the approver's machine writes; a hold takes two."""
    due = approvers(BODIES[name])
    return {f"{name}.{who}.json": dump_signed(approve(statement(name), KEYS[who])) for who in due}


def write(folder: Path) -> None:
    folder.mkdir()
    for name in BODIES:
        for file, data in signed_files(name).items():
            (folder / file).write_bytes(data)
    (folder / REQUEST).write_bytes(dump_request(statement("contract")))


def keeper() -> Approvals:
    """Whoever checks signatures in the keeper, with both keys pinned."""
    db = sqlite3.connect(":memory:")
    db.executescript(approvals.SCHEMA + roster.SCHEMA)
    pinned = Approvals(db)
    for who, key in KEYS.items():
        pinned.pin(who, key.public, b"" if who == CENTRE else RECIPIENT)
    return pinned


def files(name: str) -> list[Path]:
    found = sorted(FROZEN.glob(f"{name}.*.json"))
    return [path for path in found if path.name != REQUEST]


@pytest.mark.parametrize("name", BODIES)
def test_a_frozen_statement_is_accepted_and_says_the_same(name: str) -> None:
    checked, signed = keeper(), [load_signed(path.read_bytes()) for path in files(name)]
    assert len(signed) == len(approvers(BODIES[name]))
    for left, one in enumerate(signed, start=1 - len(signed)):
        taken = checked.accept(one, AT)
        assert taken.statement == statement(name)
        assert len(taken.missing) == -left
        with pytest.raises(Refusal):  # no statement is accepted twice
            checked.accept(one, AT)


@pytest.mark.parametrize("name", BODIES)
def test_todays_approver_writes_the_frozen_bytes(name: str) -> None:
    frozen = {path.name: path.read_bytes() for path in files(name)}
    assert signed_files(name) == frozen


def test_a_frozen_request_is_read_and_its_terms_hold() -> None:
    request = load_request((FROZEN / REQUEST).read_bytes())
    assert request == statement("contract")
    checked = keeper()
    checked.add_version(TERMS, AT, AT)
    assert checked.terms("ctr_1", 1) == TERMS


@pytest.mark.parametrize("name", BODIES)
def test_one_changed_bit_of_a_frozen_statement_is_refused(name: str) -> None:
    checked = keeper()
    for path in files(name):
        genuine = path.read_bytes()
        for at in range(len(genuine)):
            changed = bytearray(genuine)
            changed[at] ^= 1 << at % 8
            with pytest.raises(Refusal):
                checked.accept(load_signed(bytes(changed)), AT)


def test_every_kind_of_statement_field_and_mask_is_frozen() -> None:
    assert {type(body) for body in BODIES.values()} == set(get_args(StatementBody))
    assert set(FIELDS) == set(FieldKind)
    masks = {mask for rule in FIELDS.values() for mask in (rule.s1, rule.s2, rule.s3)}
    assert masks == set(Mask)
