"""Calls: somebody calls back, and somebody asks whether a call was ours.

    find, find_reference, find_call   by number, letter or code: costs one person, hit or miss
    give_code, check_code             six digits for the callee; genuine or not for the entrustor

A code that is wrong counts for the officer who typed it; who may not check is told before
anything is looked up. What is not genuine gets one answer and one line, whatever the reason.
"""

from collections.abc import Callable
from datetime import datetime

from crypto.bookkeeping.journal import Act, Journal, Verbs
from crypto.bookkeeping.quotas import Quotas
from crypto.disclosure.canaries import Watch
from crypto.disclosure.codes import Codes
from crypto.disclosure.finding import Finder
from crypto.disclosure.tallies import WRONG_CODE, Tallies
from crypto.disclosure.threshold import REMEMBERED, Threshold
from crypto.errors.lists import NotAuthorised
from crypto.lists.endings import ENTRUSTOR
from crypto.lists.lifecycle import Lists
from crypto.lists.progress import Records
from crypto.people.roster import Bearer, Roster
from crypto.signed.policy import AT_DESK, OPERATORS
from crypto.standards.canonical import moment
from crypto.wire.calls import CheckCode, Checked, FindCall, FindReference, GiveCode, Given
from crypto.wire.records import Find

CHECKS = 500  # codes an hour of one officer: a help desk on a busy morning


class Calls:
    """The verbs about calls back and codes. Each is a step of the journal."""

    def __init__(
        self,
        journal: Journal,
        lists: Lists,
        watch: Watch,
        threshold: Threshold,
        roster: Roster,
        *,
        tallies: Tallies,
        quotas: Quotas,
        codes: Codes,
    ) -> None:
        self._journal, self._at, self._roster = journal, threshold, roster
        self._tallies, self._quotas, self._codes = tallies, quotas, codes
        self._records = Records(journal.db)
        self._finder = Finder(
            journal,
            lists,
            watch,
            policy=threshold.terms_for,
            check=threshold.check,
            charge=threshold.charge,
        )
        self.verbs: Verbs = {
            Find: self.find,
            FindReference: self.find_reference,
            FindCall: self.find_call,
            GiveCode: self.give_code,
            CheckCode: self.check_code,
        }

    def find(self, request: Find, now: datetime) -> Act:
        """Raises ListOver, InboundNotPermitted besides the door's."""
        return self._search(request, now, lambda who: self._finder.find(who, request, now))

    def find_reference(self, request: FindReference, now: datetime) -> Act:
        """Raises what `find` raises."""
        return self._search(
            request, now, lambda who: self._finder.find_reference(who, request, now)
        )

    def find_call(self, request: FindCall, now: datetime) -> Act:
        """Raises what `find` raises. A code of another job finds nobody."""
        look = self._codes.call
        return self._search(
            request, now, lambda who: self._finder.find_call(who, request, look, now)
        )

    def give_code(self, request: GiveCode, now: datetime) -> Act:
        """Raises NotInHand and the door's refusals."""
        who = self._at.bearer(request.grant, now, AT_DESK)
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
        code, until, new = self._codes.draw(case.facts, case.id, request.attempt, tag, now)
        if new:
            self._at.line("give_code", who, case.facts.list, now, tag=tag, attempt=request.attempt)
        return lambda: Given(code, moment(until))

    def check_code(self, request: CheckCode, now: datetime) -> Act:
        """Raises UnknownGrant, GrantOver, NotAuthorised, CodesUsed."""
        who = self._roster.bearer(request.grant, now)
        if who.role != ENTRUSTOR:
            raise NotAuthorised(who.role)
        self._tallies.check_codes(who.person, now)
        over = self._quotas.spend(f"check {who.person}", CHECKS, now, principal=who.person)
        if over is not None:
            return over
        call = self._codes.call(who.party, request.code, now)
        if call is None:
            self._tallies.note(who.person, WRONG_CODE, now)
        facts = {"job": call.job} if call else {}
        self._at.line("check_code", who, None, now, genuine=int(call is not None), **facts)
        if call is None:
            return lambda: Checked(False)
        return lambda: Checked(True, call.job, moment(call.at))

    def _search(
        self,
        request: Find | FindReference | FindCall,
        now: datetime,
        search: Callable[[Bearer], Act],
    ) -> Act:
        who = self._at.bearer(request.grant, now, OPERATORS)
        try:
            return self._at.too_often(who, None, now) or search(who)
        except REMEMBERED as refusal:
            return self._at.refuse(who, refusal, None, now, job=request.job)
