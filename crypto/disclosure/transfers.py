"""Warm transfer: the person in an operator's hand goes to a supervisor's, in one step.

    offer -> accept     same stage, same tries; the one who offered it sees nobody any more
         `-> retract

Policy, budget and expiry are the receiver's own: a transfer is no way around any of them. What a
supervisor has in hand came from here; `crypto.disclosure.door` opens nothing else for that role.
"""

from datetime import datetime

from msgspec.structs import replace

from crypto.bookkeeping.journal import Act, Journal, Verbs
from crypto.disclosure.offers import Offers
from crypto.disclosure.threshold import REMEMBERED, Case, Threshold
from crypto.errors.records import NotInHand, NotOffered
from crypto.lists.progress import Records
from crypto.people.roster import Bearer
from crypto.signed.policy import OPERATORS, SUPERVISORS
from crypto.wire.base import Done
from crypto.wire.transfers import Accept, Offer, Offered, Retract


class Transfers:
    """The verbs of a transfer. Each is a step of the journal; it returns its act."""

    def __init__(self, journal: Journal, threshold: Threshold) -> None:
        self._journal, self._at = journal, threshold
        self._records, self._offers = Records(journal.db), Offers(journal.db)
        self.verbs: Verbs = {
            Offer: self.offer,
            Accept: self.accept,
            Retract: self.retract,
        }

    def offer(self, request: Offer, now: datetime) -> Act:
        """Raises NotInHand and the door's refusals."""
        who = self._at.bearer(request.grant, now, OPERATORS)
        try:
            case = self._at.case(who, request.record, now)
            over = self._at.too_often(who, case.terms, now)
            if over is not None:
                return over
            case.check_in_play()
            self._records.check_held(case.id, who.grant, now)
            tag = self._at.unlock(case).tag
        except REMEMBERED as refusal:
            return self._at.refuse(who, refusal, request.record.list, now)
        made, until = self._offers.make(who, case.id, request.attempt, request.to, now)
        facts = {"attempt": request.attempt, "to": request.to}
        self._at.line("transfer_offered", who, case.facts.list, now, tag=tag, **facts)
        return lambda: Offered(made, until)

    def accept(self, request: Accept, now: datetime) -> Act:
        """Raises NotOffered, HandFull and the door's refusals."""
        who = self._at.bearer(request.grant, now, SUPERVISORS)
        try:
            case = self._at.case(who, request.record, now)
            return self._at.too_often(who, case.terms, now) or self._accept(case, request)
        except REMEMBERED as refusal:
            return self._at.refuse(who, refusal, request.record.list, now)

    def retract(self, request: Retract, now: datetime) -> Act:
        """It opens nothing, and takes nothing out of a hand."""
        seq = self._journal.head.size - 1
        ended = self._offers.retract(request.offer)
        if ended is not None:
            list_id, giver = ended
            seq = self._journal.append("transfer_ended", now, list_id=list_id, principal=giver)
        return lambda: Done(seq)

    def _accept(self, case: Case, request: Accept) -> Act:
        who, now = case.who, case.now
        offered = self._offers.standing(request.offer, case.id, who, now)
        if offered.taken:
            self._records.check_given(case.id, who.grant)
            seq = self._journal.head.size - 1
            return lambda: Done(seq)
        state = self._records.state(case.id, offered.grant)
        case = replace(case, state=state)
        case.check_in_play()
        self._check_still_held(case, offered.grant)
        self._records.check_empty(who.grant, now)
        room = self._at.check(who, case.id, case.terms, now)
        tag = self._at.unlock(case).tag

        self._records.give(case.id, who.grant, state, now, case.terms.hold_seconds)
        self._records.count_opener(case.facts.list, who.person)
        self._offers.take(request.offer, who.grant)
        self._at.charge(room, now)
        seq = self._say(who, case, tag, attempt=offered.attempt, giver=offered.giver)
        return lambda: Done(seq)

    def _check_still_held(self, case: Case, grant: bytes) -> None:
        """The call may have ended meanwhile, or the giver's shift. Raises NotOffered."""
        try:
            self._records.check_held(case.id, grant, case.now)
        except NotInHand:
            raise NotOffered from None

    def _say(self, who: Bearer, case: Case, tag: str, **facts: str) -> int:
        return self._at.line(
            "transferred",
            who,
            case.facts.list,
            case.now,
            tag=tag,
            stage=case.state.stage,
            **facts,
        )
