"""What must never be seen in a ledger of calls, whoever wrote it: read line by line, no database.

    people = numbers_of(extract, officer_key, files)       tag -> how many people have the number
    broken(lines_in(extract), people, conduct, hold)       what is wrong, and in which line

The ledger tells a number by its tag, under the list's trace key; who shares it has the same one.

    two hands        nobody opens a number that another operator has in hand
    not in hand      a result comes from whoever had the number in hand last
    twice            one result for each attempt; another in its place only by the same operator
    final            nobody is opened at a number all of whose people are done
    too often        no more calls of ours to a number than a day, or the contract, permits
    hours            nobody is opened outside the hours of calling
    still in hand    at rest nobody is left in a hand
    never called     at rest there was a result for every number
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from calllist.clock import JST
from calllist.dialing import calling_hours
from calllist.entrustors.codes import CALL_BACK, CODES, SILENT, TAKEN_OUT, Next
from crypto.ledger.extract import SALT_BYTES, Extract, lines_of
from crypto.records.sealing import open_list_keys, person_tag
from crypto.signed.keyfile import KeyPair
from crypto.signed.terms import Conduct
from crypto.standards.canonical import micros, moment

NO_CALL = TAKEN_OUT | {70} | {code for code, rule in CODES.items() if rule.next is Next.AGAIN}


class Line(msgspec.Struct, frozen=True):
    """A leaf, as far as hands and results are concerned."""

    seq: int
    at: int  # microseconds since 1970
    kind: str
    list: str = ""
    principal: str = ""
    tag: str = ""
    attempt: str = ""
    code: int | str = 0
    final: int = 0


class Broken(NamedTuple):
    """A rule of ours, and the line in which it is broken (-1: at rest)."""

    rule: str
    seq: int


def lines_in(extract: Extract) -> Iterator[Line]:
    """The lines of an extract, in order. Raises BadExtract; `verify` it before."""
    read = msgspec.json.Decoder(Line).decode
    with extract.path.open("rb") as file:
        for offset, length in extract.blocks():
            file.seek(offset)
            for _, entry in lines_of(file.read(length)):
                yield read(entry[SALT_BYTES:])


def numbers_of(
    extract: Extract, key: KeyPair, phones: Mapping[str, Iterable[str]]
) -> dict[str, int]:
    """How many people have each number, by its tag. phones: of each list, in E.164."""
    people: dict[str, int] = {}
    for list_id, numbers in phones.items():
        keys = open_list_keys(
            key.recipient,
            entrustor=extract.header.entrustor,
            list_id=list_id,
            sealed=extract.header.lists[list_id],
        )
        for number in numbers:
            tag = person_tag(keys.trace_key, list_id, number)
            people[tag] = people.get(tag, 0) + 1
    return people


@dataclass
class Attempt:
    """The result of one call. ours: we rang for it, and it may count."""

    principal: str
    day: date
    code: int
    final: bool
    ours: bool
    kept: str = ""  # the attempt whose promise this call has kept


@dataclass
class Number:
    """What the lines so far say of one number."""

    people: int
    list: str = ""
    holder: str = ""  # who has it in hand
    until: int = 0  # microseconds: then the hold has run out
    attempts: dict[str, Attempt] = field(default_factory=dict)
    promised: set[str] = field(default_factory=set)  # attempts whose call back is still to come

    @property
    def done(self) -> bool:
        return sum(one.final for one in self.attempts.values()) >= self.people

    def calls(self, day: date | None = None) -> int:
        """That count: on this day, or in all."""
        ours = (one for one in self.attempts.values() if one.ours and one.code not in NO_CALL)
        return sum(day in (None, one.day) for one in ours)


def broken(
    lines: Iterable[Line], people: Mapping[str, int], conduct: Conduct, hold: timedelta
) -> list[Broken]:
    """Every rule that these lines break; they end at rest. hold: of a record in hand."""
    book = _Book(people, conduct, micros(moment(0) + hold))
    for line in lines:
        book.read(line)
    book.rest()
    return book.broken


class _Book:
    """The numbers, as the lines are read."""

    def __init__(self, people: Mapping[str, int], conduct: Conduct, hold: int) -> None:
        self.broken: list[Broken] = []
        self._numbers = {tag: Number(count) for tag, count in people.items()}
        self._conduct, self._hold = conduct, hold
        self._last = 0
        self._hands: dict[str, Number] = {}  # operator -> what is in hand
        self._attempts: set[str] = set()
        self._passed_on: dict[str, str] = {}  # operator -> number whose telephone may be passed on
        self._kinds = {
            "open": self._open,
            "transferred": self._take,
            "withdrawn": self._take,
            "let_go": self._let_go,
            "close": self._close,
            "amend": self._amend,
        }

    def read(self, line: Line) -> None:
        self._last = line.at
        if line.kind in self._kinds:
            self._kinds[line.kind](line)

    def rest(self) -> None:
        """Nothing comes any more."""
        for number in self._numbers.values():
            if number.holder and number.until > self._last:
                self._say("still in hand")
            if not number.attempts:
                self._say("never called")

    def _say(self, rule: str, line: Line | None = None) -> None:
        self.broken.append(Broken(rule, -1 if line is None else line.seq))

    def _number(self, line: Line) -> Number:
        """One that no file had is one with nobody."""
        return self._numbers.setdefault(line.tag, Number(0))

    # -- hands -----------------------------------------------------------------------------

    def _open(self, line: Line) -> None:
        number = self._number(line)
        if number.holder not in ("", line.principal) and line.at < number.until:
            self._say("two hands", line)
        if number.holder != line.principal:
            if number.done:
                self._say("final", line)
            if not calling_hours.permitted(self._conduct, moment(line.at)):
                self._say("hours", line)
        self._take(line)

    def _take(self, line: Line) -> None:
        """Out of whichever hand, into this one, which was empty."""
        number, held = self._number(line), self._hands.get(line.principal)
        if held is not None and held is not number and line.at < held.until:
            self._say("two hands", line)
        self._empty(number)
        if held is not None:  # its hold has run out
            self._empty(held)
        self._hands[line.principal] = number
        number.list, number.holder, number.until = line.list, line.principal, line.at + self._hold

    def _let_go(self, line: Line) -> None:
        held = self._hands.get(line.principal)
        if held is not None and held.list == line.list:
            self._empty(held)

    def _empty(self, number: Number) -> None:
        if self._hands.get(number.holder) is number:
            del self._hands[number.holder]
        number.holder = ""

    # -- results ---------------------------------------------------------------------------

    def _close(self, line: Line) -> None:
        number, day = self._number(line), moment(line.at).astimezone(JST).date()
        if number.holder != line.principal:
            self._say("not in hand", line)
        if line.attempt in self._attempts:
            self._say("twice", line)
        self._attempts.add(line.attempt)
        code = int(line.code)
        attempt = Attempt(line.principal, day, code, bool(line.final), ours=True)
        if self._passed_on.pop(line.principal, "") == line.tag and number.people > 1:
            attempt.ours = False  # the same call: whoever answered has passed the telephone on
        elif code not in NO_CALL:  # otherwise what was promised still is
            self._count(number, attempt, line)
        number.attempts[line.attempt] = attempt
        self._empty(number)
        self._note(number, line)

    def _count(self, number: Number, attempt: Attempt, line: Line) -> None:
        """A call of ours: one of those that are permitted, or else it keeps a promise.

        In this order: the ledger does not tell which person of a household was promised a call.
        """
        conduct = self._conduct
        if number.calls(attempt.day) < conduct.calls_a_day and number.calls() < conduct.attempts:
            return
        if number.promised:
            attempt.kept = number.promised.pop()
        else:
            self._say("too often", line)

    def _amend(self, line: Line) -> None:
        number = self._number(line)
        attempt = number.attempts.get(line.attempt)
        if attempt is None or attempt.principal != line.principal or number.holder:
            self._say("twice", line)
            return
        code, called = int(line.code), attempt.code not in NO_CALL
        if called and code in NO_CALL and attempt.kept:  # it was no call: the promise still stands
            number.promised.add(attempt.kept)
            attempt.kept = ""
        if not called and code not in NO_CALL and attempt.ours:
            self._count(number, attempt, line)
        attempt.code, attempt.final = code, bool(line.final)
        self._note(number, line)

    def _note(self, number: Number, line: Line) -> None:
        """What follows from a result for the next call."""
        self._passed_on.pop(line.principal, None)
        if line.code not in SILENT:
            self._passed_on[line.principal] = line.tag
        number.promised.discard(line.attempt)
        if line.code == CALL_BACK:
            number.promised.add(line.attempt)
