"""The keeper's own signing keys: for the ledger's head, for certificates, for documents.

Made at the first start, kept in files of mode 0600 or in the token that has the root; their
public halves are published for others to pin. They outlive every epoch: an old certificate must
still verify.
"""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.bookkeeping.signing import HeadKey
from crypto.certificates.credential import Credential, key_in
from crypto.errors.base import KeyFileRefused
from crypto.host.secretfile import read_secret
from crypto.keys.roots.p256 import token_p256
from crypto.keys.roots.signing import token_key
from crypto.keys.roots.token import Token
from crypto.ledger.checkpoint import verifier_key


@dataclass(frozen=True)
class Signers:
    """Different keys for different signatures."""

    ledger: HeadKey
    certificate: HeadKey
    document: Credential

    @classmethod
    def of(cls, home: Path, token: Token | None) -> "Signers":
        """Load them from, or make them in, the token, or `home`/signing without one.

        Raises KeyFileRefused, RootRefused.
        """
        if token is not None:
            document = Credential(home, token_p256(token, "document"))
            return cls(token_key(token, "ledger"), token_key(token, "certificate"), document)
        folder = home / "signing"
        folder.mkdir(mode=0o700, exist_ok=True)
        document = Credential(home, key_in(folder / "document.key"))
        return cls(_key(folder / "ledger.key"), _key(folder / "certificate.key"), document)

    def publish(self, home: Path) -> None:
        """Write `home`/public: what the entrustors pin. Raises KeyFileRefused."""
        folder = home / "public"
        folder.mkdir(mode=0o755, exist_ok=True)
        certificate = self.certificate.public_key().public_bytes_raw()
        ledger = self.ledger.public_key().public_bytes_raw()
        encoded = base64.urlsafe_b64encode(certificate).decode()
        (folder / "certificate.pub").write_text(f"certificate-key {encoded}\n")
        (folder / "ledger.pub").write_text(verifier_key(ledger) + "\n")
        self.document.publish(folder)


def _key(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
            file.flush()
            os.fsync(file.fileno())
    secret = read_secret(path)
    try:
        return Ed25519PrivateKey.from_private_bytes(secret)
    except ValueError:
        raise KeyFileRefused(f"{path} is damaged") from None
