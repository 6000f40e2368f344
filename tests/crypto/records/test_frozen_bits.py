"""Gate 10: of what is frozen, no bit can be changed without somebody noticing.

Every byte of each vector has one of its bits changed (which one goes by its place). Files too
large for that have it done at places apart; those of an extract's header are left out that no
signature covers: whose extract it is, and the sealed keys, which open or do not by themselves.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crypto.errors.records import DoesNotOpen
from crypto.keys.opening import ChunkOpener
from crypto.ledger import proven
from crypto.ledger.checkpoint import (
    COSIGNATURE,
    ED25519_NOTE,
    BadCheckpoint,
    Witness,
    parse,
    read_key,
    verify,
)
from crypto.ledger.extract import MAGIC, BadExtract, Extract
from crypto.ledger.proofs import BadProof
from crypto.ledger.reading import verify_log
from crypto.records.sealing import (
    chunk_context,
    index_context,
    open_canaries,
    open_list_keys,
    open_result,
)
from tests.crypto.ledger.test_ledger_vectors import FROZEN, key
from tests.crypto.records.test_sealing_vectors import (
    ATTEMPT,
    CHUNK,
    CONTRACT,
    ENTRUSTOR,
    FILE,
    KEY,
    LIST,
    RESULT_KEY,
)

SEALED = json.loads(FILE.read_text())
PLACE = {"entrustor": ENTRUSTOR, "list_id": LIST}
LOG_FILES = sorted(path.relative_to(FROZEN) for path in (FROZEN / "log").rglob("*"))


def changed(genuine: bytes, first: int = 0, step: int = 1) -> Iterator[bytes]:
    for at in range(first, len(genuine), step):
        other = bytearray(genuine)
        other[at] ^= 1 << at % 8
        yield bytes(other)


def open_record(sealed: bytes) -> object:
    chunk_key = KEY.open(CHUNK_CONTEXT, bytes.fromhex(SEALED["chunk_key"]))
    return ChunkOpener(chunk_key, ENTRUSTOR, LIST, CHUNK, rows=1).open(0, sealed)


CHUNK_CONTEXT = chunk_context(ENTRUSTOR, LIST, CHUNK)
OPENERS: dict[str, Callable[[bytes], object]] = {
    "chunk_key": lambda sealed: KEY.open(CHUNK_CONTEXT, sealed),
    "index_key": lambda sealed: KEY.open(index_context(ENTRUSTOR, LIST), sealed),
    "list_keys": lambda sealed: open_list_keys(KEY, **PLACE, sealed=sealed),
    "canaries": lambda sealed: open_canaries(
        KEY, entrustor=ENTRUSTOR, contract=CONTRACT, sealed=sealed
    ),
    "result": lambda sealed: open_result(RESULT_KEY, list_id=LIST, attempt=ATTEMPT, sealed=sealed),
    "record": open_record,
}


@pytest.mark.parametrize("name", OPENERS)
def test_nothing_sealed_opens_with_one_bit_changed(name: str) -> None:
    genuine = bytes.fromhex(SEALED["records"][0] if name == "record" else SEALED[name])
    assert OPENERS[name](genuine)
    for other in changed(genuine, step=1 if len(genuine) < 1000 else 3):
        with pytest.raises(DoesNotOpen):
            OPENERS[name](other)


def test_no_head_or_cosignature_holds_with_one_bit_changed() -> None:
    """Whoever asks for both signatures gets both, over the same text."""
    public, witness = key(), Witness.read((FROZEN / "witness.pub").read_text())
    for other in changed((FROZEN / "cosigned").read_bytes().rstrip(b"\n") + b"\n"):
        with pytest.raises((BadCheckpoint, UnicodeDecodeError)):
            both(other.decode(), public, witness)


def both(note: str, public: bytes, witness: Witness) -> None:
    verify(note, public)
    witness.check(parse(note))


@pytest.mark.parametrize(
    ("name", "kind"), [("ledger.pub", ED25519_NOTE), ("witness.pub", COSIGNATURE)]
)
def test_no_written_key_is_read_with_one_bit_changed(name: str, kind: bytes) -> None:
    for other in changed((FROZEN / name).read_bytes().rstrip()):
        with pytest.raises(BadCheckpoint):
            read_key(other.decode("latin-1"), kind)


@pytest.mark.parametrize("name", ["inclusion.json", "consistency.json"])
def test_no_proof_holds_with_one_bit_changed(name: str) -> None:
    public = key()
    for other in changed((FROZEN / name).read_bytes()):
        with pytest.raises(BadProof):
            proven.read(other).check(public)


def test_no_extract_is_proven_with_one_bit_of_its_lines_changed(tmp_path: Path) -> None:
    genuine, public, path = (FROZEN / "lst_1.entries").read_bytes(), key(), tmp_path / "entries"
    body = genuine.index(b"\n", len(MAGIC)) + 1
    for other in changed(genuine, first=body, step=131):
        path.write_bytes(other)
        with pytest.raises(BadExtract):
            Extract(path).verify(public)


@pytest.mark.parametrize("name", [path for path in LOG_FILES if (FROZEN / path).is_file()], ids=str)
def test_no_log_verifies_with_one_bit_changed(name: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(FROZEN / "log", tmp_path / "log")
    genuine, public = (FROZEN / name).read_bytes(), key()
    for other in changed(genuine, first=1, step=max(1, len(genuine) // 5)):
        (tmp_path / name).write_bytes(other)
        assert verify_log(folder, public).findings
