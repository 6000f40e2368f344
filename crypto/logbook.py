"""The verbs of the ledger: what the operations plane adds to it, and its signed head."""

import re
from datetime import datetime

from crypto.errors import BadFrame
from crypto.journal import Act, Journal, Verbs
from crypto.keyroom import Session
from crypto.ledger import checkpoint
from crypto.signers import Signers
from crypto.wire.base import Done
from crypto.wire.ledger import Event, Head, LedgerHead

EVENT_REFS = 12  # ids in one operations event at most
_EVENT_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")  # codes and ids; no room for contents


class Logbook:
    """Events in, checkpoints out. Each verb is a step of the journal."""

    def __init__(self, journal: Journal, root_kind: str, signers: Signers) -> None:
        self._journal, self._root_kind, self._signers = journal, root_kind, signers
        self.verbs: Verbs = {Head: self.head}

    def event(self, session: Session, request: Event, now: datetime) -> Act:
        """Raises BadFrame if it could carry contents."""
        words = [request.code, *request.refs, *request.refs.values()]
        if len(request.refs) > EVENT_REFS or not all(map(_EVENT_WORD.fullmatch, words)):
            raise BadFrame("event")
        refs = {f"ref_{name}": value for name, value in request.refs.items()}
        seq = self._journal.append("event", now, caller=session.caller, code=request.code, **refs)
        return lambda: Done(seq)

    def head(self, _request: Head, _now: datetime) -> Act:
        """Answered even if nothing can be written: it appends nothing."""
        return lambda: LedgerHead(
            self._journal.head.size,
            self.checkpoint(),
            self._root_kind,
            self._signers.certificate.public_key().public_bytes_raw(),
            self._signers.ledger.public_key().public_bytes_raw(),
        )

    def checkpoint(self) -> str:
        """The durable head of the ledger, signed."""
        head = self._journal.head
        return checkpoint.sign(head.size, head.root(), self._signers.ledger)
