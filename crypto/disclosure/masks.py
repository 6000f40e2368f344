"""What of a record reaches the eyes: masks, and the masked view of a stage.

Masks count graphemes, never code points, and the masked part has a fixed length, so that no
length leaks. A value that a mask cannot take apart safely is masked as a whole. Of a person's
name one form is shown to ask for; what the terms may not say at all stands in
`crypto.signed.policy`.
"""

import re
from collections.abc import Mapping

import regex

from crypto.records.eras import parse_date
from crypto.records.fields import KINDS, NAMES, FieldKind, Mask, Stage
from crypto.signed.terms import ContractTerms, FieldRule
from crypto.wire.records import Shown

STARS = "****"
SHORT = "**"
TAIL = 3  # graphemes shown of a number
LEAST = 6  # graphemes a number needs for its tail to be shown: at most half is visible
GETA = "〓"  # what Japanese typesetting puts for a character that cannot be shown

_GRAPHEME = regex.compile(r"\X")
_PRIVATE_USE = re.compile(r"[\uE000-\uF8FF\U000F0000-\U000FFFFD\U00100000-\U0010FFFD]")
_SPACE = re.compile(r"[ \u3000]+")
_READING = re.compile(r"[\u3041-\u3096\u30A1-\u30FA\uFF66-\uFF9DA-Za-zＡ-Ｚａ-ｚ]")
_FORMS = {FieldKind.BIRTH_DATE: "****年**月**日", FieldKind.POSTAL: "***-****"}  # of hidden values

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
        case Mask.FULL | Mask.ASKABLE:
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
            born = parse_date(text)
            return f"{born.year // 10 * 10}年代" if born else STARS
        case Mask.YEAR:
            born = parse_date(text)
            return f"{born.year}年" if born else STARS
        case Mask.DOTS:
            return _FORMS.get(kind, STARS)


def in_full(kind: FieldKind, text: str) -> str:
    """The text as a person reads it: numbers in national form, gaiji as 〓."""
    if kind in (FieldKind.PHONE, FieldKind.PHONE_ALT):
        return " ".join(_hyphenated(national(number)) for number in text.split())
    return _PRIVATE_USE.sub(GETA, text)


def view(terms: ContractTerms, stage: Stage, fields: Mapping[FieldKind, str]) -> tuple[Shown, ...]:
    """Every field that the contract shows at this stage, in the order of `FieldKind`."""
    masks = {kind: mask_at(rule, stage) for kind, rule in terms.fields.items()}
    asked = askable(masks, fields)
    shown = []
    for kind in KINDS:
        mask, text = masks.get(kind, Mask.HIDDEN), fields.get(kind)
        if text and (mask is not Mask.ASKABLE or kind is asked):
            visible = masked(kind, mask, text)
            if visible is not None:
                shown.append(Shown(kind, visible))
    return tuple(shown)


def askable(masks: Mapping[FieldKind, Mask], fields: Mapping[FieldKind, str]) -> FieldKind | None:
    """The one form of the name to ask for: the reading, else the kanji.

    A column of readings may hold "-" or the kanji again: then the kanji are asked for.
    """
    there = [
        kind
        for kind in NAMES
        if masks.get(kind) is Mask.ASKABLE and fields.get(kind, "").strip(" \u3000")
    ]
    if len(there) > 1 and not _READING.search(fields[FieldKind.NAME_KANA]):
        return FieldKind.NAME
    return there[0] if there else None


def mask_at(rule: FieldRule, stage: Stage) -> Mask:
    """The signed mask of a stage; after the result nothing is shown."""
    match stage:
        case Stage.DIALLING:
            return rule.s1
        case Stage.ANSWERED:
            return rule.s2
        case Stage.VERIFIED:
            return rule.s3
        case Stage.CLOSED:
            return Mask.HIDDEN


def national(number: str) -> str:
    """+819000000001 -> 09000000001; other countries keep their prefix."""
    return "0" + number[3:] if number.startswith("+81") else number


def graphemes(text: str) -> list[str]:
    """User-perceived characters (UAX #29): a variation selector belongs to its kanji."""
    return list(_GRAPHEME.findall(text))


def _hyphenated(number: str) -> str:
    """3-4-4 where the plan says so (mobile, IP); the others would need the area codes."""
    if len(number) == 11 and number[0] == "0":
        return f"{number[:3]}-{number[3:7]}-{number[7:]}"
    return number


def _tail(text: str) -> str:
    parts = graphemes(_PRIVATE_USE.sub(GETA, text.strip()))
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
    letters = graphemes("".join(parts))
    if len(letters) <= 2:
        return SHORT
    return _PRIVATE_USE.sub(GETA, parts[0] if len(parts) > 1 else letters[0]) + SHORT


def _municipality(text: str) -> str:
    found = _MUNICIPALITY.match(_SPACE.sub("", text))
    return _PRIVATE_USE.sub(GETA, found[0]) if found else ""
