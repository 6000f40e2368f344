"""A small call centre that works: real PostgreSQL, a real keeper process, real uploads.

    centre = await Centre.open(sessions, database, folder)      # fixture `centre`
    job = await centre.job()
    await centre.upload(job, people=3)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)

It is Tuesday 10:00 in Japan when a centre opens, and a minute later at most when a test gets
its copy (`again`); keeper and platform share that clock.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyotp
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist.clock import JST, Clock
from calllist.db import transaction
from calllist.dialing.closing import Outcome
from calllist.dialing.desk import Desk
from calllist.dialing.hand import InHand
from calllist.dialing.tables import Lease
from calllist.entrustors import contracts
from calllist.entrustors.onboarding import EntrustorKind, register_entrustor
from calllist.entrustors.purposes import Purpose
from calllist.intake.upload import Received, Uploads
from calllist.jobs import lists, work
from calllist.jobs.tables import Job
from calllist.parties.onboarding import PartyKind, register_party, register_site
from calllist.people import accounts, enrolment, signin, statements
from calllist.people.roles import OF_PARTY, Role
from calllist.people.signin import SignedIn
from calllist.people.tables import Person
from crypto.errors.base import KeeperUnavailable
from crypto.records.sealing import RecipientKey
from crypto.signed import statements as signing
from crypto.signed.keyfile import KeyPair
from crypto.signed.statements import ApproverKey
from crypto.signed.terms import Conduct, ContractTerms
from crypto.wire.approvals import Pin
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head
from crypto.wire.records import View
from retention.custody import Custody
from tests.keepers import STOP_SECONDS
from tests.zygote import Process, zygote

PASSWORD = "correct horse battery"
GRACE = timedelta(minutes=5)
ORIGIN = "https://calllist.test"  # what browsers see: security keys sign for it
OPENS = datetime(2026, 6, 2, 10, tzinfo=JST)  # a Tuesday that is no holiday


@dataclass
class Someone:
    """A person with an account, a second factor and a shift."""

    person: Person
    signed: SignedIn
    totp: pyotp.TOTP

    @property
    def grant(self) -> str:
        return self.signed.grant


@dataclass
class Centre:
    """One centre with one entrustor and one signed contract."""

    sessions: async_sessionmaker[AsyncSession]
    database: str
    folder: Path
    clock: Clock
    keeper: KeeperClient
    custody: Custody
    keys: KeyPair = field(
        default_factory=lambda: KeyPair(ApproverKey.generate(), RecipientKey.generate())
    )
    officer_key: ApproverKey = field(default_factory=ApproverKey.generate)
    process: Process | None = None
    entrustor_id: str = ""
    party_id: str = ""
    site_id: str = ""
    contract_id: str = ""
    manager: Someone | None = None
    numbers: int = 0  # phone numbers given out so far

    @classmethod
    async def open(
        cls,
        sessions: async_sessionmaker[AsyncSession],
        database: str,
        folder: Path,
        **terms: Any,
    ) -> "Centre":
        """`terms`: changes to the default terms, for example `people_per_hour`."""
        keeper = KeeperClient(folder / "run" / Caller.WEB / "keeper.sock")
        clock = Clock(OPENS - datetime.now(UTC))
        centre = cls(sessions, database, folder, clock, keeper, Custody(keeper))
        try:
            await centre.start_keeper()
            await centre._onboard(terms)
        except BaseException:
            await centre.close()
            raise
        return centre

    async def again(
        self, sessions: async_sessionmaker[AsyncSession], database: str, folder: Path
    ) -> "Centre":
        """This centre, closed by now, in copies of its database and of its keeper's home."""
        keeper = KeeperClient(folder / "run" / Caller.WEB / "keeper.sock")
        custody = Custody(keeper)
        copy = replace(
            self,
            sessions=sessions,
            database=database,
            folder=folder,
            keeper=keeper,
            custody=custody,
            process=None,
        )
        assert self.manager
        try:
            await copy.start_keeper()
            async with sessions() as session:
                person = await session.get_one(Person, self.manager.person.id)
        except BaseException:
            await copy.close()
            raise
        copy.manager = replace(
            self.manager, person=person, signed=replace(self.manager.signed, person=person)
        )
        return copy

    def now(self, later: timedelta = timedelta(0)) -> datetime:
        return self.clock.now() + later

    def line(self, caller: Caller) -> KeeperClient:
        return KeeperClient(self.folder / "run" / caller / "keeper.sock")

    # -- the keeper ------------------------------------------------------------------------

    async def start_keeper(self) -> None:
        options = ["--home", str(self.folder / "keeper"), "--run", str(self.folder / "run")]
        options += ["--demo", f"--clock-offset={self.clock.offset.total_seconds()}"]
        options += ["--origin", ORIGIN]
        self.process = zygote("crypto.keeper.server").start("crypto", options)
        async with self.line(Caller.ADMIN) as line, asyncio.timeout(30):
            while True:
                with suppress(KeeperUnavailable):
                    await line.call(Head())
                    return
                await asyncio.sleep(0.01)

    async def wait(self, time: timedelta) -> None:
        """It is so much later, for everybody: the keeper's host was off meanwhile."""
        self._end_keeper(signal.SIGTERM)
        self.clock = Clock(self.clock.offset + time)
        await self.start_keeper()

    async def kill_keeper(self) -> None:
        self._end_keeper(signal.SIGKILL)

    async def close(self) -> None:
        await self.keeper.close()
        self._end_keeper(signal.SIGTERM)

    def _end_keeper(self, number: int) -> None:
        if self.process is not None:
            self.process.signal(number)
            self.process.wait(STOP_SECONDS)

    # -- onboarding ------------------------------------------------------------------------

    async def _onboard(self, changes: dict[str, Any]) -> None:
        async with transaction(self.sessions) as session:
            entrustor = await register_entrustor(
                session, name="架空市", kind=EntrustorKind.PUBLIC, now=self.now()
            )
            party = await register_party(session, name="架空センター", kind=PartyKind.CENTRE)
            site = await register_site(session, party_id=party.id, name="本店")
            contract = await contracts.open_contract(
                session, entrustor_id=entrustor.id, code="K-001", now=self.now()
            )
        self.entrustor_id, self.party_id = entrustor.id, party.id
        self.site_id, self.contract_id = site.id, contract.id
        async with self.line(Caller.ADMIN) as line:
            public = self.keys.public
            await line.call(Pin(entrustor.id, public.signing, public.recipient.data))
            await line.call(Pin("centre", self.officer_key.public, b""))
        await self.sign_contract(**changes)
        self.manager = await self.person("kanri", Role.MANAGER)

    async def sign_contract(self, **changes: Any) -> ContractTerms:
        """The next version of the contract, signed and handed in."""
        async with transaction(self.sessions) as session:
            version = await contracts.next_version(session, self.contract_id)
            terms = contracts.terms_for(
                Purpose.HEALTH_CHECK,
                entrustor_id=self.entrustor_id,
                contract_id=self.contract_id,
                version=version,
                parties=(self.party_id,),
                expires=self.now(timedelta(days=30)),
                conduct=Conduct(duplicates="phone"),
            )
            terms = msgspec.structs.replace(terms, **changes)
            request = contracts.draft(terms, issuer=self.party_id, now=self.now())
            await self.hand_in(session, request, self.keys.approver)
        return terms

    async def hand_in(self, session: AsyncSession, request: bytes, key: ApproverKey) -> bytes:
        """Sign a request file and hand it in."""
        signed = signing.dump_signed(signing.approve(signing.load_request(request), key))
        await statements.hand_in(session, self.keeper, signed, self.now())
        return signed

    async def person(self, login: str, role: Role, **place: str | None) -> Someone:
        """An account that has gone through roster, invitation, password and factor."""
        if role in OF_PARTY:
            place = {"party_id": self.party_id, "site_id": self.site_id} | place
        if role == Role.ENTRUSTOR:
            place = {"entrustor_id": self.entrustor_id} | place
        async with transaction(self.sessions) as session:
            person, token = await accounts.create(
                session,
                self.keeper,
                by=self.party_id,
                login=login,
                name=login,
                role=role,
                now=self.now(),
                **place,
            )
            request = await statements.draft_roster(
                session,
                person.id,
                until=self.now(timedelta(days=60)),
                issuer=self.party_id,
                now=self.now(),
            )
            await self.hand_in(session, request, self.officer_key)
        async with transaction(self.sessions) as session:
            await enrolment.set_password(session, token, PASSWORD, self.now())
            factor = await enrolment.begin_factor(session, self.keeper, token, self.now())
        totp = pyotp.TOTP(factor.secret)
        async with transaction(self.sessions) as session:
            code = totp.at(self.now())
            signed = await enrolment.confirm(session, self.keeper, token, code, self.now())
        return Someone(signed.person, signed, totp)

    async def sign_in_again(self, someone: Someone) -> SignedIn:
        """Password and the next code, as after lunch."""
        async with transaction(self.sessions) as session:
            token = await signin.password(session, someone.person.login, PASSWORD, self.now())
            code = someone.totp.at(self.now(timedelta(seconds=30)))
            return await signin.code(session, self.keeper, token, code, self.now())

    # -- work ------------------------------------------------------------------------------

    async def job(self, code: str = "KNK-001") -> Job:
        assert self.manager
        async with transaction(self.sessions) as session:
            return await work.create_job(
                session,
                self.keeper,
                self.manager.person,
                contract_id=self.contract_id,
                code=code,
                now=self.now(),
            )

    async def operator(self, login: str, job: Job | None = None, **place: str) -> Someone:
        """An operator, assigned to a job."""
        assert self.manager
        someone = await self.person(login, Role.OPERATOR, **place)
        if job is not None:
            async with transaction(self.sessions) as session:
                who = self.manager.person
                await work.assign(session, self.keeper, who, job.id, someone.person.id, self.now())
        return someone

    def uploads(self) -> Uploads:
        return Uploads(
            self.sessions,
            self.custody,
            database_url=self.database,
            keeper=self.folder / "run" / Caller.INTAKE / "keeper.sock",
            now=self.clock.now,
            synthetic=True,
        )

    def rows(self, people: int) -> list[str]:
        """Lines of a list: numbers that cannot be dialled, fictional people."""
        lines = []
        for _ in range(people):
            self.numbers += 1
            n = self.numbers
            lines.append(
                f"架空{n:04d},カクウ{n:04d},090-0{n // 10000:03d}-{n % 10000:04d},R{n:06d}"
            )
        return lines

    async def upload(
        self, job: Job, people: int = 3, *, expires: datetime | None = None
    ) -> Received:
        """A list of fictional people, through the real intake process."""
        lines = ["氏名,フリガナ,電話番号,整理番号", *self.rows(people)]
        return await self.send(job, "\r\n".join(lines), expires=expires)

    async def send(self, job: Job, text: str, *, expires: datetime | None = None) -> Received:
        """This file, as Excel would write it."""
        assert self.manager

        async def stream() -> AsyncIterator[bytes]:
            yield text.encode("cp932")

        return await self.uploads().receive(self.manager.person, job.id, stream(), expires=expires)

    async def settle(self, list_id: str) -> None:
        assert self.manager
        async with transaction(self.sessions) as session:
            who = self.manager.person
            await lists.close_intake(session, self.keeper, self.custody, who, list_id, self.now())

    # -- the desk --------------------------------------------------------------------------

    @asynccontextmanager
    async def desk(self, someone: Someone, later: timedelta = timedelta(0)) -> AsyncIterator[Desk]:
        """The desk of one request; what it did is committed at the end."""
        async with transaction(self.sessions) as session:
            yield Desk(session, self.custody, someone.person, someone.grant, GRACE, self.now(later))

    async def take(self, someone: Someone, job: Job, *, later: timedelta = timedelta(0)) -> Lease:
        async with self.desk(someone, later) as desk:
            return await desk.take(job.id)

    async def show(self, someone: Someone, lease: Lease) -> tuple[InHand, View]:
        async with self.desk(someone) as desk:
            return await desk.show(lease.id)

    async def record(
        self, someone: Someone, lease: Lease, code: int, call_back_at: datetime | None = None
    ) -> Outcome:
        async with self.desk(someone) as desk:
            return await desk.record(lease.id, code, call_back_at=call_back_at)

    async def call(self, someone: Someone, job: Job, code: int) -> Outcome:
        """One whole call."""
        lease = await self.take(someone, job)
        await self.show(someone, lease)
        return await self.record(someone, lease, code)


def quiet_environment() -> dict[str, str]:
    """What a process of ours needs to find itself."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
