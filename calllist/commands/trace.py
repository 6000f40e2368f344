"""`calllist trace`: the entrustor finds out who handled its people, when, from where. Offline.

The lines come from the call centre (`/api/v1/ledger/entries`), proven against its signed
heads; the trace keys were sealed to the entrustor when its lists were minted, and only its own
key opens them. The numbers never leave this machine.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from calllist.commands import keys, results
from calllist.commands.console import NO, CommandFailed, Console, console, read, write
from calllist.commands.ledger import ledger_key
from calllist.entrustors.codes import label
from calllist.intake.fields import phones
from crypto.errors.records import DoesNotOpen
from crypto.ledger.extract import BadExtract, Coverage, Covered, Extract
from crypto.ledger.tracing import Found, in_extract
from crypto.ledger.tracing import trace as found_lines
from crypto.records.sealing import open_list_keys, person_tag
from crypto.signed.keyfile import KeyPair
from crypto.standards.canonical import moment

TOKYO = ZoneInfo("Asia/Tokyo")
LINE = re.compile(r"line [1-9][0-9]{0,9}")  # a record without a number is tagged by its line
HEADERS = {
    "ja": ("番号", "リスト", "日時", "内容", "担当者", "拠点", "項目", "結果", "台帳の行"),
    "en": ("number", "list", "at", "what", "who", "where", "field", "result", "ledger line"),
}


@dataclass(frozen=True)
class Asked:
    """One line of the input: as it was typed, and what its person may be tagged by."""

    text: str
    traced_by: tuple[str, ...]


def trace(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="台帳の抜粋 / the extract of the ledger")],
    key: Annotated[Path, typer.Option(help="自分の秘密の鍵 / your secret key file")],
    log_key: Annotated[Path, typer.Option(help="台帳の公開鍵 / ledger.pub")],
    results_files: Annotated[
        list[Path] | None, typer.Option("--results", help="結果ファイル / results files")
    ] = None,
    numbers: Annotated[
        Path | None, typer.Option(help="番号のファイル。なければ標準入力 / default: stdin")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="CSV")] = None,
    jobs: Annotated[int, typer.Option(help="並列数 / processes", min=1, max=64)] = 1,
) -> None:
    """誰が、いつ、どこで対象者を扱ったかを調べる / Find out who handled whom. Offline.

    電話番号は1行に1件、標準入力かファイルで渡す / One phone number a line.
    """
    speak, pair = console(context), keys.secret(key)
    asked = list(_asked(_numbers(numbers)))
    extract, coverage = _verified(file, ledger_key(log_key))
    trace_keys = _trace_keys(extract, results_files or [], pair)
    by_tag = {
        person_tag(trace_key, list_id, by): one
        for list_id, trace_key in trace_keys.items()
        for one in asked
        for by in one.traced_by
    }
    found = found_lines(in_extract(extract), by_tag, jobs)
    rows = [_row(by_tag[line.tag], line, speak.lang) for line in found]
    table = results.table([HEADERS[speak.lang], *rows])
    if output is None:
        sys.stdout.buffer.write(table)
        sys.stdout.flush()
    else:
        write(output, table)
    _say_coverage(speak, coverage, trace_keys)
    missing = len(asked) - len({by_tag[line.tag].text for line in found})
    whole = _whole(coverage, trace_keys)
    speak.say("trace_found", lines=len(found), asked=len(asked))
    if missing:
        speak.say("trace_not_found" if whole else "trace_unknown", count=missing, lists=len(whole))


def _numbers(path: Path | None) -> list[str]:
    data = sys.stdin.buffer.read() if path is None else read(path)
    try:
        return data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise CommandFailed("needles_not_text") from None


def _asked(lines: list[str]) -> Iterator[Asked]:
    for number, text in enumerate(lines, start=1):
        typed = text.strip()
        if not typed:
            continue
        if LINE.fullmatch(typed):
            yield Asked(typed, (typed,))
            continue
        read_ = phones.read(typed, synthetic=True)
        if not isinstance(read_, phones.Phone):
            raise CommandFailed("trace_number", line=number)
        yield Asked(typed, (read_.number, *read_.alternates))


def _verified(file: Path, public_key: bytes) -> tuple[Extract, Coverage]:
    try:
        extract = Extract(file)
        return extract, extract.verify(public_key)
    except OSError as error:
        raise CommandFailed("cannot_read", file=file, why=error.strerror) from None
    except BadExtract as error:
        raise CommandFailed("extract_refused", NO, file=file, why=error) from None


def _trace_keys(extract: Extract, files: list[Path], pair: KeyPair) -> dict[str, bytes]:
    """List -> trace key, of every list whose keys are at hand and open."""
    sealed = {name: keys_ for name, keys_ in extract.header.lists.items() if keys_}
    for file in files:
        fetched = results.parse(file)
        sealed |= {name: one.keys for name, one in fetched.lists.items()}
    opened = {}
    for name, keys_ in sealed.items():
        try:
            opened[name] = open_list_keys(
                pair.recipient, entrustor=extract.header.entrustor, list_id=name, sealed=keys_
            ).trace_key
        except DoesNotOpen:
            continue
    if sealed and not opened:
        raise CommandFailed("results_key_wrong", NO, entrustor=extract.header.entrustor)
    return opened


def _whole(coverage: Coverage, trace_keys: dict[str, bytes]) -> list[str]:
    """The lists of which every line up to a known one was looked at."""
    there = coverage.lists
    return [name for name in trace_keys if name in there and not there[name].gap]


def _say_coverage(speak: Console, coverage: Coverage, trace_keys: dict[str, bytes]) -> None:
    for head in coverage.heads:
        speak.say("trace_head", month=head.month, size=head.size, root=head.root.hex())
    for name, covered in sorted(coverage.lists.items()):
        speak.say(_how(covered, name in trace_keys), list=name, n=covered.n)


def _how(covered: Covered, opened: bool) -> str:
    if not opened:
        return "trace_no_key"
    if covered.gap:
        return "trace_gap"
    return "trace_whole" if covered.over else "trace_living"


def _row(asked: Asked, line: Found, lang: str) -> tuple[object, ...]:
    when = f"{moment(line.at).astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"
    result = label(line.code, lang) if isinstance(line.code, int) else line.code
    return (
        asked.text,
        line.list,
        when,
        KINDS.get(line.kind, (line.kind, line.kind))[lang == "en"],
        line.principal,
        line.site,
        line.field,
        result,
        line.seq,
    )


KINDS = {
    "open": ("表示", "shown"),
    "match": ("照合", "matched"),
    "reveal": ("開示", "revealed"),
    "close": ("結果登録", "closed"),
    "amend": ("結果訂正", "result amended"),
    "revise": ("事後訂正", "given another code later"),
    "find": ("受電検索", "searched for, calling back"),
    "give_code": ("確認番号", "call code given"),
    "transfer_offered": ("転送依頼", "offered to a supervisor"),
    "transferred": ("転送", "taken over"),
    "withdrawn": ("取下げ", "withdrawn"),
    "withdraw": ("委託元取下げ", "taken out"),
    "suppress": ("転居・死亡等による対象外", "suppressed: moved or deceased"),
    "refused": ("拒否", "refused"),
}
