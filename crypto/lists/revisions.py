"""A result that stands was wrong: a supervisor or manager gives another code for that call.

    result, a minute old ─► revise ─► opened for its code alone, sealed anew with both codes;
                                      who, why and both codes are in the log before anybody sees it

A person is never opened again: whoever is closed stays closed, whatever the new code says. A final
code closes a record that was in play, out of nobody's hand: while somebody is being called it is
refused. A refusal (50) and a move or death (60) are undone by nobody but the entrustor; neither can
60 be given later, for it stops that person's other records, and nobody is opened here to know
which. The record itself is not touched by this: what is opened is the sealed result (crypto D112).
"""

from datetime import datetime

from msgspec.structs import replace

from crypto.bookkeeping.journal import Act, Journal, Verbs
from crypto.bookkeeping.quotas import REVISED, Quotas
from crypto.errors.records import NotOverseen, NotRevisable, SameResult, UnknownAttempt, UnknownCode
from crypto.lists.endings import MANAGER
from crypto.lists.lifecycle import ListFacts, Lists
from crypto.lists.progress import Attempt, Given, RecordId, Records
from crypto.lists.provisional import Provisional
from crypto.people.roster import Bearer, Roster
from crypto.records.fields import Stage
from crypto.records.sealing import Revision, open_result, seal_result
from crypto.signed.policy import SUPERVISOR
from crypto.standards.canonical import micros, moment
from crypto.wire.revisions import Place, Revise, Revised

REFUSED, MOVED = 50, 60
NOT_IN_SERVICE = 40  # 現在使われていない: the next call to the number will say so, or not
NOBODYS = frozenset({80, 81, 90})  # no call came to them
STANDING = NOBODYS | {REFUSED, MOVED}  # nothing is given in their place
NEVER_GIVEN = NOBODYS | {MOVED, 70}  # 70 架電上限到達: counted, not heard
NOBODY = b""  # in place of a grant: no hand has it

SCHEMA = """
CREATE TABLE IF NOT EXISTS revisions (
    attempt TEXT PRIMARY KEY,    -- the latest one of each: earlier ones are in the log
    at INTEGER NOT NULL,
    closed INTEGER NOT NULL      -- a record that was in play was closed by it
) STRICT, WITHOUT ROWID;
"""


class Revisions:
    """The verb about results that are revised. A step of the journal."""

    def __init__(self, journal: Journal, lists: Lists, roster: Roster, quotas: Quotas) -> None:
        self._journal, self._db, self._lists = journal, journal.db, lists
        self._roster, self._quotas, self._records = roster, quotas, Records(journal.db)
        self._provisional = Provisional(journal.db, self._records)
        self.verbs: Verbs = {Revise: self.revise}

    def revise(self, request: Revise, now: datetime) -> Act:
        """Raises what `Revise` names, UnknownGrant, GrantOver, UnknownCode, LineQuota."""
        who = self._roster.bearer(request.grant, now)
        given = self._records.given(request.attempt)
        if given is None:
            raise UnknownAttempt(request.attempt)
        facts = self._lists.facts(given.record.list)
        self._check_entitled(facts, who, given)
        keys = self._lists.opened(facts, now)
        earlier = given.outcome
        before = self._latest(request.attempt)
        if request.code == earlier.code:
            if before is None:
                raise SameResult
            return _answer(earlier, given.record, *before)
        final = self._check_code(facts, earlier, request.code)
        self._provisional.check_over(request.attempt, now)
        closes = final and self._close(given.record, request.code, now)
        over = self._quotas.spend(f"revise {who.person}", REVISED, now, principal=who.person)
        if over is not None:
            return over

        sealed = _sealed_anew(keys.result_key, facts.list, request, earlier.sealed, now)
        outcome = replace(earlier, code=request.code, final=earlier.final or final, sealed=sealed)
        closed = closes or (before is not None and before[1])
        self._records.keep_attempt(request.attempt, given.record, given.principal, outcome)
        self._db.execute(
            "INSERT OR REPLACE INTO revisions VALUES (?, ?, ?)",
            (request.attempt, micros(now), closed),
        )
        self._journal.append(
            "revise",
            now,
            list_id=facts.list,
            principal=who.person,
            site=who.site,
            tag=earlier.tag,
            attempt=request.attempt,
            operator=given.principal,
            earlier=earlier.code,
            code=request.code,
            reason=request.reason,
            **({"closed": 1} if closes else {}),
        )
        return _answer(outcome, given.record, micros(now), closed)

    def _check_entitled(self, facts: ListFacts, who: Bearer, given: Given) -> None:
        """Raises NotOverseen: a manager of another party, a supervisor of another site, anybody
        else."""
        party, site = self._roster.whereabouts(given.principal)
        near = who.role == MANAGER or (who.role == SUPERVISOR and who.site == site)
        if not (near and who.party == party and self._lists.approves(facts, who.party)):
            raise NotOverseen

    def _check_code(self, facts: ListFacts, earlier: Attempt, code: int) -> bool:
        """Whether it is final by the terms. Raises UnknownCode, NotRevisable."""
        final = self._lists.terms(facts).codes.get(code)
        if final is None:
            raise UnknownCode(str(code))
        if earlier.code in STANDING or code in NEVER_GIVEN:
            raise NotRevisable(str(code))
        return final and code != NOT_IN_SERVICE

    def _close(self, record: RecordId, code: int, now: datetime) -> bool:
        """Nobody calls it any more; of one that only a call back still finds, a refusal. Whether
        there was anything to close. Raises InOtherHand."""
        state = self._records.state(record, NOBODY)
        findable = micros(now) < state.findable
        if state.closed and not (findable and code == REFUSED):
            return False
        self._records.check_takeable(record, NOBODY, now)
        self._records.keep(
            record, NOBODY, replace(state, stage=Stage.CLOSED, closed=True, findable=0)
        )
        return True

    def _latest(self, attempt: str) -> tuple[int, bool] | None:
        row = self._db.execute(
            "SELECT at, closed FROM revisions WHERE attempt = ?", (attempt,)
        ).fetchone()
        return None if row is None else (row[0], bool(row[1]))


def _sealed_anew(
    result_key: bytes, list_id: str, request: Revise, sealed: bytes, now: datetime
) -> bytes:
    """The same result with the new code, and the one that the call had. Raises DoesNotOpen."""
    said = open_result(result_key, list_id=list_id, attempt=request.attempt, sealed=sealed)
    first = said.revised.first if said.revised else said.code
    revision = Revision(first, now.isoformat(), request.reason)
    result = replace(said, code=request.code, revised=revision)
    return seal_result(result_key, list_id=list_id, attempt=request.attempt, result=result)


def _answer(outcome: Attempt, record: RecordId, at: int, closed: bool) -> Act:
    place = Place(record.chunk, record.idx) if closed else None
    return lambda: Revised(outcome.code, outcome.final, outcome.sealed, moment(at), place)
