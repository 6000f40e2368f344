"""Japan's numbering plan as a table: which complete numbers there are, and of what kind.

A number's last six digits are free: what stands before them (four characters of ten digits,
five of eleven) decides. So a dictionary of some 1,400 beginnings answers for every number.
Source: the plan of the Ministry of Internal Affairs (電気通信番号計画) as `phonenumbers`
states it; a test asks that library about every beginning and a million numbers.
"""

from collections.abc import Mapping

FREE_DIGITS = 6  # behind the beginning that decides

# The first two digits behind the 0, and which third digits follow.
_ALL = "0123456789"
_NO_ZERO = _ALL[1:]
_FIXED = {
    "11": "235678", "12": "3456", "13": "3456789", "14": "23456", "15": "2345678",
    "16": "234567", "17": "23456789", "18": "2345678", "19": _NO_ZERO,
    **dict.fromkeys(("22", "23", "24", "25", "26", "27", "28", "29"), _ALL),
    **dict.fromkeys((f"3{second}" for second in _NO_ZERO), _ALL),
    **dict.fromkeys(("42", "43", "44", "45", "47", "48"), _ALL),
    "46": "02345678", "49": "23459",
    **dict.fromkeys(("52", "53", "54", "55", "58", "59"), _ALL),
    "56": _NO_ZERO, "57": "2345678",
    **dict.fromkeys((f"6{second}" for second in _NO_ZERO), _ALL),
    **dict.fromkeys(("72", "75", "76", "77", "78", "79"), _ALL),
    "73": "456789", "74": "023456789",
    **dict.fromkeys(("82", "86", "87", "89"), _ALL),
    "83": "23456789", "84": "56789", "85": _NO_ZERO, "88": "03456789",
    **dict.fromkeys(("92", "93", "94", "95", "98"), _ALL),
    "96": _NO_ZERO, "97": _NO_ZERO, "99": _NO_ZERO,
}  # fmt: skip


def _plan() -> dict[str, str]:
    kinds = {f"0{two}{third}": "fixed" for two, thirds in _FIXED.items() for third in thirds}
    kinds |= {"0120": "toll_free", "0570": "shared_cost", "0990": "premium"}
    kinds |= {f"060{third}": "personal" for third in _ALL}
    for third in _NO_ZERO:
        kinds |= {f"0{first}0{third}{d}": "mobile" for first in "6789" for d in _ALL}
        kinds |= {f"050{third}{d}": "voip" for d in _ALL}
    kinds |= {f"0800{d}": "toll_free" for d in _ALL}
    kinds |= {f"020{third}{d}": "machine" for third in _ALL for d in _ALL}
    return kinds


KINDS = _plan()
# Numbers that nobody can be rung under: 090-0xxx-xxxx (never 0800, that is freephone),
# 03-0xxx-xxxx. A deduction from the plan, for tests and demonstrations only.
SYNTHETIC = (
    {f"0{first}00{d}": "mobile" for first in "679" for d in _ALL}
    | {f"0{first}0{d}": "fixed" for first in "34" for d in _ALL}
    | KINDS
)

REFUSED = frozenset({"machine", "premium"})  # no person, or at the caller's expense
DOUBTFUL = frozenset({"toll_free", "shared_cost"})  # accepted with a remark: calllist I7

# Nothing but zeros behind the area code or the service's digits: no exchange begins with 0.
# Not more than that: zeros at the end or one digit repeated may be somebody's (calllist I41).
_SERVICES = ("0120", "0570", "0990", "060", "0180")
_LONG_SERVICES = ("020", "050", "060", "070", "080", "090", "0800")


def kind_of(digits: str, *, synthetic: bool) -> str | None:
    """The kind of a complete national number, ASCII digits only, or None if there is none such."""
    if len(digits) not in (10, 11):
        return None
    return (SYNTHETIC if synthetic else KINDS).get(digits[:-FREE_DIGITS])


def is_dummy(digits: str, area_codes: Mapping[str, object]) -> bool:
    """Whether a number of ten or eleven digits has nothing but zeros for its subscriber."""
    if not digits.endswith("0" * FREE_DIGITS):
        return False
    if len(digits) == 11:
        return any(digits == head.ljust(11, "0") for head in _LONG_SERVICES)
    heads = (digits[:2], digits[:3], digits[:4])
    return any(
        digits == head.ljust(10, "0") and (head in area_codes or head in _SERVICES)
        for head in heads
    )
