"""Certificates made by a key of the test's own, spelled as the keeper spells them."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.signed.statements import fingerprint
from retention.facts import FORM, CertificateFacts, Check, Claims
from retention.states import Outcome
from retention.verify import PAYLOAD_TYPE, pae

NOW = datetime(2026, 4, 7, 1, 0, tzinfo=UTC)  # Tuesday 10:00 in Japan
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()

CLAIMS = Claims(
    form=FORM,
    number=3,
    reference="KS-2026-1 / 2",
    basis="ctr_01 / 1",
    trigger="completed",
    people=1234,
    received={
        "entrustor": "架空市",
        "contract": "R8-健-01",
        "purpose": "health_check",
        "rows": 1300,
        "duplicates": 50,
        "rejected": 16,
        "fields": ["phone", "name", "birth_date"],
        "file_hash": "ab" * 32,
    },
    received_at=NOW - timedelta(days=7),
    deadline=NOW + timedelta(days=30),
    frozen_at=NOW,
    shredded_at=NOW + timedelta(seconds=1),
    erased_at=NOW + timedelta(seconds=2),
    erased_rows=1234,
    verified_at=NOW + timedelta(seconds=3),
    checks=(
        Check("keeper", Outcome.PASS, "asked"),
        Check("records", Outcome.PASS, "counted", seen=1234),
        Check("logs", Outcome.PASS, "searched", bytes=123456),
        Check("backups", Outcome.OUTSIDE, "not_reached"),
    ),
)


KNOWN: dict[str, Any] = {  # what a keeper of today states besides
    "purpose": "health_check",
    "parties": ("pty_01", "pty_02"),
    "rows": 1234,
    "file_hash": "ab" * 32,
    "manifested_at": NOW - timedelta(days=6),
    "attested": {"erased": 4713, "verified": 4714},
}


def envelope(
    payload: bytes, key: Ed25519PrivateKey = KEY, payload_type: str = PAYLOAD_TYPE
) -> bytes:
    public = key.public_key().public_bytes_raw()
    body = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [
            {
                "keyid": fingerprint(public),
                "sig": base64.b64encode(key.sign(pae(payload_type, payload))).decode(),
            }
        ],
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def facts(**changed: Any) -> CertificateFacts:
    return msgspec.structs.replace(FACTS, **changed)


def certificate(**changed: Any) -> bytes:
    return envelope(msgspec.json.encode(facts(**changed), order="sorted"))


FACTS = CertificateFacts(
    certificate="ent_01-000003",
    issued_at=NOW + timedelta(seconds=5),
    list="lst_01",
    entrustor="ent_01",
    contract="ctr_01",
    version=1,
    key="11111111-22222222",
    minted_at=NOW - timedelta(days=7),
    expires=NOW + timedelta(days=30),
    frozen_at=NOW,
    trigger="completed",
    shredded_at=NOW + timedelta(seconds=1),
    shred_seq=4711,
    epoch_destroyed=3,
    root_kind="file",
    opens=1500,
    people_opened=1200,
    operators=4,
    matches=900,
    reveals=3,
    checkpoint="calllist/ledger\n4712\nAAAA\n\n— calllist sig\n",
    claims=CLAIMS,
)
