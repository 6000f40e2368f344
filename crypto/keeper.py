"""The closed set of verbs, and the order in which each is carried out.

    caller -> step (checks, changes, ledger line) -> one durable commit -> act -> answer

What a verb may do stands in `crypto.admission` (people, contracts), `crypto.keyroom` (lists),
`crypto.door` (one person) and `crypto.certifying`; who may say it in `crypto.wire`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from crypto.admission import Admission
from crypto.approvals import Approvals
from crypto.certifying import Notary
from crypto.door import Door
from crypto.errors import NotAllowed
from crypto.frames import AnyRequest
from crypto.home import Home
from crypto.journal import Act
from crypto.keyroom import Keyroom, Session
from crypto.lists import Lists
from crypto.logbook import Logbook
from crypto.roster import Roster
from crypto.wire.base import Done, Reply
from crypto.wire.ledger import Event
from crypto.wire.lists import Abandon, Freeze, Manifest, Mint, Shred


class Keeper:
    """One keeper. `clock` is the edge: every verb gets its moment from it."""

    def __init__(self, home: Home, clock: Callable[[], datetime]) -> None:
        """Raises KeystoreRefused if keystore and journal contradict each other."""
        journal, keystore = home.journal, home.keystore
        approvals = Approvals(journal.db)
        lists = Lists(journal.db, keystore, approvals)
        roster = Roster(journal.db, keystore.factor_key())
        self._journal, self._clock, self._lists = journal, clock, lists
        self._keyroom = keyroom = Keyroom(journal, approvals, lists, keystore)
        logbook = Logbook(journal, keystore.root_kind, home.signers)
        rooms = (
            Admission(journal, approvals, roster),
            keyroom,
            Door(journal, roster, lists),
            Notary(journal, lists, logbook, keystore.root_kind, home.signers),
            logbook,
        )
        self._steps: dict[type[Any], Callable[[Session, Any, datetime], Act]] = {
            verb: _apart(step) for room in rooms for verb, step in room.verbs.items()
        }
        self._steps |= {
            Mint: keyroom.mint,
            Manifest: keyroom.manifest,
            Event: logbook.event,
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


def _apart(verb: Callable[[Any, datetime], Act]) -> Callable[[Session, Any, datetime], Act]:
    """A verb that does not care on which connection it was said."""
    return lambda _session, request, now: verb(request, now)
