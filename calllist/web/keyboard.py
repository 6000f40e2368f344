"""The result buttons of the desk: in which group they stand and which key presses them.

A code keeps its key under every contract: hands learn places, not words. The most frequent
ends of a call have the number keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from calllist.entrustors.codes import CodeRule, Next
from calllist.web import words
from calllist.web.i18n import N_

GROUPS: tuple[tuple[str, dict[int, str]], ...] = (
    (N_("つながらない"), {30: "1", 31: "2", 32: "3", 33: "4"}),
    (N_("ご本人"), {10: "5", 11: "6", 12: "7", 13: "8", 14: "9", 15: "0", 22: "O", 23: "P"}),
    (N_("ご本人以外・番号"), {20: "Q", 21: "Z", 41: "W", 43: "-", 40: "E", 42: "R"}),
    (N_("終了・中断"), {50: "T", 51: "Y", 60: "U", 90: "I"}),
)
FOR_EVER = frozenset({40, 41, 42, 50, 60})  # shown as an end: nobody rings this person again


@dataclass(frozen=True)
class Button:
    """One result that the operator may choose."""

    code: int
    label: str  # msgid
    key: str
    when: bool  # asks for a time
    ends: bool


def groups(permitted: Iterable[CodeRule], purpose: str) -> list[tuple[str, list[Button]]]:
    """The buttons for the permitted codes; empty groups are left out."""
    rules = {rule.code: rule for rule in permitted}
    made = [
        (
            title,
            [
                Button(
                    code,
                    words.result(code, purpose),
                    key,
                    rules[code].next is Next.CALL_BACK,
                    code in FOR_EVER,
                )
                for code, key in keys.items()
                if code in rules
            ],
        )
        for title, keys in GROUPS
    ]
    return [(title, buttons) for title, buttons in made if buttons]
