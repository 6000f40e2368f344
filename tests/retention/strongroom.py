"""A strongroom for holdings: a real keeper, an entrustor, lists with sealed records, no jobs."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyotp
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist import db
from calllist.jobs.tables import Chunk, Record
from crypto.records.fields import FieldKind, Mask
from crypto.records.sealing import (
    ChunkSealer,
    Recipient,
    RecipientKey,
    new_index_key,
    seal_index_key,
)
from crypto.signed import statements
from crypto.signed.keyfile import KeyPair
from crypto.signed.orders import ShredOrder
from crypto.signed.statements import ApproverKey
from crypto.signed.terms import ContractTerms, FieldRule, IdentityRule, RosterEntry, StatementBody
from crypto.wire.approvals import Pin, Submit
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.lists import Manifest, Mint
from crypto.wire.people import Enrol, Grant
from crypto.wire.records import SealedRecord
from retention import marks
from retention.custody import Custody
from retention.facts import Check
from retention.states import Outcome
from tests.keepers import OFFSET, KeeperProcess, now

ENTRUSTOR, CONTRACT, PARTY, SITE, PERSON = "ent_01", "ctr_01", "pty_01", "sit_01", "per_01"
FULL = FieldRule(Mask.FULL, Mask.FULL, Mask.FULL, match=True, reveal=True)
PHONE = FieldRule(Mask.PHONE_LAST3, Mask.PHONE_LAST3, Mask.PHONE_LAST3, match=True, reveal=True)


@dataclass
class Strongroom:
    """The keeper of one test, and what is needed to have it open, freeze and shred."""

    keeper: KeeperProcess
    sessions: async_sessionmaker[AsyncSession]
    centre: ApproverKey = field(default_factory=ApproverKey.generate)
    entrustor: KeyPair = field(
        default_factory=lambda: KeyPair(ApproverKey.generate(), RecipientKey.generate())
    )
    records: dict[str, SealedRecord] = field(default_factory=dict)
    managers_grant: str | None = None

    def client(self, caller: Caller) -> KeeperClient:
        return self.keeper.client(caller)

    async def onboard(self) -> None:
        """Pin the keys, sign a contract."""
        async with self.client(Caller.ADMIN) as keeper:
            public = self.entrustor.public
            await keeper.call(Pin(ENTRUSTOR, public.signing, public.recipient.data))
            await keeper.call(Pin("centre", self.centre.public, b""))
        terms = ContractTerms(
            entrustor=ENTRUSTOR,
            contract=CONTRACT,
            version=1,
            purpose="health_check",
            fields={FieldKind.PHONE: PHONE, FieldKind.NAME: FULL},
            identity=IdentityRule(1, (FieldKind.PHONE,)),
            codes={10: True, 30: False},
            parties=(PARTY,),
            sites=(),
            expires=now() + timedelta(days=30),
        )
        await self.decide(terms, self.entrustor.approver)

    async def decide(self, body: StatementBody, key: ApproverKey) -> None:
        statement = statements.prepare(
            body, issuer="per_00", now=now(), valid_for=timedelta(days=1)
        )
        signed = statements.approve(statement, key)
        async with self.client(Caller.ADMIN) as keeper:
            await keeper.call(Submit(signed.payload, signed.key, signed.signature))

    async def operator(self, person: str = PERSON) -> str:
        """Enrol the operator and begin a shift; the grant."""
        return await self._shift(person, "operator", PARTY)

    async def manager(self) -> str:
        """The grant of the manager, who may end lists; the same one again."""
        if self.managers_grant is None:
            self.managers_grant = await self._shift("per_m", "manager", PARTY)
        return self.managers_grant

    async def officer(self) -> str:
        """The grant of the entrustor's officer."""
        return await self._shift("per_e", "entrustor", ENTRUSTOR)

    async def order(self, list_id: str) -> None:
        """The entrustor's signed leave to shred."""
        await self.decide(ShredOrder(ENTRUSTOR, (list_id,)), self.entrustor.approver)

    async def _shift(self, person: str, role: str, party: str) -> str:
        until = now() + timedelta(days=30)
        await self.decide(RosterEntry(person, party, SITE, role, until), self.centre)
        async with self.client(Caller.WEB) as keeper:
            factor = await keeper.call(Enrol(person))
            granted = await keeper.call(Grant(person, pyotp.TOTP(factor.secret).at(now())))
        return granted.secret

    async def upload(
        self, list_id: str, people: int, *, lives: timedelta = timedelta(days=7)
    ) -> None:
        """A list with its rows, its keys and its holding."""
        at = now()
        async with self.client(Caller.INTAKE) as keeper, keeper.session() as connection:
            minted = await connection.call(Mint(list_id, CONTRACT, 1, at + lives, "job_1"))
            recipient = Recipient(minted.recipient)
            chunk = ChunkSealer(recipient, entrustor=ENTRUSTOR, list_id=list_id, chunk=0)
            sealed = [chunk.seal(n, self._person(n)) for n in range(people)]
            index_key = seal_index_key(
                recipient, entrustor=ENTRUSTOR, list_id=list_id, key=new_index_key()
            )
            await self._store(list_id, chunk.sealed_key, sealed)
            await connection.call(
                Manifest(
                    list_id,
                    (chunk.commitment,),
                    (people,),
                    hashlib.sha256(secrets.token_bytes(16)).digest(),
                    index_key,
                )
            )
        self.records[list_id] = SealedRecord(list_id, 0, 0, chunk.sealed_key, sealed[0])
        async with self.client(Caller.WEB) as keeper, self.sessions.begin() as session:
            await Custody(keeper).open(
                session,
                id=list_id,
                entrustor_id=ENTRUSTOR,
                reference=f"KS-1-{list_id}",
                basis="R8-01 v1",
                people=people,
                facts={"entrustor": "架空市", "rows": people, "grace_hours": 0},
                deadline=at + lives,
                now=at,
            )

    async def _store(self, list_id: str, sealed_key: bytes, sealed: list[bytes]) -> None:
        async with self.sessions.begin() as session:
            session.add(Chunk(list_id=list_id, chunk=0, sealed_key=sealed_key))
            rows: list[dict[str, Any]] = [
                {
                    "list_id": list_id,
                    "chunk": 0,
                    "index": n,
                    "line": n,
                    "sealed": record,
                    "state": "waiting",
                    "attempts": 0,
                    "rung": 0,
                }
                for n, record in enumerate(sealed)
            ]
            # A list has a table of its own; here one that its owner makes and fills.
            own = f"create table records_{list_id} partition of records"
            await session.execute(text(f"{own} for values in ('{list_id}')"))
            await session.execute(insert(Record), rows)

    @staticmethod
    def _person(number: int) -> dict[FieldKind, str]:
        return {FieldKind.PHONE: f"+819001230{number:03d}", FieldKind.NAME: f"架空{number}"}


BATCH = 4  # rows; small, so that a crash between batches can be tried


async def erase(session: AsyncSession, list_id: str) -> int:
    """What a worker hands in: one batch, counted in people."""
    batch = select(Record.index).where(Record.list_id == list_id).limit(BATCH)
    gone = await session.scalars(
        delete(Record)
        .where(Record.list_id == list_id, Record.index.in_(batch))
        .returning(Record.index)
    )
    rows = len(gone.all())
    if rows == 0:
        await session.execute(delete(Chunk).where(Chunk.list_id == list_id))
    return rows


async def database_time(session: AsyncSession) -> datetime:
    """What a worker hands in: the database's clock, moved to where these tests live."""
    return await db.time(session) + OFFSET


async def take_marks(session: AsyncSession, list_id: str) -> bytes:
    """What a worker hands in: of the sealed rows."""
    rows = select(Record.sealed).where(Record.list_id == list_id)
    return marks.join([row for row in await session.scalars(rows) if row])


async def inspect(session: AsyncSession, list_id: str, known: Sequence[bytes]) -> list[Check]:
    """What a worker hands in: the tables, counted."""
    assert known, "marks were taken before anything was erased"
    checks = []
    for name, table in (("records", Record), ("chunks", Chunk)):
        left = await session.scalar(
            select(func.count()).select_from(table).where(table.list_id == list_id)
        )
        outcome = Outcome.FAILED if left else Outcome.PASS
        checks.append(Check(name, outcome, "counted", found=left or 0))
    return checks
