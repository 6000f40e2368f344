"""The people on the demonstration's lists. All fictional; no number can be dialled.

The same seed makes the same people: tests and screenshots rely on it.
"""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

FAMILIES = (
    ("佐藤", "サトウ"), ("鈴木", "スズキ"), ("髙橋", "タカハシ"), ("田中", "タナカ"),
    ("渡邉", "ワタナベ"), ("伊藤", "イトウ"), ("山本", "ヤマモト"), ("中村", "ナカムラ"),
    ("小林", "コバヤシ"), ("加藤", "カトウ"), ("吉田", "ヨシダ"), ("山﨑", "ヤマサキ"),
    ("森", "モリ"), ("池田", "イケダ"), ("橋本", "ハシモト"), ("石川", "イシカワ"),
    ("前田", "マエダ"), ("小川", "オガワ"), ("岡田", "オカダ"), ("長谷川", "ハセガワ"),
)  # fmt: skip
GIVEN = (
    ("花子", "ハナコ"), ("正雄", "マサオ"), ("和子", "カズコ"), ("茂", "シゲル"),
    ("幸子", "サチコ"), ("清", "キヨシ"), ("節子", "セツコ"), ("博", "ヒロシ"),
    ("洋子", "ヨウコ"), ("勇", "イサム"), ("美智子", "ミチコ"), ("進", "ススム"),
    ("京子", "キョウコ"), ("実", "ミノル"), ("恵子", "ケイコ"), ("昭", "アキラ"),
    ("久美子", "クミコ"), ("豊", "ユタカ"), ("由美", "ユミ"), ("健一", "ケンイチ"),
)  # fmt: skip
QUARTERS = ("中央", "港町", "緑が丘", "本町", "浜通り", "桜台", "新町", "宮の前")
CITY = "みなと野市"  # there is no such city
DISTRICT, DISTRICTS = "地区", ("北部", "南部")  # half of the town each


class Nature(StrEnum):
    """How the telephone is answered."""

    SELF = "self"  # the person, willing
    LATER = "later"  # the person, asks to be called back
    DONE = "done"  # the person, has been examined already
    DAUGHTER = "daughter"  # somebody of the family
    WRONG = "wrong"  # a stranger: wrong number
    REFUSES = "refuses"
    NOBODY = "nobody"  # it rings and rings
    VOICEMAIL = "voicemail"
    MOVED = "moved"
    GONE = "gone"  # number not in service


MIXED: Sequence[Nature] = (
    Nature.SELF, Nature.NOBODY, Nature.SELF, Nature.DAUGHTER, Nature.LATER,
    Nature.SELF, Nature.WRONG, Nature.DONE, Nature.REFUSES, Nature.VOICEMAIL,
    Nature.SELF, Nature.MOVED, Nature.SELF, Nature.GONE, Nature.SELF,
)  # fmt: skip


@dataclass(frozen=True)
class Townsperson:
    """One fictional person as the entrustor's file has it."""

    reference: str
    name: str
    kana: str
    born: date
    phone: str
    postal: str
    address: str
    subject: str
    due: str
    nature: Nature

    def cells(self) -> list[str]:
        """A row under `HEADER`."""
        born = f"{self.born.year}/{self.born.month}/{self.born.day}"
        return [
            self.reference, self.name, self.kana, born, self.postal, self.address,
            self.phone, self.subject, self.due, "",
        ]  # fmt: skip


# The last column is one that no contract here permits: it is dropped unread.
HEADER = (
    "整理番号", "氏名", "フリガナ", "生年月日", "郵便番号", "住所", "電話番号", "対象健診", "期限",
    "備考",
)  # fmt: skip


def people(
    count: int,
    *,
    seed: int,
    subjects: Sequence[str],
    due: str,
    prefix: str,
    natures: Sequence[Nature] = MIXED,
) -> list[Townsperson]:
    """`count` people, no two with the same number or reference."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        (family, family_kana), (given, given_kana) = chance.choice(FAMILIES), chance.choice(GIVEN)
        # A block of numbers per seed: lists of one world never share a number by accident.
        # Never 080-0...: that is 0800, freephone, and somebody answers.
        subscriber = seed * 1000 + number
        mobile = f"0{chance.choice((9, 7))}0-0{subscriber // 10000:03d}-{subscriber % 10000:04d}"
        landline = f"03-0{subscriber // 10000:03d}-{subscriber % 10000:04d}"
        made.append(
            Townsperson(
                reference=f"{prefix}{10_000 + seed * 137 + number:06d}",
                name=f"{family}　{given}",
                kana=f"{family_kana}　{given_kana}",
                born=date(1947, 1, 1) + timedelta(days=chance.randrange(365 * 35)),
                phone=mobile if chance.random() < 0.7 else landline,
                postal=f"000-{chance.randrange(10000):04d}",
                address=f"{CITY}{chance.choice(QUARTERS)}{chance.randint(1, 5)}丁目"
                f"{chance.randint(1, 20)}-{chance.randint(1, 15)}",
                subject=chance.choice(subjects),
                due=due,
                nature=natures[number % len(natures)],
            )
        )
    return made


def household(first: Townsperson, second: Townsperson) -> Townsperson:
    """The second as living with the first: family name, address and telephone in common."""
    given, given_kana = second.name.split("　")[1], second.kana.split("　")[1]
    return Townsperson(
        reference=second.reference,
        name=f"{first.name.split('　')[0]}　{given}",
        kana=f"{first.kana.split('　')[0]}　{given_kana}",
        born=second.born,
        phone=first.phone,
        postal=first.postal,
        address=first.address,
        subject=second.subject,
        due=second.due,
        nature=second.nature,
    )


def file(
    rows: Iterable[Sequence[str]], *, encoding: str = "cp932", districts: bool = False
) -> bytes:
    """A CSV file as Excel writes it. districts: with a column by which lists are called."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*HEADER, DISTRICT] if districts else HEADER)
    for at, row in enumerate(rows):
        writer.writerow([*row, DISTRICTS[at % len(DISTRICTS)]] if districts else row)
    return text.getvalue().encode(encoding)


def troubled_rows(healthy: Sequence[Townsperson]) -> list[list[str]]:
    """Rows with every kind of trouble between healthy ones: the receipt shows each kind.

    The phone cells of rejected rows are no numbers at all, so nobody has them.
    """
    phones = {
        3: "",  # no_phone
        5: "なし",  # no_phone_placeholder
        7: "12-0345",  # no_area_code
        9: "090-0123",  # invalid_number
        11: "000-0000-0000",  # invalid_dummy
        13: "9.0012E+10",  # damaged_number
        15: "119",  # not_callable
        17: "+44 20 7946 0000",  # foreign_number (a range reserved for drama, Ofcom)
        19: healthy[19].phone.lstrip("0"),  # zero_restored, accepted
        21: healthy[21].phone.translate(str.maketrans("0123456789-", "０１２３４５６７８９－")),
        23: f"{healthy[23].phone} / {healthy[24].phone}",  # two numbers in one cell
    }
    rows = [person.cells() for person in healthy]
    for at, phone in phones.items():
        rows[at][6] = phone
    rows[25][1] = "山田\ufffd子"  # damaged_text; only a UTF-8 file can carry it
    rows[26] = rows[26][:4]  # ragged_row
    rows[27][5] = "長" * 2500  # cell_too_long
    rows.append(healthy[0].cells())  # duplicate
    return rows
