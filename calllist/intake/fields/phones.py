"""A cell to the number that is dialled: a table decides, `phonenumbers` is the judge in tests.

Whole columns are read at once. Cells of digits and dashes are looked up by their beginning
(`numbering`), a few tenths of a microsecond each; every other cell is taken apart by itself
(`phone_text`). The first complete number dials, further ones are alternates. Nothing is
guessed: a number without area code is rejected unless the list has one to put in front, and
then still if it is a postal code of the place. What was added or left out is remarked.

With `synthetic`, shapes that nobody can be rung under pass as well (090-0xxx-xxxx,
03-0xxx-xxxx): tests and demonstrations only.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from calllist.intake.fields import Verdict, areas, phone_text
from calllist.intake.fields.numbering import (
    DOUBTFUL,
    FREE_DIGITS,
    KINDS,
    REFUSED,
    SYNTHETIC,
    is_dummy,
    kind_of,
)
from calllist.intake.problems import Code

FLAGS = {"toll_free": Code.TOLL_FREE, "shared_cost": Code.SHARED_COST}  # accepted, with a remark
HOWS = {"zero_restored": Code.ZERO_RESTORED, "area_code_added": Code.AREA_CODE_ADDED}

READ_CHARACTERS = 300  # of one cell: three numbers with their departments are 100

_ZEROS = "0" * FREE_DIGITS
_PLAIN_BYTES = b"0123456789-\n"
_MARKED = FLAGS.keys() | REFUSED | DOUBTFUL
_PLAIN = {head: kind for head, kind in KINDS.items() if kind not in _MARKED}
_PLAIN_SYNTHETIC = {head: kind for head, kind in SYNTHETIC.items() if kind not in _MARKED}

Beside = Callable[[int], Sequence[str]]  # cells of a row that may name its prefecture


@dataclass(frozen=True, slots=True)
class Phone:
    """A number to dial (E.164). `how`: ok, normalised, zero_restored or area_code_added."""

    number: str
    kind: str
    how: str
    alternates: tuple[str, ...] = ()
    remarks: tuple[Code, ...] = ()

    def __repr__(self) -> str:
        return f"Phone({self.kind}, {self.how}, {len(self.alternates)} alternates)"


@dataclass(frozen=True)
class PhoneRules:
    """How the cells of one list are read. area_code: of numbers without one, or empty.

    Raises ValueError if the area code is none of Japan's (`areas.known`).
    """

    synthetic: bool = False
    area_code: str = ""

    def __post_init__(self) -> None:
        if self.area_code and not areas.known(self.area_code):
            raise ValueError("no Japanese area code")

    def is_number(self, digits: str) -> bool:
        """Whether digits are a complete national number."""
        return kind_of(digits, synthetic=self.synthetic) is not None


class PhoneColumn(NamedTuple):
    """A column of cells: numbers in E.164 (None: a verdict says why), and what was found.

    alternates: further numbers of a cell, by its index. hows and kinds count the cells with
    a number. Each None has exactly one rejecting verdict.
    """

    numbers: list[str | None]
    verdicts: list[Verdict]
    alternates: dict[int, tuple[str, ...]]
    hows: Counter[str]
    kinds: Counter[str]

    def unreadable(self) -> set[int]:
        """The cells without a number."""
        if None not in self.numbers:
            return set()
        return {index for index, number in enumerate(self.numbers) if number is None}

    def dialled(self) -> Sequence[str]:
        """The numbers; empty where there is none."""
        if None not in self.numbers:
            return cast("list[str]", self.numbers)
        return [number or "" for number in self.numbers]


def column(cells: Sequence[str], rules: PhoneRules, beside: Beside | None = None) -> PhoneColumn:
    """The numbers of a whole column. `beside(i)`: what tells where the person of row i lives."""
    digits = _plain_digits(cells)
    plain = _PLAIN_SYNTHETIC if rules.synthetic else _PLAIN
    heads = [one[:-FREE_DIGITS] for one in digits]
    counted = Counter(heads)
    strange = counted.keys() - plain.keys()
    odd = [index for index, head in enumerate(heads) if head in strange] if strange else []
    numbers: list[str | None] = ["+81" + one[1:] for one in digits]
    read = PhoneColumn(numbers, [], {}, Counter(), Counter())
    for head in counted.keys() - strange:
        read.kinds[plain[head]] += counted[head]
    read.hows["ok"] = len(cells) - len(odd)
    for index in odd:
        _note(read, index, _read(cells[index], rules, index, beside))
    read.verdicts.sort()
    return PhoneColumn(read.numbers, read.verdicts, read.alternates, +read.hows, read.kinds)


def _note(read: PhoneColumn, index: int, phone: Phone | Code) -> None:
    if isinstance(phone, Code):
        read.numbers[index] = None
        read.verdicts.append(Verdict(index, phone))
        return
    read.numbers[index] = phone.number
    read.hows[phone.how] += 1
    read.kinds[phone.kind] += 1
    read.verdicts.extend(Verdict(index, code) for code in phone.remarks)
    if phone.alternates:
        read.alternates[index] = phone.alternates


def read(cell: str, *, synthetic: bool) -> Phone | Code:
    """The number of one cell, or why there is none. A list's own rules: `column`."""
    return _read(cell, _RULES[synthetic], 0, None)


_RULES: Mapping[bool, PhoneRules] = {one: PhoneRules(synthetic=one) for one in (False, True)}


def _plain_digits(cells: Sequence[str]) -> list[str]:
    """The digits of plain cells; an empty string for every cell that needs a closer look."""
    text = "\n".join(cells)
    bare = text.replace("-", "")
    digits = bare.split("\n")
    if len(digits) != len(cells):  # a line feed inside a cell
        digits = ["" if "\n" in cell else cell.replace("-", "") for cell in cells]
    if not text.isascii() or text.encode().translate(None, _PLAIN_BYTES):
        digits = [one if one.isascii() and one.isdecimal() else "" for one in digits]
    if "--" in text or "-\n" in text or "\n-" in text or text[:1] == "-" or text[-1:] == "-":
        digits = [
            "" if "--" in cell or cell[:1] == "-" or cell[-1:] == "-" else one
            for one, cell in zip(digits, cells, strict=True)
        ]
    if _ZEROS in bare:
        digits = [one if not one.endswith(_ZEROS) else "" for one in digits]
    return digits


def _read(cell: str, rules: PhoneRules, index: int, beside: Beside | None) -> Phone | Code:
    if (phone := _common(cell, rules)) is not None:
        return phone
    folded = phone_text.folded(cell[:READ_CHARACTERS])
    if not folded:
        return Code.NO_PHONE
    if phone_text.is_scientific(folded):
        return Code.DAMAGED_NUMBER
    text = phone_text.Text(folded, rules.is_number)
    if not text.digits:
        return Code.NO_PHONE_PLACEHOLDER
    cut = len(cell) > READ_CHARACTERS
    return _complete(text, rules, cut=cut) or _incomplete(text, rules, index, beside)


def _common(cell: str, rules: PhoneRules) -> Phone | Code | None:
    """What needs no taking apart: one number in a usual shape, or one that lost its zero."""
    digits = cell.replace("-", "")
    if digits.isascii() and digits.isdecimal():
        if "--" not in cell and rules.is_number(digits):
            return _of(digits, rules, "ok")
        if digits == cell and digits[0] != "0" and rules.is_number("0" + digits):
            return _of("0" + digits, rules, "zero_restored")
        if digits[0] == "0" and len(digits) in (10, 11) and "--" not in cell:
            return Code.INVALID_DUMMY if _is_dummy(digits) else Code.INVALID_NUMBER
        return None
    if digits := phone_text.usual(cell):
        return _of(digits, rules, "normalised") if rules.is_number(digits) else None
    return None


def _complete(text: phone_text.Text, rules: PhoneRules, *, cut: bool) -> Phone | Code | None:
    """What the complete numbers of a text come to; None if there is none. cut: there is more."""
    found = text.numbers()
    if not found:
        return Code.FOREIGN_NUMBER if text.foreign else None
    phones = list(dict.fromkeys(one.digits for one in text.without_fax(found)))
    if not phones:
        return Code.NOT_CALLABLE  # a fax
    good = [
        phone for digits in phones if isinstance(phone := _of(digits, rules, "normalised"), Phone)
    ]
    if not good:
        return _of(phones[0], rules, "normalised")
    first, *others = good
    remarks = list(first.remarks)
    if others:
        remarks.append(Code.SEVERAL_NUMBERS)
    if text.foreign or text.beside(found) or cut:
        remarks.append(Code.TEXT_IGNORED)
    further = tuple(other.number for other in others)
    return Phone(first.number, first.kind, first.how, further, tuple(remarks))


def _of(digits: str, rules: PhoneRules, how: str) -> Phone | Code:
    return _judged(digits, kind_of(digits, synthetic=rules.synthetic) or "", how)


def _judged(digits: str, kind: str, how: str) -> Phone | Code:
    if is_dummy(digits, areas.AREA_CODES):
        return Code.INVALID_DUMMY
    if kind in REFUSED:
        return Code.NOT_CALLABLE
    remarks = [code for code in (HOWS.get(how), FLAGS.get(kind)) if code is not None]
    return Phone("+81" + digits[1:], kind, how, (), tuple(remarks))


def _incomplete(
    text: phone_text.Text, rules: PhoneRules, index: int, beside: Beside | None
) -> Phone | Code:
    """No complete number: a lost zero or area code is put back, all else has a reason."""
    digits = text.digits
    if _is_dummy(digits):
        return Code.INVALID_DUMMY
    if (restored := _restored(text, rules)) is not None:
        return restored
    if text.is_short():
        return Code.NOT_CALLABLE
    if 5 <= len(digits) <= 8 and digits[0] != "0":
        return _with_area_code(text, rules, index, beside) or Code.NO_AREA_CODE
    return Code.INVALID_NUMBER


def _is_dummy(digits: str) -> bool:
    return not digits.strip("0") or is_dummy(digits, areas.AREA_CODES)


def _restored(text: phone_text.Text, rules: PhoneRules) -> Phone | Code | None:
    """The number with its leading zero, or with the + of +81, that a program took away."""
    digits = text.alone()
    if not digits or digits[0] == "0":
        return None
    for whole, how in (("0" + digits, "zero_restored"), ("0" + digits[2:], "normalised")):
        if how == "normalised" and not digits.startswith("81"):
            continue
        if rules.is_number(whole):
            phone = _of(whole, rules, how)
            if isinstance(phone, Phone) and text.beside(_everything(text)):
                remarks = (*phone.remarks, Code.TEXT_IGNORED)
                return Phone(phone.number, phone.kind, how, (), remarks)
            return phone
    return None


def _everything(text: phone_text.Text) -> list[phone_text.Found]:
    return [phone_text.Found("", text.groups[0].start, text.groups[-1].end)]


def _with_area_code(
    text: phone_text.Text, rules: PhoneRules, index: int, beside: Beside | None
) -> Phone | None:
    """A local number with the list's area code; None if that would be a guess.

    No guess is made of seven digits that are a postal code where the person lives, of one
    digit repeated, and of a cell that holds anything else.
    """
    local = text.local()
    whole = rules.area_code + local
    if not rules.area_code or not local or len(whole) != 10 or len(set(local)) == 1:
        return None
    if len(local) == 7 and areas.is_postal_code_here(
        local, rules.area_code, beside(index) if beside else ()
    ):
        return None
    if kind_of(whole, synthetic=rules.synthetic) != "fixed":
        return None
    phone = _judged(whole, "fixed", "area_code_added")
    return phone if isinstance(phone, Phone) else None
