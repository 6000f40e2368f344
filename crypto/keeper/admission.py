"""Who may do what: pin keys, take in statements, register factors, grant and end shifts."""

from datetime import datetime
from typing import Any

from crypto.bookkeeping.journal import Act, Journal, Verbs, refusing
from crypto.bookkeeping.quotas import FACTORS, Quotas
from crypto.disclosure.budgets import Budgets
from crypto.errors.base import Refusal
from crypto.errors.people import FactorTaken, KeyNotBound, WrongCode, WrongKey
from crypto.keeper.decided import Decided
from crypto.keys import inventory
from crypto.lists.authority import Authority
from crypto.lists.progress import Records
from crypto.people.factors import Factors, Passed
from crypto.people.roster import Roster
from crypto.people.securitykeys import Assertion
from crypto.signed.approvals import Approvals
from crypto.signed.statements import fingerprint
from crypto.signed.terms import SignedStatement
from crypto.standards.canonical import micros
from crypto.wire.approvals import (
    Awaited,
    AwaitedStatement,
    AwaitedStatements,
    LookAtRecipient,
    Pin,
    RecipientTold,
    Submit,
    Submitted,
)
from crypto.wire.base import Done
from crypto.wire.people import (
    BeginKey,
    ChallengeKey,
    Enrol,
    Enrolled,
    Grant,
    GrantByKey,
    Granted,
    HandToken,
    KeyBegun,
    LookAtFactor,
    RegisterKey,
    Revoke,
)


class Admission:
    """The verbs that decide about people and contracts. Each is a step of the journal."""

    def __init__(
        self,
        journal: Journal,
        approvals: Approvals,
        decided: Decided,
        roster: Roster,
        factors: Factors,
        budgets: Budgets,
        authority: Authority,
        quotas: Quotas,
    ) -> None:
        self._journal, self._approvals, self._decided = journal, approvals, decided
        self._roster, self._factors, self._authority = roster, factors, authority
        self._records, self._budgets, self._quotas = Records(journal.db), budgets, quotas
        self.verbs: Verbs = {
            Pin: self.pin,
            LookAtRecipient: self.look_at_recipient,
            Submit: self.submit,
            Awaited: self.awaited,
            Enrol: self.enrol,
            HandToken: self.hand_token,
            LookAtFactor: self.look_at_factor,
            BeginKey: self.begin_key,
            RegisterKey: self.register_key,
            ChallengeKey: self.challenge_key,
            Grant: self.grant,
            GrantByKey: self.grant_by_key,
            Revoke: self.revoke,
        }

    def pin(self, request: Pin, now: datetime) -> Act:
        """Raises BadStatement on keys that are none."""
        key = self._approvals.pin(
            request.approver, request.signing_key, request.recipient, micros(now)
        )
        seq = self._journal.append("pin", now, approver=request.approver, key=key)
        return lambda: Done(seq)

    def look_at_recipient(self, request: LookAtRecipient, _now: datetime) -> Act:
        """Raises UnpinnedEntrustor."""
        key = fingerprint(self._approvals.recipient(request.entrustor).data)
        return lambda: RecipientTold(key)

    def submit(self, request: Submit, now: datetime) -> Act:
        """Raises BadStatement, UnpinnedKey, StatementExpired, IssuerApproves,
        ReplayedStatement, and what the decision itself is refused with."""
        signed = SignedStatement(request.payload, request.key, request.signature)
        taken = self._approvals.accept(signed, now)
        number = taken.statement.nonce
        if taken.missing:
            missing = " ".join(taken.missing)
            seq = self._journal.append(
                "signature", now, statement=number, key=request.key, missing=missing
            )
            return lambda: Submitted(seq, taken.missing)
        effect = self._decided.apply(taken.statement, now)
        changed = {"keystore": effect.keystore.hex()} if effect.keystore else {}
        seq = self._journal.append(
            "statement", now, statement=number, key=request.key, about=effect.about, **changed
        )
        if effect.keystore:
            inventory.note(self._journal.db, effect.keystore, seq)
        for list_id in effect.lists:
            self._journal.append("decided", now, list_id=list_id, statement=number)

        def act() -> Submitted:
            effect.act()
            return Submitted(seq)

        return act

    def awaited(self, _request: Awaited, now: datetime) -> Act:
        """What waits for a second signature."""
        found = tuple(
            AwaitedStatement(
                statement.nonce,
                str(statement.body.__struct_config__.tag),
                getattr(statement.body, "entrustor", ""),
                getattr(statement.body, "list", ""),
                missing,
                statement.valid_until,
            )
            for statement, missing in self._approvals.awaited(now)
        )
        return lambda: AwaitedStatements(found)

    # -- second factors --------------------------------------------------------------------

    def enrol(self, request: Enrol, now: datetime) -> Act:
        """Raises UnknownPerson, RosterOver, AlreadyEnrolled; LineQuota."""
        seed = self._factors.enrol(request.person, now)
        over = self._too_often(request.person, now)
        if over:
            return over
        self._journal.append("enrol", now, principal=request.person)
        return lambda: Enrolled(seed)

    def hand_token(self, request: HandToken, now: datetime) -> Act:
        """Raises UnknownPerson, RosterOver, AlreadyEnrolled, FactorTaken."""
        self._factors.hand_over(request, now)
        seq = self._journal.append(
            "hand_token", now, principal=request.person, serial=request.serial
        )
        return lambda: Done(seq)

    def look_at_factor(self, request: LookAtFactor, now: datetime) -> Act:
        """Raises UnknownPerson, RosterOver."""
        factor = self._factors.look_at(request.person, now)
        return lambda: factor

    def begin_key(self, request: BeginKey, now: datetime) -> Act:
        """Raises UnknownPerson, RosterOver, AlreadyEnrolled, KeysNotOffered."""
        challenge, party = self._factors.begin_key(request.person, now)
        return lambda: KeyBegun(challenge, party, b"")

    def register_key(self, request: RegisterKey, now: datetime) -> Act:
        """Raises what `Factors.register_key` does; LineQuota. Once answered, the challenge is
        gone."""
        person = request.person
        over = self._too_often(person, now)
        if over:
            return over
        try:
            model = self._factors.register_key(
                person, request.client_data, request.attestation, now
            )
        except (WrongKey, KeyNotBound, FactorTaken) as refusal:
            return refusing(refusal)
        seq = self._journal.append("register_key", now, principal=person, model=model)
        return lambda: Done(seq)

    def challenge_key(self, request: ChallengeKey, now: datetime) -> Act:
        """Raises UnknownPerson, RosterOver, NotEnrolled, Locked, KeysNotOffered."""
        begun = KeyBegun(*self._factors.challenge_key(request.person, now))
        return lambda: begun

    def _too_often(self, person: str, now: datetime) -> Act | None:
        return self._quotas.spend(f"factor {person}", FACTORS, now, principal=person)

    # -- shifts ----------------------------------------------------------------------------

    def grant(self, request: Grant, now: datetime) -> Act:
        """Raises UnknownPerson, RosterOver, NotEnrolled, Locked, WrongCode.

        A wrong code is counted and ledgered: it is refused after the commit, not instead of it.
        """
        person = request.person
        try:
            passed = self._factors.check_code(person, request.code, request.following, now)
        except WrongCode as refusal:
            return self._wrong("wrong_code", person, refusal, now)
        return self._let_in(person, passed, now)

    def grant_by_key(self, request: GrantByKey, now: datetime) -> Act:
        """Raises UnknownPerson, RosterOver, NotEnrolled, Locked, ChallengeOver, KeysNotOffered,
        WrongKey, which is remembered as a wrong code is."""
        person = request.person
        assertion = Assertion(
            request.credential, request.client_data, request.authenticator_data, request.signature
        )
        try:
            passed = self._factors.check_key(person, assertion, now)
        except WrongKey as refusal:
            return self._wrong("wrong_key", person, refusal, now)
        return self._let_in(person, passed, now)

    def revoke(self, request: Revoke, now: datetime) -> Act:
        """The record in hand is free again. Taken away, a shift has ended no list."""
        person = request.person
        signs_out = self._roster.is_of(request.grant, person)
        seq = max(0, self._journal.head.size - 1)
        if self._end_grant(person):
            seq = self._journal.append("revoke", now, principal=person)
        for list_id in () if signs_out else self._authority.take_back(person):
            seq = self._journal.append("taken_back", now, list_id=list_id, principal=person)
        return lambda: Done(seq)

    def _end_grant(self, person: str) -> bool:
        grant = self._roster.end_grant(person)
        if grant is not None:
            self._records.let_go(grant)
        return grant is not None

    def _let_in(self, person: str, passed: Passed, now: datetime) -> Act:
        """One shift; the earlier one ends."""
        self._end_grant(person)
        self._budgets.forget(person, now)
        secret, until, bearer = self._roster.grant(person, now)
        found_again: dict[str, Any] = {"found_again": 1} if passed.found_again else {}
        self._journal.append(
            "grant",
            now,
            principal=person,
            site=bearer.site,
            party=bearer.party,
            role=bearer.role,
            factor=passed.kind,
            **found_again,
        )
        return lambda: Granted(secret, until, bearer.role)

    def _wrong(self, kind: str, person: str, refusal: Refusal, now: datetime) -> Act:
        """Remember a wrong answer, then refuse. A count that has not risen: maybe a copied key."""
        locked = self._factors.remember_wrong(person, now)
        copied: dict[str, Any] = {"copied": 1} if refusal.detail == "count" else {}
        self._journal.append(kind, now, principal=person, locked=int(locked), **copied)
        return refusing(refusal)
