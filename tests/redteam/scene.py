"""The small real world that is attacked: a whole platform, two entrustors, two shifts."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec

from calllist import db
from calllist.people.roles import Role
from crypto.records.sealing import open_list_keys, person_tag
from crypto.signed import keyfile
from crypto.signed.terms import ContractTerms
from crypto.wire.base import Caller
from crypto.wire.ledger import Entries
from demo.onboarding import Member, Onboarding
from demo.townsfolk import Townsperson, people
from tests.keepers import now
from tests.platform import Centre, Keyboard, WholePlatform
from tests.redteam.loot import tellable
from tests.world import upload_of

BUDGET = 8  # distinct people an hour and a day, for each operator: small, so that it is reached
PEOPLE = 30  # on the list that everybody is after
OTHERS = 8  # on the list of another entrustor
SALT_BYTES = 16  # in front of each ledger line
PAGE = 500  # lines asked for at once


@dataclass
class Scene:
    """What there is to steal, and who was there before the thief came."""

    platform: WholePlatform
    centre: Centre
    stranger: Centre  # another entrustor's, with people of its own
    job: str
    list_id: str
    foreign: str  # the stranger's list
    folk: list[Townsperson]
    others: list[Townsperson]
    issuer: Keyboard
    issuer_id: str

    @property
    def everybody(self) -> list[Townsperson]:
        return [*self.folk, *self.others]

    @property
    def members(self) -> list[Member]:
        """Manager, two operators, officer of the centre."""
        return self.centre.cast.members

    async def ledgered(self, obtained: Sequence[Townsperson]) -> set[str]:
        """The references of those among `obtained` whose opening the ledger attributes to a
        person: found as the entrustor finds it, with its own trace key."""
        tags = {
            line["tag"]
            for line in await self.lines()
            if line.get("tag") and line.get("principal") and line["kind"] != "refused"
        }
        known: set[str] = set()
        for centre, list_id in ((self.centre, self.list_id), (self.stranger, self.foreign)):
            sql = "select for_entrustor from lists where id = $1"
            ((sealed,),) = await self.platform.sql(sql, list_id)
            entrustor = centre.cast.entrustor
            key = keyfile.load(centre.keys / f"{entrustor}.key").recipient
            keys = open_list_keys(key, entrustor=entrustor, list_id=list_id, sealed=sealed)
            known |= {
                person.reference
                for person in obtained
                if person_tag(keys.trace_key, list_id, _e164(person.phone)) in tags
            }
        return known

    async def lines(self) -> list[dict[str, object]]:
        """Every line of the ledger, as the mirror gets them."""
        found: list[dict[str, object]] = []
        async with self.platform.keeper(Caller.WORKER) as worker:
            while entries := (await worker.call(Entries(len(found), PAGE))).entries:
                found += [msgspec.json.decode(entry[SALT_BYTES:]) for entry in entries]
        return found


@contextlib.asynccontextmanager
async def scene(platform: WholePlatform) -> AsyncIterator[Scene]:
    """Two centres at work on a running platform."""

    def narrow(terms: ContractTerms) -> ContractTerms:
        return msgspec.structs.replace(terms, people_per_hour=BUDGET, people_per_day=BUDGET)

    town = tellable(
        [
            *people(2 * PEOPLE, seed=31, subjects=["特定健診"], due="2099-12-31", prefix="A"),
            *people(2 * PEOPLE, seed=32, subjects=["がん検診"], due="2099-12-31", prefix="B"),
        ]
    )
    folk = [person for person in town if person.reference.startswith("A")][:PEOPLE]
    others = [person for person in town if person.reference.startswith("B")][:OTHERS]
    async with contextlib.AsyncExitStack() as stack:
        centre = await stack.enter_async_context(platform.centre(await platform.cast(narrow)))
        stranger = await stack.enter_async_context(platform.centre(await platform.cast(narrow)))
        administrator = await _issuer(platform)
        issuer = await stack.enter_async_context(Keyboard(platform.origin, administrator, now))
        job = await centre.job()
        received = await centre.upload(job, upload_of(folk))
        elsewhere = await stranger.upload(await stranger.job(), upload_of(others))
        yield Scene(
            platform,
            centre,
            stranger,
            job,
            received["list"],
            elsewhere["list"],
            folk,
            others,
            issuer,
            administrator.person,
        )


async def _issuer(platform: WholePlatform) -> Member:
    """The account administrator."""
    engine = db.passing_engine(platform.url().replace("postgresql:", "postgresql+asyncpg:"))
    async with platform.keeper(Caller.ADMIN) as admin, platform.keeper(Caller.WEB) as web:
        onboarding = Onboarding(
            db.sessions(engine), admin=admin, web=web, folder=platform.keys, now=now
        )
        login = f"issuer-{secrets.token_hex(3)}"
        made = await onboarding.member(login, "架空発行", Role.ADMINISTRATOR)
    await engine.dispose()
    return made


def _e164(phone: str) -> str:
    return "+81" + phone.replace("-", "")[1:]
