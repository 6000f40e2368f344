"""A keeper of one's own, with people, a contract and sealed records; its clock stands still.

    world = await World.at(folder)
    await world.settle()                  # keys pinned, contract signed, two operators
    grant = await world.shift("per_1")
    [record, *_] = await world.upload("lst_1", rows)
    view = await world.say(Open(grant, record))

The keeper is the real one on real files; only the socket is left out (see `test_server`).
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import pyotp

from crypto.keeper.home import Home
from crypto.keeper.verbs import Keeper
from crypto.lists.authority import SHREDS_AN_HOUR
from crypto.lists.keyroom import Session
from crypto.people.securitykeys import SecurityKeys
from crypto.records.fields import FieldKind, Mask
from crypto.records.sealing import (
    ChunkSealer,
    Recipient,
    RecipientKey,
    new_index_key,
    seal_index_key,
)
from crypto.signed.statements import ApproverKey, approve, prepare
from crypto.signed.terms import ContractTerms, FieldRule, IdentityRule, RosterEntry, StatementBody
from crypto.standards.canonical import canonical_json
from crypto.wire.approvals import Pin, Submit, Submitted
from crypto.wire.base import Caller, Reply, Request
from crypto.wire.frames import AnyRequest
from crypto.wire.lists import Attest, Certify, Freeze, Inspect, Manifest, Mint, Minted
from crypto.wire.people import Enrol, Grant
from crypto.wire.records import Close, Open, SealedRecord

R = TypeVar("R", bound=Reply)

ORIGIN = "https://calls.example.jp"
START = datetime(2026, 4, 7, 1, 0, tzinfo=UTC)  # Tuesday 10:00 in Japan
TERMS = ContractTerms(
    entrustor="ent_1",
    contract="ctr_1",
    version=1,
    purpose="health_check",
    fields={
        FieldKind.PHONE: FieldRule(
            Mask.PHONE_LAST3, Mask.PHONE_LAST3, Mask.PHONE_LAST3, reveal=True
        ),
        FieldKind.NAME: FieldRule(Mask.ASKABLE, Mask.ASKABLE, Mask.FULL),
        FieldKind.NAME_KANA: FieldRule(Mask.ASKABLE, Mask.ASKABLE, Mask.FULL),
        FieldKind.REFERENCE: FieldRule(Mask.LAST3, Mask.LAST3, Mask.LAST3, match=True),
        FieldKind.BIRTH_DATE: FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.DECADE, match=True),
        FieldKind.SUBJECT: FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.FULL),
    },
    identity=IdentityRule(1, (FieldKind.BIRTH_DATE, FieldKind.REFERENCE)),
    codes={10: True, 30: False, 50: True},
    parties=("pty_1",),
    sites=("sit_1", "sit_2"),
    expires=START + timedelta(days=30),
)
YAMADA = {
    FieldKind.PHONE: "+819000000678",
    FieldKind.NAME: "山田 花子",
    FieldKind.NAME_KANA: "ヤマダ ハナコ",
    FieldKind.REFERENCE: "K-0000123",
    FieldKind.BIRTH_DATE: "昭和50年1月2日",
    FieldKind.SUBJECT: "特定健診",
}


def townsfolk(count: int) -> list[dict[FieldKind, str]]:
    """`count` fictional people whose numbers nobody can be rung under."""
    return [
        YAMADA | {FieldKind.PHONE: f"+8190000{n:05}", FieldKind.REFERENCE: f"K-{n:07}"}
        for n in range(count)
    ]


class World:
    """One keeper and those who deal with it."""

    def __init__(self, folder: Path, root: str = "file") -> None:
        self.folder, self.root = folder, root
        self.now = START
        self.version = 1  # of the contract that lists are minted under
        self.ahead = timedelta(0)  # by how much the wall clock is wrong
        self.shreds_an_hour = SHREDS_AN_HOUR
        self.running = False
        self.origin: str | None = ORIGIN
        self._manager: tuple[str, datetime] | None = None
        self.entrustor, self.centre = ApproverKey.generate(), ApproverKey.generate()
        self.entrustor_recipient = RecipientKey.generate()
        self.factors: dict[str, pyotp.TOTP] = {}
        self.sessions = {caller: Session(caller) for caller in Caller}
        self.for_entrustor: dict[str, bytes] = {}
        self.index_keys: dict[str, bytes] = {}
        self.rows: dict[str, int] = {}

    @classmethod
    async def at(cls, folder: Path, root: str = "file") -> "World":
        world = cls(folder, root)
        await world.start()
        return world

    async def start(self) -> None:
        home = Home.open(self.folder, root=self.root)
        try:
            self.keeper = Keeper(
                home,
                lambda: self.now + self.ahead,
                SecurityKeys(self.origin) if self.origin else None,
                steady=self._steady,
                shreds_an_hour=self.shreds_an_hour,
            )
        except BaseException:
            await home.close()
            raise
        self.home, self.running = home, True
        await home.journal.start()

    def _steady(self) -> float:
        """What a clock that nobody can set would say, in seconds."""
        return (self.now - START).total_seconds()

    async def stop(self) -> None:
        if self.running:
            self.running = False
            await self.keeper.close()
            await self.home.close()
            (self.folder / "reserve").unlink(missing_ok=True)  # 16 MB for each test are too many

    async def restart(self) -> None:
        """As after a kill: only what is on the disk is left."""
        await self.stop()
        self.sessions = {caller: Session(caller) for caller in Caller}
        await self.start()

    async def say(self, request: Request[R], caller: Caller | None = None) -> R:
        """One verb, by a caller that may say it unless `caller` is given."""
        by = caller or min(type(request).callers, key=list(Caller).index)
        answer = await self.keeper.answer(self.sessions[by], cast("AnyRequest", request))
        return cast("R", answer)

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    # -- people and contracts --------------------------------------------------------------

    async def settle(self, terms: ContractTerms = TERMS) -> None:
        """Keys pinned, the contract signed, two operators and a manager enrolled."""
        recipient = self.entrustor_recipient.public.data
        await self.say(Pin(terms.entrustor, self.entrustor.public, recipient))
        await self.say(Pin("centre", self.centre.public, b""))
        await self.sign(terms)
        for person in ("per_1", "per_2"):
            await self.hire(person)
        await self.hire("per_m", role="manager")

    async def sign(self, body: StatementBody, by: ApproverKey | None = None) -> Submitted:
        right = self.centre if isinstance(body, RosterEntry) else self.entrustor
        return await self.say(self.signed(body, by or right))

    def signed(self, body: StatementBody, by: ApproverKey) -> Submit:
        return self.signed_by(body, by)[0]

    def signed_by(
        self, body: StatementBody, *keys: ApproverKey, issuer: str = "iss_1"
    ) -> list[Submit]:
        """The same request, signed by each."""
        statement = prepare(body, issuer=issuer, now=self.now, valid_for=timedelta(days=7))
        each = [approve(statement, key) for key in keys]
        return [Submit(signed.payload, signed.key, signed.signature) for signed in each]

    async def name(self, person: str, *, new_factor: bool = False) -> None:
        """On the roster for a month, without a factor."""
        self.wait(seconds=1)
        until = self.now + timedelta(days=30)
        await self.sign(RosterEntry(person, "pty_1", "sit_1", "operator", until, new_factor))

    async def hire(
        self,
        person: str,
        *,
        role: str = "operator",
        party: str = "pty_1",
        site: str = "sit_1",
        days: int = 365,
        new_factor: bool = False,
    ) -> None:
        """On the roster, and with a factor."""
        until = self.now + timedelta(days=days)
        await self.sign(RosterEntry(person, party, site, role, until, new_factor))
        enrolled = await self.say(Enrol(person))
        self.factors[person] = pyotp.TOTP(enrolled.secret)

    def code(self, person: str, steps: int = 0) -> str:
        """What the person's authenticator shows, `steps` of 30 s later."""
        return self.factors[person].at(self.now + timedelta(seconds=30 * steps))

    async def shift(self, person: str) -> str:
        """The secret of a fresh grant."""
        granted = await self.say(Grant(person, self.code(person)))
        return granted.secret

    # -- lists -----------------------------------------------------------------------------

    async def mint(
        self, list_id: str, *, days: float = 1.0, job: str = "job_1", contract: str = "ctr_1"
    ) -> Minted:
        request = Mint(list_id, contract, self.version, self.now + timedelta(days=days), job)
        minted = await self.say(request)
        self.for_entrustor[list_id] = minted.for_entrustor
        return minted

    async def upload(
        self,
        list_id: str,
        people: Sequence[dict[FieldKind, str]] = (YAMADA,),
        *,
        chunk_rows: int = 1000,
        days: float = 1.0,
        job: str = "job_1",
        contract: str = "ctr_1",
    ) -> list[SealedRecord]:
        """Mint, seal, manifest; the records as the operations plane would store them."""
        minted = await self.mint(list_id, days=days, job=job, contract=contract)
        key = self.index_keys[list_id] = new_index_key()
        records, manifest = sealed(minted, list_id, people, chunk_rows, key)
        await self.say(manifest)
        self.rows[list_id] = len(people)
        return records

    async def end(self, list_id: str) -> None:
        """The manager ends a list: it is frozen, and may be shredded."""
        grant = await self.managers_grant()
        await self.say(Freeze(list_id, "manager", grant))

    async def attest(self, list_id: str) -> None:
        """The worker's two steps after a shredding, as they should be."""
        await self.say(Attest(list_id, "erased", {"rows": str(self.rows[list_id])}))
        await self.say(Attest(list_id, "verified", {"pass": "1", "bytes": "0"}))

    async def claims(self, list_id: str, number: int = 1, **changed: object) -> dict[str, Any]:
        """What the worker may then claim."""
        ended = await self.say(Inspect(list_id))
        now = self.now.isoformat()
        said = {
            "form": "calllist-claims/1",
            "number": number,
            "reference": "KS-1 / 1",
            "basis": "R8-01 v1",
            "trigger": ended.trigger,
            "people": self.rows[list_id],
            "received": {"entrustor": "仮空市", "rows": 1},
            "deadline": ended.expires,
            "frozen_at": ended.frozen_at,
            "shredded_at": ended.shredded_at,
            "erased_rows": self.rows[list_id],
            "checks": [{"store": "records", "outcome": "PASS", "how": "counted"}],
            **dict.fromkeys(("received_at", "erased_at", "verified_at"), now),
        }
        claims: dict[str, Any] = msgspec.to_builtins({**said, **changed})
        return claims

    async def certifying(self, list_id: str, number: int = 1, **changed: object) -> Certify:
        """The worker's request for a certificate."""
        claims = await self.claims(list_id, number, **changed)
        return Certify(list_id, f"ent_1-{number:06d}", canonical_json(claims))

    async def certify(self, list_id: str, number: int = 1) -> bytes:
        """The certificate of a list that was shredded."""
        await self.attest(list_id)
        return (await self.say(await self.certifying(list_id, number))).envelope

    async def managers_grant(self) -> str:
        """Of a shift of per_m; a fresh one after some hours."""
        given = self._manager
        if given is None or self.now - given[1] > timedelta(hours=6):
            self._manager = given = (await self.shift("per_m"), self.now)
        return given[0]

    async def call(
        self, grant: str, record: SealedRecord, *, code: int = 30, attempt: str | None = None
    ) -> None:
        """Open one record and close it again."""
        await self.say(Open(grant, record))
        await self.say(Close(grant, record, attempt or secrets.token_hex(8), code))

    # -- the ledger ------------------------------------------------------------------------

    def lines(self, *kinds: str) -> list[dict[str, Any]]:
        rows = self.home.journal.db.execute("SELECT leaf FROM ledger ORDER BY seq").fetchall()
        leaves = [msgspec.json.decode(leaf) for (leaf,) in rows]
        return [leaf for leaf in leaves if not kinds or leaf["kind"] in kinds]


def sealed(
    minted: Minted,
    list_id: str,
    people: Sequence[dict[FieldKind, str]],
    chunk_rows: int = 1000,
    key: bytes | None = None,
) -> tuple[list[SealedRecord], Manifest]:
    """What intake makes of `people`: the records, and the manifest that closes the list."""
    recipient = Recipient(minted.recipient)
    records, commitments, rows = [], [], []
    for chunk, first in enumerate(range(0, len(people), chunk_rows)):
        sealer = ChunkSealer(recipient, entrustor=minted.entrustor, list_id=list_id, chunk=chunk)
        for line, person in enumerate(people[first : first + chunk_rows], start=first + 2):
            record = sealer.seal(line, person)
            records.append(SealedRecord(list_id, chunk, sealer.rows - 1, sealer.sealed_key, record))
        commitments.append(sealer.commitment)
        rows.append(sealer.rows)
    index_key = seal_index_key(
        recipient, entrustor=minted.entrustor, list_id=list_id, key=key or new_index_key()
    )
    manifest = Manifest(
        list_id, tuple(commitments), tuple(rows), secrets.token_bytes(32), index_key
    )
    return records, manifest
