"""Changes of the keystore, one at a time: a new list, or an epoch that ends some.

    intent(s), durable -> new epoch beside the old, verified -> announced, durable -> one rename
    -> old root destroyed, proven useless -> completion(s), durable

Destructions that wait together share an epoch. The heavy part runs on a thread of its own:
opens go on, manifests wait. Space is made from the reserve if the disk is full.
"""

import asyncio
import functools
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from crypto.bookkeeping.journal import Act, Journal
from crypto.errors.keeper import LedgerUnavailable
from crypto.host.reserve import Reserve, is_full
from crypto.keys import inventory
from crypto.keys.keystore import Keystore
from crypto.lists.keyroom import Keyroom
from crypto.lists.letterbox import Letterboxes
from crypto.lists.lifecycle import Lists
from crypto.wire.base import Done
from crypto.wire.lists import Shred

T = TypeVar("T")
Timed = Callable[[datetime], Act]


class Run(Protocol):
    """Runs a step at its moment, durably (`Keeper`)."""

    async def __call__(self, step: Timed, *, ending: bool = False) -> Any:
        """Raises what `Journal.run` does."""


class _Doomed(NamedTuple):
    """A list that waits for its end, and who waits for it."""

    request: Shred
    asking: list[asyncio.Future[Done]]


class Epochs:
    """The keystore's queue."""

    def __init__(
        self,
        journal: Journal,
        keyroom: Keyroom,
        lists: Lists,
        boxes: Letterboxes,
        keystore: Keystore,
        reserve: Reserve,
        run: Run,
    ) -> None:
        self._journal, self._keyroom, self._lists = journal, keyroom, lists
        self._boxes = boxes
        self._keystore, self._reserve, self._run = keystore, reserve, run
        self._turn = asyncio.Lock()
        self._waiting: dict[str, _Doomed] = {}
        self._work: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "epochs")

    async def change(self, step: Timed, *, ending: bool = False) -> Any:
        """Run a step that may stage a list, and note it; what it staged is in force when this
        returns. Goes on though the caller should leave."""
        return await asyncio.shield(asyncio.ensure_future(self._change(step, ending)))

    async def _change(self, step: Timed, ending: bool) -> Any:
        async with self._turn:
            try:
                return await self._run(step, ending=ending)
            except OSError:  # no room to stage it
                raise LedgerUnavailable from None
            finally:
                self._keystore.finish(inventory.recorded(self._journal.db).digest)

    async def shred(self, request: Shred) -> Done:
        """End a list; its completion. Goes on though the caller should leave.

        Raises a Refusal, RootRefused.
        """
        done: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(request.list, _Doomed(request, [])).asking.append(done)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._end_all())
        return await done

    async def close(self) -> None:
        """What is under way is finished first."""
        if self._work is not None:
            await self._work
        self._thread.shutdown()

    async def _end_all(self) -> None:
        """Epoch after epoch, until nobody waits."""
        while self._waiting:
            async with self._turn:
                waiting, self._waiting = self._waiting, {}
                answers = await self._end(waiting)
            for list_id, answer in answers.items():
                for future in waiting[list_id].asking:
                    _settle(future, answer)

    async def _end(self, doomed: Mapping[str, _Doomed]) -> dict[str, Done | Exception]:
        """One epoch ends all of these; for each its completion, or why not."""
        answers = await self._each(
            doomed, lambda name, now: self._keyroom.intend_shred(doomed[name].request, now)
        )
        intended = [name for name, answer in answers.items() if not isinstance(answer, Exception)]
        try:
            if any(name in self._keystore for name in intended):
                await self._begin_epoch()
            if intended:
                await self._apart(self._keystore.retire)
        except Exception as error:
            self._keystore.drop()
            return answers | dict.fromkeys(intended, error)
        return answers | await self._each(intended, self._keyroom.complete_shred)

    async def _begin_epoch(self) -> None:
        survivors, boxes = self._lists.survivors(), self._boxes.survivors()
        digest = await self._apart(lambda: self._keystore.stage_epoch(survivors, boxes))
        await self._run(lambda now: self._announced(digest, now), ending=True)
        await self._apart(self._keystore.commit)

    def _announced(self, digest: bytes, now: datetime) -> Act:
        seq = self._journal.append(
            "epoch", now, epoch=self._keystore.epoch + 1, keystore=digest.hex()
        )
        inventory.announce(self._journal.db, digest, seq)
        return lambda: None

    async def _each(
        self, names: Collection[str], step: Callable[[str, datetime], Act]
    ) -> dict[str, Any]:
        """The same step for every list, in one commit if they fit; answers or refusals."""
        steps = [self._run(functools.partial(step, name), ending=True) for name in names]
        answers = await asyncio.gather(*steps, return_exceptions=True)
        return dict(zip(names, answers, strict=True))

    async def _apart(self, work: Callable[[], T]) -> T:
        """On the thread; once more if the disk was full and the reserve could be let go of."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, work)
        except OSError as error:
            if not is_full(error) or not self._reserve.release():
                raise
            return await loop.run_in_executor(self._thread, work)


def _settle(future: asyncio.Future[Done], answer: Done | BaseException) -> None:
    if future.done():  # the caller has gone
        return
    if isinstance(answer, BaseException):
        future.set_exception(answer)
    else:
        future.set_result(answer)
