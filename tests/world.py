"""A small world for tests, made through the real verbs: nothing in it is a stand-in.

    async def test_...(world: World) -> None:
        job = await world.job()
        list_id = await world.upload(job, people=5)
        lease, view = await world.take(world.operators[0], job)

Every number cannot be dialled. Time is `tests.keepers.now()`, always within calling hours.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist import db
from calllist.dialing.closing import Outcome
from calllist.dialing.desk import Desk
from calllist.dialing.tables import Lease
from calllist.entrustors.onboarding import EntrustorKind
from calllist.entrustors.purposes import Purpose
from calllist.intake.upload import Received, Uploads
from calllist.jobs import lists, work
from calllist.people.roles import Role
from calllist.people.tables import Person
from crypto.signed.terms import ContractTerms
from crypto.wire.client import KeeperClient
from crypto.wire.records import View
from demo.onboarding import Member, Onboarding
from demo.townsfolk import Townsperson, file, people
from retention.custody import Custody
from tests.keepers import now

GRACE = timedelta(minutes=5)
YEAR = timedelta(days=365)


def townsfolk(count: int, *, seed: int = 7) -> list[Townsperson]:
    """Fictional people for a list; `file` (demo.townsfolk) makes a CSV file of their cells."""
    return people(count, seed=seed, subjects=["特定健診"], due="2099-12-31", prefix="T")


@dataclass
class World:
    """Everything that tests start from. Add to it with the same verbs."""

    sessions: async_sessionmaker[AsyncSession]
    web: KeeperClient
    custody: Custody
    onboarding: Onboarding
    entrustor: str
    party: str
    site: str
    contract: str
    manager: Member
    operators: list[Member]
    officer: Member
    keys: Path  # <keys>/<entrustor>.key opens what is sealed to the entrustor
    folk: dict[str, list[Townsperson]] = field(default_factory=dict)  # by list id

    @classmethod
    async def build(
        cls,
        sessions: async_sessionmaker[AsyncSession],
        *,
        admin: KeeperClient,
        web: KeeperClient,
        folder: Path,
        purpose: Purpose = Purpose.HEALTH_CHECK,
        change: Callable[[ContractTerms], ContractTerms] = lambda terms: terms,
    ) -> World:
        """`change` may alter the terms before the entrustor signs them."""
        onboarding = Onboarding(sessions, admin=admin, web=web, folder=folder, now=now)
        await onboarding.centre()
        entrustor = await onboarding.entrustor("架空市", EntrustorKind.PUBLIC)
        party = await onboarding.party("架空コール株式会社")
        site = await onboarding.site(party, "本社")
        contract = await onboarding.contract(
            entrustor,
            "KAKU-1",
            purpose,
            parties=(party,),
            expires=now() + YEAR,
            change=change,
        )
        manager = await onboarding.member(
            "manager", "架空管理者", Role.MANAGER, party=party, site=site
        )
        operators = [
            await onboarding.member(
                f"operator{number}", f"架空{number}号", Role.OPERATOR, party=party, site=site
            )
            for number in (1, 2)
        ]
        officer = await onboarding.member(
            "officer", "架空担当", Role.ENTRUSTOR, entrustor=entrustor
        )
        return cls(
            sessions=sessions,
            web=web,
            custody=Custody(web),
            onboarding=onboarding,
            entrustor=entrustor,
            party=party,
            site=site,
            contract=contract,
            manager=manager,
            operators=operators,
            officer=officer,
            keys=folder,
        )

    def again(
        self,
        sessions: async_sessionmaker[AsyncSession],
        *,
        admin: KeeperClient,
        web: KeeperClient,
        folder: Path,
    ) -> World:
        """The same people and papers, in a copy of this world's database, keeper and keys."""
        return replace(
            self,
            sessions=sessions,
            web=web,
            custody=Custody(web),
            onboarding=Onboarding(sessions, admin=admin, web=web, folder=folder, now=now),
            manager=replace(self.manager),
            operators=[replace(one) for one in self.operators],
            officer=replace(self.officer),
            keys=folder,
            folk={},
        )

    async def job(self, code: str = "JOB-1") -> str:
        """A job under the contract, with both operators assigned. Returns its id."""
        async with db.transaction(self.sessions) as session:
            manager = await self.person(session, self.manager)
            made = await work.create_job(
                session, self.web, manager, contract_id=self.contract, code=code, now=now()
            )
            for operator in self.operators:
                await work.assign(session, self.web, manager, made.id, operator.person, now())
            return made.id

    async def receive(
        self,
        job: str,
        content: bytes,
        *,
        intake_url: str,
        intake_socket: Path,
        expires: datetime | None = None,
    ) -> Received:
        """Upload a file as the web does: through a real intake process."""
        uploads = Uploads(
            self.sessions,
            self.custody,
            database_url=intake_url,
            keeper=intake_socket,
            now=now,
            synthetic=True,
        )
        async with db.transaction(self.sessions) as session:
            manager = await self.person(session, self.manager)
        return await uploads.receive(manager, job, _blocks(content), expires=expires)

    async def settle(self, list_id: str) -> None:
        """The manager closes the intake of a list."""
        async with db.transaction(self.sessions) as session:
            manager = await self.person(session, self.manager)
            await lists.close_intake(session, self.web, self.custody, manager, list_id, now())

    async def take(self, operator: Member, job: str) -> tuple[Lease, View]:
        """Lease the next record and look at it."""
        async with db.transaction(self.sessions) as session:
            person = await self.person(session, operator)
            desk = Desk(session, self.custody, person, operator.grant, GRACE, now())
            lease = await desk.take(job)
        return lease, await self.look(operator, lease.id)

    async def look(self, operator: Member, lease_id: str) -> View:
        """The masked person in hand."""
        async with db.transaction(self.sessions) as session:
            person = await self.person(session, operator)
            desk = Desk(session, self.custody, person, operator.grant, GRACE, now())
            return (await desk.show(lease_id))[1]

    async def record(
        self,
        operator: Member,
        lease_id: str,
        code: int = 10,
        call_back_at: datetime | None = None,
    ) -> Outcome:
        """The result of a call."""
        async with db.transaction(self.sessions) as session:
            person = await self.person(session, operator)
            desk = Desk(session, self.custody, person, operator.grant, GRACE, now())
            return await desk.record(lease_id, code, call_back_at=call_back_at)

    async def person(self, session: AsyncSession, member: Member) -> Person:
        """The row of a member, in this session."""
        return (await session.scalars(select(Person).where(Person.id == member.person))).one()


def upload_of(folk: Sequence[Townsperson]) -> bytes:
    """These people as a CP932 file."""
    return file(person.cells() for person in folk)


async def _blocks(content: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]
