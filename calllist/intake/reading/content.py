"""What a column holds, judged by its cells: for columns whose header says nothing.

Sure or not at all. Of a kind there must be one column only, nearly all of its filled cells
must have the shape, and its header, if it has one, must not make it somebody else's. A
number of ten bare digits could be an institution's or an account's: it is a phone only where
the numbers are written as phones are, with dashes or brackets, or are mobile numbers.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from calllist.intake.fields import phones
from calllist.intake.reading.headers import NOT_THE_PERSONS, READ_CHARACTERS, is_known
from crypto.records.fields import FieldKind

SAMPLE = 500  # filled cells of a column that are looked at
FEWEST = 3  # filled cells: fewer prove nothing
NEARLY_ALL = 0.9  # of the filled cells
MOST_PHONES = 0.8  # phones are mistyped more often than dates
FILLED = 0.5  # of the rows: a column that is mostly empty is no list's phone column
DISTINCT = 0.5  # names repeat less than categories do
ADULT = 1900, 2015  # years of birth; later dates are appointments
PREFECTURE = "東京都|北海道|(?:大阪|京都)府|.{2,3}県"

_PUNCTUATED = re.compile(r"[-+()‐‑–—―−ー－（）]")
_MOBILE = re.compile(r"\D*0\D*[5-9]\D*0\D*(?:\d\D*){8}")
_KANA = re.compile(r"[ァ-ヺー・ヽヾｦ-ﾟぁ-ゖ\s.・]{2,40}")
_POSTAL = re.compile(r"〒?\s*[0-9]{3}-?[0-9]{4}")
_POSTAL_MARKED = re.compile(r"〒|-")
_DATE = re.compile(r"(19\d\d|20[01]\d)\s*[-/.年]?\s*(?:1[0-2]|0?[1-9])\s*[-/.月]?\s*[0-3]?\d\s*日?")
_ERA = re.compile(
    r"(?:明治|大正|昭和|平成|[MTSH])\s*(?:\d{1,2}|元)\s*[-/.年]\s*\d{1,2}\D\s*\d{1,2}日?"
)
_ANY_DATE = re.compile(
    r"(?:19|20)\d\d\s*[-/.年]?\s*\d{1,2}\s*[-/.月]?\s*\d{1,2}\s*日?(?:[ T][0-9:.]+)?"
)
_ANY_ERA = re.compile(
    r"(?:明治|大正|昭和|平成|令和|[MTSHR])\s*(?:\d{1,2}|元)\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?"
    r"|[MTSHR1-5]\d{6}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(rf"(?:{PREFECTURE}).{{2,}}|.{{1,6}}[市区町村郡].*[0-9一二三四五六七八九十].*")
_KANJI_NAME = re.compile(
    r"[一-鿿豈-﫿\U00020000-\U0003ffff\ue000-\uf8ff々〆ヶヵぁ-ヺー]+(?:\s[^\s\d]+)?"
)

HINTS = {  # what such a column's header says where it is no synonym
    FieldKind.PHONE: re.compile("電話|でんわ|tel|phone|携帯|架電|連絡先"),
    FieldKind.NAME_KANA: re.compile("カナ|かな|仮名|フリ|ふり|ヨミ|よみ|読み"),
    FieldKind.POSTAL: re.compile("郵便|〒|zip|postal"),
    FieldKind.BIRTH_DATE: re.compile("生年|誕生|birth"),
    FieldKind.ADDRESS: re.compile("住所|所在|address"),
}


class Look(NamedTuple):
    """What was seen of one column. Shares are of its filled cells; never a cell."""

    filled: float
    cells: int
    phone: float
    written_as_phone: float
    kana: float
    postal: float
    birth_date: float
    address: float
    name: float
    distinct: float

    @property
    def kind(self) -> FieldKind | None:
        """What it is for sure; None if it could be something else. Never NAME: see `find`."""
        if self.cells < FEWEST:
            return None
        if self.phone >= MOST_PHONES and self.written_as_phone >= MOST_PHONES * self.phone:
            return FieldKind.PHONE if self.filled >= FILLED else None
        for kind, share in (
            (FieldKind.POSTAL, self.postal),
            (FieldKind.BIRTH_DATE, self.birth_date),
            (FieldKind.NAME_KANA, self.kana if self.distinct >= DISTINCT else 0),
            (FieldKind.ADDRESS, self.address),
        ):
            if share >= NEARLY_ALL:
                return kind
        return None


def look(cells: Sequence[str], *, synthetic: bool) -> Look:
    """Look at a column's cells, as many as `SAMPLE` filled ones."""
    written = [cell for cell in cells if cell.strip()]
    sample = [unicodedata.normalize("NFKC", cell[:SAMPLE]).strip() for cell in written[:SAMPLE]]
    count = len(sample) or 1

    def share(pattern: re.Pattern[str]) -> float:
        return sum(1 for cell in sample if pattern.fullmatch(cell)) / count

    dialled = [isinstance(phones.read(c, synthetic=synthetic), phones.Phone) for c in sample]
    looked = [bool(_PUNCTUATED.search(c) or _MOBILE.fullmatch(c)) for c in sample]
    marked = sum(1 for cell in sample if _POSTAL_MARKED.search(cell)) / count
    return Look(
        filled=len(written) / (len(cells) or 1),
        cells=len(sample),
        phone=sum(dialled) / count,
        written_as_phone=sum(map(bool.__and__, dialled, looked)) / count,
        kana=share(_KANA),
        postal=min(share(_POSTAL), marked),
        birth_date=sum(map(_is_birth_date, sample)) / count,
        address=share(_ADDRESS),
        name=share(_KANJI_NAME),
        distinct=len(set(sample)) / count,
    )


def unknown(header: Sequence[str]) -> list[int]:
    """The columns whose header leaves their meaning open."""
    return [
        index
        for index, cell in enumerate(header)
        if not is_known(cell) and not NOT_THE_PERSONS.search(_folded(cell))
    ]


def find(header: Sequence[str], looks: Mapping[int, Look]) -> dict[FieldKind, int | None]:
    """The one column of each kind that is there by its cells; None if several could be it.

    looks: of the columns that are open. Under a header that we do not know the kind has to
    be hinted at by it, but for a phone; a name is only found beside its reading where there
    is no header at all.
    """
    found: dict[FieldKind, int | None] = {}
    hinted: set[FieldKind] = set()
    for index, one in looks.items():
        kind, said = one.kind, _folded(header[index])
        if kind is None:
            continue
        hint = bool(said) and HINTS[kind].search(said) is not None
        if said and not hint and kind is not FieldKind.PHONE:
            continue
        if kind in found and hint == (kind in hinted):
            found[kind] = None
        elif kind not in found or hint:
            found[kind] = index
            hinted |= {kind} if hint else set()
    if not any(header):
        _name_beside(found, looks)
    return found


def _name_beside(found: dict[FieldKind, int | None], looks: Mapping[int, Look]) -> None:
    """The kanji beside the reading: the column before it, or else the one after it."""
    kana = found.get(FieldKind.NAME_KANA)
    if kana is None:
        return
    for index in (kana - 1, kana + 1):
        one = looks.get(index)
        if one and one.kind is None and one.name >= NEARLY_ALL and one.distinct >= DISTINCT:
            found[FieldKind.NAME] = index
            return


def _folded(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell[:READ_CHARACTERS]).casefold().strip()


def _is_birth_date(cell: str) -> bool:
    if _ERA.fullmatch(cell):
        return True
    found = _DATE.fullmatch(cell)
    return found is not None and ADULT[0] <= int(found[1]) <= ADULT[1]


def postal_form(cell: str) -> str:
    """`ok`, or `other_form`: a postal code is seven digits."""
    return "ok" if _POSTAL.fullmatch(_folded(cell)) else "other_form"


def date_form(cell: str) -> str:
    """`gregorian`, `era` or `other_form`."""
    text = unicodedata.normalize("NFKC", cell[:READ_CHARACTERS]).strip()
    if _ANY_DATE.fullmatch(text):
        return "gregorian"
    return "era" if _ANY_ERA.fullmatch(text) else "other_form"
