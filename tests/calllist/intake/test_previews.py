"""Looking at a file: a process for each look, few at once, and a new look ends the one before."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from calllist.intake.messages import Order
from calllist.intake.previews import AT_ONCE, Previews
from calllist.intake.problems import IntakeError, Problem, TooManyUploads
from crypto.records.fields import FieldKind

pytestmark = pytest.mark.asyncio
ORDER = Order(mode="preview", permitted=tuple(FieldKind), synthetic=True)
FILE = "氏名,電話番号\n架空花子,090-0001-0001\n".encode()


async def whole() -> AsyncIterator[bytes]:
    yield FILE


async def endless() -> AsyncIterator[bytes]:
    yield FILE
    await asyncio.Event().wait()


async def test_who_looks_again_gives_up_the_look_before() -> None:
    previews = Previews()
    first = asyncio.create_task(previews.look("per_1", ORDER, endless()))
    await asyncio.sleep(0)
    told = await previews.look("per_1", ORDER, whole())
    assert (told.rows, told.columns[1].parsed) == (1, {"mobile": 1})
    with pytest.raises(IntakeError) as given_up:
        await first
    assert given_up.value.code == Problem.DISCONNECTED


async def test_few_look_at_once_and_a_place_is_free_again_afterwards() -> None:
    previews = Previews()
    looks = [
        asyncio.create_task(previews.look(f"per_{n}", ORDER, endless())) for n in range(AT_ONCE)
    ]
    await asyncio.sleep(0)
    with pytest.raises(TooManyUploads):
        await previews.look("per_x", ORDER, whole())
    for look in looks:
        look.cancel()
    await asyncio.gather(*looks, return_exceptions=True)
    assert (await previews.look("per_x", ORDER, whole())).rows == 1
