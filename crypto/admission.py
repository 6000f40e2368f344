"""Who may do what: pin keys, take in statements, register factors, grant and end shifts."""

from datetime import datetime

from crypto.approvals import Approvals
from crypto.budgets import Budgets
from crypto.errors import WrongCode
from crypto.journal import Act, Journal, Verbs, refusing
from crypto.records import Records
from crypto.roster import Roster
from crypto.terms import ContractTerms, SignedStatement
from crypto.wire.approvals import Pin, Submit
from crypto.wire.base import Done
from crypto.wire.people import Enrol, Enrolled, Grant, Granted, Revoke


class Admission:
    """The verbs that decide about people and contracts. Each is a step of the journal."""

    def __init__(self, journal: Journal, approvals: Approvals, roster: Roster) -> None:
        self._journal, self._approvals, self._roster = journal, approvals, roster
        self._records, self._budgets = Records(journal.db), Budgets(journal.db)
        self.verbs: Verbs = {
            Pin: self.pin,
            Submit: self.submit,
            Enrol: self.enrol,
            Grant: self.grant,
            Revoke: self.revoke,
        }

    def pin(self, request: Pin, now: datetime) -> Act:
        """Raises BadStatement on keys that are none."""
        key = self._approvals.pin(request.approver, request.signing_key, request.recipient)
        seq = self._journal.append("pin", now, approver=request.approver, key=key)
        return lambda: Done(seq)

    def submit(self, request: Submit, now: datetime) -> Act:
        """Raises BadStatement, UnpinnedKey, StatementExpired, ReplayedStatement."""
        signed = SignedStatement(request.payload, request.key, request.signature)
        statement = self._approvals.accept(signed, now)
        body = statement.body
        if isinstance(body, ContractTerms):
            about = f"contract {body.contract} version {body.version}"
        else:
            self._roster.name(body, statement)
            about = f"roster {body.person} of {body.party} as {body.role}"
            about += " with a new factor" if body.new_factor else ""
        seq = self._journal.append(
            "statement", now, statement=statement.nonce, key=request.key, about=about
        )
        return lambda: Done(seq)

    def enrol(self, request: Enrol, now: datetime) -> Act:
        """Raises UnknownPerson, RosterOver, AlreadyEnrolled."""
        seed = self._roster.enrol(request.person, now)
        self._journal.append("enrol", now, principal=request.person)
        return lambda: Enrolled(seed)

    def grant(self, request: Grant, now: datetime) -> Act:
        """Raises UnknownPerson, RosterOver, NotEnrolled, Locked, WrongCode.

        A wrong code is counted and ledgered: it is refused after the commit, not instead of it.
        """
        person = request.person
        try:
            self._roster.check_code(person, request.code, now)
        except WrongCode as refusal:
            locked = self._roster.remember_wrong_code(person, now)
            self._journal.append("wrong_code", now, principal=person, locked=int(locked))
            return refusing(refusal)
        self._end_grant(person)
        self._budgets.forget(person, now)
        secret, until, bearer = self._roster.grant(person, now)
        self._journal.append(
            "grant", now, principal=person, site=bearer.site, party=bearer.party, role=bearer.role
        )
        return lambda: Granted(secret, until, bearer.role)

    def revoke(self, request: Revoke, now: datetime) -> Act:
        """The record in hand is free again."""
        ended = self._end_grant(request.person)
        if not ended:
            head = self._journal.head.size
            return lambda: Done(max(0, head - 1))
        seq = self._journal.append("revoke", now, principal=request.person)
        return lambda: Done(seq)

    def _end_grant(self, person: str) -> bool:
        grant = self._roster.end_grant(person)
        if grant is not None:
            self._records.let_go(grant)
        return grant is not None
