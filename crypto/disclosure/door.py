"""The one door to a person: open, match, reveal, close, in one fixed order.

    grant -> policy -> stage -> budget -> expiry -> ledger (durable) -> act

(Which caller may ask at all is checked before, in `crypto.keeper.verbs`.) Every check stands before
the first change, so a refusal leaves nothing behind. Nothing leaves the keeper before the
ledger line is durable: a view is opened, masked and dropped in the act, after the commit; the
outcome of a match and the sealed result are part of their lines and wait for the commit.

A record closed without contact (架電上限) has one way left: a search for it by the grant
that opens it, within its call-back window. It stays closed for everybody else.

A record that its entrustor took out, and a canary (`crypto.disclosure.canaries`), walk the same
way, answer `withdrawn`, leave the same line and cost nobody anything.

A supervisor walks it with what was handed over (`crypto.disclosure.transfers`), with nothing else.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from crypto.bookkeeping.journal import Act, Journal, Verbs, refusing
from crypto.disclosure import outcomes, remarks
from crypto.disclosure.elsewhere import elsewhere
from crypto.disclosure.finding import Searches
from crypto.disclosure.masks import in_full, view
from crypto.disclosure.matching import matchable, same
from crypto.disclosure.tallies import MISMATCH, REVEAL, Tallies
from crypto.disclosure.threshold import REMEMBERED, Case, Opened, Threshold
from crypto.errors.records import (
    NotInHand,
    NotMatchable,
    NotRevealable,
    RecordClosed,
    TriesUsed,
    UnknownAttempt,
    UnknownCode,
    Withdrawn,
)
from crypto.keys.opening import OpenRecord
from crypto.lists.lifecycle import Lists
from crypto.lists.progress import Attempt, Records, RecordState
from crypto.lists.provisional import Provisional
from crypto.lists.suppressions import MOVED, Suppressing
from crypto.records.fields import KINDS, FieldKind, Stage
from crypto.signed.policy import AT_DESK, OPERATOR
from crypto.signed.terms import ContractTerms
from crypto.standards.canonical import moment
from crypto.wire.base import Done
from crypto.wire.records import (
    Close,
    Closed,
    LetGo,
    Match,
    Matched,
    Open,
    Recall,
    Recalled,
    Reveal,
    Revealed,
    View,
)

WITHDRAWN = 80  # 対象外(委託元取下げ): how a withdrawn record is closed, and nothing else is
MANUAL_DIAL, READ_BACK = "manual_dial", "read_back"  # reasons for which a field is revealed
NUMBERS = (FieldKind.PHONE, FieldKind.PHONE_ALT)


class Door:
    """The verbs that touch a person. Each is a step of the journal; it returns its act."""

    def __init__(
        self,
        journal: Journal,
        lists: Lists,
        threshold: Threshold,
        tallies: Tallies,
        suppressing: Suppressing,
    ) -> None:
        self._at, self._lists = threshold, lists
        self._journal, self._records, self._tallies = journal, Records(journal.db), tallies
        self._searches, self._suppressing = Searches(journal.db), suppressing
        self._provisional = Provisional(journal.db, self._records)
        self.verbs: Verbs = {
            Open: self.open,
            Match: self.match,
            Reveal: self.reveal,
            Close: self.close,
            Recall: self.recall,
            LetGo: self.let_go,
        }

    def open(self, request: Open, now: datetime) -> Act:
        """Raises any refusal of the door; HandFull and InOtherHand are of this verb."""
        return self._walk(request, now, self._open)

    def match(self, request: Match, now: datetime) -> Act:
        """Raises TriesUsed, TriesUsedToday, NotMatchable, NotUnderstood besides the door's."""
        return self._walk(request, now, lambda case: self._match(case, request))

    def reveal(self, request: Reveal, now: datetime) -> Act:
        """Raises NotRevealable, RevealsUsed besides the door's."""
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
        return lambda: Recalled(
            found.final,
            found.sealed,
            moment(found.at),
            found.slip,
            found.token,
            code=found.code,
        )

    def let_go(self, request: LetGo, now: datetime) -> Act:
        """Its lease has ended without a result: the next one need not wait for the hold."""
        seq = max(0, self._journal.head.size - 1)
        for holder in self._records.let_go_of(request.list, request.record, now):
            seq = self._journal.append("let_go", now, list_id=request.list, principal=holder)
        return lambda: Done(seq)

    # -- the door --------------------------------------------------------------------------

    def _walk(
        self, request: Open | Match | Reveal | Close, now: datetime, verb: Callable[[Case], Act]
    ) -> Act:
        who = self._at.bearer(request.grant, now, AT_DESK)
        try:
            case = self._at.case(who, request.record, now)
            # The result of a call is never one too many; another in its place may be.
            ends = isinstance(request, Close) and not request.amends
            over = None if ends else self._at.too_often(who, case.terms, now)
            return over or verb(case)
        except REMEMBERED as refusal:
            return self._at.refuse(who, refusal, request.record.list, now)

    # -- the verbs -------------------------------------------------------------------------

    def _open(self, case: Case) -> Act:
        who, now = case.who, case.now
        if who.role != OPERATOR:
            self._records.check_given(case.id, who.grant)
        if not case.findable:
            self._check_still_open(case)
        self._records.check_takeable(case.id, who.grant, now)
        searched, search = self._at.search_behind(case)
        if not searched:
            self._check_still_open(case)
        room = self._at.check(who, case.id, case.terms, now, search)
        opened = self._at.unlock(case)

        self._records.take(case.id, who.grant, now + timedelta(seconds=case.terms.hold_seconds))
        if case.state.withdrawn or opened.canary:
            self._records.keep(case.id, who.grant, replace(case.state, withdrawn=True))
            self._at.line("withdrawn", who, case.facts.list, now, tag=opened.tag)
            return refusing(Withdrawn())
        state = replace(case.state, shown=True)
        if searched and state.stage is Stage.DIALLING:
            state = replace(state, stage=Stage.ANSWERED)
        if search is not None:
            self._searches.ride(who.grant, search, case.id)
        self._records.keep(case.id, who.grant, state)
        self._records.count_opener(case.facts.list, who.person)
        self._at.charge(room, now)
        self._lists.count(case.facts.list, "opens")
        noted = _noted(case, state)
        self._at.line("open", who, case.facts.list, now, tag=opened.tag, stage=state.stage, **noted)
        return lambda: self._view(case, opened, state, room.people_left)

    def _match(self, case: Case, request: Match) -> Act:
        who, now = case.who, case.now
        self._tallies.check_mismatches(who.person, case.terms, now)
        if self._at.touched(case, "match"):
            return refusing(Withdrawn())
        case.check_in_play()
        self._check_held(case, MISMATCH)
        rule = case.terms.fields.get(request.kind)
        if rule is None or not rule.match:
            raise NotMatchable(request.kind)
        if case.state.tries >= case.terms.identity.tries:
            raise TriesUsed
        room = self._at.check(who, case.id, case.terms, now)
        opened = self._at.unlock(case)
        held = opened.person(case).fields
        alike = same(request.kind, held.get(request.kind, ""), request.said)

        state = _after_match(case, request.kind, alike)
        self._records.keep(case.id, who.grant, state)
        if not alike:
            self._tallies.note(who.person, MISMATCH, now)
        self._lists.count(case.facts.list, "matches")
        self._at.line(
            "match",
            who,
            case.facts.list,
            now,
            tag=opened.tag,
            field=request.kind,
            same=int(alike),
            **_noted(case, state),
        )
        return lambda: Matched(alike, self._view(case, opened, state, room.people_left))

    def _reveal(self, case: Case, request: Reveal) -> Act:
        who, now = case.who, case.now
        self._tallies.check_reveals(who.person, case.terms, now)
        if self._at.touched(case, "reveal"):
            return refusing(Withdrawn())
        case.check_in_play()
        self._check_held(case, REVEAL)
        if request.reason != _reason(case.terms, case.state.stage, request.kind):
            raise NotRevealable(request.kind)
        opened = self._at.unlock(case)

        self._tallies.note(who.person, REVEAL, now)
        self._lists.count(case.facts.list, "reveals")
        self._at.line(
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
        if request.amends:
            case, request = self._amending(case, request, earlier)
        elif earlier is not None:
            return lambda: _closed(earlier)
        else:
            case.check_unfinished()
            self._records.check_held(case.id, who.grant, now)
        final = case.terms.codes.get(request.code)
        if case.state.withdrawn:  # whatever the contract calls it: nobody was called
            if request.code != WITHDRAWN:
                raise Withdrawn
            final = True
        if final is None:
            raise UnknownCode(str(request.code))
        remarks.check(case.terms, request.note, request.slip)
        opened = self._at.unlock(case, self._lists.closing)
        further = outcomes.further(self._lists, case, opened, request)
        final = final and not further
        outcome = replace(outcomes.outcome(case, opened, request, final=final), token=further)

        self._provisional.note(request.attempt, case.id, who.grant, case.state, now)
        self._records.keep_attempt(request.attempt, case.id, who.person, outcome)
        self._suppressing.forget(request.attempt)  # if it amends
        if final and request.code == MOVED:
            fields = opened.person(case).fields
            self._suppressing.note(case.facts, fields, request.attempt, who.person, now)
        findable = outcomes.findable(case, request, final=final)
        closed = final or case.state.closed  # who calls back does not bring the record back
        self._records.keep(
            case.id,
            who.grant,
            replace(
                case.state,
                stage=Stage.CLOSED,
                closed=closed,
                findable=findable,
                note=remarks.kept(case, opened, request.note),
                number=case.state.number + bool(further),
            ),
        )
        self._records.let_go(who.grant)
        self._at.line(
            "amend" if request.amends else "close",
            who,
            case.facts.list,
            now,
            tag=opened.tag,
            attempt=request.attempt,
            code=request.code,
            final=int(final),
            **({"findable_until": moment(findable).isoformat()} if findable else {}),
            **({"slip": 1} if outcome.slip else {}),
            **({"next_number": 1} if further else {}),
            **({"note": 1} if request.note and not closed else {}),
        )
        return lambda: _closed(outcome)

    def _amending(self, case: Case, request: Close, earlier: Attempt | None) -> tuple[Case, Close]:
        """The case as it was before the earlier result, of which nothing else is left; the slip
        that was given with it goes along. Raises UnknownAttempt, ResultFinal."""
        if earlier is None:
            raise UnknownAttempt(request.attempt)
        before = self._provisional.before(request.attempt, case.id, case.who.grant, case.now)
        if earlier.slip and request.slip is None:
            key = self._lists.closing(case.facts, case.now).result_key
            request = replace(request, slip=outcomes.slip_of(key, case, request, earlier))
        return replace(case, state=before), request

    def _check_still_open(self, case: Case) -> None:
        """A call back that its window's end interrupts stays in its hand. Raises RecordClosed."""
        case.check_unfinished()
        if case.state.closed:
            try:
                self._records.check_held(case.id, case.who.grant, case.now)
            except NotInHand:
                raise RecordClosed from None

    def _check_held(self, case: Case, what: str) -> None:
        """Asked of a record that is not in hand it counts like an answer that was wrong, and is
        ledgered: nobody sifts a list for its canaries unseen. Raises NotInHand."""
        try:
            self._records.check_held(case.id, case.who.grant, case.now)
        except NotInHand:
            self._tallies.note(case.who.person, what, case.now)
            raise

    # -- acts ------------------------------------------------------------------------------

    def _view(self, case: Case, opened: Opened, state: RecordState, people_left: int) -> View:
        """Open, mask, drop."""
        terms, person = case.terms, opened.person(case)
        tries_left = max(0, terms.identity.tries - state.tries)
        return View(
            stage=state.stage,
            fields=view(terms, state.stage, person.fields),
            match=_askable(terms, state, person) if tries_left else (),
            matched=tuple(sorted(state.matched)),
            tries_left=tries_left,
            reveal=tuple(
                kind
                for kind in KINDS
                if _reason(terms, state.stage, kind) and person.fields.get(kind)
            ),
            people_left=people_left,
            note=remarks.read(case, opened, state),
            number=state.number + 1,
            elsewhere=elsewhere(self._lists, case.facts, person.fields, case.now),
        )

    def _in_full(self, case: Case, opened: Opened, kind: FieldKind) -> Revealed:
        person = opened.person(case)
        return Revealed(in_full(kind, person.fields.get(kind, "")), case.terms.reveal_seconds)


def _closed(outcome: Attempt) -> Closed:
    at = moment(outcome.at)
    return Closed(outcome.final, outcome.sealed, at, outcome.slip, outcome.token)


def _askable(terms: ContractTerms, state: RecordState, person: OpenRecord) -> tuple[FieldKind, ...]:
    """What can still be matched: permitted, there in full precision, and not matched yet."""
    return tuple(
        kind
        for kind in KINDS
        if kind in terms.fields
        and terms.fields[kind].match
        and kind not in state.matched
        and matchable(kind, person.fields.get(kind))
    )


def _reason(terms: ContractTerms, stage: Stage, kind: FieldKind) -> str | None:
    """The one reason for which this field may be revealed now: a number to dial it, the others
    to read them out to the verified person (before, they are what the person is asked for)."""
    rule = terms.fields.get(kind)
    if rule is None or not rule.reveal:
        return None
    if kind in NUMBERS:
        return MANUAL_DIAL
    return READ_BACK if stage is Stage.VERIFIED else None


def _noted(case: Case, state: RecordState) -> dict[str, int]:
    """For the ledger: whether the note of an earlier call is shown along."""
    return {"note": 1} if remarks.shown(case.terms, state) else {}


def _after_match(case: Case, kind: FieldKind, alike: bool) -> RecordState:
    """Somebody has answered; enough different matches make the person verified."""
    rule, state = case.terms.identity, case.state
    if not alike:
        stage = max(state.stage, Stage.ANSWERED)
        return replace(state, stage=stage, tries=state.tries + 1)
    matched = state.matched | {kind}
    enough = len(matched & set(rule.of)) >= rule.count
    return replace(state, stage=Stage.VERIFIED if enough else Stage.ANSWERED, matched=matched)
