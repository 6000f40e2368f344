"""Promise 7: from the order until nobody opens, no row is read: 10 people or 2,000, it is the same.

Counted by PostgreSQL itself, in the transaction of the manager's order. (Times: `make
bench-destroy`.)
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from calllist import db
from calllist.jobs import lists
from crypto.wire.base import Caller
from crypto.wire.lists import Inspect
from tests.keepers import KeeperProcess, now
from tests.promises.conftest import Town, Upload
from tests.world import townsfolk

FEW, MANY = 10, 2_000  # people
TOUCHED = text(
    "select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd + n_tup_del"
    " from pg_stat_xact_user_tables"
)
OF_PEOPLE = ("records", "chunks", "findings")


@pytest.mark.asyncio
async def test_ending_a_list_touches_as_many_rows_however_many_people_are_on_it(
    town: Town, upload: Upload, keeper: KeeperProcess
) -> None:
    touched = {}
    for people in (FEW, MANY):
        job = await town.world.job(f"JOB-OF-{people}")
        list_id = await upload(job, townsfolk(people, seed=people // 10))
        async with db.transaction(town.world.sessions) as session:
            await session.execute(text("set local enable_seqscan = off"))  # no luck of statistics
            manager = await town.world.person(session, town.world.manager)
            world = town.world
            await lists.close_job(
                *(session, world.web, world.custody, manager, job, now()),
                grant=world.manager.grant,
            )
            touched[people] = {name: int(rows) for name, rows in await session.execute(TOUCHED)}
        async with keeper.client(Caller.WORKER) as worker:
            assert (await worker.call(Inspect(list_id))).state == "frozen"
    few, many = (sum(touched[people].values()) for people in (FEW, MANY))
    # The second job finds some more rows than the first: of jobs, lists, holdings, not of people.
    assert 0 < many <= few + MANY // 20, (touched[FEW], touched[MANY])
    of_people = {
        name: rows for name, rows in touched[MANY].items() if name.startswith(OF_PEOPLE) and rows
    }
    assert of_people == {}
