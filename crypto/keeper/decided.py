"""What comes of an accepted statement: one effect per kind.

Each effect runs inside the step of `Submit`, changes state, and returns what the ledger line
says of it (ids and codes) and what is to be done once that line is durable.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crypto.disclosure.canaries import Watch
from crypto.errors.statements import BadStatement, UnknownContract
from crypto.lists.authority import Authority
from crypto.lists.lifecycle import ListFacts, Lists
from crypto.people.roster import Roster
from crypto.signed.approvals import CENTRE, Approvals
from crypto.signed.mandates import Mandates
from crypto.signed.orders import (
    BudgetRaise,
    Canaries,
    Extension,
    Hold,
    PartyDecision,
    RecipientChange,
    ShredOrder,
)
from crypto.signed.statements import fingerprint
from crypto.signed.terms import ContractTerms, RosterEntry, Statement
from crypto.standards.canonical import micros


@dataclass(frozen=True)
class Effect:
    """`about`: the kind of statement and what it concerns; `lists`: those it is ledgered under."""

    about: str
    lists: tuple[str, ...] = ()
    act: Callable[[], None] = lambda: None
    keystore: bytes = b""  # its digest, if the effect has staged a change of it


class Decided:
    """The effects, by the kind of body."""

    def __init__(
        self,
        approvals: Approvals,
        roster: Roster,
        mandates: Mandates,
        lists: Lists,
        watch: Watch,
        authority: Authority,
        further: Mapping[type[Any], Callable[[Any, Statement, datetime], "Effect"]],
    ) -> None:
        """further: the effects of kinds that are decided elsewhere."""
        self._approvals, self._roster, self._watch = approvals, roster, watch
        self._mandates, self._lists, self._authority = mandates, lists, authority
        self.effects: dict[type[Any], Callable[[Any, Statement, datetime], Effect]] = {
            ContractTerms: self._contract,
            RosterEntry: self._person,
            RecipientChange: self._recipient,
            BudgetRaise: self._budget,
            PartyDecision: self._party,
            Hold: self._hold,
            Extension: self._extension,
            ShredOrder: self._shred,
            Canaries: self._canaries,
            **further,
        }

    def apply(self, statement: Statement, now: datetime) -> Effect:
        """Raises BadStatement, UnknownContract, UnknownList, ListOver, WiderThanContract."""
        return self.effects[type(statement.body)](statement.body, statement, now)

    def _contract(self, body: ContractTerms, statement: Statement, now: datetime) -> Effect:
        self._approvals.add_version(body, now, statement.issued)
        return Effect(f"contract {body.contract} version {body.version}")

    def _person(self, body: RosterEntry, statement: Statement, _now: datetime) -> Effect:
        self._roster.name(body, statement)
        about = f"roster {body.person} of {body.party} as {body.role}"
        return Effect(about + (" with a new factor" if body.new_factor else ""))

    def _recipient(self, body: RecipientChange, statement: Statement, _now: datetime) -> Effect:
        self._approvals.replace_recipient(body.entrustor, body.recipient, statement.issued)
        return Effect(f"recipient of {body.entrustor}: {fingerprint(body.recipient)}")

    def _budget(self, body: BudgetRaise, statement: Statement, now: datetime) -> Effect:
        self._check_owner(body.contract, body.entrustor)
        self._approvals.check_newer(body.contract, statement.issued)
        self._mandates.raise_budget(body, statement.nonce, now)
        return Effect(f"budget of {body.person or body.role} under {body.contract}")

    def _party(self, body: PartyDecision, statement: Statement, now: datetime) -> Effect:
        self._check_owner(body.contract, body.entrustor)
        self._approvals.check_newer(body.contract, statement.issued)
        self._mandates.decide_party(body, statement.issued, now)
        verb = "approved for" if body.approved else "withdrawn from"
        return Effect(f"party {body.party} {verb} {body.contract}")

    def _hold(self, body: Hold, statement: Statement, now: datetime) -> Effect:
        facts = self._of(body.list, body.entrustor)
        if body.held and (facts.epoch is not None or self._lists.state(facts, now) == "lost"):
            raise BadStatement("its keys are gone")
        self._mandates.hold(body.list, body.held, statement.issued)
        verb = "held" if body.held else "no longer held"
        return Effect(f"list {body.list} {verb}", (body.list,))

    def _extension(self, body: Extension, statement: Statement, now: datetime) -> Effect:
        facts = self._of(body.list, body.entrustor)
        self._mandates.recall_shred(body.list, body.entrustor, statement.issued)
        self._authority.spare(facts, statement.issued, now)
        digest, act = self._lists.extend(facts, body.until, statement.issued, now)
        return Effect(f"list {body.list} extended", (body.list,), act, digest)

    def _shred(self, body: ShredOrder, statement: Statement, _now: datetime) -> Effect:
        for list_id in body.lists:
            if body.entrustor == CENTRE:
                self._lists.facts(list_id)
            else:
                facts = self._of(list_id, body.entrustor)
                if micros(statement.issued) < (facts.extension_issued or 0):
                    raise BadStatement(f"not issued after the extension of {list_id}")
            self._mandates.order_shred(list_id, body.entrustor, statement.issued)
        return Effect(f"shredding of {len(body.lists)} lists", body.lists)

    def _canaries(self, body: Canaries, statement: Statement, _now: datetime) -> Effect:
        self._check_owner(body.contract, body.entrustor)
        self._watch.add(body, statement.nonce)
        return Effect(f"canaries of {body.contract}")

    def _check_owner(self, contract: str, entrustor: str) -> None:
        """Raises UnknownContract, also for a contract of somebody else."""
        if self._approvals.entrustor_of(contract) != entrustor:
            raise UnknownContract(contract)

    def _of(self, list_id: str, entrustor: str) -> ListFacts:
        """Raises UnknownList; BadStatement for a list of another entrustor."""
        facts = self._lists.facts(list_id)
        if facts.entrustor != entrustor:
            raise BadStatement(f"{list_id} is another entrustor's list")
        return facts
