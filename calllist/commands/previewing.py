"""`calllist upload --preview`: what the columns of a file are taken for, before it is taken.

Shapes and counts, never a cell: the platform tells no more, and nothing is stored there.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from calllist.commands.bodies import CSV, Source
from calllist.commands.console import NO, CommandFailed, Console
from calllist.commands.platform import SEND_SECONDS, Platform, in_words, segment
from calllist.web import words
from calllist.web.i18n import translate

BEGINNING = 1 << 18  # bytes of a text that are looked at
WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # ZIP, OLE2: to be seen as a whole


def show(
    speak: Console,
    platform: Platform,
    job: str,
    file: Path,
    query: Mapping[str, str],
    *,
    as_json: bool,
) -> None:
    """Ask for the shapes of the file and say them. Exit 1 if it would be refused."""
    with Source.opened(file) as source:
        told = _asked(platform, job, source, query)
    if as_json:
        speak.answer(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for line in _lines(speak, told):
            speak.answer(line)
        head = "preview_head" if told["header_line"] else "preview_headless"
        encoding = words.encoding(told["encoding"])
        speak.say(head, rows=told["rows"], encoding=encoding, header=told["header_line"])
    if told.get("trouble"):
        raise CommandFailed("preview_trouble", NO, said=in_words(speak, told["trouble"]))


def _asked(
    platform: Platform, job: str, source: Source, query: Mapping[str, str]
) -> Mapping[str, Any]:
    blocks = source.read(0)
    first = next(blocks, b"")
    whole = first.startswith(WORKBOOK) or source.size <= BEGINNING
    size = source.size if whole else min(source.size, BEGINNING)
    asked = urlencode({**query, "whole": "true" if whole else "false"})
    headers = platform.headers({"Content-Type": CSV, "Content-Length": str(size)})
    with platform.connected(SEND_SECONDS) as line:
        line.putrequest("POST", f"/api/v1/jobs/{segment(job)}/preview?{asked}")
        for name, value in headers.items():
            line.putheader(name, value)
        line.endheaders()
        line.send(first[:size])
        if whole:
            for block in blocks:
                line.send(block)
        told: Mapping[str, Any] = platform.answer(line).json()
        return told


def _lines(speak: Console, told: Mapping[str, Any]) -> list[str]:
    """A line for each column: number, header, meaning, how many cells are filled."""
    lines = []
    for column in told["columns"]:
        kind = column.get("kind")
        meaning = (
            translate(speak.lang, words.of("field", kind))
            if kind
            else speak.words("preview_dropped")
        )
        how = column.get("how")
        why = f" ({translate(speak.lang, words.of('how', how))})" if how else ""
        read = ", ".join(
            f"{translate(speak.lang, words.read_as(code))} {count:,}"
            for code, count in column.get("parsed", {}).items()
        )
        head = f"#{column['number']} {column.get('header') or ''}".rstrip()
        lines.append(f"{head}: {meaning}{why}  {column['filled']:.0%}  {read}".rstrip())
    return lines
