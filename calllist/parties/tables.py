"""Parties that handle data (we, and those we sub-entrust to) and their sites."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from retention.tables import Base, kept


class Party(Base):
    """A legal person whose people may work here."""

    __tablename__ = "parties"

    id: Mapped[str] = kept(primary_key=True, why="named in signed terms: approved or not")
    name: Mapped[str] = kept(why="legal name on certificates and screens")
    kind: Mapped[str] = kept(String(16), why="centre, sub_entrustee or host")


class Site(Base):
    """A place where people of a party work."""

    __tablename__ = "sites"

    id: Mapped[str] = kept(primary_key=True, why="named in signed terms and in the ledger")
    party_id: Mapped[str] = kept(ForeignKey("parties.id"), why="whose place")
    name: Mapped[str] = kept(why="shown to managers and entrustors")
