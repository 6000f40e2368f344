"""Taking on entrustors, contracts and people, each step as the one who takes it would.

    towards the keeper   pin (its administrator), sign and hand in (approvers)
    towards the platform register, invite (the administrator), choose password and factor (people)

Every step is a verb of the product. What is unusual is only that one program holds all
keys; it keeps them in `folder`, a file each. Tests build their worlds with it too.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pyotp
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist import db
from calllist.commands import results
from calllist.entrustors import contracts, rehearsal
from calllist.entrustors import onboarding as entrustors
from calllist.entrustors.onboarding import EntrustorKind
from calllist.entrustors.purposes import Purpose
from calllist.parties import onboarding as parties
from calllist.parties.onboarding import PartyKind
from calllist.people import accounts, enrolment
from calllist.people import statements as handing
from calllist.people.roles import Role
from calllist.people.signin import SignedIn
from crypto.signed import keyfile, statements
from crypto.signed.terms import Conduct, ContractTerms
from crypto.wire.approvals import Pin
from crypto.wire.client import KeeperClient

CENTRE = "centre"  # whose key signs the roster
ASKS = "demo"  # who asks for decisions: never who approves them
STEP_SECONDS = 30  # RFC 6238, 5.2
WORKING_LIFE = timedelta(days=3650)

T = TypeVar("T")


@dataclass
class Member:
    """One person with everything only that person should have."""

    person: str
    login: str
    name: str
    role: str
    password: str = field(repr=False)
    secret: str = field(repr=False)  # of the authenticator
    place: str = ""  # employer and site, for the cast card
    token: str = field(default="", repr=False)  # of the browser's session
    grant: str = field(default="", repr=False)  # of the shift
    used_step: int = 0  # the last TOTP step given away: never give it again

    def code(self, now: datetime) -> str | None:
        """A code that the keeper has not seen; None until the next step begins."""
        step = max(int(now.timestamp()) // STEP_SECONDS, self.used_step + 1)
        if step > int(now.timestamp()) // STEP_SECONDS + 1:  # one step ahead is accepted
            return None
        self.used_step = step
        return pyotp.TOTP(self.secret).at(step * STEP_SECONDS)


class Onboarding:
    """The administrators' and approvers' side of a new installation."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        *,
        admin: KeeperClient,
        web: KeeperClient,
        folder: Path,
        now: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._admin = admin
        self._web = web
        self._folder = folder
        self._now = now

    async def anybody_there(self) -> bool:
        """Whether this installation has accounts already."""
        return bool(await self._verb(accounts.everyone))

    async def centre(self) -> None:
        """Pin the key of the centre's privacy officer."""
        await self._pin(CENTRE)

    async def entrustor(self, name: str, kind: EntrustorKind) -> str:
        """Register an entrustor and pin its key. Returns its id."""
        made = await self._verb(
            lambda session: entrustors.register_entrustor(
                session, name=name, kind=kind, now=self._now()
            )
        )
        await self._pin(made.id)
        return made.id

    async def party(self, name: str, kind: PartyKind = PartyKind.CENTRE) -> str:
        """Register a party. Returns its id."""
        made = await self._verb(
            lambda session: parties.register_party(session, name=name, kind=kind)
        )
        return made.id

    async def site(self, party: str, name: str) -> str:
        """Register a site. Returns its id."""
        made = await self._verb(
            lambda session: parties.register_site(session, party_id=party, name=name)
        )
        return made.id

    async def contract(
        self,
        entrustor: str,
        code: str,
        purpose: Purpose,
        *,
        parties: tuple[str, ...],
        expires: datetime,
        conduct: Conduct | None = None,
        change: Callable[[ContractTerms], ContractTerms] = lambda terms: terms,
    ) -> str:
        """Draft terms, have the entrustor sign them, hand them in. Returns the contract's id."""
        made = await self._verb(
            lambda session: contracts.open_contract(
                session, entrustor_id=entrustor, code=code, now=self._now()
            )
        )
        terms = contracts.terms_for(
            purpose,
            entrustor_id=entrustor,
            contract_id=made.id,
            version=1,
            parties=parties,
            expires=expires,
            conduct=conduct,
        )
        await self.decide(entrustor, contracts.draft(change(terms), issuer=ASKS, now=self._now()))
        return made.id

    async def member(
        self,
        login: str,
        name: str,
        role: Role,
        *,
        party: str | None = None,
        site: str | None = None,
        entrustor: str | None = None,
    ) -> Member:
        """An account, its roster entry, its password, its factor: ready to work."""
        now = self._now()
        person, invitation = await self._verb(
            lambda session: accounts.create(
                session,
                self._web,
                by=CENTRE,
                login=login,
                name=name,
                role=role,
                party_id=party,
                site_id=site,
                entrustor_id=entrustor,
                now=now,
            )
        )
        request = await self._verb(
            lambda session: handing.draft_roster(
                session, person.id, until=now + WORKING_LIFE, issuer=ASKS, now=now
            )
        )
        await self.decide(CENTRE, request)
        password = f"{person.id[-8:]}-demo-{len(login):02d}"
        await self._verb(
            lambda session: enrolment.set_password(session, invitation, password, self._now())
        )
        factor = await self._verb(
            lambda session: enrolment.begin_factor(session, self._web, invitation, self._now())
        )
        member = Member(person.id, login, name, role, password, factor.secret)
        signed = await self._verb(lambda session: self._confirm(session, invitation, member))
        member.token, member.grant = signed.token, signed.grant
        if entrustor is not None:
            await self._rehearse(entrustor, member)
        return member

    async def _rehearse(self, entrustor: str, officer: Member) -> None:
        """The officer opens a test file with the entrustor's key and names the code in it."""
        if await self._verb(lambda session: rehearsal.passed(session, entrustor)):
            return
        test = await self._verb(
            lambda session: rehearsal.begin(session, self._web, entrustor, self._now())
        )
        pair = keyfile.load(self._folder / f"{entrustor}.key")
        [row], _ = results.opened(results.decoded(test.content), pair, "ja")
        code = str(row[results.REFERENCE])
        await self._verb(
            lambda session: rehearsal.confirm(
                session, self._web, entrustor, code, by=officer.person, now=self._now()
            )
        )

    async def pin_again(self, approver: str) -> None:
        """Pin a known approver's key in a keeper that began anew."""
        await self._pin(approver)

    async def register_again(self, member: Member) -> None:
        """A fresh factor in place of a lost one: a signed statement, then as at the beginning."""
        now = self._now()
        request = await self._verb(
            lambda session: handing.draft_roster(
                session,
                member.person,
                until=now + WORKING_LIFE,
                issuer=ASKS,
                now=now,
                new_factor=True,
            )
        )
        await self.decide(CENTRE, request)
        invitation = await self._verb(
            lambda session: accounts.invite(
                session, self._web, member.person, by=CENTRE, now=self._now()
            )
        )
        factor = await self._verb(
            lambda session: enrolment.begin_factor(session, self._web, invitation, self._now())
        )
        member.secret, member.used_step = factor.secret, 0
        signed = await self._verb(lambda session: self._confirm(session, invitation, member))
        member.token, member.grant = signed.token, signed.grant

    async def decide(self, approver: str, request: bytes) -> None:
        """What `calllist approve` does with a request file, and handing in the signed one."""
        keys = keyfile.load(self._folder / f"{approver}.key")
        signed = statements.approve(statements.load_request(request), keys.approver)
        file = statements.dump_signed(signed)
        await self._verb(lambda session: handing.hand_in(session, self._web, file, self._now()))

    async def _pin(self, approver: str) -> None:
        path = self._folder / f"{approver}.key"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys = (keyfile.load(path) if path.exists() else keyfile.generate(path)).public
        recipient = b"" if approver == CENTRE else keys.recipient.data
        await self._admin.call(Pin(approver, keys.signing, recipient))

    async def _confirm(self, session: AsyncSession, invitation: str, member: Member) -> SignedIn:
        code = member.code(self._now())
        assert code is not None  # noqa: S101 - the first code of a fresh factor
        return await enrolment.confirm(session, self._web, invitation, code, self._now())

    async def _verb(self, verb: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async with db.transaction(self._sessions) as session:
            return await verb(session)


def keep_members(file: Path, members: dict[str, Member]) -> None:
    """Write down who is who, for the demonstration sign-in."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(json.dumps([vars(member) for member in members.values()], ensure_ascii=False))
    file.chmod(0o600)


def kept_members(file: Path) -> dict[str, Member]:
    """Those written down, by login."""
    return {one["login"]: Member(**one) for one in json.loads(file.read_text())}
