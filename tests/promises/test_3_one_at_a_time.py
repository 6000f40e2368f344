"""Promise 3. One live lease per operator; reloading shows the same person; nobody twice."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from sqlalchemy import text

from calllist.dialing.errors import LeaseHeld, NobodyLeft
from calllist.dialing.hand import in_hand
from crypto.errors.records import HandFull, RecordClosed
from crypto.wire.records import Open, View
from tests.promises.conftest import PEOPLE, Town
from tests.visitors import Visitors


def asked_for(view: View) -> str:
    """The name the operator asks for: it tells one fictional person from another."""
    return "/".join(shown.text for shown in view.fields)


@pytest.mark.asyncio
async def test_a_second_lease_is_409_and_names_the_first(town: Town, visitors: Visitors) -> None:
    operator = town.world.operators[0]
    first = await visitors.ask(operator, "POST", f"/api/v1/jobs/{town.job}/leases")
    second = await visitors.ask(operator, "POST", f"/api/v1/jobs/{town.job}/leases")
    assert first.status_code == 201
    assert second.status_code == 409
    assert second.json()["code"] == "lease_held"


@pytest.mark.asyncio
async def test_reloading_shows_the_same_person(town: Town) -> None:
    lease, view = await town.world.take(town.world.operators[0], town.job)
    again = [await town.world.look(town.world.operators[0], lease.id) for _ in range(3)]
    assert {asked_for(v) for v in again} == {asked_for(view)}
    assert {v.people_left for v in again} == {view.people_left}


@pytest.mark.asyncio
async def test_two_tabs_at_once_get_one_lease(town: Town) -> None:
    operator = town.world.operators[0]
    tries = await asyncio.gather(
        *(town.world.take(operator, town.job) for _ in range(5)), return_exceptions=True
    )
    assert sum(not isinstance(t, BaseException) for t in tries) == 1
    assert sum(isinstance(t, LeaseHeld) for t in tries) == 4


@pytest.mark.asyncio
async def test_nobody_is_called_by_two_operators_and_nobody_is_skipped(town: Town) -> None:
    called: list[str] = []

    async def work(number: int) -> None:
        operator = town.world.operators[number]
        while True:
            try:
                lease, view = await town.world.take(operator, town.job)
            except NobodyLeft:
                return
            called.append(asked_for(view))
            await town.world.record(operator, lease.id, 10)

    await asyncio.gather(work(0), work(1))
    assert len(called) == PEOPLE
    assert len(set(called)) == PEOPLE


@pytest.mark.asyncio
async def test_guessing_leases_finds_nothing(town: Town, visitors: Visitors) -> None:
    mine, theirs = town.world.operators
    lease, _ = await town.world.take(theirs, town.job)
    guesses = [lease.id, *(secrets.token_urlsafe(16) for _ in range(200))]
    for guess in guesses:
        answer = await visitors.ask(mine, "GET", f"/api/v1/leases/{guess}")
        assert answer.status_code == 404
        assert answer.json()["code"] == "unknown_lease"


@pytest.mark.asyncio
async def test_the_keeper_itself_refuses_a_second_record_in_one_hand(town: Town) -> None:
    """Also when the web lies: the second record is another operator's honest lease."""

    one, two = town.world.operators
    await town.world.take(one, town.job)
    lease, _ = await town.world.take(two, town.job)
    async with town.world.sessions() as session:
        person = await town.world.person(session, two)
        sealed = (await in_hand(session, person, lease.id)).sealed

    with pytest.raises(HandFull):
        await town.world.web.call(Open(one.grant, sealed))


@pytest.mark.asyncio
async def test_a_final_result_empties_the_row_and_the_keeper_refuses_a_restored_copy(
    town: Town,
) -> None:

    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    async with town.world.sessions() as session:
        person = await town.world.person(session, operator)
        copy = (await in_hand(session, person, lease.id)).sealed  # as a dump would have it
    await town.world.record(operator, lease.id, 10)

    async with town.world.sessions() as session:
        left = await session.scalar(
            text(
                "select count(*) from records where sealed is not null and (list_id, chunk, index)"
                " = (:l, :c, :i)"
            ),
            {"l": copy.list, "c": copy.chunk, "i": copy.index},
        )
    assert left == 0
    with pytest.raises(RecordClosed):
        await town.world.web.call(Open(operator.grant, copy))
