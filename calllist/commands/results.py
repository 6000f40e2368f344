"""`calllist results open`: the entrustor opens its call results, on its own machine."""

import codecs
import csv
import io
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from calllist.commands import keys
from calllist.commands.console import NO, CommandFailed, console, read, write
from calllist.entrustors.codes import REVISED, label
from crypto.errors.records import DoesNotOpen
from crypto.ids import TEST
from crypto.records.sealing import CallResult, ListKeys, Revision, open_list_keys, open_result
from crypto.records.slips import Slip
from crypto.signed.keyfile import KeyPair

app = typer.Typer(help="架電結果 / Call results")
FORMAT = "calllist-results/1"
TOKYO = ZoneInfo("Asia/Tokyo")
UNSEEN = r"\s\x00-\x20\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
FORMULA = re.compile(rf"[{UNSEEN}]*[=+\-@＝＋－＠﹢﹣﹦﹫⁺⁻⁼₊₋₌−]|[\t\r\n]")
REFERENCE = 2  # the column of the entrustor's own number
AT = 5  # of the time
REVISED_AT = -2  # of the time of a revision
ENCODINGS = ("utf-8", "cp932")
HEADERS = {
    "ja": (
        *("リスト", "行番号", "整理番号", "結果コード", "結果", "日時"),
        *("申し送り：電話番号", "申し送り：住所", "申し送り：日付", "申し送り：金額"),
        *("訂正前の結果コード", "訂正日時", "訂正理由"),
    ),
    "en": (
        *("list", "line", "reference", "code", "result", "at"),
        *("slip_phone", "slip_address", "slip_date", "slip_amount"),
        *("first_code", "revised_at", "revised_because"),
    ),
}


class SealedResult(msgspec.Struct, frozen=True):
    """One result as the platform hands it over."""

    list: str
    attempt: str
    sealed: bytes


class SealedKeys(msgspec.Struct, frozen=True):
    """A list's result and trace keys, sealed to the entrustor."""

    keys: bytes
    final: bool = False  # the list has ended, and these are the last of its results


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
    encoding: Annotated[str, typer.Option(help="utf-8 / cp932")] = "utf-8",
    day: Annotated[str, typer.Option(help="2026-06-02: その日の分だけ / of this day, JST")] = "",
) -> None:
    """架電結果を開いて CSV にする / Open the results as CSV (UTF-8 with mark, for Excel).

    1件が壊れていても残りは書き出す / One damaged result does not hold back the others.
    """
    speak = console(context)
    if encoding not in ENCODINGS:
        raise CommandFailed("encoding_unknown", text=encoding)
    fetched = parse(file)
    rows, damaged = opened(fetched, keys.secret(key), speak.lang)
    if day:
        rows = [row for row in rows if str(row[AT]).startswith(f"{_day(day)} ")]
    data, unmapped = encoded([HEADERS[speak.lang], *rows], encoding)
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    else:
        write(output, data)
    speak.say("results_opened", count=len(rows))
    if len(rows) == 1 and str(rows[0][0]).startswith(TEST):
        speak.say("results_test", word=str(rows[0][REFERENCE]))
    if revised := sum(row[REVISED_AT] != "" for row in rows):
        speak.say("results_revised", count=revised)
    if final := [name for name, one in fetched.lists.items() if one.final]:
        speak.say("results_final", lists=", ".join(final))
    if unmapped:
        speak.say("results_unmapped", lines=", ".join(map(str, unmapped)))
    if damaged:
        raise CommandFailed("results_damaged", NO, count=len(damaged), attempts=", ".join(damaged))


def table(rows: Iterable[Sequence[object]]) -> bytes:
    """CSV for Excel. A cell that a spreadsheet would run as a formula gets an apostrophe."""
    return encoded(rows, "utf-8")[0]


def encoded(rows: Iterable[Sequence[object]], encoding: str) -> tuple[bytes, list[int]]:
    """`table`, and its lines (1: the headers) with characters that CP932 lacks.

    Such a character is written as \\uXXXX, so that nothing is lost.
    """
    out, unmapped = io.BytesIO(), []
    if encoding != "cp932":
        out.write(codecs.BOM_UTF8)
    for line, row in enumerate(rows, 1):
        cells = [inert(cell) for cell in row]
        if encoding == "cp932" and not _maps(cells):
            unmapped.append(line)
        text = io.StringIO(newline="")
        csv.writer(text).writerow(cells)
        out.write(text.getvalue().encode(encoding, "backslashreplace"))
    return out.getvalue(), unmapped


def _maps(cells: Iterable[object]) -> bool:
    try:
        "".join(map(str, cells)).encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _day(text: str) -> str:
    """A day as results carry it. Fails with a sentence."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise CommandFailed("bad_date", text=text) from None


def inert(cell: object) -> object:
    """The cell, made harmless: the entrustor's own reference numbers may be anything."""
    if isinstance(cell, str) and FORMULA.match(cell):
        return f"'{cell}"
    return cell


def parse(file: Path) -> ResultsFile:
    """What the platform handed over. Fails with a sentence."""
    try:
        return decoded(read(file, limit=1 << 30))
    except ValueError:
        raise CommandFailed("not_a_results_file", file=file) from None


def decoded(content: bytes) -> ResultsFile:
    """The file's content. Raises ValueError."""
    fetched = msgspec.json.decode(content, type=ResultsFile)
    if fetched.format != FORMAT:
        raise ValueError("format")
    return fetched


def opened(
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
    words, slip = label(result.code, lang), result.slip or Slip()
    said = (slip.phone, slip.address, slip.date, slip.amount or "")
    place = (list_id, result.line, result.reference, result.code, words, _when(result.at))
    return *place, *said, *_revised(result.revised, lang)


def _revised(revised: Revision | None, lang: str) -> tuple[object, ...]:
    """What the call had said, when it was revised, and why; empty: never."""
    if revised is None:
        return "", "", ""
    why = REVISED.get(revised.reason, (revised.reason, revised.reason))
    return revised.first, _when(revised.at), why[lang == "en"]


def _when(at: str) -> str:
    """In Japan, with its offset: +09:00."""
    return datetime.fromisoformat(at).astimezone(TOKYO).isoformat(sep=" ", timespec="seconds")
