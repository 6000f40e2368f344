"""The keeper's own signing keys: one for the ledger's head, another for certificates.

Made at the first start, kept in files of mode 0600; their public halves are published for
others to pin. They outlive every epoch: an old certificate must still verify.
"""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.errors import KeyFileRefused
from crypto.ledger.checkpoint import verifier_key


@dataclass(frozen=True)
class Signers:
    """Different keys for different signatures."""

    ledger: Ed25519PrivateKey
    certificate: Ed25519PrivateKey

    @classmethod
    def of(cls, home: Path) -> "Signers":
        """Load them from, or make them in, `home`/signing. Raises KeyFileRefused."""
        folder = home / "signing"
        folder.mkdir(mode=0o700, exist_ok=True)
        return cls(_key(folder / "ledger.key"), _key(folder / "certificate.key"))

    def publish(self, home: Path) -> None:
        """Write `home`/public: what the entrustors pin."""
        folder = home / "public"
        folder.mkdir(mode=0o755, exist_ok=True)
        certificate = self.certificate.public_key().public_bytes_raw()
        ledger = self.ledger.public_key().public_bytes_raw()
        encoded = base64.urlsafe_b64encode(certificate).decode()
        (folder / "certificate.pub").write_text(f"certificate-key {encoded}\n")
        (folder / "ledger.pub").write_text(verifier_key(ledger) + "\n")


def _key(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
            file.flush()
            os.fsync(file.fileno())
    if path.stat().st_mode & 0o077:
        raise KeyFileRefused(f"{path} is readable by others: chmod 600 {path}")
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except ValueError:
        raise KeyFileRefused(f"{path} is damaged") from None
