"""`calllist residue`: are these strings left anywhere in this installation?

The strings come from standard input, one a line, never from arguments. The answer names
them by their line numbers and says of each store how much of it was read.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from calllist.commands.console import NO, CommandFailed, console
from retention.errors import NeedleTooShort
from retention.residue import Finding, Needles, Store, scan
from retention.states import Outcome


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

    --store がなければ、設置フォルダーの全項目と一時フォルダー / Default stores: every entry of
    the installation folder, and the temporary folder.
    """
    speak = console(context)
    stores = [_named(text) for text in store] if store else installed(home)
    findings = scan(stores, _needles())
    if as_json:
        speak.answer(json.dumps([_as_dict(finding) for finding in findings]))
    for finding in findings:
        numbers = ", ".join(map(str, sorted(finding.needles)[:20]))
        speak.say(
            f"residue_{finding.outcome}",
            store=finding.store,
            files=finding.files,
            bytes=finding.bytes,
            hits=finding.total,
            unread=finding.unread,
            needles=numbers,
        )
    speak.say("residue_limits")
    if any(finding.outcome is not Outcome.PASS for finding in findings):
        raise typer.Exit(NO)


def installed(home: Path) -> list[Store]:
    """Every entry of an installation's folder, each a store, and the temporary folder."""
    if not home.is_dir():
        raise CommandFailed("no_stores", home=home)
    stores = [Store(entry.name, entry) for entry in sorted(home.iterdir())]
    return [*stores, Store("temp", Path(tempfile.gettempdir()))]


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
    }
