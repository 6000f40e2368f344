"""The ledger as others see it: events in, heads and pages of lines out."""

from __future__ import annotations

from pathlib import Path

import pytest

from crypto.errors.keeper import BadFrame, BadNote, UnknownLine
from crypto.keeper import logbook
from crypto.ledger.checkpoint import parse
from crypto.wire.ledger import Confront, Cosign, Entries, Event, Head, ProveConsistency
from tests.crypto.world import World

pytestmark = pytest.mark.asyncio


async def test_an_event_has_twelve_ids_at_most_and_no_room_for_contents(world: World) -> None:
    def refs(count: int) -> dict[str, str]:
        return {f"of_{n}": f"id_{n}" for n in range(count)}

    await world.say(Event("list_received", refs(logbook.EVENT_REFS)))
    for code, said in (
        ("list_received", refs(logbook.EVENT_REFS + 1)),
        ("two words", {}),
        ("x", {"of": "山田"}),
        ("x", {"a b": "c"}),
        ("x" * 65, {}),
    ):
        with pytest.raises(BadFrame):
            await world.say(Event(code, said))
    assert len(world.lines("event")) == 1


@pytest.mark.parametrize("code", sorted(logbook.ENDING))
async def test_what_ends_something_has_room_when_the_day_is_full_of_other_events(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(logbook, "EVENTS_EACH", 2)
    for _ in range(2):
        await world.say(Event("operator_assigned", {"by": "per_m"}))
    with pytest.raises(Exception, match="event_quota"):
        await world.say(Event("operator_assigned", {"by": "per_m"}))
    await world.say(Event(code, {"by": "per_m"}))


async def test_a_page_of_lines_is_bounded_in_bytes_and_never_empty(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        await world.say(Event("x", {}))
    last = (await world.say(Head())).size - 6
    lines = (await world.say(Entries(last, 10))).entries
    assert len(lines) == 6
    one, two, three = (sum(map(len, lines[:count])) for count in (1, 2, 3))
    for room, told in ((1, 1), (one, 1), (two - 1, 1), (two, 2), (three - 1, 2), (9**9, 6)):
        monkeypatch.setattr(logbook, "REPLY_BYTES", room)
        assert (await world.say(Entries(last, 10))).entries == lines[:told], room


async def test_before_its_first_line_a_ledger_has_no_head(tmp_path: Path) -> None:
    fresh = await World.at(tmp_path / "fresh")
    told = await fresh.say(Head())
    await fresh.stop()
    assert (told.size, told.checkpoint) == (0, "")


async def test_the_head_that_is_told_is_that_of_the_last_line(world: World) -> None:
    for _ in range(3):
        await world.say(Event("x", {}))
        told = await world.say(Head())
        note = parse(told.checkpoint)
        assert note.checkpoint.size == told.size == len(world.lines())


async def test_a_month_has_grown_from_its_own_size_and_from_no_larger_one(world: World) -> None:
    told = await world.say(Head())
    month = parse(told.checkpoint).checkpoint.month
    assert (await world.say(ProveConsistency(month, told.size))).hashes == ()
    with pytest.raises(UnknownLine):
        await world.say(ProveConsistency(month, told.size + 1))


async def test_what_is_no_head_is_neither_confronted_nor_cosigned(world: World) -> None:
    head = await world.say(Head())
    for text in ("", "no note", head.checkpoint.replace("\n", "\n\n")):
        for verb in (Confront, Cosign):
            with pytest.raises(BadNote):
                await world.say(verb(text))
    assert (await world.say(Confront(head.checkpoint))).seq == head.size - 1
