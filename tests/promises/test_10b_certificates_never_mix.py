"""Promise 10 for what is left of a list: three entrustors, their work mixed at random.

Each finds its own certificates and results, all of them, and nobody else's by any address.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from random import Random

import pytest

from calllist import db
from calllist.entrustors.onboarding import EntrustorKind
from calllist.entrustors.purposes import Purpose
from calllist.jobs import lists, work
from calllist.people.roles import Role
from calllist.upkeep import upkeep
from demo.onboarding import Member
from tests.keepers import KeeperProcess, now
from tests.promises.conftest import Town, Upload
from tests.visitors import Visitors, settings_for
from tests.world import YEAR, townsfolk

SEED = int(os.environ.get("MIX_SEED", secrets.randbits(32)))
LISTS = 4  # spread over three entrustors
ADDRESSES = (
    "/api/v1/certificates/{}",
    "/api/v1/certificates/{}.pdf",
    "/certificates/{}",
    "/certificates/{}/file",
    "/certificates/{}/pdf",
    "/certificates/{}/revocation",
    "/api/v1/certificates/{}/revocation",
)


async def newcomer(town: Town, name: str) -> tuple[str, Member]:
    """Another entrustor with a contract of its own: the contract, and its officer."""
    world = town.world
    entrustor = await world.onboarding.entrustor(f"架空{name}", EntrustorKind.PRIVATE)
    contract = await world.onboarding.contract(
        entrustor, name, Purpose.SALES, parties=(world.party,), expires=now() + YEAR
    )
    member = await world.onboarding.member(name, name, Role.ENTRUSTOR, entrustor=entrustor)
    return contract, member


@pytest.mark.asyncio
async def test_certificates_and_results_of_three_entrustors_never_mix(
    town: Town,
    upload: Upload,
    visitors: Visitors,
    keeper: KeeperProcess,
    database: str,
    tmp_path: Path,
) -> None:
    world, rng = town.world, Random(SEED)
    print(f"MIX_SEED={SEED}")
    tenants = [(world.contract, world.officer)]
    tenants += [await newcomer(town, name) for name in ("other", "third")]
    owners, called = {}, {}
    for turn in range(LISTS):
        at = turn if turn < len(tenants) else rng.randrange(len(tenants))
        async with db.transaction(world.sessions) as session:
            manager = await world.person(session, world.manager)
            contract = tenants[at][0]
            made = await work.create_job(
                session, world.web, manager, contract_id=contract, code=f"MIX-{turn}", now=now()
            )
            operator = rng.choice(world.operators)
            await work.assign(session, world.web, manager, made.id, operator.person, now())
        list_id = await upload(made.id, townsfolk(3, seed=4))  # the very same people
        owners[list_id], called[list_id] = at, rng.randint(0, 2)
        for _ in range(called[list_id]):
            lease, _ = await world.take(operator, made.id)
            await world.record(operator, lease.id, 10)
        async with db.transaction(world.sessions) as session:
            manager = await world.person(session, world.manager)
            await lists.close_job(
                *(session, world.web, world.custody, manager, made.id, now()),
                grant=world.manager.grant,
            )
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        for holding_id in await power.sweep():
            await power.destroy(holding_id)

    certificates: dict[int, dict[str, str]] = {}
    for at, (_, officer) in enumerate(tenants):
        told = (await visitors.ask(officer, "GET", "/api/v1/certificates")).json()
        certificates[at] = {one["id"]: one["list"] for one in told}
        assert set(certificates[at].values()) == {one for one in owners if owners[one] == at}
        assert sorted(one["number"] for one in told) == list(range(1, len(told) + 1))
        mine = sum(called[one] for one in certificates[at].values())
        file = await visitors.ask(officer, "GET", "/api/v1/results/file")
        assert (file.status_code == 200, int(file.headers.get("X-Count", 0))) == (mine > 0, mine)
        pages = ["/held", "/certificates", "/results", "/api/v1/holdings"]
        seen = "".join([(await visitors.ask(officer, "GET", one)).text for one in pages])
        seen += file.text if mine else ""
        assert [one for one in owners if one in seen and owners[one] != at] == []
    for at, (_, officer) in enumerate(tenants):
        for whose, issued in certificates.items():
            for certificate in issued:
                answers = [
                    (await visitors.ask(officer, "GET", one.format(certificate))).status_code
                    for one in ADDRESSES
                ]
                if whose != at:
                    assert answers == [404] * len(ADDRESSES), certificate
                else:
                    assert answers[0] == answers[2] == answers[3] == 200
