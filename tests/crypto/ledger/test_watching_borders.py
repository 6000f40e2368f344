"""What a witness is shown that is nearly right: two heads of one size, months that do not chain."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crypto.bookkeeping import signing
from crypto.ledger.checkpoint import Note, cosign, parse, verify
from crypto.ledger.reading import read_note
from crypto.ledger.watching import Inconsistent, Watch
from tests.crypto.ledger.test_watching import AT, KEY, grown, shown
from tests.crypto.logs import KEY as LOG_KEY
from tests.crypto.logs import PUBLIC, Log

Watched = Callable[[str], bytes]


def test_a_month_that_was_kept_is_not_left_out(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "kept", PUBLIC)
    watch.look(shown(grown(tmp_path / "one", april=50, turns=1)), KEY, AT)
    log = Log(tmp_path / "without May")
    log.grow(50, principal="a")
    begins(log, "2026-06", {"kind": "shard", "month": "2026-06", "previous": log.publish()})
    with pytest.raises(Inconsistent, match="2026-05 is left out"):
        watch.look(shown(log.folder), KEY, AT)


def test_a_log_may_grow_while_it_is_looked_at_and_does_not_shrink(tmp_path: Path) -> None:
    """The head that is cosigned is the one that was proven: the later of the two."""
    watch = Watch(tmp_path / "kept", PUBLIC)
    watch.look(shown(grown(tmp_path / "one", april=50)), KEY, AT)
    less = shown(grown(tmp_path / "less", april=60, turns=1, june=9))
    more = shown(grown(tmp_path / "more", april=60, turns=1, june=20))

    def after(first: Watched, then: Watched) -> Watched:
        return lambda path: (first if path == "checkpoint" else then)(path)

    with pytest.raises(Inconsistent, match="two ways"):
        watch.look(after(more, less), KEY, AT)
    seen = watch.look(after(less, more), KEY, AT)
    assert (seen.head.month, seen.head.size) == ("2026-05", 21)
    assert parse(seen.note).checkpoint == seen.head


def test_one_size_has_one_head(tmp_path: Path) -> None:
    """Two heads of as many lines are two logs, and neither of them is cosigned."""
    watch = Watch(tmp_path / "kept", PUBLIC)
    before = watch.look(shown(grown(tmp_path / "one", april=50)), KEY, AT)
    twins = []
    for who in "ab":
        log = Log(tmp_path / who)
        log.grow(60, principal="a")
        log.turn()
        log.grow(9, principal=who)
        log.publish()
        twins.append(shown(log.folder))
    with pytest.raises(Inconsistent, match="two ways"):
        watch.look(lambda path: twins[path != "checkpoint"](path), KEY, AT)
    assert watch.kept() == (before.note, before.head)


@pytest.mark.parametrize("month", ["2026-05", "2026-06"])
def test_a_month_is_not_shown_for_another(tmp_path: Path, month: str) -> None:
    watch = Watch(tmp_path / "kept", PUBLIC)
    watch.look(shown(grown(tmp_path / "one", april=50)), KEY, AT)
    folders = []
    for june in (9, 20):
        log = Log(tmp_path / f"{june}")
        log.grow(60, principal="a")
        for lines in (30, june):
            log.turn()
            log.grow(lines, principal="a")
        log.publish()
        folders.append(shown(log.folder))
    (whole, later), asked = folders, []

    def fetch(path: str) -> bytes:
        asked.append(path)
        assert len(asked) < 5, "it goes round in a circle"
        other = {"2026-05": "2026-06", "2026-06": "2026-05"}[month]
        return later(f"{other}/opening") if path == f"{month}/opening" else whole(path)

    with pytest.raises(Inconsistent, match=f"{month} ends in two ways"):
        watch.look(fetch, KEY, AT)


@pytest.mark.parametrize(
    ("old", "new", "asked"),
    [
        (0, 3, []),
        (1, 2, ["2026-04/consistency?old=1&new=2"]),
        (3, 3, []),
        (3, 2, []),
    ],
)
def test_growth_is_asked_for_where_there_is_some(
    tmp_path: Path, old: int, new: int, asked: list[str]
) -> None:
    watch, said = Watch(tmp_path / "kept", PUBLIC), []
    watch.look(shown(grown(tmp_path / "old", april=old)), KEY, AT)
    later = shown(grown(tmp_path / "new", april=new))

    def fetch(path: str) -> bytes:
        said.append(path)
        return later(path)

    if new < old:
        with pytest.raises(Inconsistent):
            watch.look(fetch, KEY, AT)
    else:
        assert watch.look(fetch, KEY, AT).head.size == new
    assert said == ["checkpoint", *asked]


def test_of_a_head_that_others_signed_too_the_logs_own_signature_is_kept(tmp_path: Path) -> None:
    folder = grown(tmp_path / "one", april=50)
    note = parse(read_note(folder / "2026-04" / "checkpoint"))
    other = cosign(note.checkpoint, "other.example", KEY.key, AT)
    text = str(Note(note.checkpoint, (other, *note.signatures)))
    seen = Watch(tmp_path / "kept", PUBLIC).look(lambda _: text.encode(), KEY, AT)
    assert verify(seen.note, PUBLIC) == note.checkpoint
    assert [one.name for one in parse(seen.note).signatures] == [
        note.checkpoint.origin,
        KEY.name,
    ]


def test_what_a_crash_left_and_what_is_no_text_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir(mode=0o777)
    assert Watch(tmp_path / "kept", PUBLIC).kept() is None
    (tmp_path / "kept").rmdir()
    watch = Watch(tmp_path / "deep" / "kept", PUBLIC)
    seen = watch.look(shown(grown(tmp_path / "one", april=50)), KEY, AT)
    (tmp_path / "deep" / "kept" / "2026-05.new").write_text("half a")
    assert watch.kept() == (seen.note, seen.head)
    assert (tmp_path / "deep" / "kept").stat().st_mode & 0o777 == 0o700
    with pytest.raises(Inconsistent, match="no text"):
        watch.look(lambda _: b"\xff", KEY, AT)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"kind": "open"}, "not chained"),
        ({"month": "2026-07"}, "not chained"),
        ({"previous": signing.sign("2026-05", 3, bytes(32), LOG_KEY)}, "not chained"),
        ({"previous": signing.sign("2026-06", 3, bytes(32), LOG_KEY)}, "not chained"),
        ({"previous": ""}, "form"),
        ({"previous": None}, "form"),
    ],
)
def test_a_signed_first_line_that_does_not_chain_is_refused(
    tmp_path: Path, facts: dict, why: str
) -> None:
    watch = Watch(tmp_path / "kept", PUBLIC)
    watch.look(shown(grown(tmp_path / "one", april=50)), KEY, AT)
    log = Log(tmp_path / "unchained")
    log.grow(60, principal="a")
    chained = {"kind": "shard", "month": "2026-05", "previous": log.publish()}
    begins(log, "2026-05", chained | facts)
    with pytest.raises(Inconsistent, match=why):
        watch.look(shown(log.folder), KEY, AT)


def begins(log: Log, month: str, facts: dict) -> None:
    """A month with such a first line, published."""
    log.first, log.entries = log.seq, []
    log.months.append(month)
    log.line(**facts)
    log.publish()
