"""`calllist receipt check`: only the entrustor, and offline, knows its own file again."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crypto.bookkeeping.filing import Shelf
from crypto.ledger.checkpoint import verifier_key
from crypto.ledger.extract import Header, MonthPart, block_bytes, head_bytes
from crypto.ledger.proofs import several
from crypto.records.sealing import ListKeys, file_salt, seal_list_keys
from crypto.signed import keyfile
from tests.calllist.command_line import run
from tests.crypto.logs import PUBLIC as LOG_KEY
from tests.crypto.logs import Log
from tests.retention import kit

ENTRUSTOR, LIST = kit.FACTS.entrustor, kit.FACTS.list
TRACE_KEY = bytes(range(32))
FILE = "氏名,電話番号\r\n架空,090-0000-0001\r\n".encode("cp932")


class Desk:
    """An entrustor's machine: its key, its file, and what came from the call centre."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        pair = keyfile.generate(folder / "entrustor.key")
        sealed = seal_list_keys(
            pair.public.recipient,
            entrustor=ENTRUSTOR,
            list_id=LIST,
            keys=ListKeys(bytes(32), TRACE_KEY),
        )
        self.keys = base64.b64encode(sealed).decode()
        (folder / "list.csv").write_bytes(FILE)
        (folder / "other.csv").write_bytes(FILE.replace(b"0001", b"0002"))
        file_hash = hashlib.sha256(file_salt(TRACE_KEY, LIST) + FILE).hexdigest()
        self.receipt = {
            "list": LIST,
            "number": 1,
            "entrustor": ENTRUSTOR,
            "receipt": {"rows": 1, "accepted": 1, "file_hash": file_hash},
            "keys": self.keys,
        }
        self.write("receipt.json", self.receipt)
        self.write("results.json", {
            "format": "calllist-results/1",
            "entrustor": ENTRUSTOR,
            "lists": {LIST: {"keys": self.keys}},
            "results": [],
        })  # fmt: skip
        extract = head_bytes(Header(ENTRUSTOR, "log", {LIST: sealed}, ()))
        (folder / "ledger.entries").write_bytes(extract)
        self.ledgered(sealed, accepted=1, file_hash=file_hash)
        received = kit.CLAIMS.received | {"file_hash": file_hash, "accepted": 1}
        claims = msgspec.structs.replace(kit.CLAIMS, received=received)
        (folder / "certificate.json").write_bytes(kit.certificate(claims=claims))
        key = base64.urlsafe_b64encode(kit.PUBLIC).decode()
        (folder / "certificate-key.pub").write_text(f"certificate-key {key}\n")

    def ledgered(
        self, sealed: bytes, *, accepted: int, file_hash: str, entrustor: str = ENTRUSTOR
    ) -> None:
        """An extract with the keeper's line about the list, `proven.entries`."""
        folder = self.folder / f"log{len(list(self.folder.glob('log*')))}"
        log = Log(folder)
        log.line("mint", list=LIST, n=1)
        said = {"chunks": 1, "rows": accepted, "file_hash": file_hash}
        log.line("manifest", list=LIST, n=2, **said)
        log.publish()
        lines = [one for one in enumerate(log.entries) if LIST.encode() in one[1]]
        hashes = Shelf.at(log.folder / log.month, 0).file([]).closed(log.entries).hashes()
        proof = list(several([place for place, _ in lines], len(log.entries), hashes))
        part = MonthPart(log.month, 0, log.note(), len(lines), len(proof))
        header = Header(entrustor, "log", {LIST: sealed}, (part,))
        data = head_bytes(header) + block_bytes(lines) + b"".join(proof)
        (self.folder / "proven.entries").write_bytes(data)
        (self.folder / "ledger.pub").write_text(verifier_key(LOG_KEY))

    def write(self, name: str, value: Any) -> None:
        (self.folder / name).write_text(json.dumps(value))

    def check(self, *words: str, key: str = "entrustor.key") -> int:
        asked = ("receipt", "check", *words, "--key", key)
        done = run(*asked, cwd=self.folder, lang="en_US.UTF-8")
        assert done.stdout == b""  # no salt, no hash: yes or no
        assert TRACE_KEY.hex().encode() not in done.stderr
        return done.returncode


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_entrustor_knows_its_own_file_by_receipt_and_by_certificate(desk: Desk) -> None:
    certified = ("certificate.json", "--certificate-key", "certificate-key.pub", "--keys")
    for paper in (("receipt.json",), *((*certified, keys) for keys in (
        "receipt.json", "results.json", "ledger.entries",
    ))):  # fmt: skip
        assert desk.check("list.csv", *paper) == 0, paper
        assert desk.check("other.csv", *paper) == 1, paper


def test_nobody_else_does_and_nothing_else_passes(desk: Desk) -> None:
    keyfile.generate(desk.folder / "stranger.key")
    assert desk.check("list.csv", "receipt.json", key="stranger.key") == 1
    desk.write("without.json", desk.receipt | {"keys": None})
    assert desk.check("list.csv", "without.json") == 2
    desk.write("elsewhere.json", desk.receipt | {"list": "lst_02"})
    assert desk.check("list.csv", "elsewhere.json") == 1  # the keys are not those of that list
    assert desk.check("list.csv", "certificate.json") == 2  # not verified: not believed
    (desk.folder / "certificate-key.pub").write_text(
        f"certificate-key {base64.urlsafe_b64encode(bytes(32)).decode()}\n"
    )
    words = (
        "certificate.json",
        "--certificate-key",
        "certificate-key.pub",
        "--keys",
        "results.json",
    )
    assert desk.check("list.csv", *words) == 2
    assert desk.check("missing.csv", "receipt.json") == 2
    assert desk.check("list.csv", "list.csv") == 2


def test_the_paper_is_held_against_what_the_keeper_wrote_down(desk: Desk) -> None:
    ledger = ("--ledger", "proven.entries", "--log-key", "ledger.pub")
    certified = ("certificate.json", "--certificate-key", "certificate-key.pub")
    assert desk.check("list.csv", "receipt.json", *ledger) == 0
    assert desk.check("list.csv", *certified, *ledger) == 0  # the extract has the list's keys, too
    assert desk.check("list.csv", "receipt.json", *ledger[:2]) == 2
    more = {**desk.receipt, "receipt": {**desk.receipt["receipt"], "accepted": 2}}
    desk.write("more.json", more)
    assert desk.check("list.csv", "more.json") == 0  # its own word
    assert desk.check("list.csv", "more.json", *ledger) == 1
    sealed = base64.b64decode(desk.keys)
    said = desk.receipt["receipt"]["file_hash"]
    desk.ledgered(sealed, accepted=1, file_hash="00" * 32)
    assert desk.check("list.csv", "receipt.json", *ledger) == 1
    desk.ledgered(sealed, accepted=1, file_hash=said, entrustor="ent_other")
    assert desk.check("list.csv", "receipt.json", *ledger) == 1
    unproven = (desk.folder / "proven.entries").read_bytes()
    (desk.folder / "proven.entries").write_bytes(unproven.replace(b'"rows":1', b'"rows":2'))
    assert desk.check("list.csv", "receipt.json", *ledger) == 1
    desk.write("elsewhere.json", desk.receipt | {"list": "lst_02"})
    assert desk.check("list.csv", "elsewhere.json", *ledger) == 1
