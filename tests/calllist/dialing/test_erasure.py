"""Erasing a list: nothing that stood in the file is left, and a look says so."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from calllist.db import transaction
from calllist.dialing import erasure
from calllist.jobs.tables import CallList, Segment
from retention.states import Outcome, State
from retention.tables import Holding
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio


async def test_the_header_words_of_a_receipt_end_with_the_list(centre: Centre) -> None:
    received = await centre.upload(await centre.job())
    async with transaction(centre.sessions) as session:
        group = {"column": 1, "code": 1, "label": "60代", "people": 3, "turn": 1}
        session.add(Segment(list_id=received.list_id, **group))
        before = {one.store: one for one in await erasure.rows_left(session, received.list_id)}
        assert (before["receipt"].outcome, before["receipt"].found) == (Outcome.FAILED, 7)
        with pytest.raises(DBAPIError, match="not over"):  # not while its keys are there
            async with session.begin_nested():
                await erasure.erase(session, received.list_id)
        holding = await session.get_one(Holding, received.list_id)
        holding.state = State.SHREDDED
        await session.flush()
        assert await erasure.erase(session, received.list_id) == 3
    async with transaction(centre.sessions) as session:
        assert await erasure.erase(session, received.list_id) == 0
    async with centre.sessions() as session:
        left = {one.store: one for one in await erasure.rows_left(session, received.list_id)}
        assert {left[store].outcome for store in (*erasure.STORED, "receipt")} == {Outcome.PASS}
        receipt = (await session.get_one(CallList, received.list_id)).receipt
        kept = (await session.scalars(select(Segment))).one()
    assert (kept.label, kept.people) == ("", 3)
    assert receipt
    assert receipt["header_key"] == ""
    assert receipt["rows"] == 3
    assert [column["header"] for column in receipt["columns"]] == [""] * 4
    assert [column["kind"] for column in receipt["columns"]] == [
        "name", "name_kana", "phone", "reference",
    ]  # fmt: skip
