"""What signed orders have put in force: raised budgets, parties, holds, leave to shred.

Each row is what an accepted statement says; nothing else writes here. A later statement about
the same thing overrules an earlier one only if it was also issued later.
"""

import sqlite3
from datetime import datetime

from crypto.errors.statements import BadStatement
from crypto.signed.orders import BudgetRaise, PartyDecision
from crypto.signed.terms import ContractTerms
from crypto.standards.canonical import micros

CAPS = (
    "people_per_hour",
    "people_per_day",
    "people_per_30_days",
    "people_per_job",
    "people_per_list",
    "people_per_entrustor_day",
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS raises (
    statement TEXT PRIMARY KEY,
    contract TEXT NOT NULL,
    person TEXT,                 -- one person, or
    role TEXT,                   -- everybody in a role
    until INTEGER NOT NULL,
    people_per_hour INTEGER NOT NULL,
    people_per_day INTEGER NOT NULL,
    people_per_30_days INTEGER NOT NULL,
    people_per_job INTEGER NOT NULL,
    people_per_list INTEGER NOT NULL,
    people_per_entrustor_day INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS raises_contract ON raises (contract, until);
CREATE TABLE IF NOT EXISTS party_decisions (
    contract TEXT NOT NULL,
    party TEXT NOT NULL,
    issued INTEGER NOT NULL,     -- no earlier one overrules it
    at INTEGER NOT NULL,         -- when it came into force here
    approved INTEGER NOT NULL,
    PRIMARY KEY (contract, party, issued)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS holds (
    list TEXT PRIMARY KEY,
    issued INTEGER NOT NULL,     -- of the latest statement about it
    held INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shred_orders (
    list TEXT NOT NULL,
    approver TEXT NOT NULL,      -- its entrustor, or "centre": beyond the number per hour only
    issued INTEGER NOT NULL,     -- of the latest: no extension issued earlier undoes it
    PRIMARY KEY (list, approver)
) STRICT, WITHOUT ROWID;
"""

_COLUMNS = ", ".join(f"max({name})" for name in CAPS)


class Mandates:
    """Orders in force. Written inside steps of the journal only."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    # -- budgets ---------------------------------------------------------------------------

    def raise_budget(self, order: BudgetRaise, statement: str, now: datetime) -> None:
        """Raises BadStatement if it names nobody, both kinds, nothing, or is over already."""
        raised = [getattr(order, name) for name in CAPS]
        if (order.person is None) == (order.role is None) or not any(raised):
            raise BadStatement("whose budget, and which")
        if order.until <= now:
            raise BadStatement("until")
        self._db.execute(
            "INSERT INTO raises VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                statement,
                order.contract,
                order.person,
                order.role,
                micros(order.until),
                *raised,
            ),
        )

    def caps(self, terms: ContractTerms, person: str, role: str, now: datetime) -> dict[str, int]:
        """The caps in force for this person: the contract's, or what was raised above them."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM raises"  # noqa: S608  # names of ours
            " WHERE contract = ? AND until > ? AND (person = ? OR role = ?)",
            (terms.contract, micros(now), person, role),
        ).fetchone()
        return {
            name: max(getattr(terms, name), more or 0) for name, more in zip(CAPS, row, strict=True)
        }

    # -- parties ---------------------------------------------------------------------------

    def decide_party(self, order: PartyDecision, issued: datetime, now: datetime) -> None:
        """Raises BadStatement if one issued later, or at the same time, is in force."""
        (latest,) = self._db.execute(
            "SELECT max(issued) FROM party_decisions WHERE contract = ? AND party = ?",
            (order.contract, order.party),
        ).fetchone()
        if latest is not None and micros(issued) <= latest:
            raise BadStatement("not issued after the statement in force")
        self._db.execute(
            "INSERT INTO party_decisions VALUES (?, ?, ?, ?, ?)",
            (order.contract, order.party, micros(issued), micros(now), order.approved),
        )

    def approves(self, terms: ContractTerms, issued: int, party: str, minted_at: int) -> bool:
        """Whether a party's people may touch a list minted at `minted_at`.

        A list knows the parties of its contract version, issued at `issued`, and what was issued
        since and approved before its minting; a withdrawal counts at once, for lists minted
        before it for ever.
        """
        approved = party in terms.parties
        for at, said in self._db.execute(
            "SELECT at, approved FROM party_decisions WHERE contract = ? AND party = ?"
            " AND issued >= ? ORDER BY issued",
            (terms.contract, party, issued),
        ):
            if at >= minted_at and said:
                continue
            approved = bool(said)
        return approved

    def approved(self, terms: ContractTerms, issued: int, minted_at: int) -> tuple[str, ...]:
        """The parties that a list knew at its minting: who was withdrawn later had been one."""
        parties = set(terms.parties)
        for party, said in self._db.execute(
            "SELECT party, approved FROM party_decisions WHERE contract = ?"
            " AND issued >= ? AND at < ? ORDER BY issued",
            (terms.contract, issued, minted_at),
        ):
            (parties.add if said else parties.discard)(party)
        return tuple(sorted(parties))

    # -- lists -----------------------------------------------------------------------------

    def hold(self, list_id: str, held: bool, issued: datetime) -> None:
        """Raises BadStatement if one issued later, or at the same time, is in force."""
        row = self._db.execute(
            "INSERT INTO holds VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
            " issued = excluded.issued, held = excluded.held WHERE issued < excluded.issued"
            " RETURNING list",
            (list_id, micros(issued), held),
        ).fetchone()
        if row is None:
            raise BadStatement("not issued after the statement in force")

    def held(self, list_id: str) -> bool:
        row = self._db.execute("SELECT 1 FROM holds WHERE list = ? AND held", (list_id,)).fetchone()
        return row is not None

    def order_shred(self, list_id: str, approver: str, issued: datetime) -> None:
        self._db.execute(
            "INSERT INTO shred_orders VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET issued = max(issued, excluded.issued)",
            (list_id, approver, micros(issued)),
        )

    def recall_shred(self, list_id: str, approver: str, issued: datetime) -> None:
        """An order issued before this no longer counts, whoever signed it. Raises BadStatement at
        a later one of this approver's."""
        self._db.execute(
            "DELETE FROM shred_orders WHERE list = ? AND issued < ?", (list_id, micros(issued))
        )
        later = self._db.execute(
            "SELECT 1 FROM shred_orders WHERE list = ? AND approver = ? AND issued > ?",
            (list_id, approver, micros(issued)),
        ).fetchone()
        if later is not None:
            raise BadStatement("not issued after the order to shred")

    def ordered(self, list_id: str) -> set[str]:
        """Whose signature lets this list be shredded."""
        rows = self._db.execute(
            "SELECT approver FROM shred_orders WHERE list = ?", (list_id,)
        ).fetchall()
        return {approver for (approver,) in rows}
