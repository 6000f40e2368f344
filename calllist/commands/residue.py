"""`calllist residue`: are these strings left anywhere in this installation?

The strings come from standard input, one a line, never from arguments. The answer names
them by their line numbers and says of each store how much of it was read.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Annotated

import typer

from calllist.commands import installation
from calllist.commands.console import NO, CommandFailed, Console, console
from calllist.commands.installation import Machine
from retention.errors import NeedleTooShort
from retention.residue import Finding, Needles, Store, scan
from retention.states import Outcome

SHOWN = 20  # numbers of needles in a sentence; --json has them all


def residue(
    context: typer.Context,
    home: Annotated[Path, typer.Option(help="設置フォルダー / installation folder")] = Path(
        ".calllist"
    ),
    store: Annotated[
        list[str] | None, typer.Option(metavar="NAME=PATH", help="繰返し可 / repeatable")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
) -> None:
    """標準入力の文字列が残っていないか調べる / Search every store for strings from stdin.

    設置フォルダーの全項目(データベース、WAL、鍵管理、ブローカー、ログ)、一時フォルダー、スワップ、
    journald、CALLLIST_STORES と --store の場所を最後まで読む。管理者権限で実行すること /
    Reads to the end: every entry of the installation's folder, the temporary folder, swap,
    journald, and what CALLLIST_STORES and --store name. Run it as root.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what is looked for lies in memory
    speak = console(context)
    stores, absent = _stores(home, [_named(text) for text in store or ()])
    needles = _needles()
    findings = scan(stores, needles)
    findings += [Finding("swap")] if "swap" not in [found.store for found in findings] else []
    for name in absent:
        _of(name, findings).missing = True
    unnamed = [n for n in installation.SOMETIMES if n not in [found.store for found in findings]]
    if as_json:
        speak.answer(json.dumps([*map(_as_dict, findings), *map(_outside, unnamed)]))
    for finding in findings:
        _say(speak, finding)
    for name in unnamed:
        speak.say("residue_OUTSIDE", store=name)
    speak.say("residue_limits")
    if any(finding.outcome is not Outcome.PASS for finding in findings):
        raise typer.Exit(NO)


def _stores(home: Path, named: list[Store]) -> tuple[list[Store], list[str]]:
    """What to read, and the names of stores that must be somewhere and are not here."""
    if home.is_dir():
        stores = installation.installed(home, [*installation.told(), *named], Machine())
        return stores, installation.missing(stores)
    if named:
        return named, []  # a disk that came from elsewhere, a backup
    raise CommandFailed("no_stores", home=home)


def _of(name: str, findings: list[Finding]) -> Finding:
    for finding in findings:
        if finding.store == name:
            return finding
    findings.append(Finding(name))
    return findings[-1]


def _say(speak: Console, finding: Finding) -> None:
    numbers = ", ".join(map(str, sorted(finding.needles)[:SHOWN]))
    speak.say(
        f"residue_{finding.outcome}",
        store=finding.store,
        files=finding.files,
        bytes=finding.bytes,
        hits=finding.total,
        unread=finding.unread,
        needles=numbers,
    )
    if finding.missing:
        speak.say("residue_missing", store=finding.store)


def _named(text: str) -> Store:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise CommandFailed("store_malformed", text=text)
    return Store(name, Path(path))


def _needles() -> Needles:
    if os.isatty(sys.stdin.fileno()):
        raise CommandFailed("needles_missing")
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandFailed("needles_not_text") from None
    if not text:
        raise CommandFailed("needles_missing")
    try:
        return Needles(text.replace("\r\n", "\n").removesuffix("\n").split("\n"))
    except NeedleTooShort as short:
        raise CommandFailed("needle_too_short", line=short.line) from None


def _as_dict(finding: Finding) -> dict[str, object]:
    return {
        "store": finding.store,
        "outcome": finding.outcome,
        "files": finding.files,
        "bytes": finding.bytes,
        "hits": finding.total,
        "needles": sorted(finding.needles),
        "unread": finding.unread,
        "missing": finding.missing,
    }


def _outside(name: str) -> dict[str, object]:
    return _as_dict(Finding(name)) | {"outcome": Outcome.OUTSIDE}
