"""The verbs of the ledger: what the operations plane adds to it, its heads and its proofs."""

import base64
import re
from collections.abc import Mapping
from datetime import datetime

from crypto.bookkeeping.archive import Archive, Shard
from crypto.bookkeeping.journal import Act, Journal, Verbs, refusing
from crypto.bookkeeping.quotas import Quotas
from crypto.bookkeeping.witnesses import Witnesses
from crypto.certificates.signers import Signers
from crypto.errors.keeper import BadFrame, BadNote, EventQuota, LedgerShorter, UnknownLine
from crypto.errors.people import RosterOver, UnknownPerson
from crypto.host import hygiene
from crypto.host.clocks import Clocks
from crypto.ledger.checkpoint import BadCheckpoint
from crypto.lists.endings import ENTRUSTOR
from crypto.lists.keyroom import Session
from crypto.lists.remaining import remaining
from crypto.people.roster import Roster
from crypto.signed.policy import AT_DESK
from crypto.wire.base import Caller, Done
from crypto.wire.ledger import (
    Confront,
    Cosign,
    Entries,
    Event,
    Head,
    LedgerEntries,
    LedgerHead,
    PinWitness,
    Proof,
    ProveConsistency,
    ProveInclusion,
)

EVENT_REFS = 12  # ids in one operations event at most
_EVENT_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")  # codes and ids; no room for contents
EVENTS_PER_HOUR = 20_000  # of a caller class: five an hour for each of 4,000 seats
EVENTS_EACH = 5_000  # of a person: a manager assigns each of 4,000 seats once
EVENTS_AT_DESK = 300  # of an operator or supervisor: a copy or a skip each twelve seconds
EVENTS_ENTRUSTOR = 1_000  # of all officers of one entrustor together
# What ends something, or acknowledges it: whatever others do, there is room for it.
ENDING = frozenset(
    {
        *("destruction_ordered", "job_closed", "intake_closed", "operator_unassigned"),
        *("account_stopped", "shift_ended"),
        *("results_acknowledged", "certificate_acknowledged", "handover_tested"),
        *("keys_lost", "keys_found", "books_restored", "books_followed"),
    }
)
REPLY_BYTES = 1024 * 1024  # of entries in one answer, about: 1,000 of them have 250 KB
ALWAYS = (Head, Entries, ProveInclusion, ProveConsistency, Confront)
"""What is answered even when the ledger is refused: it shows no person and helps to find out."""


def plain(code: str, refs: Mapping[str, str]) -> dict[str, str]:
    """The operations plane's words as facts of a line. Raises BadFrame if they could carry
    contents."""
    words = [code, *refs, *refs.values()]
    if len(refs) > EVENT_REFS or not all(map(_EVENT_WORD.fullmatch, words)):
        raise BadFrame("event")
    return {f"ref_{name}": value for name, value in refs.items()}


class Logbook:
    """Events in, heads and proofs out. Each verb is a step of the journal."""

    def __init__(
        self,
        journal: Journal,
        archive: Archive,
        root_kind: str,
        signers: Signers,
        quotas: Quotas,
        clocks: Clocks,
        roster: Roster,
    ) -> None:
        self._journal, self._archive, self._quotas = journal, archive, quotas
        self._roster = roster
        self._clocks = clocks
        self._root_kind, self._signers = root_kind, signers
        self._witnesses = Witnesses(journal.db)
        self._note: tuple[int, str] | None = None
        self.verbs: Verbs = {
            Head: self.head,
            Entries: self.entries,
            ProveInclusion: self.prove_inclusion,
            ProveConsistency: self.prove_consistency,
            Confront: self.confront,
            PinWitness: self.pin_witness,
            Cosign: self.cosign,
        }

    def check(self, verb: type) -> None:
        """Before every verb. Raises LedgerShorter once a head is known that is ahead of us."""
        if self._archive.refused and verb not in ALWAYS:
            raise LedgerShorter("the ledger was rolled back or rewritten: see the keeper's log")

    # -- events ----------------------------------------------------------------------------

    def event(self, session: Session, request: Event, now: datetime) -> Act:
        """Raises BadFrame if it could carry contents, EventQuota."""
        refs = plain(request.code, request.refs)
        caller = session.caller
        for scope, most in self._rooms(caller, request, now).items():
            refusal = EventQuota(f"{scope}: {most} an hour")
            over = self._quotas.spend(
                scope, most, now, refusal=refusal, kind="event_quota", caller=caller, counted=scope
            )
            if over:
                return over
        seq = self._journal.append("event", now, caller=session.caller, code=request.code, **refs)
        return lambda: Done(seq)

    def _rooms(self, caller: Caller, request: Event, now: datetime) -> dict[str, int]:
        """The quotas that it counts for. Whom the roster names uses up nobody's room to end
        something but their own; of others the operations plane may say any name."""
        kind = "endings" if request.code in ENDING else "events"
        of_all = {f"{kind} {caller}": EVENTS_PER_HOUR}
        by = request.refs.get("by", "")
        try:
            party, _, role = self._roster.entry(by, now)
        except (UnknownPerson, RosterOver):
            return of_all
        own = {f"{kind} {caller} {by}": EVENTS_AT_DESK if role in AT_DESK else EVENTS_EACH}
        if request.code in ENDING:
            return own
        officers = {f"{kind} {caller} {party}": EVENTS_ENTRUSTOR} if role == ENTRUSTOR else {}
        return own | officers | of_all

    # -- the head, and what was seen of it -------------------------------------------------

    def head(self, _request: Head, now: datetime) -> Act:
        """Answered even if nothing can be written: it appends nothing."""
        due, left = remaining(self._journal.db, self._clocks.highest())
        return lambda: LedgerHead(
            self._journal.head.size,
            self.checkpoint(),
            self._root_kind,
            self._signers.certificate.public_key().public_bytes_raw(),
            self._signers.ledger.public_key().public_bytes_raw(),
            self._witnesses.notes(),
            hygiene.reached(),
            now,
            self._clocks.highest(),
            self._clocks.doubted,
            self._signers.document.chain,
            due,
            left,
        )

    def checkpoint(self) -> str:
        """The durable head of the month that grows, signed; empty before the first line."""
        size = self._journal.head.size
        if not size:
            return ""
        if self._note is None or self._note[0] != size:
            self._note = (size, self._archive.note(self._archive.shards()[-1]))
        return self._note[1]

    def confront(self, request: Confront, _now: datetime) -> Act:
        """Raises BadNote; LedgerShorter from then on, and after every restart."""
        return self._confronted(request.note) or self._nothing_new

    def pin_witness(self, request: PinWitness, now: datetime) -> Act:
        """Raises BadNote."""
        witness = self._witnesses.pin(request.key)
        seq = self._journal.append("pin_witness", now, key=witness.key_id.hex())
        return lambda: Done(seq)

    def cosign(self, request: Cosign, _now: datetime) -> Act:
        """Anybody's head may show that this ledger is shorter; to compare hashes, which costs,
        it takes a pinned witness's signature that is new.

        Raises BadNote, LedgerShorter.
        """
        try:
            behind = self._archive.is_behind(request.note)
        except BadCheckpoint:
            raise BadNote("not a head of this ledger") from None
        if not behind and not self._witnesses.brings(request.note):
            return self._nothing_new
        refused = self._confronted(request.note)
        if refused:
            return refused
        self._witnesses.keep(request.note)
        return self._nothing_new

    def _confronted(self, note: str) -> Act | None:
        """None if the ledger begins with this head. A refusal is remembered: it commits."""
        try:
            self._archive.confront(note)
        except BadCheckpoint:
            raise BadNote("not a head of this ledger") from None
        except LedgerShorter as refusal:
            self._archive.remember(note)
            return refusing(refusal)
        return None

    def _nothing_new(self) -> Done:
        return Done(max(0, self._journal.head.size - 1))

    # -- lines and proofs ------------------------------------------------------------------

    def entries(self, request: Entries, _now: datetime) -> Act:
        return lambda: LedgerEntries(_bounded(self._archive.entries(request.start, request.count)))

    def prove_inclusion(self, request: ProveInclusion, _now: datetime) -> Act:
        """Raises UnknownLine."""

        def act() -> Proof:
            found = self._archive.inclusion(request.seq)
            if found is None:
                raise UnknownLine(str(request.seq))
            return self._proof(found.shard, found.index, found.hashes)

        return act

    def prove_consistency(self, request: ProveConsistency, _now: datetime) -> Act:
        """Raises UnknownLine."""

        def act() -> Proof:
            shard = self._archive.shard(request.month)
            if shard is None or request.old > shard.size:
                raise UnknownLine(request.month)
            hashes = self._archive.consistency(shard, request.old, shard.size)
            return self._proof(shard, request.old, hashes)

        return act

    def anchor(self, seq: int) -> dict[str, object]:
        """For a certificate: a durable line, and its proof in the signed head of its month.

        Raises UnknownLine.
        """
        found = self._archive.inclusion(seq)
        if found is None:
            raise UnknownLine(str(seq))
        [entry] = self._archive.entries(seq, 1)
        return {
            "checkpoint": self._archive.note(found.shard),
            "inclusion": {
                "index": found.index,
                "entry": base64.b64encode(entry).decode(),
                "hashes": [base64.b64encode(step).decode() for step in found.hashes],
            },
        }

    def _proof(self, shard: Shard, index: int, hashes: list[bytes]) -> Proof:
        return Proof(
            shard.month, shard.first, index, shard.size, tuple(hashes), self._archive.note(shard)
        )


def _bounded(entries: list[bytes]) -> tuple[bytes, ...]:
    """As many as one answer holds; at least one, so that whoever asks gets on."""
    left, taken = REPLY_BYTES, 0
    for entry in entries:
        left -= len(entry)
        if left < 0 and taken:
            break
        taken += 1
    return tuple(entries[:taken])
