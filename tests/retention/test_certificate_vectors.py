"""Gate 10: a certificate that a keeper issued yesterday verifies for ever, with its proof.

`tests/vectors/certificate/` and `certificate_2/` were written once by
`python -m tests.vectors.make`: a list was received, called, completed and shredded by a real
keeper whose two signing keys were fixed.
"""

import asyncio
import base64
import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from calllist.commands import certificate_key
from crypto.keys.inventory import PROVEN
from crypto.ledger.checkpoint import ED25519_NOTE, read_key
from crypto.wire.lists import Attest, Freeze, Shred
from retention.errors import NotAuthentic
from retention.facts import CertificateFacts
from retention.verify import anchored, verify
from retention.vocabulary import REASONS
from tests.crypto.world import START, World, townsfolk
from tests.retention.kit import CLAIMS

FROZEN = Path(__file__).parents[1] / "vectors" / "certificate"
LATER = FROZEN.parent / "certificate_2"  # with what the keeper knows of the list itself
SIGNING = {"ledger.key": bytes(range(128, 160)), "certificate.key": bytes(range(160, 192))}
NUMBER = "ent_1-000003"


def write(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        envelope = asyncio.run(issued(with_keys(Path(home) / "keeper")))
        folder.mkdir()
        (folder / "certificate.json").write_bytes(envelope)
        for name in ("certificate.pub", "ledger.pub"):
            shutil.copyfile(Path(home) / "keeper" / "public" / name, folder / name)


def with_keys(home: Path) -> Path:
    """The folder of a new keeper that signs with the keys above."""
    for folder in (home, home / "signing"):
        folder.mkdir(mode=0o700)
    for name, secret in SIGNING.items():
        (home / "signing" / name).write_bytes(secret)
        (home / "signing" / name).chmod(0o600)
    return home


async def issued(home: Path) -> bytes:
    """Two people called to the end, the list destroyed, a certificate asked for."""
    world = await World.at(home)
    try:
        await world.settle()
        records = await world.upload("lst_1", townsfolk(2))
        grant = await world.shift("per_1")
        for number, record in enumerate(records):
            await world.call(grant, record, code=10, attempt=f"att_{number}")
        world.wait(hours=1)
        await world.say(Freeze("lst_1", "completed"))
        await world.say(Shred("lst_1", world.now))
        await world.say(Attest("lst_1", "erased", {"rows": "2"}))
        await world.say(Attest("lst_1", "verified", {"outside": "1", "pass": "3"}))
        received = {name: said for name, said in CLAIMS.received.items() if name != "file_hash"}
        own = {"reference": CLAIMS.reference, "received": received, "checks": CLAIMS.checks}
        request = await world.certifying("lst_1", CLAIMS.number, received_at=START, **own)
        world.wait(seconds=5)
        return (await world.say(request)).envelope
    finally:
        await world.stop()


GENUINE = (FROZEN / "certificate.json").read_bytes() if FROZEN.exists() else b""


def pinned_key() -> bytes:
    return certificate_key.pinned(FROZEN / "certificate.pub")


def ledger_key() -> bytes:
    return read_key((FROZEN / "ledger.pub").read_text().strip(), ED25519_NOTE)[1]


def test_a_frozen_certificate_verifies_and_says_what_it_said() -> None:
    said = verify(GENUINE, pinned_key())
    assert (said.certificate, said.list, said.entrustor, said.contract, said.version) == (
        *(NUMBER, "lst_1", "ent_1", "ctr_1"),
        1,
    )
    assert (said.trigger, said.root_kind, said.root_proof) == ("completed", "file", PROVEN)
    assert (said.opens, said.people_opened, said.operators) == (2, 2, 1)
    assert said.issued_at - said.shredded_at == timedelta(seconds=5)
    assert said.claims.checks == CLAIMS.checks
    assert said.claims.received == CLAIMS.received | {"file_salt": "cd" * 16}  # told in its time


def test_its_shred_line_is_in_the_ledger_that_was_signed() -> None:
    said = verify(GENUINE, pinned_key())
    head = anchored(said, ledger_key())
    assert (head.month, head.size) == ("2026-04", said.shred_seq + 1)


def test_a_later_one_says_besides_what_the_keeper_knew_itself() -> None:
    said = verify((LATER / "certificate.json").read_bytes(), pinned_key())
    assert anchored(said, ledger_key()).month == "2026-04"
    assert (said.rows, said.purpose, said.parties) == (2, "health_check", ("pty_1",))
    assert len(bytes.fromhex(said.file_hash)) == 32
    assert said.manifested_at == START
    shred, erased, verified = said.shred_seq, said.attested["erased"], said.attested["verified"]
    assert (erased, verified) == (shred + 1, shred + 2)
    assert said.claims.trigger == said.trigger


def test_another_key_does_not_do() -> None:
    with pytest.raises(NotAuthentic):
        verify(GENUINE, ledger_key())
    with pytest.raises(NotAuthentic):
        anchored(verify(GENUINE, pinned_key()), pinned_key())


def test_one_changed_bit_of_the_frozen_certificate_is_refused() -> None:
    key = pinned_key()
    for at in range(0, len(GENUINE), 3):
        changed = bytearray(GENUINE)
        changed[at] ^= 1 << at % 8
        with pytest.raises(NotAuthentic) as refused:
            verify(bytes(changed), key)
        assert refused.value.reason in REASONS


def test_one_changed_bit_of_its_proof_is_refused() -> None:
    """Signed again by whoever has the certificates' key: the ledger's own key still says no."""
    said, key = verify(GENUINE, pinned_key()), ledger_key()
    proof = said.inclusion
    assert proof is not None
    for at in range(len(proof.entry)):
        entry = bytearray(proof.entry)
        entry[at] ^= 1 << at % 8
        refuses(msgspec.structs.replace(said, inclusion=changed(said, entry=bytes(entry))), key)
    for number, step in enumerate(proof.hashes):
        hashes = list(proof.hashes)
        hashes[number] = bytes([step[0] ^ 1]) + step[1:]
        refuses(msgspec.structs.replace(said, inclusion=changed(said, hashes=tuple(hashes))), key)


def changed(said: CertificateFacts, **parts: object) -> object:
    assert said.inclusion is not None
    return msgspec.structs.replace(said.inclusion, **parts)


def refuses(said: CertificateFacts, key: bytes) -> None:
    with pytest.raises(NotAuthentic):
        anchored(said, key)


@pytest.mark.asyncio
async def test_todays_keeper_certifies_with_the_frozen_members_and_key(tmp_path: Path) -> None:
    """Nothing that an old certificate says has been dropped or renamed since."""
    envelope = await issued(with_keys(tmp_path / "keeper"))
    assert verify(envelope, pinned_key()).opens == 2
    then, now = (
        json.loads(base64.b64decode(json.loads(one)["payload"])) for one in (GENUINE, envelope)
    )
    assert set(then) <= set(now)
