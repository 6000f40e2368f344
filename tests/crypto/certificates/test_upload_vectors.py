"""Gate 10: how references are filed, and whom to encrypt to, reads for ever as it was written.

python -m tests.vectors.make      writes the vectors, where none are
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.certificates import recipients
from crypto.certificates.dsse import NotGenuine
from crypto.certificates.recipients import UploadRecipient
from crypto.records.references import ReferenceTokens
from crypto.standards.age.keys import AgeIdentity

FROZEN = Path(__file__).parents[2] / "vectors" / "uploads"
INDEX_KEY, LIST = bytes([1]) * 32, "lst_1"
KEY = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
IDENTITY = AgeIdentity(bytes([9]) * 32)
SPELLINGS = ("K-0000123", "k‐０００0123", "0042", "42.0", "", "宛名1")


def write(folder: Path) -> None:
    """Once."""
    folder.mkdir()
    tokens = ReferenceTokens(INDEX_KEY, LIST)
    filed = {text: tokens.of(text).hex() for text in SPELLINGS}
    written = json.dumps(filed, ensure_ascii=False, indent=1) + "\n"
    (folder / "references.json").write_text(written, encoding="utf-8")
    said = UploadRecipient(
        "ent_1", "ctr_1", "job_1", str(IDENTITY.recipient), datetime(2026, 4, 7, 1, tzinfo=UTC)
    )
    (folder / "recipient.json").write_bytes(recipients.stated(said, KEY))


def test_references_are_filed_as_they_were() -> None:
    filed = json.loads((FROZEN / "references.json").read_text(encoding="utf-8"))
    tokens = ReferenceTokens(INDEX_KEY, LIST)
    assert {text: tokens.of(text).hex() for text in filed} == filed
    assert tokens.column(filed) == bytes.fromhex("".join(filed.values()))
    assert filed["0042"] == filed["42.0"]
    assert filed[""] == "00" * 8


def test_a_recipient_statement_of_then_is_checked_as_then() -> None:
    data = (FROZEN / "recipient.json").read_bytes()
    said = recipients.checked(data, KEY.public_key().public_bytes_raw())
    assert (said.job, said.recipient) == ("job_1", str(IDENTITY.recipient))
    assert said.format == "calllist-upload-recipient/1"


@pytest.mark.parametrize("at", range(0, 600, 7))
def test_one_changed_byte_of_it_is_refused(at: int) -> None:
    data = bytearray((FROZEN / "recipient.json").read_bytes())
    data[at % len(data)] ^= 1
    with pytest.raises(NotGenuine):
        recipients.checked(bytes(data), KEY.public_key().public_bytes_raw())
