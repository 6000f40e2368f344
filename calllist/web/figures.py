"""Counts as parts of bars: the same colours and words wherever progress is shown."""

from collections.abc import Iterable

from calllist.jobs.states import ListState
from calllist.jobs.tables import CallList
from calllist.oversight.progress import Progress
from calllist.web.i18n import N_, translate
from calllist.web.plots import Part

DONE = N_("対応終了")
IN_HAND = N_("対応中")
WAITING = N_("再架電待ち")
FRESH = N_("未着手")
UNCALLED = N_("架電せず終了")
LEFT = N_("残り")


def percent(done: int, people: int) -> int:
    """Whole percent, never 100 before the last one."""
    return 100 * done // people if people else 0


def accepted(row: CallList) -> int:
    """People of a list as its receipt counted them; none if another list goes on with them."""
    if row.continued_by is not None:
        return 0
    return int(row.receipt["accepted"]) if row.receipt else 0


def parts(rows: Iterable[Progress], lang: str) -> list[Part]:
    """How far lists have come, as the stretches of one bar."""
    done = in_hand = waiting = fresh = uncalled = 0
    for row in rows:
        done += row.done
        if row.call_list.state == ListState.OVER:
            uncalled += row.people - row.done
        else:
            in_hand, waiting, fresh = (
                in_hand + row.in_hand,
                waiting + row.waiting,
                fresh + row.fresh,
            )
    counted = [
        ("bar-done", DONE, done),
        ("bar-hand", IN_HAND, in_hand),
        ("bar-again", WAITING, waiting),
        ("bar-fresh", FRESH, fresh),
    ]
    if uncalled:
        counted.append(("bar-over", UNCALLED, uncalled))
    return [Part(colour, translate(lang, label), count) for colour, label, count in counted]


def in_short(done: int, left: int, people: int, lang: str) -> list[Part]:
    """The short form of the same; who is neither done nor left was not called to the end."""
    return [
        Part("bar-done", translate(lang, DONE), done),
        Part("bar-fresh", translate(lang, LEFT), left),
        Part("bar-over", translate(lang, UNCALLED), people - done - left),
    ]


def result(code: int, count: int, *, final: bool) -> Part:
    """A result's share: reached and done, ended otherwise, or to be called again."""
    if not final:
        return Part("bar-again", str(code), count)
    return Part("bar-done" if code < 20 else "bar-ended", str(code), count)
