"""To whom an entrustor encrypts: what the right key has signed is read strictly all the same."""

from datetime import UTC, datetime

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.certificates import dsse, recipients
from crypto.certificates.recipients import UploadRecipient
from crypto.standards.age.keys import AgeIdentity
from crypto.standards.canonical import canonical_json

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
IDENTITY = AgeIdentity.generate()
SAID = UploadRecipient(
    "ent_1", "ctr_1", "job_1", str(IDENTITY.recipient), datetime(2026, 4, 7, 1, tzinfo=UTC)
)


def other(**changed: object) -> bytes:
    return canonical_json(msgspec.structs.replace(SAID, **changed))


def test_what_is_stated_is_read_back_and_names_the_key() -> None:
    assert recipients.checked(recipients.stated(SAID, KEY), PUBLIC) == SAID
    assert SAID.key == IDENTITY.recipient


@pytest.mark.parametrize(
    "payload",
    [
        other(format="calllist-upload-recipient/2"),
        other(recipient="age1nobody"),
        other(recipient=IDENTITY.written()),
        other(issued=datetime(2026, 4, 7, 1)),  # noqa: DTZ001
        canonical_json(SAID).replace(b",", b", "),
        canonical_json(SAID)[:-1] + b',"x":1}',
        b"{}",
        b"no JSON",
    ],
    ids=[
        "another format",
        "no recipient",
        "a secret key for a recipient",
        "a time of nowhere",
        "another spelling",
        "something more",
        "nothing",
        "no JSON",
    ],
)
def test_what_the_right_key_has_signed_in_another_form_is_refused_and_not_quoted(
    payload: bytes,
) -> None:
    signed = dsse.envelope(payload, recipients.PAYLOAD_TYPE, KEY)
    with pytest.raises(dsse.NotGenuine) as refused:
        recipients.checked(signed, PUBLIC)
    assert not refused.value.args
