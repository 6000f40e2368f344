"""The closed set of verbs, and the order in which each is carried out.

    caller -> step (checks, changes, ledger line) -> one durable commit -> act -> answer

What a verb may do stands in `crypto.admission` (people, contracts), `crypto.keyroom` (lists),
`crypto.door` (one person) and `crypto.certifying`; who may say it in `crypto.wire`.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from crypto.admission import Admission
from crypto.approvals import Approvals
from crypto.certifying import Notary
from crypto.door import Door
from crypto.errors import BadFrame, NotAllowed
from crypto.frames import AnyRequest
from crypto.home import Home
from crypto.journal import Act
from crypto.keyroom import Keyroom, Session
from crypto.lists import Lists
from crypto.roster import Roster
from crypto.wire.approvals import Pin, Submit
from crypto.wire.base import Done, Reply
from crypto.wire.ledger import Event, Head
from crypto.wire.lists import Abandon, Certify, Freeze, Inspect, Manifest, Mint, Opens, Shred
from crypto.wire.people import Enrol, Grant, Revoke
from crypto.wire.records import Close, Match, Open, Recall, Reveal

EVENT_REFS = 12  # ids in one operations event at most
_EVENT_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")  # codes and ids; no room for contents


class Keeper:
    """One keeper. `clock` is the edge: every verb gets its moment from it."""

    def __init__(self, home: Home, clock: Callable[[], datetime]) -> None:
        """Raises KeystoreRefused if keystore and journal contradict each other."""
        journal, keystore = home.journal, home.keystore
        approvals = Approvals(journal.db)
        lists = Lists(journal.db, keystore, approvals)
        roster = Roster(journal.db, keystore.factor_key())
        self._journal, self._clock, self._lists = journal, clock, lists
        self._admission = Admission(journal, approvals, roster)
        self._keyroom = Keyroom(journal, approvals, lists, keystore)
        self._door = Door(journal, roster, lists)
        self._notary = Notary(journal, lists, keystore.root_kind, home.signers)

        admission, keyroom, door, notary = self._admission, self._keyroom, self._door, self._notary
        self._steps: dict[type[AnyRequest], Callable[[Session, Any, datetime], Act]] = {
            Pin: _apart(admission.pin),
            Submit: _apart(admission.submit),
            Enrol: _apart(admission.enrol),
            Grant: _apart(admission.grant),
            Revoke: _apart(admission.revoke),
            Mint: keyroom.mint,
            Manifest: keyroom.manifest,
            Freeze: _apart(keyroom.freeze),
            Inspect: _apart(keyroom.inspect),
            Open: _apart(door.open),
            Match: _apart(door.match),
            Reveal: _apart(door.reveal),
            Close: _apart(door.close),
            Recall: _apart(door.recall),
            Certify: _apart(notary.certify),
            Opens: _apart(notary.opens),
            Head: _apart(notary.head),
            Event: self._event,
        }

    async def answer(self, session: Session, request: AnyRequest) -> Reply:
        """Carry out one verb. Raises a Refusal."""
        if session.caller not in request.callers:
            raise NotAllowed(f"{type(request).__name__} by {session.caller}")
        match request:
            case Freeze():
                self._lists.hold(request.list)  # holds even if the ledger cannot be written
            case Shred():
                return await self._shred(request)
            case Abandon():
                return await self._abandon(request)
        reply: Reply = await self._journal.run(
            lambda: self._steps[type(request)](session, request, self._clock())
        )
        return reply

    def hang_up(self, session: Session) -> None:
        """The connection ended."""
        self._keyroom.hang_up(session)

    async def _shred(self, request: Shred) -> Done:
        """Intent, durable; then the new epoch and the completion."""
        await self._journal.run(lambda: self._keyroom.intend_shred(request.list, self._clock()))
        done: Done = await self._journal.run(
            lambda: self._keyroom.complete_shred(request.list, self._clock())
        )
        return done

    async def _abandon(self, request: Abandon) -> Done:
        """Forget pending keys; those that a manifest made durable are shredded."""
        done: Done = await self._journal.run(lambda: self._keyroom.abandon(request, self._clock()))
        if self._lists.find(request.list):
            return await self._shred(Shred(request.list))
        return done

    def _event(self, session: Session, request: Event, now: datetime) -> Act:
        """Raises BadFrame if it could carry contents."""
        words = [request.code, *request.refs, *request.refs.values()]
        if len(request.refs) > EVENT_REFS or not all(map(_EVENT_WORD.fullmatch, words)):
            raise BadFrame("event")
        refs = {f"ref_{name}": value for name, value in request.refs.items()}
        seq = self._journal.append("event", now, caller=session.caller, code=request.code, **refs)
        return lambda: Done(seq)


def _apart(verb: Callable[[Any, datetime], Act]) -> Callable[[Session, Any, datetime], Act]:
    """A verb that does not care on which connection it was said."""
    return lambda _session, request, now: verb(request, now)
