"""A keeper for rough handling: real files, real conversations, as new whenever wanted.

    async with Rough(folder) as keeper:
        replies = await keeper.hears(Caller.WEB, data)      # all it says until it hangs up

What must never happen is raised as `Broken`: an error that is no refusal, an answer to what
is no verb or to a class that may not say it, a conversation without an end.
"""

import asyncio
import logging
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from crypto.errors.keeper import NotAllowed
from crypto.keeper.conversation import LENGTH_BYTES, Limits, Switchboard
from crypto.records.fields import FieldKind
from crypto.wire.base import Caller, Refused, Reply
from crypto.wire.frames import decode_reply, decode_request
from crypto.wire.lists import Freeze
from crypto.wire.records import Open, SealedRecord
from crypto.wire.transfers import Offer
from tests.crypto.world import START, World, townsfolk
from tests.fuzz.grammar import Stock

HANG_SECONDS = 10.0  # no verb takes a tenth of that, even on a busy machine
COLD = 12  # lists beside the one that most of what is said is about
# What waits for the peer has tests of its own; here nobody should have to wait.
LIMITS = replace(Limits(), frame_seconds=HANG_SECONDS, answer_seconds=HANG_SECONDS)


class Broken(AssertionError):
    """Something happened that must never happen."""


class _Listener(logging.Handler):
    """Hears what the keeper says of errors that are no refusals."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


class Rough:
    """A settled world, kept aside as it was; `renew` goes back to it."""

    def __init__(self, folder: Path) -> None:
        self._settled, self._used = folder / "settled", folder / "used"
        self.stock: Stock = {}

    async def __aenter__(self) -> "Rough":
        self._listener = _Listener()
        logging.getLogger("crypto").addHandler(self._listener)
        self.world = await World.at(self._settled)
        self.stock = await furnished(self.world)
        await self.renew()
        return self

    async def __aexit__(self, *_: object) -> None:
        logging.getLogger("crypto").removeHandler(self._listener)
        await self.world.stop()

    async def renew(self) -> None:
        """As after settling: what was frozen, closed or revoked since then is as before."""
        await self.world.stop()
        shutil.rmtree(self._used, ignore_errors=True)
        shutil.copytree(self._settled, self._used)
        self.world.folder = self._used
        await self.world.start()
        self._switchboard = Switchboard(self.world.keeper, LIMITS)

    async def hears(self, caller: Caller, data: bytes) -> list[Reply]:
        """Send `data`, say goodbye, and read what comes back. Raises Broken."""
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=ours)
        conversation = asyncio.create_task(
            self._switchboard.serve(caller, *await asyncio.open_connection(sock=theirs))
        )
        try:
            async with asyncio.timeout(HANG_SECONDS):
                answer, _ = await asyncio.gather(_listen(reader), _say(writer, data))
                await conversation
        except TimeoutError:
            raise Broken(f"no end after {HANG_SECONDS} s") from None
        finally:
            writer.close()
            conversation.cancel()
        if self._listener.heard:
            raise Broken(self._listener.heard.pop())
        replies = [decode_reply(body) for body in bodies(answer)]
        _judge(caller, list(bodies(data)), replies)
        return replies


async def furnished(world: World) -> Stock:
    """People, shifts, lists in every state; what can be named of them, by field name."""
    await world.settle()
    await world.hire("per_s", role="supervisor")
    grants = [await world.shift(person) for person in ("per_1", "per_m", "per_s")]
    lists = [f"lst_{number}" for number in range(COLD)]
    cold = [await _record(world, name) for name in lists]
    hot = await _record(world, "lst_hot")
    await world.say(Freeze(lists[0], "manager"), Caller.WEB)
    in_hand = msgspec.convert(hot, SealedRecord)
    await world.say(Open(grants[0], in_hand))
    offered = await world.say(Offer(grants[0], in_hand, "att_hot", "per_s"))
    records = [hot] * 2 * COLD + cold
    return {
        "list": [*lists, "lst_hot", "lst_new"],
        "record": records,
        "grant": [grants[0], *grants, "A" * 43],
        "offer": [offered.offer, "off_9"],
        "to": ["per_s"],
        "person": ["per_2", "per_m", "per_9"],  # not the one whose shift opens records
        "code": [world.code("per_1", 1), world.code("per_2"), "000000", 10, 30, 30, 30],
        "kind": [FieldKind.BIRTH_DATE, FieldKind.REFERENCE, FieldKind.PHONE],
        "reason": ["manual_dial", "read_back"],
        "contract": ["ctr_1", "ctr_9"],
        "version": [1, 2],
        "job": ["job_1", "job_9"],
        "approver": ["ent_1", "centre", "ent_9"],
        "chunk_key": [record["chunk_key"] for record in records],
        "sealed": [record["sealed"] for record in records],
        "said": ["昭和50年1月2日", "1975-01-02", "S50.1.2", "K-0000001", "千九百", "5013"],
        "expires": [START.replace(month=5)],
    }


async def _record(world: World, list_id: str) -> dict[str, object]:
    """The one record of a new list, as a message says it."""
    [record] = await world.upload(list_id, townsfolk(1))
    said: dict[str, object] = msgspec.to_builtins(record, builtin_types=(bytes,))
    return said


async def _say(writer: asyncio.StreamWriter, data: bytes) -> None:
    with suppress(ConnectionError):  # the keeper may hang up before it has heard everything
        writer.write(data)
        await writer.drain()
        writer.write_eof()


async def _listen(reader: asyncio.StreamReader) -> bytes:
    heard = b""
    with suppress(ConnectionError):  # it hung up on something that it had not read
        while piece := await reader.read(65536):
            heard += piece
    return heard


def bodies(data: bytes) -> Iterator[bytes]:
    """The whole frames that `data` begins with."""
    while len(data) >= LENGTH_BYTES:
        end = LENGTH_BYTES + int.from_bytes(data[:LENGTH_BYTES], "big")
        if end > len(data):
            return
        yield data[LENGTH_BYTES:end]
        data = data[end:]


def framed(body: bytes) -> bytes:
    """A body with its length in front."""
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def _judge(caller: Caller, said: list[bytes], replies: list[Reply]) -> None:
    if len(replies) > len(said):
        raise Broken("more answers than frames")
    for body, reply in zip(said, replies, strict=False):
        try:
            request = decode_request(body)
        except msgspec.DecodeError:
            raise Broken("an answer to what is no verb") from None
        refused = isinstance(reply, Refused) and reply.code == NotAllowed.code
        if (caller not in request.callers) != refused:
            raise Broken(f"{type(request).__name__} by {caller}: {type(reply).__name__}")
