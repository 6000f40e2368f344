"""Contracts: drafted here, decided by the entrustor's signature, enforced by the keeper.

    draft (file) -> the entrustor signs on its own machine -> submit -> in force

A version is never changed; the next one is version + 1. Terms are read from the payload
that was signed (decision 13), never from the readable copy in `terms`.
"""

import functools
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import BindParameter, ScalarSelect, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import ids
from calllist.entrustors.purposes import Purpose, defaults
from calllist.entrustors.tables import Contract, ContractVersion, PartyChange
from calllist.errors import CalllistError
from crypto.errors.statements import BadStatement
from crypto.signed import statements
from crypto.signed.orders import PartyDecision
from crypto.signed.terms import Conduct, ContractTerms, SignedStatement

TIME_TO_SIGN = timedelta(days=14)


class ContractUnknown(CalllistError):
    """No contract, or no version of it in force, that this person may know of."""

    code = "unknown_contract"


class ContractTaken(CalllistError):
    """Another contract has this number."""

    code = "contract_taken"


async def open_contract(
    session: AsyncSession, *, entrustor_id: str, code: str, now: datetime
) -> Contract:
    """A contract without any terms yet. `code` is the number printed on paper."""
    if await session.scalar(select(Contract.id).where(Contract.code == code)) is not None:
        raise ContractTaken
    contract = Contract(id=ids.new("ctr"), entrustor_id=entrustor_id, code=code, created_at=now)
    session.add(contract)
    await session.flush()
    return contract


def terms_for(
    purpose: Purpose,
    *,
    entrustor_id: str,
    contract_id: str,
    version: int,
    parties: tuple[str, ...],
    sites: tuple[str, ...] = (),
    expires: datetime,
    conduct: Conduct | None = None,
) -> ContractTerms:
    """Terms with the defaults of a purpose; narrow them with `msgspec.structs.replace`."""
    usual = defaults(purpose)
    return ContractTerms(
        entrustor=entrustor_id,
        contract=contract_id,
        version=version,
        purpose=purpose,
        fields=usual.fields,
        identity=usual.identity,
        codes=usual.codes,
        parties=parties,
        sites=sites,
        expires=expires,
        conduct=conduct or Conduct(handover_test=True),
        inbound=True,  # whoever finds our number on the telephone calls back, to refuse too
    )


async def next_version(session: AsyncSession, contract_id: str) -> int:
    """The number the next terms of this contract must carry."""
    latest = select(func.max(ContractVersion.version)).where(
        ContractVersion.contract_id == contract_id
    )
    return ((await session.scalar(latest)) or 0) + 1


def draft(terms: ContractTerms, *, issuer: str, now: datetime) -> bytes:
    """The file that the entrustor reads and signs with `calllist approve FILE`."""
    return statements.dump_request(
        statements.prepare(terms, issuer=issuer, now=now, valid_for=TIME_TO_SIGN)
    )


async def expect(session: AsyncSession, terms: ContractTerms) -> None:
    """Raises ContractUnknown unless these terms belong to a contract of that entrustor."""
    contract = await session.get(Contract, terms.contract)
    if contract is None or contract.entrustor_id != terms.entrustor:
        raise ContractUnknown(terms.contract)


async def is_kept(session: AsyncSession, terms: ContractTerms) -> bool:
    """Whether we have the row of this version."""
    return await session.get(ContractVersion, (terms.contract, terms.version)) is not None


async def record(
    session: AsyncSession, terms: ContractTerms, signed: SignedStatement, now: datetime
) -> ContractVersion:
    """Keep what the keeper has just accepted. Kept before: handed in again, to a new keeper."""
    there = await session.get(ContractVersion, (terms.contract, terms.version))
    if there is not None and there.payload == signed.payload:
        return there
    version = ContractVersion(
        contract_id=terms.contract,
        version=terms.version,
        purpose=terms.purpose,
        terms=_encode(terms),
        payload=signed.payload,
        key=signed.key,
        signature=signed.signature,
        signed_at=now,
        expires_at=terms.expires,
    )
    session.add(version)
    await session.flush()
    return version


async def versions(session: AsyncSession) -> list[ContractVersion]:
    """Every signed version of every contract, in the order in which a keeper takes them."""
    query = select(ContractVersion)
    order = query.order_by(ContractVersion.contract_id, ContractVersion.version)
    return list(await session.scalars(order))


async def record_party(
    session: AsyncSession, decision: PartyDecision, signed: SignedStatement, now: datetime
) -> None:
    """Keep what the keeper has just accepted; kept before: nothing to do."""
    statement = statements.read(signed.payload)
    if await session.get(PartyChange, statement.nonce) is not None:
        return
    session.add(
        PartyChange(
            nonce=statement.nonce,
            contract_id=decision.contract,
            party_id=decision.party,
            approved=decision.approved,
            issued_at=statement.issued,
            version=(await in_force(session, decision.contract)).version,
            payload=signed.payload,
            key=signed.key,
            signature=signed.signature,
            decided_at=now,
        )
    )
    await session.flush()


async def parties(session: AsyncSession, terms: ContractTerms) -> tuple[str, ...]:
    """Whose people may handle what is received now under these terms. The keeper decides of
    each list by itself; this is what screens and assignments go by."""
    approved = dict.fromkeys(terms.parties, True)
    of = {"contract_id": terms.contract, "version": terms.version}
    changes = await session.scalars(_CHANGES, of)
    for change in changes:
        approved[change.party_id] = change.approved
    return tuple(party for party, holds in approved.items() if holds)


def decided(party_id: BindParameter[str | None]) -> ScalarSelect[bool | None]:
    """In a question about contract versions: whether the latest decision since approves a party.
    NULL: there is none, and the terms say."""
    return (
        select(PartyChange.approved)
        .where(
            PartyChange.contract_id == ContractVersion.contract_id,
            PartyChange.version >= ContractVersion.version,
            PartyChange.party_id == party_id,
        )
        .order_by(PartyChange.issued_at.desc())
        .limit(1)
        .correlate(ContractVersion)
        .scalar_subquery()
    )


_CHANGES = (
    select(PartyChange)
    .where(
        PartyChange.contract_id == bindparam("contract_id"),
        PartyChange.version >= bindparam("version"),
    )
    .order_by(PartyChange.issued_at)
)


async def in_force(session: AsyncSession, contract_id: str) -> ContractVersion:
    """The latest version. Raises ContractUnknown if nothing is signed yet."""
    version = await session.scalar(
        select(ContractVersion)
        .where(ContractVersion.contract_id == contract_id)
        .order_by(ContractVersion.version.desc())
        .limit(1)
    )
    if version is None:
        raise ContractUnknown(contract_id)
    return version


async def terms_of(session: AsyncSession, contract_id: str, version: int) -> ContractTerms:
    """The terms of one version. Raises ContractUnknown."""
    row = await session.get(ContractVersion, (contract_id, version))
    if row is None:
        raise ContractUnknown(contract_id)
    return decode(row)


def _encode(terms: ContractTerms) -> str:
    builtins = msgspec.to_builtins(terms, str_keys=True)
    return msgspec.json.encode(builtins, order="sorted").decode()


def decode(version: ContractVersion) -> ContractTerms:
    """The terms as they were signed. Raises ContractUnknown if the payload is of another row.

    The signature is not checked: only the keeper has the pinned key (decision 13).
    """
    terms = _signed(version.payload)
    if terms is None or (terms.contract, terms.version) != (version.contract_id, version.version):
        raise ContractUnknown(version.contract_id)
    return terms


@functools.lru_cache(maxsize=512)
def _signed(payload: bytes) -> ContractTerms | None:
    """Decoded once: a version never changes."""
    try:
        body = statements.read(payload).body
    except BadStatement:
        return None
    return body if isinstance(body, ContractTerms) else None


async def contracts(session: AsyncSession, entrustor_id: str | None = None) -> list[Contract]:
    """All contracts, or those of one entrustor, by number."""
    query = select(Contract).order_by(Contract.code)
    if entrustor_id is not None:
        query = query.where(Contract.entrustor_id == entrustor_id)
    return list(await session.scalars(query))
