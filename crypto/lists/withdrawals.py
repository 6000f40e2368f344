"""An entrustor takes people out: they have paid, or been examined meanwhile.

    locate:   reference numbers -> how they are filed in one list (counted, by number a day)
    withdraw: one record -> opened for its result, closed for ever with code 80, out of any hand

Who may: a manager of an approved party and the entrustor's officer, by a living grant. They can
end the whole list, so this is less than they can do anyway; nothing of a person is shown to them.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from crypto.bookkeeping.journal import Act, Journal, Verbs, refusing
from crypto.bookkeeping.quotas import Quotas
from crypto.errors.base import Refusal
from crypto.errors.records import AnotherPerson, RecordClosed
from crypto.errors.uploads import TooManyReferences, TooManyWithdrawals
from crypto.lists import taking_out
from crypto.lists.authority import Authority
from crypto.lists.endings import ENTRUSTOR, MANAGER
from crypto.lists.lifecycle import ListFacts, Lists
from crypto.lists.progress import RecordId, Records
from crypto.people.roster import Bearer, Roster
from crypto.records.fields import FieldKind
from crypto.records.forms import reference
from crypto.records.references import ReferenceTokens
from crypto.standards.canonical import micros, moment
from crypto.wire.records import Closed
from crypto.wire.withdrawals import Locate, Located, Withdraw

WITHDRAWN = 80  # 対象外(委託元取下げ)
HOUR = timedelta(hours=1) // timedelta(microseconds=1)
DAY_HOURS = 24  # a day is the last 24: none begins anew at midnight
# A city sends all its paid bills every morning, most of them of other lists; and tries again.
REFERENCES_A_DAY = 10_000  # of one list, and three times its people
LOCATED = 2_000  # questions of one person an hour: a thousand references each
# A manager whose sign-in somebody else uses would otherwise end a list for good by taking
# everybody out (crypto D62); beyond half of it a day the entrustor's own officer says so.
LEAST_BY_MANAGER = 100

SCHEMA = """
CREATE TABLE IF NOT EXISTS withdrawal_hours (
    list TEXT NOT NULL,
    what TEXT NOT NULL,          -- "located": references asked for; "taken out": by managers
    hour INTEGER NOT NULL,       -- hours since 1970
    count INTEGER NOT NULL,
    PRIMARY KEY (list, what, hour)
) STRICT, WITHOUT ROWID;
"""


class Withdrawals:
    """The verbs about people who are taken out. Each is a step of the journal."""

    def __init__(
        self,
        journal: Journal,
        lists: Lists,
        roster: Roster,
        authority: Authority,
        quotas: Quotas,
        counted: Callable[[datetime], datetime],
    ) -> None:
        """counted: of a verb's moment, by what days count (`Clocks`)."""
        self._journal, self._db, self._lists = journal, journal.db, lists
        self._roster, self._authority = roster, authority
        self._quotas, self._counted = quotas, counted
        self._records = Records(journal.db)
        self.verbs: Verbs = {Locate: self.locate, Withdraw: self.withdraw}

    def locate(self, request: Locate, now: datetime) -> Act:
        """Raises UnknownList, ListOver, TooManyReferences; as `Authority.of_grant`."""
        facts = self._lists.facts(request.list)
        who = self._entitled(facts, request.grant, now)
        self._lists.opened(facts, now)  # of a list that is over nothing is said
        asked = len(request.references)
        most = REFERENCES_A_DAY + 3 * self._lists.rows(facts.list)
        over = self._quotas.spend(f"locate {who.person}", LOCATED, now, principal=who.person)
        over = over or self._past(facts.list, "located", asked, most, TooManyReferences, now)
        if over is not None:
            return over
        self._line("locate", who, facts, now, references=asked)

        def act() -> Located:
            tokens = ReferenceTokens(self._lists.index_key(facts, now), facts.list)
            return Located(tokens.column(request.references))

        return act

    def withdraw(self, request: Withdraw, now: datetime) -> Act:
        """Raises RecordClosed, and what `locate` raises but for the count; DoesNotOpen.

        Also of a frozen list as long as its keys are there, as a close: it shows nothing.
        """
        facts = self._lists.facts(request.record.list)
        who = self._entitled(facts, request.grant, now)
        record = RecordId(request.record.list, request.record.chunk, request.record.index)
        earlier = self._records.recall(request.attempt, record)
        if earlier is not None:
            return lambda: Closed(earlier.final, earlier.sealed, moment(earlier.at))
        state = self._records.state(record, who.grant)
        if state.closed and micros(now) >= state.findable:
            raise RecordClosed
        leaving = taking_out.sealed(
            self._lists, facts, request.record, request.attempt, WITHDRAWN, now
        )
        named = reference(leaving.fields.get(FieldKind.REFERENCE, "")) or str(leaving.line)
        if named != reference(request.reference):
            return self._another(who, facts, now)
        if who.role == MANAGER:
            most = max(LEAST_BY_MANAGER, self._lists.rows(facts.list) // 2)
            over = self._past(facts.list, "taken out", 1, most, TooManyWithdrawals, now)
            if over is not None:
                return over

        taking_out.close(
            *(self._records, record, request.attempt, leaving.outcome),
            principal=who.person,
            grant=who.grant,
            now=now,
        )
        self._line(
            *("withdraw", who, facts, now),
            tag=leaving.tag,
            attempt=request.attempt,
            code=WITHDRAWN,
        )
        return lambda: Closed(True, leaving.outcome.sealed, now)

    def _another(self, who: Bearer, facts: ListFacts, now: datetime) -> Act:
        """Nobody is closed in another's place; whoever asks so counts as asking where one is."""
        most = REFERENCES_A_DAY + 3 * self._lists.rows(facts.list)
        over = self._past(facts.list, "located", 1, most, TooManyReferences, now)
        if over is not None:
            return over
        self._line("refused", who, facts, now, code=AnotherPerson.code)
        return refusing(AnotherPerson())

    def _entitled(self, facts: ListFacts, grant: str, now: datetime) -> Bearer:
        """Raises UnknownGrant, GrantOver, NotAuthorised."""
        who = self._roster.bearer(grant, now)
        right = ENTRUSTOR if who.role == ENTRUSTOR else MANAGER
        self._authority.of_grant(facts, right, grant, now)
        return who

    def _past(
        self, list_id: str, what: str, more: int, most: int, refusal: type[Refusal], now: datetime
    ) -> Act | None:
        """So many more of this list today; None, or what refuses it, with one line an hour."""
        hour = micros(self._counted(now)) // HOUR
        (count,) = self._db.execute(
            "SELECT coalesce(sum(count), 0) FROM withdrawal_hours"
            " WHERE list = ? AND what = ? AND hour > ?",
            (list_id, what, hour - DAY_HOURS),
        ).fetchone()
        if count + more > most:
            said = refusal(str(most))
            return self._quotas.spend(
                f"{what} {list_id}",
                0,
                now,
                refusal=said,
                kind="refused",
                of=list_id,
                code=said.code,
            )
        self._db.execute(
            "INSERT INTO withdrawal_hours VALUES (?, ?, ?, ?)"
            " ON CONFLICT (list, what, hour) DO UPDATE SET count = count + excluded.count",
            (list_id, what, hour, more),
        )
        self._db.execute(
            "DELETE FROM withdrawal_hours WHERE list = ? AND what = ? AND hour <= ?",
            (list_id, what, hour - DAY_HOURS),
        )
        return None

    def _line(
        self, kind: str, who: Bearer, facts: ListFacts, now: datetime, **said: str | int
    ) -> None:
        self._journal.append(
            kind, now, list_id=facts.list, principal=who.person, site=who.site, **said
        )
