"""The closed set of verbs, and the order in which each is carried out.

    caller -> step (checks, changes, ledger line) -> one durable commit -> act -> answer

What a verb may do stands in `crypto.keeper.admission` (people, contracts), `crypto.lists.keyroom`
(lists), `crypto.disclosure.door` (one person) and `crypto.keeper.certifying`; who may say it in
`crypto.wire`.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from crypto.bookkeeping.journal import Act
from crypto.bookkeeping.quotas import Quotas
from crypto.disclosure.budgets import Budgets
from crypto.disclosure.calls import Calls
from crypto.disclosure.canaries import Watch, recipient_key
from crypto.disclosure.codes import Codes
from crypto.disclosure.door import Door
from crypto.disclosure.tallies import Tallies
from crypto.disclosure.threshold import Threshold
from crypto.disclosure.transfers import Transfers
from crypto.errors.keeper import LedgerUnavailable, NotAllowed
from crypto.errors.lists import RootUnavailable
from crypto.host import clocks
from crypto.host.clocks import Clocks
from crypto.keeper.admission import Admission
from crypto.keeper.attesting import Attestations
from crypto.keeper.certifying import Notary
from crypto.keeper.decided import Decided
from crypto.keeper.editions import Editions
from crypto.keeper.home import Home
from crypto.keeper.logbook import Logbook
from crypto.keeper.rehearsing import Rehearsals
from crypto.keys.roots.kinds import RootRefused
from crypto.lists.authority import SHREDS_AN_HOUR, Authority
from crypto.lists.epochs import Epochs
from crypto.lists.keyroom import Keyroom, Session
from crypto.lists.letterbox import Letterboxes
from crypto.lists.lifecycle import Lists
from crypto.lists.revisions import Revisions
from crypto.lists.suppressions import Suppressing
from crypto.lists.withdrawals import Withdrawals
from crypto.people.factors import Factors
from crypto.people.roster import Roster
from crypto.people.securitykeys import SecurityKeys
from crypto.signed.approvals import Approvals
from crypto.signed.mandates import Mandates
from crypto.wire.approvals import Submit
from crypto.wire.base import Done, Reply
from crypto.wire.frames import AnyRequest
from crypto.wire.ledger import Event
from crypto.wire.lists import Abandon, Freeze, Manifest, Shred
from crypto.wire.people import Revoke
from crypto.wire.uploads import Address

ENDING = (Freeze, Revoke)  # possible on a full disk, as Shred and Abandon are (crypto D19)

log = logging.getLogger(__name__)


class Keeper:
    """One keeper. `clock` is the edge: every verb gets its moment from it."""

    def __init__(
        self,
        home: Home,
        clock: Callable[[], datetime],
        keys: SecurityKeys | None = None,
        *,
        steady: Callable[[], float] = clocks.steady,
        shreds_an_hour: int = SHREDS_AN_HOUR,
    ) -> None:
        """Without `keys` no security key is offered. `steady`: seconds on a clock nobody sets.

        Raises KeystoreRefused if keystore and journal contradict each other."""
        journal, keystore = home.journal, home.keystore
        approvals = Approvals(journal.db)
        self._clocks = Clocks(journal.db, clock, steady)
        counted = self._clocks.counted
        lists = Lists(journal.db, keystore, approvals, self._clocks.highest)
        watch = Watch(journal, lists, recipient_key(keystore.factor_key()))
        roster, mandates = Roster(journal.db), Mandates(journal.db)
        factors = Factors(journal.db, roster, keystore.factor_key(), keys, counted)
        self.budgets = budgets = Budgets(journal, mandates, counted)
        self._journal, self._lists = journal, lists
        self._authority = Authority(
            journal.db,
            mandates=mandates,
            roster=roster,
            lists=lists,
            clocks=self._clocks,
            per_hour=shreds_an_hour,
        )
        quotas = Quotas(journal, counted)
        boxes = Letterboxes(journal, approvals, keystore, home.signers, self._clocks.highest)
        self._keyroom = keyroom = Keyroom(
            journal, approvals, lists, keystore, self._authority, boxes, quotas
        )
        self._logbook = logbook = Logbook(
            journal, home.archive, keystore.root_kind, home.signers, quotas, self._clocks, roster
        )
        self._epochs = Epochs(journal, keyroom, lists, boxes, keystore, home.reserve, self._run)
        _, later = notaries = _notaries(home, lists, logbook, quotas)
        decided = Decided(approvals, roster, mandates, lists, watch, self._authority, later.effects)
        threshold = Threshold(journal, roster, lists, watch, budgets, quotas)
        rooms = (
            Admission(
                journal, approvals, decided, roster, factors, budgets, self._authority, quotas
            ),
            keyroom,
            boxes,
            *_desk(home, lists, watch, threshold, roster, quotas, counted),
            Withdrawals(journal, lists, roster, self._authority, quotas, counted),
            watch,
            Attestations(journal, lists, quotas),
            Rehearsals(journal, approvals, quotas),
            *notaries,
            logbook,
        )
        self._steps: dict[type[Any], Callable[[Session, Any, datetime], Act]] = {
            verb: _apart(step) for room in rooms for verb, step in room.verbs.items()
        }
        self._steps |= keyroom.said_on | {Event: logbook.event}

    async def answer(self, session: Session, request: AnyRequest) -> Reply:
        """Carry out one verb. Raises a Refusal."""
        if session.caller not in request.callers:
            raise NotAllowed(f"{type(request).__name__} by {session.caller}")
        if isinstance(request, Freeze):
            self._hold(request)
        self._logbook.check(type(request))
        try:
            return await self._carry_out(session, request)
        except RootRefused as refusal:
            log.warning("%s: %s", type(request).__name__, refusal)
            raise RootUnavailable from None

    async def close(self) -> None:
        """What is under way is finished."""
        await self._epochs.close()

    async def _carry_out(self, session: Session, request: AnyRequest) -> Reply:
        def step(now: datetime) -> Act:
            return self._steps[type(request)](session, request, now)

        reply: Reply
        match request:
            case Shred():
                reply = await self._epochs.shred(request)
            case Abandon():
                reply = await self._abandon(request)
            case Manifest() | Address():
                reply = await self._epochs.change(step)
            case Submit():  # it may extend a list, or order what must not wait for room
                reply = await self._epochs.change(step, ending=True)
            case _:
                reply = await self._run(step, ending=isinstance(request, ENDING))
        return reply

    def hang_up(self, session: Session) -> None:
        """The connection ended."""
        self._keyroom.hang_up(session)

    def _hold(self, request: Freeze) -> None:
        """Stop opening at once, even if the ledger cannot be written; unless a grant is shown
        that does not hold. Raises UnknownGrant, GrantOver, NotAuthorised."""
        facts = self._lists.find(request.list)
        if facts is not None:
            self._authority.of_grant(facts, request.trigger, request.grant, self._clocks.now())
            self._lists.hold(request.list)

    async def _run(self, step: Callable[[datetime], Act], *, ending: bool = False) -> Any:
        """One step, at its moment. A clock that has jumped is said first."""
        self._clocks.now()
        if self._clocks.unsaid is not None:
            with suppress(LedgerUnavailable):  # it stays unsaid, and nothing expires on it
                await self._journal.run(self._say_doubt, ending=ending)

        def timed() -> Act:
            now = self._clocks.now()
            self._clocks.note(now)
            return step(now)

        return await self._journal.run(timed, ending=ending)

    def _say_doubt(self) -> Act:
        """Once, however many verbs have come upon it; again if it comes to nothing."""
        cause = self._clocks.unsaid
        if cause is not None:
            self._journal.if_undone(lambda: setattr(self._clocks, "unsaid", cause))
            self._clocks.unsaid = None
            self._clocks.note_doubt(cause)
            self._journal.append("clock_doubted", self._clocks.now(), cause=cause)
        return lambda: None

    async def _abandon(self, request: Abandon) -> Done:
        """Forget pending keys; those that a manifest made durable are shredded."""
        done: Done = await self._run(lambda now: self._keyroom.abandon(request, now), ending=True)
        facts = self._lists.find(request.list)
        if facts is not None and facts.lost_at is None:
            return await self._epochs.shred(Shred(request.list, request.database_time))
        return done


def _notaries(
    home: Home, lists: Lists, logbook: Logbook, quotas: Quotas
) -> tuple[Notary, Editions]:
    """Who signs certificates, and who signs what becomes of them."""
    journal, signers = home.journal, home.signers
    notary = Notary(journal, lists, logbook, home.keystore.root_kind, signers, quotas)
    return notary, Editions(journal, lists, notary, signers)


def _desk(
    home: Home,
    lists: Lists,
    watch: Watch,
    threshold: Threshold,
    roster: Roster,
    quotas: Quotas,
    counted: Callable[[datetime], datetime],
) -> tuple[Door, Calls, Transfers, Revisions, Suppressing]:
    """The one way to a person, what surrounds a call, who else may take it, who may revise
    its result, what it says of others."""
    journal, suppressing = home.journal, Suppressing(home.journal, lists)
    tallies, codes = Tallies(journal.db, counted), Codes(journal.db, home.keystore.factor_key())
    calls = Calls(
        *(journal, lists, watch, threshold, roster), tallies=tallies, quotas=quotas, codes=codes
    )
    door = Door(journal, lists, threshold, tallies, suppressing)
    revisions = Revisions(journal, lists, roster, quotas)
    return door, calls, Transfers(journal, threshold), revisions, suppressing


def _apart(verb: Callable[[Any, datetime], Act]) -> Callable[[Session, Any, datetime], Act]:
    """A verb that does not care on which connection it was said."""
    return lambda _session, request, now: verb(request, now)
