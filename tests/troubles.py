"""What people and machines do when a platform falters: ask again, and be killed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import psutil

from demo.seat import Refused
from tests.platform import WholePlatform, until

PATIENCE = 120.0  # seconds for everything to be healed
AGAIN = 0.1  # seconds until somebody asks again

T = TypeVar("T")


async def insist(ask: Callable[[], Awaitable[T]], seconds: float = PATIENCE) -> T:
    """Ask until there is an answer; a no is one."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await ask()
            except httpx.TransportError:
                await asyncio.sleep(AGAIN)
            except Refused as refused:
                if refused.status < 500:
                    raise
                await asyncio.sleep(AGAIN)


async def kill(platform: WholePlatform, part: str) -> bool:
    """As `kill -9`, once the part runs. Whether it was still there: it may fall with another."""

    async def there() -> bool:
        return platform.process(part) is not None

    await until(there, f"{part} was started again", PATIENCE)
    try:
        platform.kill(part)
    except psutil.NoSuchProcess:
        return False
    return True
