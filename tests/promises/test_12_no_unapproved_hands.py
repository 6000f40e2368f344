"""Promise 12. People of a party that the signed contract does not name get no record."""

from __future__ import annotations

import pytest

from calllist import db
from calllist.dialing.hand import in_hand
from calllist.jobs import work
from calllist.jobs.errors import PartyNotApproved as NotAssignable
from calllist.parties.onboarding import PartyKind
from calllist.people.roles import Role
from crypto.errors.records import PartyNotApproved
from crypto.wire.records import Open
from tests.keepers import now
from tests.promises.conftest import Town


@pytest.mark.asyncio
async def test_a_stranger_is_refused_by_the_platform_and_by_the_keeper(town: Town) -> None:
    world = town.world
    party = await world.onboarding.party("架空再委託", PartyKind.SUB_ENTRUSTEE)
    site = await world.onboarding.site(party, "別館")
    stranger = await world.onboarding.member(
        "stranger", "架空外部", Role.OPERATOR, party=party, site=site
    )
    async with db.transaction(world.sessions) as session:
        manager = await world.person(session, world.manager)
        with pytest.raises(NotAssignable):
            await work.assign(session, world.web, manager, town.job, stranger.person, now())

    operator = world.operators[0]
    lease, _ = await world.take(operator, town.job)
    async with world.sessions() as session:
        person = await world.person(session, operator)
        record = (await in_hand(session, person, lease.id)).sealed
    with pytest.raises(PartyNotApproved):
        await world.web.call(Open(stranger.grant, record))
