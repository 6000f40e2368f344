"""Does the keeper answer? Asked once a second at most, however many desks want to know."""

import asyncio
import time

from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head

GOOD_FOR = 1.0  # seconds that one answer, or none, counts for everybody


class Pulse:
    """Of one web process and its keeper."""

    def __init__(self, keeper: KeeperClient) -> None:
        self._keeper, self._asking = keeper, asyncio.Lock()
        self._until, self._trouble = 0.0, ""

    async def check(self) -> None:
        """Raises KeeperUnavailable if it did not answer when it was last asked."""
        async with self._asking:
            if time.monotonic() >= self._until:
                self._trouble = await self._ask()
                self._until = time.monotonic() + GOOD_FOR
        if self._trouble:
            raise KeeperUnavailable(self._trouble)

    async def _ask(self) -> str:
        """What was wrong, if anything. A refusal is an answer."""
        try:
            await self._keeper.call(Head())
        except KeeperUnavailable as away:
            return str(away) or type(away).__name__
        except Refusal:
            return ""
        return ""
