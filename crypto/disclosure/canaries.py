"""Numbers that the entrustor owns and has put among the people of its lists.

    the entrustor signs a list of them, sealed to this keeper -> only the keeper knows which

Leased in their turn they answer `withdrawn`, as a person whom the entrustor withdrew does. A
search, a match or a reveal is something no honest desk asks of a person it was never shown:
it freezes the list at once and raises an alarm that names the list and no record. Should such
a number ever ring, its owner knows which list has leaked.
"""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from crypto.bookkeeping.journal import Act, Journal, Verbs
from crypto.errors.records import DoesNotOpen
from crypto.errors.statements import BadStatement
from crypto.lists.lifecycle import ListFacts, Lists
from crypto.records.fields import FieldKind
from crypto.records.sealing import MLKEM_SEED_BYTES, X25519_BYTES, RecipientKey, open_canaries
from crypto.signed.orders import Canaries
from crypto.standards.canonical import micros, moment
from crypto.wire.lists import Alarm, Alarms, AlarmsTold

TRIGGER = "canary"  # of the freeze
MOST = 10_000  # numbers of one statement
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164

SCHEMA = """
CREATE TABLE IF NOT EXISTS canaries (
    contract TEXT NOT NULL,
    statement TEXT NOT NULL,     -- nonce of the statement that brought them
    entrustor TEXT NOT NULL,
    sealed BLOB NOT NULL,        -- to the keeper: this journal does not tell which they are
    PRIMARY KEY (contract, statement)
) STRICT;
CREATE TABLE IF NOT EXISTS alarms (
    list TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;
"""


def recipient_key(factor_key: bytes) -> RecipientKey:
    """What entrustors seal to; made of a key of the keystore that survives epochs and lies in
    no backup."""
    size = MLKEM_SEED_BYTES + X25519_BYTES
    return RecipientKey(HKDFExpand(SHA256(), size, b"calllist/keeper/1").derive(factor_key))


class Watch:
    """Which numbers they are (in memory), and what happens when one is touched."""

    def __init__(self, journal: Journal, lists: Lists, key: RecipientKey) -> None:
        self._journal, self._db, self._lists, self._key = journal, journal.db, lists, key
        self._numbers: dict[str, frozenset[str]] = {}
        self.verbs: Verbs = {Alarms: self.alarms}

    def add(self, body: Canaries, statement: str) -> None:
        """Take up what a statement of the contract's entrustor brings; numbers brought earlier
        stay. Raises BadStatement."""
        try:
            numbers = self._opened(body.entrustor, body.contract, body.sealed)
        except DoesNotOpen:
            raise BadStatement("not sealed to this keeper for this contract") from None
        if not 1 <= len(numbers) <= MOST or not all(map(_NUMBER.fullmatch, numbers)):
            raise BadStatement("numbers")
        self._db.execute(
            "INSERT INTO canaries VALUES (?, ?, ?, ?)",
            (body.contract, statement, body.entrustor, body.sealed),
        )
        self._numbers.pop(body.contract, None)

    def knows(self, facts: ListFacts, phones: Iterable[str]) -> bool:
        """Whether one of these numbers is such a one."""
        return not self._of(facts.contract).isdisjoint(phones)

    def raise_alarm(
        self, touched: Sequence[ListFacts], verb: str, now: datetime, *, principal: str, site: str
    ) -> None:
        """Inside a step: nothing of these lists opens any more, and everybody concerned is told
        that it happened, by whom and how, and not with which record."""
        for facts in touched:
            if self._lists.freeze(facts, TRIGGER, now):
                self._journal.append("freeze", now, list_id=facts.list, trigger=TRIGGER)
            self._db.execute(
                "INSERT OR IGNORE INTO alarms VALUES (?, ?)", (facts.list, micros(now))
            )
            self._journal.append(
                TRIGGER, now, list_id=facts.list, principal=principal, site=site, verb=verb
            )

    def alarms(self, request: Alarms, _now: datetime) -> Act:
        """Of the lists asked for, those that have raised one."""
        found = []
        for list_id in request.lists:
            row = self._db.execute("SELECT at FROM alarms WHERE list = ?", (list_id,)).fetchone()
            if row is not None:
                found.append(Alarm(list_id, moment(row[0])))
        return lambda: AlarmsTold(tuple(found))

    def _of(self, contract: str) -> frozenset[str]:
        if contract not in self._numbers:
            rows = self._db.execute(
                "SELECT entrustor, sealed FROM canaries WHERE contract = ?", (contract,)
            ).fetchall()
            self._numbers[contract] = frozenset(
                number
                for entrustor, sealed in rows
                for number in self._opened(entrustor, contract, sealed)
            )
        return self._numbers[contract]

    def _opened(self, entrustor: str, contract: str, sealed: bytes) -> list[str]:
        return open_canaries(self._key, entrustor=entrustor, contract=contract, sealed=sealed)


def lose(db: sqlite3.Connection) -> list[str]:
    """Inside a step: the key that they were sealed to is lost. The contracts whose entrustors have
    to give theirs again."""
    rows = db.execute("SELECT DISTINCT contract FROM canaries ORDER BY contract").fetchall()
    db.execute("DELETE FROM canaries")
    return [contract for (contract,) in rows]


def numbers_of(fields: dict[FieldKind, str]) -> list[str]:
    """Every number of a record, E.164."""
    return [fields.get(FieldKind.PHONE, ""), *fields.get(FieldKind.PHONE_ALT, "").split()]
