"""The one door to a person: open, match, reveal, close, in one fixed order.

    grant -> policy -> stage -> budget -> expiry -> ledger (durable) -> act

(Which caller may ask at all is checked before, in `crypto.keeper`.) Every check stands before
the first change, so a refusal leaves nothing behind. Nothing leaves the keeper before the
ledger line is durable: a view is opened, masked and dropped in the act, after the commit; the
outcome of a match and the sealed result are part of their lines and wait for the commit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crypto.budgets import Budgets
from crypto.canonical import micros, moment
from crypto.disclosure import in_full, view
from crypto.errors import (
    BudgetDay,
    BudgetHour,
    NotMatchable,
    NotRevealable,
    PartyNotApproved,
    RecordClosed,
    RoleCannotOpen,
    SiteNotApproved,
    TriesUsed,
    UnknownAttempt,
    UnknownCode,
)
from crypto.fields import FieldKind, Stage
from crypto.journal import Act, Journal, Verbs, refusing
from crypto.lists import ListFacts, Lists
from crypto.matching import matchable, same
from crypto.opening import ChunkOpener, OpenList, OpenRecord
from crypto.records import Attempt, RecordId, Records, RecordState
from crypto.roster import Bearer, Roster
from crypto.sealing import CallResult, person_tag, seal_result
from crypto.terms import ContractTerms
from crypto.wire.records import (
    Close,
    Closed,
    Match,
    Matched,
    Open,
    Recall,
    Recalled,
    Reveal,
    Revealed,
    SealedRecord,
    View,
)

OPERATOR = "operator"  # the only role that may open records
REASONS = frozenset({"manual_dial", "read_back"})  # for which a field may be revealed

# Refusals that overseers want to see: they become ledger lines themselves.
REMEMBERED = (BudgetHour, BudgetDay, TriesUsed, PartyNotApproved, SiteNotApproved, RecordClosed)


@dataclass(frozen=True)
class Case:
    """One request for one record, as far as policy has let it through."""

    who: Bearer
    record: SealedRecord
    id: RecordId
    facts: ListFacts
    terms: ContractTerms
    state: RecordState
    now: datetime

    def check_unfinished(self) -> None:
        """Raises RecordClosed."""
        if self.state.closed:
            raise RecordClosed


KeysOf = Callable[[ListFacts, datetime], OpenList]


@dataclass(frozen=True)
class Opened:
    """A case whose list lives: the keys that open its record, and the person's tag."""

    keys: OpenList
    chunk: ChunkOpener
    tag: str


class Door:
    """The four verbs that touch a person. Each is a step of the journal; it returns its act."""

    def __init__(self, journal: Journal, roster: Roster, lists: Lists) -> None:
        self._journal, self._roster, self._lists = journal, roster, lists
        self._records, self._budgets = Records(journal.db), Budgets(journal.db)
        self.verbs: Verbs = {
            Open: self.open,
            Match: self.match,
            Reveal: self.reveal,
            Close: self.close,
            Recall: self.recall,
        }

    def open(self, request: Open, now: datetime) -> Act:
        """Raises any refusal of the door; HandFull and InOtherHand are of this verb."""
        return self._walk(request, now, self._open)

    def match(self, request: Match, now: datetime) -> Act:
        """Raises TriesUsed, NotMatchable, NotUnderstood besides the door's."""
        return self._walk(request, now, lambda case: self._match(case, request))

    def reveal(self, request: Reveal, now: datetime) -> Act:
        """Raises NotRevealable besides the door's."""
        return self._walk(request, now, lambda case: self._reveal(case, request))

    def close(self, request: Close, now: datetime) -> Act:
        """Raises UnknownCode besides the door's. A repeated attempt is answered as before,
        also when the list is over: its result is sealed to the entrustor already."""
        return self._walk(request, now, lambda case: self._close(case, request))

    def recall(self, request: Recall, _now: datetime) -> Act:
        """No record is touched: what is handed out was sealed to the entrustor at the close.

        Raises UnknownAttempt.
        """
        found = self._records.recall(request.attempt)
        if found is None:
            raise UnknownAttempt(request.attempt)
        return lambda: Recalled(found.final, found.sealed, moment(found.at), found.code)

    # -- the door --------------------------------------------------------------------------

    def _walk(
        self, request: Open | Match | Reveal | Close, now: datetime, verb: Callable[[Case], Act]
    ) -> Act:
        who = self._roster.bearer(request.grant, now)  # grant
        if who.role != OPERATOR:
            raise RoleCannotOpen(who.role)
        try:
            return verb(self._case(who, request.record, now))
        except REMEMBERED as refusal:
            self._line("refused", who, request.record.list, now, code=refusal.code)
            return refusing(refusal)

    def _case(self, who: Bearer, record: SealedRecord, now: datetime) -> Case:
        """Policy: is the list known, may these hands touch it at all."""
        facts = self._lists.facts(record.list)
        terms = self._lists.terms(facts)
        if who.party not in terms.parties:
            raise PartyNotApproved(who.party)
        if terms.sites and who.site not in terms.sites:
            raise SiteNotApproved(who.site)
        record_id = RecordId(record.list, record.chunk, record.index)
        state = self._records.state(record_id, who.grant)
        return Case(who, record, record_id, facts, terms, state, now)

    def _unlock(self, case: Case, keys_of: KeysOf | None = None) -> Opened:
        """Expiry, then authenticity: a list that is over and a forged record end here.

        Only a close passes `Lists.closing`: it shows nothing to anybody, and the result of a
        call that was in hand when its list was frozen still belongs to the entrustor.
        Raises ListOver, DoesNotOpen.
        """
        keys = (keys_of or self._lists.opened)(case.facts, case.now)
        chunk = keys.chunk(case.record.chunk, case.record.chunk_key, self._lists.manifested)
        traced = chunk.open(case.record.index, case.record.sealed).traced_by
        return Opened(keys, chunk, person_tag(keys.trace_key, case.facts.list, traced))

    # -- the verbs -------------------------------------------------------------------------

    def _open(self, case: Case) -> Act:
        who, now = case.who, case.now
        case.check_unfinished()
        self._records.check_takeable(case.id, who.grant, now)
        people_left = self._budgets.check(who.person, case.id, case.terms, now)
        opened = self._unlock(case)

        self._records.take(case.id, who.grant, now + timedelta(seconds=case.terms.hold_seconds))
        self._records.keep(case.id, who.grant, case.state)
        self._records.count_opener(case.facts.list, who.person)
        self._budgets.charge(who.person, case.id, now)
        self._lists.count(case.facts.list, "opens")
        self._line("open", who, case.facts.list, now, tag=opened.tag, stage=case.state.stage)
        return lambda: self._view(case, opened, case.state, people_left)

    def _match(self, case: Case, request: Match) -> Act:
        who, now = case.who, case.now
        case.check_unfinished()
        self._records.check_held(case.id, who.grant, now)
        rule = case.terms.fields.get(request.kind)
        if rule is None or not rule.match:
            raise NotMatchable(request.kind)
        if case.state.tries >= case.terms.identity.tries:
            raise TriesUsed
        people_left = self._budgets.check(who.person, case.id, case.terms, now)
        opened = self._unlock(case)
        held = opened.chunk.open(case.record.index, case.record.sealed).fields
        alike = same(request.kind, held.get(request.kind, ""), request.said)

        state = _after_match(case, request.kind, alike)
        self._records.keep(case.id, who.grant, state)
        self._lists.count(case.facts.list, "matches")
        self._line(
            "match", who, case.facts.list, now, tag=opened.tag, field=request.kind, same=int(alike)
        )
        return lambda: Matched(alike, self._view(case, opened, state, people_left))

    def _reveal(self, case: Case, request: Reveal) -> Act:
        who, now = case.who, case.now
        case.check_unfinished()
        self._records.check_held(case.id, who.grant, now)
        rule = case.terms.fields.get(request.kind)
        if rule is None or not rule.reveal or request.reason not in REASONS:
            raise NotRevealable(request.kind)
        opened = self._unlock(case)

        self._lists.count(case.facts.list, "reveals")
        self._line(
            "reveal",
            who,
            case.facts.list,
            now,
            tag=opened.tag,
            field=request.kind,
            reason=request.reason,
        )
        return lambda: self._in_full(case, opened, request.kind)

    def _close(self, case: Case, request: Close) -> Act:
        who, now = case.who, case.now
        earlier = self._records.attempt(request.attempt, case.id, who.person)
        if earlier is not None:
            return lambda: Closed(earlier.final, earlier.sealed, moment(earlier.at))
        case.check_unfinished()
        self._records.check_held(case.id, who.grant, now)
        final = case.terms.codes.get(request.code)
        if final is None:
            raise UnknownCode(str(request.code))
        opened = self._unlock(case, self._lists.closing)
        outcome = Attempt(
            request.code, final, micros(now), self._sealed_result(case, opened, request)
        )

        self._records.keep_attempt(request.attempt, case.id, who.person, outcome)
        self._records.keep(
            case.id, who.grant, replace(case.state, stage=Stage.CLOSED, closed=final)
        )
        self._records.let_go(who.grant)
        self._line(
            "close",
            who,
            case.facts.list,
            now,
            tag=opened.tag,
            attempt=request.attempt,
            code=request.code,
            final=int(final),
        )
        return lambda: Closed(final, outcome.sealed, now)

    # -- acts ------------------------------------------------------------------------------

    def _view(self, case: Case, opened: Opened, state: RecordState, people_left: int) -> View:
        """Open, mask, drop."""
        terms = case.terms
        person = opened.chunk.open(case.record.index, case.record.sealed)
        tries_left = max(0, terms.identity.tries - state.tries)
        return View(
            stage=state.stage,
            fields=view(terms, state.stage, person.fields),
            match=_askable(terms, state, person) if tries_left else (),
            matched=tuple(sorted(state.matched)),
            tries_left=tries_left,
            reveal=tuple(
                kind
                for kind in FieldKind
                if kind in terms.fields and terms.fields[kind].reveal and person.fields.get(kind)
            ),
            people_left=people_left,
        )

    def _in_full(self, case: Case, opened: Opened, kind: FieldKind) -> Revealed:
        person = opened.chunk.open(case.record.index, case.record.sealed)
        return Revealed(in_full(kind, person.fields.get(kind, "")), case.terms.reveal_seconds)

    def _sealed_result(self, case: Case, opened: Opened, request: Close) -> bytes:
        person = opened.chunk.open(case.record.index, case.record.sealed)
        reference = person.fields.get(FieldKind.REFERENCE, "")
        return seal_result(
            opened.keys.result_key,
            list_id=case.facts.list,
            attempt=request.attempt,
            result=CallResult(person.line, reference, request.code, case.now.isoformat()),
        )

    def _line(
        self, kind: str, who: Bearer, list_id: str, now: datetime, **facts: str | int
    ) -> None:
        self._journal.append(
            kind, now, list_id=list_id, principal=who.person, site=who.site, **facts
        )


def _askable(terms: ContractTerms, state: RecordState, person: OpenRecord) -> tuple[FieldKind, ...]:
    """What can still be matched: permitted, there in full precision, and not matched yet."""
    return tuple(
        kind
        for kind in FieldKind
        if kind in terms.fields
        and terms.fields[kind].match
        and kind not in state.matched
        and matchable(kind, person.fields.get(kind))
    )


def _after_match(case: Case, kind: FieldKind, alike: bool) -> RecordState:
    """Somebody has answered; enough different matches make the person verified."""
    rule, state = case.terms.identity, case.state
    if not alike:
        stage = max(state.stage, Stage.ANSWERED)
        return replace(state, stage=stage, tries=state.tries + 1)
    matched = state.matched | {kind}
    enough = len(matched & set(rule.of)) >= rule.count
    return replace(state, stage=Stage.VERIFIED if enough else Stage.ANSWERED, matched=matched)
