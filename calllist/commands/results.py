"""`calllist results open`: the entrustor opens its call results, on its own machine."""

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from calllist.commands import keys
from calllist.commands.console import NO, CommandFailed, console, read, write
from calllist.entrustors.codes import label
from crypto.errors.records import DoesNotOpen
from crypto.keyfile import KeyPair
from crypto.sealing import CallResult, ListKeys, open_list_keys, open_result

app = typer.Typer(help="架電結果 / Call results")
FORMAT = "calllist-results/1"
TOKYO = ZoneInfo("Asia/Tokyo")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HEADERS = {
    "ja": ("リスト", "行番号", "整理番号", "結果コード", "結果", "日時"),
    "en": ("list", "line", "reference", "code", "result", "at"),
}


class SealedResult(msgspec.Struct, frozen=True):
    """One result as the platform hands it over."""

    list: str
    attempt: str
    sealed: bytes


class SealedKeys(msgspec.Struct, frozen=True):
    """A list's result and trace keys, sealed to the entrustor."""

    keys: bytes


class ResultsFile(msgspec.Struct, frozen=True):
    """The file that the entrustor fetched."""

    format: str
    entrustor: str
    lists: dict[str, SealedKeys]
    results: tuple[SealedResult, ...]


@app.callback()
def _group() -> None:
    """架電結果 / Call results"""


@app.command("open")
def open_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="受け取った結果ファイル / the results file")],
    key: Annotated[Path, typer.Option(help="自分の秘密の鍵 / your secret key file")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="CSV")] = None,
) -> None:
    """架電結果を開いて CSV にする / Open the results as CSV (UTF-8 with mark, for Excel).

    1件が壊れていても残りは書き出す / One damaged result does not hold back the others.
    """
    speak = console(context)
    fetched = parse(file)
    pair = keys.secret(key)
    rows, damaged = _opened(fetched, pair, speak.lang)
    data = table([HEADERS[speak.lang], *rows])
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    else:
        write(output, data)
    speak.say("results_opened", count=len(rows))
    if damaged:
        raise CommandFailed("results_damaged", NO, count=len(damaged), attempts=", ".join(damaged))


def table(rows: Iterable[Sequence[object]]) -> bytes:
    """CSV for Excel. A cell that a spreadsheet would run as a formula gets an apostrophe."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([inert(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def inert(cell: object) -> object:
    """The cell, made harmless: the entrustor's own reference numbers may be anything."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def parse(file: Path) -> ResultsFile:
    """What the platform handed over. Fails with a sentence."""
    try:
        fetched = msgspec.json.decode(read(file, limit=1 << 30), type=ResultsFile)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise CommandFailed("not_a_results_file", file=file) from None
    if fetched.format != FORMAT:
        raise CommandFailed("not_a_results_file", file=file)
    return fetched


def _opened(
    fetched: ResultsFile, pair: KeyPair, lang: str
) -> tuple[list[tuple[object, ...]], list[str]]:
    """The rows in the order of the file, and the ids of results that do not open."""
    list_keys = _list_keys(fetched, pair)
    rows, damaged = [], []
    for sealed in fetched.results:
        try:
            result = open_result(
                list_keys[sealed.list].result_key,
                list_id=sealed.list,
                attempt=sealed.attempt,
                sealed=sealed.sealed,
            )
        except (KeyError, DoesNotOpen):
            damaged.append(sealed.attempt)
            continue
        rows.append(_row(sealed.list, result, lang))
    return rows, damaged


def _list_keys(fetched: ResultsFile, pair: KeyPair) -> dict[str, ListKeys]:
    """The keys of every list that opens; if none does, the person holds another key."""
    opened = {}
    for list_id, sealed in fetched.lists.items():
        try:
            opened[list_id] = open_list_keys(
                pair.recipient, entrustor=fetched.entrustor, list_id=list_id, sealed=sealed.keys
            )
        except DoesNotOpen:
            continue
    if fetched.lists and not opened:
        raise CommandFailed("results_key_wrong", NO, entrustor=fetched.entrustor)
    return opened


def _row(list_id: str, result: CallResult, lang: str) -> tuple[object, ...]:
    at = datetime.fromisoformat(result.at).astimezone(TOKYO)
    words = label(result.code, lang)
    when = at.isoformat(sep=" ", timespec="seconds")  # with its offset: +09:00
    return list_id, result.line, result.reference, result.code, words, when
