"""`calllist receipt`: what became of a file, and whether it is the file that was entrusted.

`show` asks the platform (a manager's or the entrustor's own session). `check` asks nobody: on
the entrustor's machine it takes the file, the receipt or the certificate, and the entrustor's
secret key, derives the salt that nobody else has, and compares; with an extract of the ledger also
what the paper says with what the keeper wrote down when the list was received.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from calllist.commands import keys, results
from calllist.commands.bodies import FileChanged, Source
from calllist.commands.certificate_key import pinned
from calllist.commands.console import NO, CommandFailed, Console, console, read
from calllist.commands.ledger import ledger_key
from calllist.commands.platform import finding, segment, sentences, signed_in
from crypto.errors.records import DoesNotOpen
from crypto.ledger.extract import BadExtract, Extract
from crypto.ledger.manifested import Manifested, manifested
from crypto.records.sealing import file_salt, open_list_keys
from retention.errors import NotAuthentic
from retention.verify import verify

app = typer.Typer(help="受領書 / Receipts")
COUNTS = ("rows", "accepted", "not_to_be_called", "duplicates", "rejected", "blank", "gaiji")


class ReceiptFile(msgspec.Struct, frozen=True):
    """What `show --json` writes, as far as it is compared."""

    list: str
    entrustor: str
    receipt: dict[str, Any]
    keys: bytes | None = None  # sealed to the entrustor


class Stated(msgspec.Struct, frozen=True):
    """What a receipt or a certificate says of the file."""

    list: str
    entrustor: str
    file_hash: str
    accepted: int
    keys: bytes | None


@app.callback()
def _group() -> None:
    """受領書 / Receipts"""


@app.command("show")
def show(
    context: typer.Context,
    list_id: Annotated[str, typer.Argument(help="lst_...", metavar="LIST")],
    url: Annotated[str, typer.Option(help="https://...")] = "",
    as_csv: Annotated[
        bool, typer.Option("--csv", help="全行の不備・重複をCSVで / every finding as CSV")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="照合用 / for `check`")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="FILE")] = None,
) -> None:
    """受領書を表示する / Show a receipt: every row accounted for by line, column and code."""
    speak = console(context)
    platform = signed_in(url)
    with sentences(speak, platform.url):
        if as_csv:
            path = f"/lists/{segment(list_id)}/findings.csv?lang={speak.lang}"
            with _Target(output) as target:
                platform.ask("GET", path, save=target.write)
            return
        told = platform.ask("GET", f"/lists/{segment(list_id)}/receipt").json()
    text = json.dumps(told, ensure_ascii=False, indent=1) if as_json else in_words(speak, told)
    with _Target(output) as target:
        target.write(f"{text}\n".encode())


@app.command("check")
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="渡したファイル / your copy of the list")],
    paper: Annotated[
        Path, typer.Argument(help="受領書(JSON)か消去証明書 / receipt or certificate")
    ],
    key: Annotated[Path, typer.Option(help="自分の秘密の鍵 / your secret key file")],
    keys_from: Annotated[
        Path | None,
        typer.Option(
            "--keys", help="証明書の場合: 受領書、結果か台帳の抜粋 / receipt, results, extract"
        ),
    ] = None,
    certificate_key: Annotated[
        Path | None, typer.Option(help="証明書の公開鍵 / to verify a certificate with")
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(help="台帳の抜粋とも照合する / compare with an extract of the ledger, too"),
    ] = None,
    log_key: Annotated[
        Path | None, typer.Option(help="台帳の公開鍵 / ledger.pub, with --ledger")
    ] = None,
) -> None:
    """手元のファイルが、受領されたファイルか調べる / Is it the file that was received? Offline."""
    speak = console(context)
    if (ledger is None) != (log_key is None):
        raise CommandFailed("ledger_and_its_key")
    stated = _stated(paper, certificate_key)
    pair = keys.secret(key)
    sealed = stated.keys
    if (source := keys_from or (ledger if sealed is None else None)) is not None:
        sealed = _sealed_keys(source, stated.list)
    if sealed is None:
        raise CommandFailed("list_keys_missing", list=stated.list)
    try:
        opened = open_list_keys(
            pair.recipient, entrustor=stated.entrustor, list_id=stated.list, sealed=sealed
        )
    except DoesNotOpen:
        raise CommandFailed("results_key_wrong", NO, entrustor=stated.entrustor) from None
    same = _hashed(file, file_salt(opened.trace_key, stated.list))
    if not hmac.compare_digest(same, stated.file_hash):
        raise CommandFailed("other_file", NO, file=file, list=stated.list)
    if ledger is not None and log_key is not None:
        line = _written_down(ledger, ledger_key(log_key), stated)
        speak.say("ledger_says_the_same", list=stated.list, line=line.seq, rows=line.rows)
    speak.say("same_file", file=file, list=stated.list)


def in_words(speak: Console, told: Mapping[str, Any]) -> str:
    """A receipt as lines of text."""
    found: Mapping[str, Any] = told["receipt"]
    out = [speak.words("receipt_head", list=told["list"], number=told["number"])]
    for name in COUNTS:
        if name in found and found[name] is not None:
            out.append(f"  {speak.words(f'count_{name}')}: {found[name]:,}")
    restored = found.get("restored") or found.get("phones", {}).get("zero_restored", 0)
    out.append(f"  {speak.words('count_restored')}: {restored:,}")
    out.append(f"  {speak.words('receipt_encoding')}: {found.get('encoding', '')}")
    dropped = [column for column in found.get("columns", ()) if column.get("kind") is None]
    if dropped:
        names = ", ".join(column.get("header") or f"#{column['number']}" for column in dropped)
        out.append(f"  {speak.words('receipt_dropped')}: {names}")
    for code, count in sorted(found.get("codes", {}).items(), key=lambda one: -one[1]):
        out.append(f"  {count:>9,}  {finding(code, speak.lang)} ({code})")
    out.append(f"  {speak.words('receipt_hash')}: {found.get('file_hash', '')}")
    if told.get("continues"):
        out.append(speak.words("receipt_continues", list=told["continues"]))
    return "\n".join(out)


def _stated(paper: Path, certificate_key: Path | None) -> Stated:
    """Fails with a sentence."""
    data = read(paper)
    try:
        receipt = msgspec.json.decode(data, type=ReceiptFile)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _certified(paper, data, certificate_key)
    said, accepted = receipt.receipt.get("file_hash"), receipt.receipt.get("accepted", 0)
    if not isinstance(said, str) or not isinstance(accepted, int):
        raise CommandFailed("not_a_receipt", file=paper)
    return Stated(receipt.list, receipt.entrustor, said, accepted, receipt.keys)


def _certified(paper: Path, data: bytes, certificate_key: Path | None) -> Stated:
    if certificate_key is None:
        raise CommandFailed("not_a_receipt", file=paper)
    try:
        facts = verify(data, pinned(certificate_key))
    except NotAuthentic:
        raise CommandFailed("not_a_receipt", file=paper) from None
    said, accepted = facts.salted_hash, facts.claims.received.get("accepted", 0)
    if facts.rows is not None:
        accepted = facts.rows
    if said is None or not isinstance(accepted, int):
        raise CommandFailed("not_a_receipt", file=paper)
    return Stated(facts.list, facts.entrustor, said, accepted, None)


def _written_down(path: Path, public_key: bytes, stated: Stated) -> Manifested:
    """The ledger's line about the list, which says what the paper says. Fails with a sentence."""
    try:
        extract = Extract(path)
        extract.verify(public_key)
        line = manifested(extract, stated.list)
    except OSError as error:
        raise CommandFailed("cannot_read", file=path, why=error.strerror) from None
    except (BadExtract, msgspec.DecodeError) as error:
        raise CommandFailed("extract_refused", NO, file=path, why=error) from None
    if line is None or extract.header.entrustor != stated.entrustor:
        raise CommandFailed("ledger_knows_no_list", NO, list=stated.list)
    if (line.file_hash, line.rows) != (stated.file_hash, stated.accepted):
        raise CommandFailed("ledger_says_otherwise", NO, list=stated.list, line=line.seq)
    return line


def _sealed_keys(path: Path, list_id: str) -> bytes | None:
    """The list's keys in a receipt, a results file or an extract of the ledger."""
    try:
        return Extract(path).header.lists.get(list_id) or None
    except BadExtract:
        pass
    except OSError as error:
        raise CommandFailed("cannot_read", file=path, why=error.strerror) from None
    try:
        receipt = msgspec.json.decode(read(path, limit=1 << 30), type=ReceiptFile)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = results.parse(path).lists.get(list_id)
        return None if found is None else found.keys
    return receipt.keys if receipt.list == list_id else None


def _hashed(file: Path, salt: bytes) -> str:
    """As intake computed it: salt, then the file's bytes. Fails with a sentence."""
    made = hashlib.sha256(salt)
    try:
        with Source.opened(file) as source:
            for block in source.read(0):
                made.update(block)
    except FileChanged:
        raise CommandFailed("file_changed", NO, file=file) from None
    except OSError as error:
        raise CommandFailed("cannot_read", file=file, why=error.strerror) from None
    return made.hexdigest()


class _Target:
    """Where an answer goes: a new file of its owner's, or standard output."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._made = False
        self._handle = -1

    def __enter__(self) -> "_Target":
        if self._path is None:
            self._handle = os.dup(1)
            return self
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            self._handle, self._made = os.open(self._path, flags, 0o600), True
        except FileExistsError:
            raise CommandFailed("exists_already", file=self._path) from None
        except OSError as error:
            raise CommandFailed("cannot_write", file=self._path, why=error.strerror) from None
        return self

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._handle, data) :]

    def __exit__(self, kind: object, *_: object) -> None:
        os.close(self._handle)
        if kind is not None and self._made and self._path is not None:
            self._path.unlink(missing_ok=True)  # half a table is no table
