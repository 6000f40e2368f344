"""Withdrawal files are read by a process each: few at once, and of a person one."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from calllist.intake.problems import TooManyUploads
from calllist.intake.withdrawing import AT_ONCE, WithdrawalFiles

pytestmark = pytest.mark.asyncio
FILE = "整理番号\nK-1\nK-2\n".encode()


async def whole() -> AsyncIterator[bytes]:
    yield FILE


async def endless() -> AsyncIterator[bytes]:
    yield FILE
    await asyncio.Event().wait()


async def test_few_files_are_read_at_once_and_of_a_person_one() -> None:
    files = WithdrawalFiles()
    reading = [asyncio.create_task(files.rows("per_0", endless()))]
    await asyncio.sleep(0)
    with pytest.raises(TooManyUploads):
        await files.rows("per_0", whole())
    reading += [asyncio.create_task(files.rows(f"per_{n}", endless())) for n in range(1, AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyUploads):
        await files.rows("per_x", whole())
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    assert await files.rows("per_0", whole()) == [(2, "K-1"), (3, "K-2")]
