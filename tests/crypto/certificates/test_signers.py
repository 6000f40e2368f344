"""Three keys for three kinds of signatures: where they lie, and what is published of them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from crypto.certificates.signers import Signers
from crypto.errors.base import KeyFileRefused
from crypto.ledger.checkpoint import ED25519_NOTE, read_key


def test_the_public_halves_are_those_of_the_keys_that_sign_and_outlive_a_restart(
    tmp_path: Path,
) -> None:
    made = Signers.of(tmp_path, None)
    made.publish(tmp_path)
    again = Signers.of(tmp_path, None)
    ledger = again.ledger.public_key().public_bytes_raw()
    certificate = again.certificate.public_key().public_bytes_raw()
    assert ledger != certificate
    public = tmp_path / "public"
    assert read_key((public / "ledger.pub").read_text().strip(), ED25519_NOTE)[1] == ledger
    word, encoded = (public / "certificate.pub").read_text().split()
    assert (word, base64.urlsafe_b64decode(encoded)) == ("certificate-key", certificate)


def test_nobody_else_reads_the_keys_and_everybody_their_public_halves(tmp_path: Path) -> None:
    Signers.of(tmp_path, None).publish(tmp_path)
    modes = {
        path.relative_to(tmp_path).as_posix(): path.stat().st_mode & 0o777
        for path in tmp_path.rglob("*")
    }
    assert modes["signing"] == 0o700
    assert modes["public"] & 0o022 == 0
    assert {mode for name, mode in modes.items() if name.startswith("signing/")} == {0o600}


@pytest.mark.parametrize("name", ["ledger.key", "certificate.key"])
def test_a_damaged_key_is_refused_and_not_replaced(tmp_path: Path, name: str) -> None:
    Signers.of(tmp_path, None)
    file = tmp_path / "signing" / name
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(KeyFileRefused, match=name):
        Signers.of(tmp_path, None)
    assert len(file.read_bytes()) == 31
