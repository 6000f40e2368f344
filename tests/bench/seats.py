"""A centre of thousands for measurements: entrustors with a list each, operators at their seats.

Statements are signed, factors registered and grants fetched in the keeper, person by person, as
the product does it; our own rows (accounts, sessions, assignments) are written in bulk, for a
password takes 200 ms on purpose, and nobody here types one.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
import pyotp
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from calllist import db, ids
from calllist.entrustors.onboarding import EntrustorKind
from calllist.entrustors.purposes import Purpose
from calllist.jobs.tables import Assignment
from calllist.people import tokens
from calllist.people.roles import Role
from calllist.people.tables import Person, SignIn
from crypto.signed import keyfile
from crypto.signed.statements import approve, prepare
from crypto.signed.terms import ContractTerms, RosterEntry
from crypto.wire.approvals import Submit
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.people import Enrol, Grant
from demo.onboarding import CENTRE, Member, Onboarding
from tests.bench import people
from tests.keepers import now
from tests.platform import Keyboard, WholePlatform

SHIFT = timedelta(hours=8)
AT_ONCE = 16  # people who register at the same moment
BLOCK = 256 * 1024
PLENTY = 10**6


@dataclass(frozen=True)
class Operator:
    """One seat: who sits there, at which job, with which secrets of the browser."""

    person: str
    job: str
    token: str
    grant: str


async def centre(
    platform: WholePlatform, folder: Path, *, seats: int, lists: int, people_each: int
) -> tuple[list[Operator], Member]:
    """One centre, so many entrustors with a job and a list each, and everybody signed in: the
    operators, and their manager."""
    engine = db.passing_engine(platform.url().replace("postgresql:", "postgresql+asyncpg:"))
    async with platform.keeper(Caller.ADMIN) as admin, _web(platform) as web:
        onboarding = Onboarding(
            db.sessions(engine), admin=admin, web=web, folder=platform.keys, now=now
        )
        await onboarding.centre()
        party = await onboarding.party("架空コール")
        site = await onboarding.site(party, "本社")
        manager = await onboarding.member(
            "manager", "架空管理者", Role.MANAGER, party=party, site=site
        )
        jobs = []
        async with Keyboard(platform.origin, manager, now) as keyboard:
            for number in range(lists):
                contract = await _contract(onboarding, number, party)
                code = {"contract": contract, "code": f"JOB-{number:02d}"}
                job = str((await keyboard.post("/jobs", code))["id"])
                await keyboard.upload(job, _file(folder / "list.csv", people_each, number))
                jobs.append(job)
        made = await _register(platform, web, party, site, seats)
        operators = [
            Operator(one.person, jobs[at % lists], one.token, one.grant)
            for at, one in enumerate(made)
        ]
        await _write(engine, operators, party, site)
    await engine.dispose()
    return operators, manager


def _web(platform: WholePlatform) -> KeeperClient:
    return KeeperClient(platform.home / "run" / Caller.WEB / "keeper.sock", pool=AT_ONCE)


async def _contract(onboarding: Onboarding, number: int, party: str) -> str:
    entrustor = await onboarding.entrustor(f"架空市{number:02d}", EntrustorKind.PUBLIC)
    contract = await onboarding.contract(
        entrustor,
        f"KAKU-{number:02d}",
        Purpose.HEALTH_CHECK,
        parties=(party,),
        expires=now() + timedelta(days=30),
        change=generous,
    )
    await onboarding.member(
        f"officer-{number:02d}", "架空担当", Role.ENTRUSTOR, entrustor=entrustor
    )
    return contract


def generous(terms: ContractTerms) -> ContractTerms:
    """Nobody is stopped by a budget: without a pause a seat calls more than people do."""
    caps = [name for name in ContractTerms.__struct_fields__ if name.startswith("people_per_")]
    return msgspec.structs.replace(terms, **dict.fromkeys(caps, PLENTY))


async def _file(path: Path, rows: int, seed: int) -> AsyncIterator[bytes]:
    await asyncio.to_thread(people.write, path, rows, seed)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


async def _register(
    platform: WholePlatform, web: KeeperClient, party: str, site: str, count: int
) -> list[Operator]:
    """So many people on the roster, each with a factor and a shift."""
    key = keyfile.load(platform.keys / f"{CENTRE}.key").approver
    until = now() + SHIFT + timedelta(days=1)

    async def one() -> Operator:
        person = ids.new("per")
        entry = RosterEntry(person, party, site, Role.OPERATOR, until)
        signed = approve(prepare(entry, issuer="bench", now=now(), valid_for=SHIFT), key)
        await web.call(Submit(signed.payload, signed.key, signed.signature))
        secret = (await web.call(Enrol(person))).secret
        granted = await web.call(Grant(person, pyotp.TOTP(secret).at(now())))
        return Operator(person, "", tokens.new(), granted.secret)

    places = asyncio.Semaphore(AT_ONCE)

    async def seated() -> Operator:
        async with places:
            return await one()

    return list(await asyncio.gather(*(seated() for _ in range(count))))


async def _write(engine: AsyncEngine, operators: Sequence[Operator], party: str, site: str) -> None:
    """Accounts, sessions and assignments, in bulk."""
    at = now()
    accounts = [
        {
            "id": one.person,
            "login": one.person,
            "name": f"架空{number}号",
            "role": Role.OPERATOR,
            "party_id": party,
            "site_id": site,
            "password": secrets.token_hex(8),  # nobody signs in with it
            "enrolled_at": at,
            "created_at": at,
        }
        for number, one in enumerate(operators)
    ]
    sessions = [
        {
            "token_hash": tokens.hashed(one.token),
            "person_id": one.person,
            "complete": True,
            "grant_hash": tokens.hashed(one.grant),
            "created_at": at,
            "expires_at": at + SHIFT,
        }
        for one in operators
    ]
    assigned = [{"job_id": one.job, "person_id": one.person, "since": at} for one in operators]
    async with engine.begin() as connection:
        await connection.execute(insert(Person), accounts)
        await connection.execute(insert(SignIn), sessions)
        await connection.execute(insert(Assignment), assigned)
