"""So that "people obtained: 0" means something: whoever had anything would be counted."""

from __future__ import annotations

import base64
from pathlib import Path

from crypto.wire.base import Done
from demo.townsfolk import people
from tests.redteam.loot import Loot, tellable
from tests.redteam.show import last_line
from tests.world import upload_of

FOLK = tellable(people(20, seed=31, subjects=["特定健診"], due="2099-12-31", prefix="A"))


def test_whoever_had_the_file_would_have_everybody() -> None:
    loot = Loot(FOLK)
    loot.add(upload_of(FOLK))
    assert loot.people == FOLK


def test_one_field_of_one_person_in_any_writing_counts_one(tmp_path: Path) -> None:
    person, other = FOLK[0], FOLK[1]
    for written in (
        person.phone.replace("-", "").encode().hex(),
        base64.b64encode(f"xx{person.kana}".encode("cp932")),
        {"view": [("name", person.name.replace("\u3000", ""))]},
        "+81" + person.phone.replace("-", "")[1:],
    ):
        loot = Loot(FOLK)
        loot.add(written)
        assert loot.people == [person]
    (tmp_path / "swap").write_bytes(bytes(5000) + other.name.encode("utf-16-le") + bytes(9))
    loot = Loot(FOLK)
    loot.add_folder(tmp_path)
    assert loot.people == [other]


def test_masks_codes_and_counts_are_nobody() -> None:
    loot = Loot(FOLK)
    loot.add(Done(7))
    loot.add({"phone": f"***-****-*{FOLK[0].phone[-3:]}", "name": FOLK[0].name.split("\u3000")[0]})
    assert loot.people == []


def test_digits_inside_of_a_longer_word_are_nobodys_number() -> None:
    number = FOLK[0].phone.replace("-", "")
    for word in (f"17954{number}", f"{number}9", f"{number}deadbeef", f"a{number}"):
        loot = Loot(FOLK)
        loot.add({"id": word})
        assert loot.people == []
    for alone in (f"tel:{number}", f"{number}\t", f'{{"n":"{number}"}}'):
        loot = Loot(FOLK)
        loot.add(f"17954{number} {alone}")
        assert loot.people == [FOLK[0]]
        assert loot.where == [f"{FOLK[0].reference} as utf-8 in an answer"]


def test_the_last_line_says_how_many_and_no_more() -> None:
    assert last_line(0, 0) == "people obtained: 0"
    assert last_line(9, 16) == (
        "people obtained: 9 (at most the budget 16, every one in the ledger)"
    )
    assert last_line(9, 0) == "people obtained: 9"
    assert last_line(0, 0, "ja") == "得られた人数: 0名 / people obtained: 0"
    assert last_line(9, 16, "ja") == (
        "得られた人数: 9名（上限の16名以内、全員が台帳にあります） / people obtained: 9"
    )
