"""The threshold before the door: who asks, what policy, budget and expiry say, what is unlocked.

    grant -> policy -> (the verb's own checks) -> budget -> expiry, authenticity -> ledger line

Each part raises its refusal and changes nothing. What only the keeper knows of a record (a
canary, a search that led to it) is asked here too.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

from crypto.bookkeeping.journal import Act, Journal, refusing
from crypto.bookkeeping.quotas import DESK_EACH, DESK_LEAST, REFUSED, Quotas
from crypto.disclosure.budgets import REFUSALS as OVERDRAWN
from crypto.disclosure.budgets import Budgets, Room
from crypto.disclosure.canaries import Watch, numbers_of
from crypto.disclosure.finding import Searches, by_reference
from crypto.disclosure.ringing import ringing
from crypto.errors.base import Refusal
from crypto.errors.lists import ListOver
from crypto.errors.records import (
    DoesNotOpen,
    InboundNotPermitted,
    NotInHand,
    NotOffered,
    PartyNotApproved,
    RecordClosed,
    RevealsUsed,
    RoleCannotOpen,
    SiteNotApproved,
    TriesUsed,
    TriesUsedToday,
    Withdrawn,
)
from crypto.keys.opening import ChunkOpener, OpenList, OpenRecord
from crypto.lists.lifecycle import ListFacts, Lists
from crypto.lists.progress import RecordId, Records, RecordState
from crypto.people.roster import Bearer, Roster
from crypto.records.fields import FieldKind
from crypto.records.sealing import person_tag
from crypto.signed.policy import check_hands
from crypto.signed.terms import ContractTerms
from crypto.standards.canonical import micros
from crypto.wire.records import SealedRecord

# Refusals that overseers want to see: they become ledger lines themselves.
REMEMBERED: tuple[type[Refusal], ...] = (
    *OVERDRAWN,
    TriesUsed,
    TriesUsedToday,
    RevealsUsed,
    PartyNotApproved,
    SiteNotApproved,
    InboundNotPermitted,
    RecordClosed,
    NotInHand,
    NotOffered,
)


class Case(msgspec.Struct, frozen=True):
    """One request for one record, as far as policy has let it through."""

    who: Bearer
    record: SealedRecord
    id: RecordId
    facts: ListFacts
    terms: ContractTerms
    state: RecordState
    now: datetime

    @property
    def findable(self) -> bool:
        """Closed without contact, and whoever calls back now is still found."""
        return self.state.closed and micros(self.now) < self.state.findable

    def check_unfinished(self) -> None:
        """Raises RecordClosed."""
        if self.state.closed and not self.state.called_back:
            raise RecordClosed

    def check_in_play(self) -> None:
        """Raises RecordClosed, Withdrawn."""
        self.check_unfinished()
        if self.state.withdrawn:
            raise Withdrawn


KeysOf = Callable[[ListFacts, datetime], OpenList]


class Opened(msgspec.Struct, frozen=True):
    """A case whose list lives: the keys that open its record, and the person's tag."""

    keys: OpenList
    chunk: ChunkOpener
    tag: str
    canary: bool  # its numbers are the entrustor's own

    def person(self, case: Case) -> OpenRecord:
        """The record in clear text, as if the number that is rung were its first: not to be
        kept. Raises DoesNotOpen."""
        person = self.chunk.open(case.record.index, case.record.sealed)
        return OpenRecord(person.line, ringing(person.fields, case.state.number))


class Threshold:
    """What every verb of the door has to pass."""

    def __init__(
        self,
        journal: Journal,
        roster: Roster,
        lists: Lists,
        watch: Watch,
        budgets: Budgets,
        quotas: Quotas,
    ) -> None:
        self._journal, self._roster, self._lists, self._watch = journal, roster, lists, watch
        self._records, self._budgets, self._quotas = Records(journal.db), budgets, quotas
        self._searches = Searches(journal.db)

    def bearer(self, grant: str, now: datetime, roles: frozenset[str]) -> Bearer:
        """Whose live grant this is. Raises UnknownGrant, GrantOver, RoleCannotOpen."""
        who = self._roster.bearer(grant, now)
        if who.role not in roles:
            raise RoleCannotOpen(who.role)
        return who

    def terms_for(self, who: Bearer, facts: ListFacts) -> ContractTerms:
        """Policy: may these hands touch this list at all. The terms it was minted under."""
        terms = self._lists.terms(facts)
        check_hands(who.party, who.site, terms, approved=self._lists.approves(facts, who.party))
        return terms

    def check(
        self,
        who: Bearer,
        account: RecordId,
        terms: ContractTerms,
        now: datetime,
        search: RecordId | None = None,
    ) -> Room:
        """Budget: what is left, for `charge`. `account`: a record, or a search. `search`: the
        one that this record opens on."""
        return self._budgets.check(who.person, who.role, account, terms, now, search)

    def charge(self, room: Room, now: datetime) -> None:
        """One more person, unless counted within the window."""
        self._budgets.charge(room, now)

    def too_often(self, who: Bearer, terms: ContractTerms | None, now: datetime) -> Act | None:
        """Quota of one person under one contract (None: of searches): what refuses, or None."""
        person = who.person
        if terms is None:
            return self._quotas.spend(f"find {person}", DESK_LEAST, now, principal=person)

        def raised() -> int:
            return DESK_EACH * self._budgets.caps(terms, person, who.role, now)["people_per_hour"]

        limit, scope = max(DESK_LEAST, DESK_EACH * terms.people_per_hour), terms.contract
        return self._quotas.spend(
            f"desk {person} {scope}", limit, now, raised=raised, principal=person
        )

    def refuse(
        self, who: Bearer, refusal: Refusal, list_id: str | None, now: datetime, **facts: str
    ) -> Act:
        """What overseers want to see is ledgered; beyond the quota it is refused all the same."""
        scope, person = f"refused {who.person}", who.person
        if not self._quotas.spend(scope, REFUSED, now, principal=person):
            self.line("refused", who, list_id, now, code=refusal.code, **facts)
        return refusing(refusal)

    def case(self, who: Bearer, record: SealedRecord, now: datetime) -> Case:
        """Is the list known, may these hands touch it, how far has this record come."""
        facts = self._lists.facts(record.list)
        terms = self.terms_for(who, facts)
        record_id = RecordId(record.list, record.chunk, record.index)
        state = self._records.state(record_id, who.grant)
        return Case(who, record, record_id, facts, terms, state, now)

    def unlock(self, case: Case, keys_of: KeysOf | None = None) -> Opened:
        """Expiry, then authenticity: a list that is over and a forged record end here.

        Only a close passes `Lists.closing`: it shows nothing to anybody, and the result of a
        call that was in hand when its list was frozen still belongs to the entrustor.
        Raises ListOver, DoesNotOpen.
        """
        keys = (keys_of or self._lists.opened)(case.facts, case.now)
        chunk = keys.chunk(case.record.chunk, case.record.chunk_key, self._lists.manifested)
        person = chunk.open(case.record.index, case.record.sealed)
        tag = person_tag(keys.trace_key, case.facts.list, person.traced_by)
        return Opened(keys, chunk, tag, self._watch.knows(case.facts, numbers_of(person.fields)))

    def touched(self, case: Case, verb: str) -> bool:
        """Whether this is a canary: no desk was ever shown it, so nobody asks this in earnest.
        Its list is frozen, whoever has the record in hand."""
        try:
            canary = self.unlock(case).canary
        except (ListOver, DoesNotOpen):
            return False  # said in its place, after hand and policy
        if canary:
            who = case.who
            self._watch.raise_alarm(
                [case.facts], verb, case.now, principal=who.person, site=who.site
            )
        return canary

    def search_behind(self, case: Case) -> tuple[bool, RecordId | None]:
        """Whether this grant has searched for this record's number or reference, and the account
        that the search was charged to if no record has opened on it yet."""
        if not self._searches.any(case.who.grant, case.facts.list, case.now):
            return False, None
        try:
            opened = self.unlock(case)
        except (ListOver, DoesNotOpen):
            return False, None  # said in its place, after the budget
        person, key = opened.person(case), opened.keys.trace_key
        by = (by_reference(person.fields.get(FieldKind.REFERENCE, "")), person.traced_by)
        for tag in (opened.tag, *(person_tag(key, case.facts.list, one) for one in by)):
            found = self._searches.behind(case.who.grant, case.id, tag, case.now)
            if found[0]:
                return found
        return False, None

    def line(
        self, kind: str, who: Bearer, list_id: str | None, now: datetime, **facts: str | int
    ) -> int:
        """One ledger line about somebody's doing; its number."""
        return self._journal.append(
            kind, now, list_id=list_id, principal=who.person, site=who.site, **facts
        )
