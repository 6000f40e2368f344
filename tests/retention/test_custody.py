"""Nothing of a holding is shown after its end, whoever sleeps, and ending it is final."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from crypto.errors.lists import ListOver
from crypto.records.fields import FieldKind
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.lists import Inspect
from crypto.wire.records import Open
from retention.custody import Custody
from retention.errors import HoldingOver, HoldingUnknown
from retention.states import State
from retention.tables import Holding
from tests.keepers import now
from tests.retention.strongroom import Strongroom

pytestmark = pytest.mark.asyncio

VERBS = ("disclose", "match", "reveal")


@pytest_asyncio.fixture
async def web(room: Strongroom) -> AsyncIterator[KeeperClient]:
    async with room.client(Caller.WEB) as client:
        yield client


async def say(
    custody: Custody, verb: str, session: AsyncSession, room: Strongroom, grant: str, at: datetime
) -> object:
    record = room.records["lst_01"]
    match verb:
        case "disclose":
            return await custody.disclose(session, grant, record, now=at)
        case "match":
            return await custody.match(
                session, grant, record, FieldKind.PHONE, "09001230000", now=at
            )
        case _:
            return await custody.reveal(
                session, grant, record, FieldKind.PHONE, "manual_dial", now=at
            )


async def test_the_result_of_a_call_in_hand_at_the_release_is_still_sealed(
    room: Strongroom, web: KeeperClient
) -> None:
    """It shows nothing to anybody, and a refusal must reach the entrustor."""
    custody = Custody(web)
    grant = await room.operator()
    record = room.records["lst_01"]
    async with room.sessions.begin() as session:
        await custody.disclose(session, grant, record, now=now())
        await custody.release(session, "lst_01", "manager", grant="", now=now())
    assert (await custody.close(grant, record, "lea_1", 10)).sealed


async def test_a_list_whose_keys_are_found_again_is_in_nobodys_hand(
    room: Strongroom, web: KeeperClient
) -> None:
    """Its leases were given back when the keys were missing; the keeper was on another disk."""
    custody, record = Custody(web), room.records["lst_01"]
    one, other = await room.operator(), await room.operator("per_2")
    async with room.sessions.begin() as session:
        await custody.disclose(session, one, record, now=now())
        await custody.lose(session, "lst_01", now=now())
    async with room.sessions.begin() as session:
        assert await custody.find_again(session, "lst_01")
        assert (await custody.disclose(session, other, record, now=now())).fields


async def test_a_record_is_shown_through_an_open_holding(
    room: Strongroom, web: KeeperClient, session: AsyncSession
) -> None:
    grant = await room.operator()
    view = await Custody(web).disclose(session, grant, room.records["lst_01"], now=now())
    assert {shown.kind for shown in view.fields} == {FieldKind.PHONE, FieldKind.NAME}


@pytest.mark.parametrize("verb", VERBS)
async def test_past_the_deadline_nothing_opens_though_nothing_ever_ran(
    room: Strongroom, web: KeeperClient, session: AsyncSession, verb: str
) -> None:
    late = (await session.get_one(Holding, "lst_01")).deadline
    with pytest.raises(HoldingOver):
        await say(Custody(web), verb, session, room, "any grant", late)
    assert (await session.get_one(Holding, "lst_01")).state == State.OPEN


@pytest.mark.parametrize("verb", VERBS)
async def test_after_the_release_nothing_opens(
    room: Strongroom, web: KeeperClient, verb: str
) -> None:
    custody = Custody(web)
    async with room.sessions.begin() as session:
        await custody.release(session, "lst_01", "completed", grant="", now=now())
    async with room.sessions() as session:
        with pytest.raises(HoldingOver):
            await say(custody, verb, session, room, "any grant", now())


async def test_the_keeper_refuses_even_if_the_release_was_rolled_back(
    room: Strongroom, web: KeeperClient
) -> None:
    grant = await room.operator()
    async with room.sessions() as session:
        await Custody(web).release(session, "lst_01", "manager", grant="", now=now())
        await session.rollback()
        assert (await session.get_one(Holding, "lst_01")).state == State.OPEN
        with pytest.raises(ListOver):
            await web.call(Open(grant, room.records["lst_01"]))
        await Custody(web).release(session, "lst_01", "manager", grant="", now=now())
        assert (await session.get_one(Holding, "lst_01")).state == State.FROZEN


async def test_releasing_twice_keeps_the_first_reason_and_time(
    room: Strongroom, web: KeeperClient
) -> None:
    custody, first = Custody(web), now()
    async with room.sessions.begin() as session:
        await custody.release(session, "lst_01", "completed", grant="", now=first)
        await custody.release(
            session, "lst_01", "entrustor", grant="", now=first + timedelta(hours=1)
        )
        kept = await session.get_one(Holding, "lst_01")
        assert (kept.trigger, kept.frozen_at) == ("completed", first)
    assert (await web.call(Inspect("lst_01"))).state == "frozen"


@pytest.mark.parametrize(
    ("trigger", "hours"), [("completed", 6), ("manager", 6), ("entrustor", 0), ("deadline", 0)]
)
async def test_grace_delays_the_destruction_and_never_the_freeze(
    room: Strongroom, web: KeeperClient, trigger: str, hours: int
) -> None:
    at = now()
    async with room.sessions.begin() as session:
        kept = await session.get_one(Holding, "lst_01")
        kept.facts = {**kept.facts, "grace_hours": 6}
        await session.flush()
        await Custody(web).release(session, "lst_01", trigger, grant="", now=at)
        assert kept.due_at == at + timedelta(hours=hours)


async def test_grace_never_outlasts_the_deadline(room: Strongroom, web: KeeperClient) -> None:
    async with room.sessions.begin() as session:
        kept = await session.get_one(Holding, "lst_01")
        kept.facts = {**kept.facts, "grace_hours": 24 * 365}
        await session.flush()
        await Custody(web).release(session, "lst_01", "completed", grant="", now=now())
        assert kept.due_at == kept.deadline


async def test_an_unknown_holding_opens_nothing(
    room: Strongroom, web: KeeperClient, session: AsyncSession
) -> None:
    custody = Custody(web)
    async with room.sessions.begin() as other:
        await other.delete(await other.get_one(Holding, "lst_01"))
    with pytest.raises(HoldingUnknown):
        await say(custody, "disclose", session, room, "any grant", now())
    with pytest.raises(HoldingUnknown):
        await custody.release(session, "lst_01", "manager", grant="", now=now())


async def test_a_reason_that_is_none_of_ours_is_refused(
    room: Strongroom, web: KeeperClient, session: AsyncSession
) -> None:
    with pytest.raises(ValueError, match="bored"):
        await Custody(web).release(session, "lst_01", "bored", grant="", now=now())
