"""Who repeats whom: the second resident of a landline is called too, nobody twice."""

from hypothesis import given
from hypothesis import strategies as st

from calllist.intake.fields.persons import likenesses
from calllist.intake.reading.repetitions import Repetitions
from crypto.records import forms

LANDLINE = "+81300012345"


def repeats(*rows: tuple[str, str, str], number: str = LANDLINE) -> list[bool]:
    """Whether each row (reference, name, reading) repeats an earlier one."""
    references, names, kanas = (list(column) for column in zip(*rows, strict=True))
    said, filed = likenesses(len(rows), forms.references(references), names, kanas)
    lines = range(len(rows))
    found = Repetitions().of_persons([hash(number)] * len(rows), said, filed, lines)
    return [index in dict(found) for index in lines]


def test_a_couple_shares_a_landline() -> None:
    assert (
        repeats(("1", "山田太郎", ""), ("2", "山田花子", ""), ("", "山田一郎", "")) == [False] * 3
    )


def test_the_same_number_and_the_same_reference_or_name_is_the_same_person() -> None:
    assert repeats(("1", "山田花子", ""), ("1", "山田ハナコ", "")) == [False, True]
    assert repeats(("1", "山田花子", ""), ("2", "山田花子", "")) == [False, True]
    assert repeats(("1", "", ""), ("１", "", "")) == [False, True]
    assert repeats(("A-1", "", ""), ("a‐1", "", "")) == [False, True]
    assert repeats(("1-11", "", ""), ("11-1", "", "")) == [False, False]


def test_names_are_compared_in_their_derived_form() -> None:
    same = ["山田　花子", "山田花子", "山田 花子様", "山田花子殿"]
    assert repeats(*(("", name, "") for name in same)) == [False, True, True, True]
    read = ["ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダハナコ", "やまだ　はなこ"]
    assert repeats(*(("", "", kana) for kana in read)) == [False, True, True]
    assert repeats(("", "ヤマダハナコ", ""), ("", "", "ﾔﾏﾀﾞ ﾊﾅｺ")) == [False, True]
    assert repeats(("", "Yamada Hanako", ""), ("", "YAMADA HANAKO", "")) == [False, True]


def test_names_that_only_read_alike_are_two_people() -> None:
    assert repeats(("", "山田恵子", "ヤマダケイコ"), ("", "山田敬子", "ヤマダケイコ")) == [
        False,
        False,
    ]


def test_a_row_with_neither_repeats_only_rows_with_neither() -> None:
    assert repeats(("", "", ""), ("", "", ""), ("", "山田花子", "")) == [False, True, False]
    assert likenesses(2, None, None, None) == ([0, 0], [0, 0])


def test_a_reference_is_no_name_and_another_number_another_person() -> None:
    assert repeats(("山田", "", ""), ("", "山田", "")) == [False, False]
    alike = [[hash("山田")] * 2, [hash("1")] * 2, range(2)]
    assert Repetitions().of_persons([hash(LANDLINE), hash(LANDLINE[:-1])], *alike) == []


NAMES = st.lists(
    st.text(max_size=6) | st.text("山田　 花子様さんﾔﾏﾀﾞやまだ-ー\n", max_size=10), min_size=1
)


@given(NAMES)
def test_a_column_of_forms_is_the_form_of_each(texts: list[str]) -> None:
    for column in (texts, ["山田\0花子", *texts]):
        assert forms.persons(column) == [forms.person(text) for text in column]
    assert forms.references(texts) == [forms.reference(text) for text in texts]
