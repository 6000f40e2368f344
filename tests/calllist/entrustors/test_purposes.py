"""Golden table: what an operator sees of each field kind, purpose by purpose, stage by stage.

`disclosed.tsv` is what a person has read and compared with the reference table of staged
disclosure; a change of masks or defaults has to change it, line by line.
"""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from calllist.entrustors.contracts import terms_for
from calllist.entrustors.purposes import Purpose
from crypto.disclosure.masks import view
from crypto.records.fields import FieldKind, Mask, Stage
from crypto.signed.policy import contradictions
from crypto.signed.terms import ContractTerms

TABLE = Path(__file__).parent / "disclosed.tsv"
STAGES = (Stage.DIALLING, Stage.ANSWERED, Stage.VERIFIED, Stage.CLOSED)
PERSON = {
    FieldKind.PHONE: "+819000000678",
    FieldKind.PHONE_ALT: "+81300000222",
    FieldKind.NAME: "山田 花子",
    FieldKind.NAME_KANA: "ヤマダ ハナコ",
    FieldKind.ORGANISATION: "㈱架空商店",
    FieldKind.REFERENCE: "K-0000123",
    FieldKind.BIRTH_DATE: "昭和50年1月2日",
    FieldKind.SEX: "女",
    FieldKind.POSTAL: "231-0000",
    FieldKind.ADDRESS: "神奈川県横浜市中区架空町1-2-3",
    FieldKind.SUBJECT: "特定健診",
    FieldKind.AMOUNT: "12,300円",
    FieldKind.DUE_DATE: "令和8年5月31日",
    FieldKind.SENSITIVE: "要再検査",
}
WITHOUT_READING = {kind: text for kind, text in PERSON.items() if kind != FieldKind.NAME_KANA}


def terms(purpose: Purpose) -> ContractTerms:
    return terms_for(
        purpose,
        entrustor_id="ent_1",
        contract_id="ctr_1",
        version=1,
        parties=("pty_1",),
        expires=datetime(2026, 4, 7, tzinfo=UTC) + timedelta(days=30),
    )


def disclosed(purpose: Purpose) -> list[list[str]]:
    """The table's rows for one purpose: kind, S1 to S4; "―" for a field that is not mentioned."""
    under = terms(purpose)
    rows = []
    for label, person in (("", PERSON), (" (カナなし)", WITHOUT_READING)):
        seen = [{each.kind: each.text for each in view(under, at, person)} for at in STAGES]
        kinds = FieldKind if not label else (FieldKind.NAME,)
        rows += [
            [purpose.value, f"{kind}{label}", *(at.get(kind, "―") for at in seen)] for kind in kinds
        ]
    return rows


@pytest.mark.parametrize("purpose", Purpose)
def test_what_is_seen_is_what_the_table_says(purpose: Purpose) -> None:
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row[0] == purpose.value]
    assert disclosed(purpose) == rows


@pytest.mark.parametrize("purpose", Purpose)
def test_the_defaults_can_be_signed_and_let_somebody_be_verified(purpose: Purpose) -> None:
    under = terms(purpose)
    assert contradictions(under) == []
    assert all(under.fields[kind].match for kind in under.identity.of)
    assert under.identity.tries == 3
    assert under.inbound
    assert under.codes[80], "a withdrawn record can be closed"


@pytest.mark.parametrize("purpose", Purpose)
def test_sensitive_data_is_in_no_default(purpose: Purpose) -> None:
    assert FieldKind.SENSITIVE not in terms(purpose).fields
    assert FieldKind.SEX not in terms(purpose).fields


@pytest.mark.parametrize("purpose", Purpose)
def test_a_number_in_full_is_on_no_card(purpose: Purpose) -> None:
    rule = terms(purpose).fields[FieldKind.PHONE]
    assert {rule.s1, rule.s2, rule.s3} == {Mask.PHONE_LAST3}
    assert rule.reveal
