"""What `SURVIVORS.md` says: the mutants that no test notices, each with the reason.

## crypto/disclosure/budgets.py

- `Budgets.check`: `a >= b` → `a > b`. Why nobody can tell the difference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

FILE = Path(__file__).with_name("SURVIVORS.md")
_NOTICED = "Noticed by "
_HEAD = re.compile(r"^## (crypto/\S+)")
_ENTRY = re.compile(r"^- (`[^`]*`: `[^`]*` → `[^`]*`(?: \(#\d+\))?)[.:] (.+)")


def explained(text: str | None = None) -> Mapping[tuple[str, str], str]:
    """The reasons, by module and mutant's name."""
    found: dict[tuple[str, str], str] = {}
    module = ""
    for line in (FILE.read_text() if text is None else text).splitlines():
        if head := _HEAD.match(line):
            module = head[1]
        elif entry := _ENTRY.match(line):
            found[module, entry[1]] = entry[2]
    return found


def noticed_by(text: str | None = None) -> Mapping[str, list[str]]:
    """The test files that notice the mutants of a module, for modules that were tried."""
    found: dict[str, list[str]] = {}
    module = ""
    for line in (FILE.read_text() if text is None else text).splitlines():
        if head := _HEAD.match(line):
            module = head[1]
        elif line.startswith(_NOTICED):
            found[module] = line.removeprefix(_NOTICED).split()
    return found
