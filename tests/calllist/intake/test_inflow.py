"""A body that outlives its connection: no byte twice, none lost, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from calllist.intake.inflow import (
    WAITING_BLOCKS,
    Inflow,
    LineBroken,
    OffsetDiffers,
    TooSilent,
    in_time,
)

pytestmark = pytest.mark.asyncio
BODY = bytes(range(256)) * 16
LONG = 30.0


async def line(body: bytes, *, size: int = 100, breaks: bool = False) -> AsyncIterator[bytes]:
    """A request's body in blocks; it may break off at its end."""
    for at in range(0, len(body), size):
        yield body[at : at + size]
    if breaks:
        raise ConnectionResetError


async def silent(begun: asyncio.Event) -> AsyncIterator[bytes]:
    """A line that is dead, and nobody has noticed."""
    begun.set()
    await asyncio.Event().wait()
    yield b"never"


async def whole(inflow: Inflow) -> bytes:
    return b"".join([block async for block in inflow])


async def test_a_later_request_goes_on_where_the_line_broke() -> None:
    inflow = Inflow()
    reader = asyncio.create_task(whole(inflow))
    with pytest.raises(LineBroken):
        await inflow.feed(0, line(BODY[:1050], breaks=True))
    assert inflow.offset == 1050
    for wrong in (0, 1049, 1051):
        with pytest.raises(OffsetDiffers) as differs:
            await inflow.feed(wrong, line(BODY[wrong:]))
        assert differs.value.offset == 1050
    await inflow.feed(1050, line(BODY[1050:], size=77))
    assert await reader == BODY


async def test_a_line_that_is_dead_unnoticed_is_taken_over_and_changes_nothing_more() -> None:
    inflow, begun = Inflow(), asyncio.Event()
    reader = asyncio.create_task(whole(inflow))
    dead = asyncio.create_task(inflow.feed(0, silent(begun)))
    await begun.wait()
    await inflow.feed(0, line(BODY))
    with pytest.raises(LineBroken):
        await dead
    assert await reader == BODY


async def test_memory_holds_some_blocks_and_no_more() -> None:
    """And a block that was not taken over is not counted: it is sent again."""
    inflow = Inflow()
    waiting = asyncio.create_task(inflow.feed(0, line(BODY)))
    for _ in range(50 * WAITING_BLOCKS):  # turns of the loop: far more than it takes
        await asyncio.sleep(0)
    assert inflow.offset == 100 * WAITING_BLOCKS
    reader = asyncio.create_task(whole(inflow))
    await waiting
    assert await reader == BODY


async def test_what_waits_for_room_when_another_takes_over_is_not_taken() -> None:
    inflow = Inflow()
    waiting = asyncio.create_task(inflow.feed(0, line(BODY)))
    for _ in range(50 * WAITING_BLOCKS):
        await asyncio.sleep(0)
    taken = inflow.offset
    later = asyncio.create_task(inflow.feed(taken, line(BODY[taken:])))
    with pytest.raises(LineBroken):
        await waiting
    assert await whole(inflow) == BODY
    await later


async def test_a_silent_line_ends_the_upload() -> None:
    inflow, begun = Inflow(patience=0.01), asyncio.Event()
    feeding = asyncio.create_task(inflow.feed(0, silent(begun)))
    async with asyncio.timeout(5):
        with pytest.raises(TooSilent):
            await whole(inflow)
    inflow.over()
    await feeding


async def test_what_is_cut_fails_and_what_is_refused_reads_no_more() -> None:
    inflow, begun = Inflow(), asyncio.Event()
    feeding = asyncio.create_task(inflow.feed(0, silent(begun)))
    await begun.wait()
    inflow.cut()
    with pytest.raises(TooSilent):
        await whole(inflow)
    with pytest.raises(LineBroken):
        await feeding
    refused = Inflow()
    feeding = asyncio.create_task(refused.feed(0, silent(asyncio.Event())))
    await asyncio.sleep(0)
    refused.over()
    await feeding
    await refused.feed(7, line(BODY))  # whatever is said: nobody reads it
    assert refused.offset == 0


async def endless(*, silent: bool) -> AsyncIterator[bytes]:
    while True:
        yield b"x"
        await (asyncio.Event().wait() if silent else asyncio.sleep(0))


@pytest.mark.parametrize(
    ("silent", "patience", "longest"), [(True, 0.02, 3600), (True, 3600, 0.02), (False, 3600, 0.02)]
)
async def test_no_body_is_waited_for_without_an_end(
    silent: bool, patience: float, longest: float
) -> None:
    async with asyncio.timeout(LONG):
        with pytest.raises(TooSilent):
            async for _ in in_time(endless(silent=silent), patience, longest):
                pass


async def test_what_comes_in_time_is_handed_on_as_it_came() -> None:
    async def body() -> AsyncIterator[bytes]:
        for block in (b"refusals", b"", b"list"):
            yield block

    assert [block async for block in in_time(body())] == [b"refusals", b"", b"list"]
