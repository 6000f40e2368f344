"""Nobody is ever rung by the demonstration, and its files show what they are meant to show."""

import phonenumbers
import pytest

from calllist.intake.fields import phones
from calllist.intake.problems import Code
from demo.callee import Callee, recall, remember
from demo.townsfolk import HEADER, Nature, file, household, people, troubled_rows


@pytest.mark.parametrize("seed", [1, 2, 3, 9])
def test_no_number_can_be_dialled(seed: int) -> None:
    for person in people(300, seed=seed, subjects=["特定健診"], due="2026-12-31", prefix="H"):
        assert not phonenumbers.is_valid_number(phonenumbers.parse(person.phone, "JP"))
        assert isinstance(phones.read(person.phone, synthetic=True), phones.Phone)
        assert not isinstance(phones.read(person.phone, synthetic=False), phones.Phone)


def test_no_two_people_share_a_number_or_a_reference_unless_they_live_together() -> None:
    folk = [
        person
        for seed in (1, 2, 3)
        for person in people(200, seed=seed, subjects=["x"], due="", prefix=f"{seed}")
    ]
    assert len({person.phone for person in folk}) == len(folk)
    assert len({person.reference for person in folk}) == len(folk)
    together = household(folk[0], folk[1])
    assert together.phone == folk[0].phone
    assert together.reference != folk[0].reference


def test_the_troubled_file_has_every_kind_of_rejection_in_a_phone_column() -> None:
    rows = troubled_rows(people(40, seed=3, subjects=["x"], due="", prefix="H"))
    verdicts = {phones.read(row[6], synthetic=True) for row in rows if len(row) == len(HEADER)}
    assert verdicts >= {
        Code.NO_PHONE,
        Code.NO_PHONE_PLACEHOLDER,
        Code.NO_AREA_CODE,
        Code.INVALID_NUMBER,
        Code.INVALID_DUMMY,
        Code.DAMAGED_NUMBER,
        Code.NOT_CALLABLE,
        Code.FOREIGN_NUMBER,
    }
    hows = {verdict.how for verdict in verdicts if isinstance(verdict, phones.Phone)}
    assert hows == {"ok", "normalised", "zero_restored"}
    assert file(rows, encoding="utf-8-sig").startswith(b"\xef\xbb\xbf")


def test_a_callee_answers_differently_the_second_time(tmp_path) -> None:
    absent = next(
        person
        for person in people(20, seed=1, subjects=["x"], due="", prefix="H")
        if person.nature is Nature.NOBODY
    )
    remember(tmp_path / "callees.json", "lst_1", {2: Callee.of(absent)})
    callee = recall(tmp_path / "callees.json", "lst_1", 2)
    assert callee is not None
    assert callee.now(0) is Nature.NOBODY
    assert callee.now(1) is Nature.SELF
    assert callee.says(0, "ja")[-1] == "結果の例 → 不在（応答なし）"
    assert recall(tmp_path / "callees.json", "lst_1", 3) is None
    assert recall(tmp_path / "callees.json", "lst_2", 2) is None
