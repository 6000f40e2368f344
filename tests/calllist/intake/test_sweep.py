"""What the sweep does when the keeper does not take a list for a broken upload."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from calllist.intake.sweep import SILENCE, stale
from calllist.jobs.tables import CallList
from crypto.errors.base import Refusal
from crypto.errors.keeper import NotAllowed
from crypto.errors.lists import AlreadyOpened, UploadSettled
from crypto.wire.base import Caller, Request
from crypto.wire.client import KeeperClient
from retention.tables import Holding
from tests.calllist.intake.conftest import Desk
from tests.calllist.intake.test_upload import body
from tests.keepers import now

pytestmark = pytest.mark.asyncio


class Unwilling(KeeperClient):
    """Refuses one list, and passes on what is said of others."""

    def __init__(self, keeper: KeeperClient, list_id: str, refusal: Refusal) -> None:
        self._keeper, self._list, self._refusal = keeper, list_id, refusal

    async def call(self, request: Request[Any]) -> Any:
        if getattr(request, "list", None) == self._list:
            raise self._refusal
        return await self._keeper.call(request)


@pytest.mark.parametrize(
    "refusal", [UploadSettled(), AlreadyOpened(), NotAllowed()], ids=lambda r: r.code
)
async def test_a_list_that_the_keeper_does_not_abandon_keeps_its_rows_and_holds_up_no_other(
    desk: Desk, refusal: Refusal
) -> None:
    kept, broken = [
        (await desk.uploads().receive(desk.manager, desk.job, body(rows=rows))).list_id
        for rows in (3, 4)
    ]
    async with desk.sessions.begin() as session:
        await session.execute(delete(Holding))
        await session.execute(delete(Holding))  # no upload that came to its end is swept
        silent = now() - SILENCE - timedelta(seconds=1)
        await session.execute(update(CallList).values(state="receiving", heard_at=silent))
    async with desk.sessions.begin() as session, desk.keeper.client(Caller.WORKER) as keeper:
        unwilling = Unwilling(keeper, kept, refusal)
        assert await stale(session, unwilling, now()) == [broken]
    assert (await desk.rows())["records"] == 3
    assert (await desk.keys(kept), await desk.keys(broken)) == ("open", "shredded")
