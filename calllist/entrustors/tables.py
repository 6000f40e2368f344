"""Entrustors (委託元) and the versions of their contracts."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped

from retention.tables import Base, kept


class Entrustor(Base):
    """A company or public body that entrusts lists to us."""

    __tablename__ = "entrustors"

    id: Mapped[str] = kept(primary_key=True, why="names the tenant everywhere")
    name: Mapped[str] = kept(why="legal name on screens and certificates")
    kind: Mapped[str] = kept(String(16), why="private or public: decides thresholds and forms")
    created_at: Mapped[datetime] = kept(why="onboarding date")
    mail: Mapped[str | None] = kept(why="its office's mailbox: notices without personal data")


class Contract(Base):
    """A contract; what is agreed stands in its versions. Outlives the data."""

    __tablename__ = "contracts"

    id: Mapped[str] = kept(primary_key=True, why="names the contract in statements")
    entrustor_id: Mapped[str] = kept(ForeignKey("entrustors.id"), index=True, why="whose contract")
    code: Mapped[str] = kept(unique=True, why="contract number as printed on paper")
    created_at: Mapped[datetime] = kept(why="audit")


class HandoverTest(Base):
    """A file of one invented result, by which an entrustor shows that it opens its results."""

    __tablename__ = "handover_tests"

    entrustor_id: Mapped[str] = kept(
        ForeignKey("entrustors.id"), primary_key=True, why="one stands for each entrustor"
    )
    id: Mapped[str] = kept(why="names it in the ledger")
    key: Mapped[str] = kept(why="fingerprint of the entrustor's key that opens it")
    content: Mapped[bytes] = kept(LargeBinary, why="the sealed file: holds nobody")
    proof: Mapped[bytes] = kept(LargeBinary, why="hash of the code inside it")
    made_at: Mapped[datetime] = kept(why="since when it waits")
    opened_at: Mapped[datetime | None] = kept(why="when its code was named: calls may begin")
    opened_by: Mapped[str | None] = kept(
        ForeignKey("people.id"), why="which officer named the code", personal=True
    )


class PartyChange(Base):
    """A party approved for a contract, or withdrawn from it, by signature. Never changed."""

    __tablename__ = "party_changes"

    nonce: Mapped[str] = kept(primary_key=True, why="number of the statement")
    contract_id: Mapped[str] = kept(ForeignKey("contracts.id"), index=True, why="which contract")
    party_id: Mapped[str] = kept(why="whose people may, or may no longer, handle its data")
    approved: Mapped[bool] = kept(why="approved or withdrawn")
    issued_at: Mapped[datetime] = kept(why="the latest one counts")
    version: Mapped[int] = kept(why="in force then: a later version overrules the decision")
    payload: Mapped[bytes] = kept(LargeBinary, why="the statement as signed: proof of consent")
    key: Mapped[str] = kept(why="fingerprint of the key that signed")
    signature: Mapped[bytes] = kept(LargeBinary, why="the entrustor's signature")
    decided_at: Mapped[datetime] = kept(why="from when it was in force")


class ContractVersion(Base):
    """One signed version of a contract's terms. Never changed."""

    __tablename__ = "contract_versions"

    contract_id: Mapped[str] = kept(
        ForeignKey("contracts.id"), primary_key=True, why="which contract"
    )
    version: Mapped[int] = kept(primary_key=True, autoincrement=False, why="1, 2, 3, ...")
    purpose: Mapped[str] = kept(String(32), why="decides script, fields and result codes")
    terms: Mapped[str] = kept(why="canonical JSON of crypto.signed.terms.ContractTerms")
    payload: Mapped[bytes] = kept(LargeBinary, why="the statement as signed: proof of consent")
    key: Mapped[str] = kept(why="fingerprint of the key that signed")
    signature: Mapped[bytes] = kept(LargeBinary, why="the entrustor's signature")
    signed_at: Mapped[datetime] = kept(why="from when it was in force")
    expires_at: Mapped[datetime] = kept(why="the hard date of the terms")
