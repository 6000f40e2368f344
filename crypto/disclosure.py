"""What of a record reaches the eyes: masks, and the masked view of a stage.

Masks count graphemes, never code points, and the masked part has a fixed length, so that no
length leaks. A value that a mask cannot take apart safely is masked as a whole.
"""

import re
from collections.abc import Mapping
from datetime import date

import regex

from crypto.fields import FieldKind, Mask, Stage
from crypto.matching import parse_date
from crypto.terms import ContractTerms, FieldRule
from crypto.wire.records import Shown

STARS = "****"
SHORT = "**"
TAIL = 3  # graphemes shown of a number
LEAST = 6  # graphemes a number needs for its tail to be shown: at most half is visible
GETA = "〓"  # what Japanese typesetting puts for a character that cannot be shown

_PRIVATE_USE = re.compile(r"[\uE000-\uF8FF\U000F0000-\U000FFFFD\U00100000-\U0010FFFD]")
_SPACE = re.compile(r"[ \u3000]+")

# Municipalities whose names contain 市, 町, 村 or 郡 themselves come first.
_MUNICIPALITY = re.compile(
    r"""(?P<prefecture>東京都|北海道|(?:京都|大阪)府|.{2,3}県)?
    (?P<municipality>
      (?:四日市|廿日市|野々市|東村山|武蔵村山|羽村|村山|村上|田村|十日町|大町|町田|市川|市原
        |郡山|大和郡山|郡上|蒲郡|小郡)市
      | (?:余市|高市|[^市区町村]{1,4})郡(?:玉村|大町|下市|上市|余市|.{1,5}?)[町村]
      | .{1,6}?市(?:[^市区町村\d]{1,3}区)?
      | [^市町村]{1,4}区
      | .{1,6}?[町村]
    )""",
    re.VERBOSE,
)


def masked(kind: FieldKind, mask: Mask, text: str) -> str | None:
    """What the eyes get of `text`; None if the field is not mentioned at all."""
    match mask:
        case Mask.HIDDEN:
            return None
        case Mask.FULL:
            return in_full(kind, text)
        case Mask.LAST3:
            return STARS + _tail(text)
        case Mask.PHONE_LAST3:
            return _phone(text)
        case Mask.FAMILY_NAME:
            return _family_name(text)
        case Mask.MUNICIPALITY:
            return _municipality(text) + STARS
        case Mask.DECADE:
            return _decade(text)
        case Mask.DOTS:
            return STARS


def in_full(kind: FieldKind, text: str) -> str:
    """The text as a person reads it: numbers in national form, gaiji as 〓."""
    if kind in (FieldKind.PHONE, FieldKind.PHONE_ALT):
        return " ".join(_hyphenated(national(number)) for number in text.split())
    return _PRIVATE_USE.sub(GETA, text)


def view(terms: ContractTerms, stage: Stage, fields: Mapping[FieldKind, str]) -> tuple[Shown, ...]:
    """Every field that the contract shows at this stage, in the order of `FieldKind`."""
    shown = []
    for kind in FieldKind:
        rule, text = terms.fields.get(kind), fields.get(kind)
        if rule and text:
            visible = masked(kind, mask_at(rule, stage), text)
            if visible is not None:
                shown.append(Shown(kind, visible))
    return tuple(shown)


def mask_at(rule: FieldRule, stage: Stage) -> Mask:
    """The signed mask of a stage; after the result nothing is shown."""
    return {
        Stage.DIALLING: rule.s1,
        Stage.ANSWERED: rule.s2,
        Stage.VERIFIED: rule.s3,
        Stage.CLOSED: Mask.HIDDEN,
    }[stage]


def national(number: str) -> str:
    """+819000000001 -> 09000000001; other countries keep their prefix."""
    return "0" + number[3:] if number.startswith("+81") else number


def graphemes(text: str) -> list[str]:
    """User-perceived characters (UAX #29): a variation selector belongs to its kanji."""
    return list(regex.findall(r"\X", text))


def _hyphenated(number: str) -> str:
    """3-4-4 where the plan says so (mobile, IP); the others would need the area codes."""
    if len(number) == 11 and number[0] == "0":
        return f"{number[:3]}-{number[3:7]}-{number[7:]}"
    return number


def _tail(text: str) -> str:
    parts = graphemes(text)
    return "".join(parts[-TAIL:]) if len(parts) >= LEAST else ""


def _phone(text: str) -> str:
    """The first number only, its last three digits, and whether it is a mobile."""
    numbers = text.split()
    number = national(numbers[0]) if numbers else ""
    if len(number) == 11 and number[0] == "0":
        return f"{number[:3]}-****-*{number[-TAIL:]}"
    return f"0***-**-*{number[-TAIL:]}" if len(number) >= LEAST else STARS


def _family_name(text: str) -> str:
    """The part before the space. Without one only the first character; short names nothing."""
    parts = _SPACE.split(text.strip(" \u3000"))
    if len(parts) > 1:
        return _PRIVATE_USE.sub(GETA, parts[0]) + SHORT
    letters = graphemes(parts[0])
    return (letters[0] if len(letters) > 2 else "") + SHORT


def _municipality(text: str) -> str:
    found = _MUNICIPALITY.match(_SPACE.sub("", text))
    return found[0] if found else ""


def _decade(text: str) -> str:
    born = parse_date(text)
    return f"{born.year // 10 * 10}年代" if isinstance(born, date) else STARS
