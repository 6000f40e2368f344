"""Whether a script may come into force. Every fault is told with its place; never what stood there.

Digits that could be a number somebody is reached by, and anything like an address, do not
belong into a text that everybody at the desk reads: they would outlive the list. Full-width and
Chinese numerals count as digits.
"""

import re
import unicodedata
from collections.abc import Iterator

from calllist.scripts.branches import Branch, Line, Script, may, must, named
from calllist.scripts.errors import Fault, ScriptRefused

SAY_MOST, DONT_MOST, GOODS_MOST = 400, 120, 40  # characters
_DIGITS = str.maketrans("０１２３４５６７８９〇零一二三四五六七八九", "0123456789" + "00123456789")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－ーｰ─", "-") | {"　": " "})
_NUMBER = re.compile(r"(?:[0-9][-\s().・の（）]{0,2}){6,}[0-9]")  # seven digits reach somebody
_ADDRESS = re.compile(
    r"[0-9十百]+ ?(?:丁目|番地|番 ?[0-9十百]+ ?号)|〒|[0-9]+-[0-9]+-[0-9]+"
    r"|[都道府県市区町村郡][^\s、。「」{}]{1,10}?[0-9]+-[0-9]+"
)
_BRACE = re.compile(r"[{}｛｝]")
_PLACEHOLDER = re.compile(r"\{([a-z_]*)\}")
_ENDS = re.compile(r"[。．.!?！？]")
_QUOTES = "「」『』“”\"' \u3000"
_PUBLISHED = re.compile(r"0[1-9][0-9]{8,9}")
_BETWEEN = re.compile(r"[-\s()]")


def check(script: Script, purpose: str) -> None:
    """Raises ScriptRefused with every fault, in the order of the branches."""
    faults = [*_fields(script)]
    for branch in Branch:
        line = script.line(branch)
        faults += _said(branch, line, purpose, script)
        faults += _text(f"dont_{branch}", line.dont, frozenset(), DONT_MOST)
    if faults:
        raise ScriptRefused(tuple(faults))


def published(typed: str) -> str:
    """A number as its owner publishes it, as plain digits: also 0120 and 0570. As it is if it
    is none: `check` says so."""
    plain = unicodedata.normalize("NFKC", typed.strip()).translate(_DASHES)
    return _BETWEEN.sub("", plain) if _PUBLISHED.fullmatch(_BETWEEN.sub("", plain)) else typed


def _fields(script: Script) -> Iterator[Fault]:
    yield from _text("goods", script.goods, frozenset(), GOODS_MOST)
    if script.number_to_call and not _PUBLISHED.fullmatch(script.number_to_call):
        yield Fault("number_to_call", "script_call_number")
    used = frozenset[str]().union(*(named(line.say) for line in script.lines.values()))
    for name in ("goods", "number_to_call"):
        if name in used and not getattr(script, name):
            yield Fault(name, "script_value_missing")


def _said(branch: Branch, line: Line, purpose: str, script: Script) -> Iterator[Fault]:
    field = f"say_{branch}"
    yield from _text(field, line.say, may(branch, purpose), SAY_MOST)
    silent = branch is Branch.VOICEMAIL and not script.message
    if not line.say:
        if not silent:
            yield Fault(field, "script_empty")
        return
    lacking = [name for name in must(branch, purpose) if name not in named(line.say)]
    if lacking:
        yield Fault(field, "script_lacks", reason=" ".join(f"{{{name}}}" for name in lacking))
    if branch is Branch.ABOUT and not _is_one_sentence(line.say):
        yield Fault(field, "script_one_sentence")


def _text(field: str, text: str, permitted: frozenset[str], most: int) -> Iterator[Fault]:
    if len(text) > most:
        yield Fault(field, "script_long", *_place(text, most), reason=str(most))
    for found in _BRACE.finditer(text):
        inside = _PLACEHOLDER.match(text, found.start())
        if found[0] == "}" and _closes(text, found.start()):
            continue
        if inside is None:
            yield Fault(field, "script_brace", *_place(text, found.start()))
        elif inside[1] not in permitted:
            yield Fault(field, "script_placeholder", *_place(text, found.start()))
    plain = text.translate(_DIGITS).translate(_DASHES)  # one character for one: places hold
    for code, pattern in (("script_number", _NUMBER), ("script_address", _ADDRESS)):
        seen = pattern.search(plain)
        if seen:
            yield Fault(field, code, *_place(text, seen.start()))
            break
    control = next((at for at, one in enumerate(text) if one < " " and one != "\n"), None)
    if control is not None:
        yield Fault(field, "script_control", *_place(text, control))


def _closes(text: str, at: int) -> bool:
    """Whether this brace ends a placeholder, known or not."""
    return any(found.end() - 1 == at for found in _PLACEHOLDER.finditer(text))


def _place(text: str, at: int) -> tuple[int, int]:
    """Line and column, from 1."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def _is_one_sentence(text: str) -> bool:
    inner = text.strip(_QUOTES)
    ends = [found.start() for found in _ENDS.finditer(inner)]
    return "\n" not in inner and (not ends or ends == [len(inner) - 1])
