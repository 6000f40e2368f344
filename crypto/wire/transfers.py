"""A person in hand is handed over to a supervisor: offered, then accepted or not."""

from datetime import datetime

from crypto.ids import Id
from crypto.wire.base import Caller, Done, Reply, Request
from crypto.wire.records import SealedRecord


class Offered(Reply, frozen=True, tag="offered"):
    """By what the offer is accepted or retracted, and until when."""

    offer: Id
    until: datetime


class Offer(Request[Offered], frozen=True, tag="offer"):
    """The record in this operator's hand, for one supervisor at the same site to accept.

    Nothing moves: until it is accepted the record stays where it is. It stands for two minutes,
    for that person alone; a later offer of the record takes its place.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    attempt: Id  # id of this call, as `Close` will name it
    to: Id


class Accept(Request[Done], frozen=True, tag="accept"):
    """The supervisor takes the record that was offered, into an empty hand: at the stage it has
    come to, with the tries it has left, and for one of the supervisor's own budget.

    It shows nothing; an `Open` by the same grant does. Whoever offered it sees it no more. Said
    again: the same answer as long as the record is in that hand.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    offer: Id


class Retract(Request[Done], frozen=True, tag="retract"):
    """Nobody accepts this offer any more. Accepted, or over: nothing to do."""

    callers = frozenset({Caller.WEB})
    offer: Id


Requests = Offer | Accept | Retract
Replies = Offered
