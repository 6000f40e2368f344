"""What the person on the phone would say: the card beside the desk.

The desk shows a masked person; in earnest somebody answers the telephone. Here nobody can be
called, so this card speaks. It knows its lines from the files that the demonstration itself
wrote (`<home>/demo/callees.json`), never from the product, which could not tell it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calllist.entrustors.purposes import Purpose
from calllist.web import words
from calllist.web.i18n import translate
from demo.townsfolk import Nature, Townsperson

# Whoever did not answer the first time does so the second time.
SECOND_TIME = {
    Nature.NOBODY: Nature.SELF,
    Nature.VOICEMAIL: Nature.SELF,
    Nature.DAUGHTER: Nature.SELF,
    Nature.LATER: Nature.SELF,
}

_LINES: dict[Nature, tuple[str, str]] = {
    Nature.SELF: (
        "「はい、{family}です。…本人ですが。」",
        "“Yes, {family} speaking. ... That is me.”",
    ),
    Nature.LATER: (
        "「{family}です。いま手が離せないので、あとでかけ直してください。」",
        "“{family} here. I am busy just now, please call again later.”",
    ),
    Nature.DONE: (
        "「{family}です。その健診なら、先月もう受けましたよ。」",
        "“{family} here. I was examined last month already.”",
    ),
    Nature.DAUGHTER: (
        "「娘です。{family}はいま出かけております。どのようなご用件ですか。」(伏せます)",
        "“This is the daughter. {family} is out. What is it about?” (do not say)",
    ),
    Nature.WRONG: (
        "「え？ うちは違いますよ。その名前の者はおりません。」",
        "“Sorry? Nobody of that name lives here.”",
    ),
    Nature.REFUSES: (
        "「{family}ですが、こういう電話はもうかけてこないでください。」",
        "“{family} here. Do not call me again.”",
    ),
    Nature.NOBODY: ("(呼出音が続きます。誰も出ません。)", "(It rings and rings. Nobody answers.)"),
    Nature.VOICEMAIL: (
        "(留守番電話です。「発信音のあとにお話しください。」)",
        "(Voicemail: “please speak after the tone.”)",
    ),
    Nature.MOVED: (
        "「前にここに住んでいた方でしょう。引っ越されたと聞いています。」",
        "“They used to live here. I hear they moved away.”",
    ),
    Nature.GONE: (
        "(「おかけになった電話番号は、現在使われておりません。」)",
        "(“The number you have dialled is not in service.”)",
    ),
}
_RESULTS = {
    Nature.SELF: 10, Nature.LATER: 12, Nature.DONE: 14, Nature.DAUGHTER: 20, Nature.WRONG: 41,
    Nature.REFUSES: 50, Nature.NOBODY: 30, Nature.VOICEMAIL: 31, Nature.MOVED: 60,
    Nature.GONE: 40,
}  # fmt: skip
_KNOWS_ITSELF = frozenset({Nature.SELF, Nature.LATER, Nature.DONE, Nature.REFUSES})


@dataclass(frozen=True)
class Callee:
    """What the demonstration remembers about one line of one of its files."""

    family: str
    born: str
    address: str
    reference: str
    nature: Nature

    @classmethod
    def of(cls, person: Townsperson) -> Callee:
        born = f"{person.born.year}年{person.born.month}月{person.born.day}日"
        family = person.kana.split("　")[0]
        return cls(family, born, person.address, person.reference, person.nature)

    def now(self, attempts: int) -> Nature:
        """How the telephone is answered after so many attempts."""
        return SECOND_TIME.get(self.nature, self.nature) if attempts else self.nature

    def says(self, attempts: int, lang: str) -> list[str]:
        """What is heard, what is answered when asked, and the result that would fit."""
        nature = self.now(attempts)
        japanese = lang == "ja"
        heard = _LINES[nature][0 if japanese else 1].format(family=self.family)
        told = (
            f"本人確認には → 生年月日「{self.born}」、住所「{self.address}」"
            if japanese
            else f"When asked → born “{self.born}”, address “{self.address}”"
        )
        # Only the health check's people know codes whose words depend on the purpose.
        result = translate(lang, words.result(_RESULTS[nature], Purpose.HEALTH_CHECK))
        fits = f"結果の例 → {result}" if japanese else f"A fitting result → {result}"
        return [heard, told, fits] if nature in _KNOWS_ITSELF else [heard, fits]

    @property
    def result(self) -> int:
        """The result code that fits the first answer."""
        return _RESULTS[self.nature]


def remember(file: Path, list_id: str, callees: dict[int, Callee]) -> None:
    """Keep the callees of one uploaded list, by line of its file."""
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    known[list_id] = {str(line): vars(callee) for line, callee in callees.items()}
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(json.dumps(known, ensure_ascii=False))


def recall(file: Path, list_id: str, line: int) -> Callee | None:
    """The callee of one line, or None for a list that the demonstration did not bring."""
    if not file.exists():
        return None
    found = json.loads(file.read_text()).get(list_id, {}).get(str(line))
    if found is None:
        return None
    return Callee(**{**found, "nature": Nature(found["nature"])})


def by_reference(file: Path, masked: str) -> Callee | None:
    """The callee whose reference number ends like a masked one (****123)."""
    for lines in json.loads(file.read_text()).values():
        for found in lines.values():
            if masked and found["reference"].endswith(masked[-3:]):
                return Callee(**{**found, "nature": Nature(found["nature"])})
    return None
