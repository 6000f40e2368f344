"""To whom an entrustor encrypts the file of one job, stated and signed by the keeper.

The entrustor checks it offline against the certificate key that it pinned at onboarding: who
carries the statement, our own platform included, cannot put in a key of theirs.
"""

from datetime import datetime

import msgspec

from crypto.certificates import dsse
from crypto.standards.age.keys import AgeRecipient
from crypto.standards.canonical import canonical_json

PAYLOAD_TYPE = "application/vnd.calllist.upload-recipient+json"
FORMAT = "calllist-upload-recipient/1"


class UploadRecipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is stated. `recipient` as age writes it."""

    entrustor: str
    contract: str
    job: str
    recipient: str
    issued: datetime
    format: str = FORMAT

    @property
    def key(self) -> AgeRecipient:
        return AgeRecipient.read(self.recipient)


def stated(said: UploadRecipient, key: dsse.SigningKey) -> bytes:
    """The signed statement, as it travels."""
    return dsse.envelope(canonical_json(said), PAYLOAD_TYPE, key)


def checked(data: bytes, public_key: bytes) -> UploadRecipient:
    """What the keeper with this certificate key states. Raises NotGenuine."""
    payload = dsse.opened(data, PAYLOAD_TYPE, public_key)
    try:
        said = msgspec.json.decode(payload, type=UploadRecipient)
        if said.format != FORMAT or canonical_json(said) != payload or said.issued.tzinfo is None:
            raise dsse.NotGenuine
        AgeRecipient.read(said.recipient)
    except ValueError:
        raise dsse.NotGenuine from None
    return said
