"""Frozen bytes: logs, heads, proofs and extracts of today verify for ever.

python -m tests.crypto.ledger.test_ledger_vectors      writes them, where none are
"""

import sys
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.bookkeeping.filing import Shelf
from crypto.ledger import proven
from crypto.ledger.checkpoint import (
    ED25519_NOTE,
    Note,
    Witness,
    cosign,
    key_id,
    parse,
    read_key,
    strict_base64,
    verifier_key,
    verify,
)
from crypto.ledger.extract import Extract, Header, MonthPart, block_bytes, head_bytes
from crypto.ledger.proofs import several
from crypto.ledger.reading import verify_log
from crypto.ledger.tracing import in_extract, in_log, trace
from tests.crypto.logs import PUBLIC, Log

FROZEN = Path(__file__).parents[2] / "vectors" / "ledger"
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
NAME, AT = "auditor.example", 1_775_523_600
TAG = "00112233445566778899aabbccddeeff"


def write(folder: Path) -> None:
    """Two months: one with a full tile, one chained to it; proofs and an extract of them."""
    folder.mkdir(parents=True)
    log = Log(folder / "log")
    log.grow(200, ("lst_1", "lst_2"), principal="per_1")
    old = log.publish()
    log.grow(60, ("lst_1", "lst_2"), principal="per_1", site="sit_1", tag=TAG)
    log.turn()
    log.line("shred", list="lst_1", n=log.n["lst_1"] + 1)
    new = parse(log.publish())
    line = cosign(new.checkpoint, NAME, WITNESS, AT)
    public = Witness(NAME, WITNESS.public_key().public_bytes_raw()).written
    texts = {
        "ledger.pub": verifier_key(PUBLIC),
        "witness.pub": public,
        "cosigned": str(Note(new.checkpoint, (*new.signatures, line))).removesuffix("\n"),
    }
    for name, text in texts.items():
        (folder / name).write_text(text + "\n")
    inclusion = proven.of_line(log.folder, 200, PUBLIC)
    (folder / "inclusion.json").write_bytes(proven.written(inclusion))
    growth = proven.of_growth(log.folder, old, PUBLIC)
    (folder / "consistency.json").write_bytes(proven.written(growth))
    (folder / "lst_1.entries").write_bytes(extracted(log.folder))


def extracted(log: Path) -> bytes:
    """The lines about lst_1, as the platform streams them."""
    parts, body = [], b""
    for month, first in (("2026-04", 0), ("2026-05", 260)):
        shelf = Shelf.at(log / month, 260 if first == 0 else 2)
        note = shelf.checkpoint() or ""
        lines = [
            (place, entry)
            for place, entry in enumerate(shelf.entries(0, shelf.filed))
            if b'"lst_1"' in entry
        ]
        proof = list(several([place for place, _ in lines], shelf.filed, shelf.hashes()))
        parts.append(MonthPart(month, first, note, len(lines), len(proof)))
        body += block_bytes(lines) + b"".join(proof)
    name = verify(parts[0].note, PUBLIC).log
    return head_bytes(Header("ent_1", name, {"lst_1": b""}, tuple(parts))) + body


def key() -> bytes:
    return read_key((FROZEN / "ledger.pub").read_text().strip(), ED25519_NOTE)[1]


def test_the_frozen_log_verifies() -> None:
    found = verify_log(FROZEN / "log", key())
    assert found.findings == []
    assert (found.lines, found.firsts, found.lists) == (262, [0, 260], {"lst_1": 131, "lst_2": 130})


def test_todays_keeper_writes_the_frozen_bytes(tmp_path: Path) -> None:
    write(tmp_path / "now")
    for path in FROZEN.rglob("*"):
        if path.is_file():
            assert (tmp_path / "now" / path.relative_to(FROZEN)).read_bytes() == path.read_bytes()


def test_the_frozen_proofs_hold() -> None:
    inclusion = proven.read((FROZEN / "inclusion.json").read_bytes())
    assert isinstance(inclusion, proven.Inclusion)
    line, head = inclusion.check(key())
    assert (line.seq, line.list, head.size) == (200, "lst_1", 260)
    growth = proven.read((FROZEN / "consistency.json").read_bytes())
    assert isinstance(growth, proven.Consistency)
    assert [head.size for head in growth.check(key())] == [200, 260]


def test_the_frozen_cosignature_holds() -> None:
    note = parse((FROZEN / "cosigned").read_text())
    witness = Witness.read((FROZEN / "witness.pub").read_text())
    assert witness.check(note)[1] == AT
    assert verify(str(note), key()).month == "2026-05"


def test_keys_and_signatures_are_spelled_as_in_gos_signed_notes() -> None:
    """The example of golang.org/x/mod/sumdb/note, whose format ours is."""
    name, public = read_key(
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", ED25519_NOTE
    )
    text = (
        b"If you think cryptography is the answer to your problem,\n"
        b"then you don't know what your problem is.\n"
    )
    signed = strict_base64(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    assert signed[:4] == key_id(name, ED25519_NOTE, public)
    Ed25519PublicKey.from_public_bytes(public).verify(signed[4:], text)


def test_the_frozen_extract_is_proven_and_traced() -> None:
    extract = Extract(FROZEN / "lst_1.entries")
    coverage = extract.verify(key())
    covered = coverage.lists["lst_1"]
    assert (covered.n, covered.gap, covered.over, coverage.lines) == (131, False, True, 131)
    found = trace(in_extract(extract), [TAG])
    assert [(one.n, one.site) for one in found] == [(n, "sit_1") for n in range(101, 131)]
    everywhere = trace(in_log(FROZEN / "log"), [TAG])
    assert len(everywhere) == 60
    assert list(islice((one.seq for one in everywhere), 2)) == [200, 201]


if __name__ == "__main__":
    if FROZEN.exists():
        sys.exit(f"{FROZEN} is frozen")
    write(FROZEN)
