"""What was decided: a later decision on the same matter takes an earlier one's place."""

from datetime import UTC, datetime

import pytest

from calllist.mirror.decisions import Decided, overruled

AT = datetime(2026, 4, 7, 1, tzinfo=UTC)


def told(*abouts: str) -> list[bool]:
    """Which of these, in their order, are overruled."""
    found = [Decided(str(n), AT, said.split()[0], said) for n, said in enumerate(abouts)]
    return [one.overruled for one in overruled(found)]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("contract ctr_1 version 1", "contract ctr_1 version 2"),
        ("budget of operator under ctr_1", "contract ctr_1 version 2"),
        ("budget of per_1 under ctr_1", "budget of per_1 under ctr_1"),
        ("party pty_1 approved for ctr_1", "party pty_1 withdrawn from ctr_1"),
        ("party pty_1 approved for ctr_1", "contract ctr_1 version 2"),
        ("list lst_1 held", "list lst_1 no longer held"),
        ("list lst_1 extended", "list lst_1 extended"),
        ("roster per_1 of pty_1 as operator", "roster per_1 of pty_1 as operator"),
        ("recipient of ent_1: aa", "recipient of ent_1: bb"),
    ],
)
def test_a_later_decision_takes_the_place_of_an_earlier_one(earlier: str, later: str) -> None:
    assert told(earlier, later) == [True, False]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("contract ctr_1 version 1", "contract ctr_2 version 1"),
        ("contract ctr_1 version 1", "budget of operator under ctr_1"),
        ("budget of operator under ctr_1", "budget of per_1 under ctr_1"),
        ("budget of per_1 under ctr_1", "party pty_1 approved for ctr_1"),
        ("list lst_1 held", "list lst_1 extended"),
        ("list lst_1 held", "list lst_2 no longer held"),
        ("roster per_1 of pty_1 as operator", "roster per_2 of pty_1 as operator"),
        ("shredding of 2 lists", "shredding of 2 lists"),
    ],
)
def test_another_matter_leaves_it_in_force(earlier: str, later: str) -> None:
    assert told(earlier, later) == [False, False]
