"""The life of a list's keys: mint, manifest, abandon, freeze, shred."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crypto.bookkeeping.journal import Act, Journal, Verbs, refusing
from crypto.bookkeeping.quotas import MINTED, Quotas
from crypto.errors.keeper import BadFrame
from crypto.errors.lists import (
    AlreadyOpened,
    ListExists,
    ListPending,
    RootNotDestroyed,
    UnknownList,
    UploadSettled,
)
from crypto.errors.statements import ForeignJob, WiderThanContract
from crypto.ids import TEST
from crypto.keys import inventory
from crypto.keys.keystore import Keystore
from crypto.keys.vault import ListSecrets
from crypto.lists.authority import ALERTING, Authority
from crypto.lists.corrections import Corrections
from crypto.lists.endings import ABANDONED, NOBODY
from crypto.lists.letterbox import Headers, Letterboxes
from crypto.lists.lifecycle import ListFacts, Lists, Minting, binding_of
from crypto.lists.progress import Records
from crypto.lists.provisional import Provisional
from crypto.records.sealing import KEY_BYTES, ListKeys, RecipientKey, file_salt, seal_list_keys
from crypto.signed.approvals import Approvals
from crypto.signed.statements import fingerprint
from crypto.signed.terms import ContractTerms
from crypto.standards.canonical import canonical_json, micros, time_of
from crypto.wire.base import Caller, Done
from crypto.wire.lists import (
    Abandon,
    Freeze,
    Inspect,
    ListState,
    Manifest,
    Mint,
    Minted,
    Shred,
)
from crypto.wire.uploads import Tokenise, Unwrap

ABANDON_MINUTES = 60  # from the manifest on; a broken upload is found within a few


@dataclass
class Session:
    """One connection. Keys minted on it live here until their manifest, and die with it."""

    caller: Caller
    minted: dict[str, Minting] = field(default_factory=dict)
    shown: Headers = field(default_factory=dict)  # headers of encrypted files


class Keyroom:
    """The verbs about a list as a whole. Each is a step of the journal."""

    def __init__(
        self,
        journal: Journal,
        approvals: Approvals,
        lists: Lists,
        keystore: Keystore,
        authority: Authority,
        boxes: Letterboxes,
        quotas: Quotas,
    ) -> None:
        self._journal, self._approvals = journal, approvals
        self._boxes, self._quotas = boxes, quotas
        self._lists, self._keystore, self._authority = lists, keystore, authority
        self._records = Records(journal.db)
        self._provisional = Provisional(journal.db, self._records)
        self._corrections = Corrections(journal, lists)
        self._pending: dict[str, Session] = {}
        self.verbs: Verbs = {Freeze: self.freeze, Inspect: self.inspect}
        self.said_on: dict[type[Any], Callable[[Session, Any, datetime], Act]] = {
            Mint: self.mint,
            Manifest: self.manifest,
            Unwrap: self.unwrap,
            Tokenise: self.tokenise,
        }

    # -- beginning -------------------------------------------------------------------------

    def mint(self, session: Session, request: Mint, now: datetime) -> Act:
        """Raises BadFrame: the name of a test; ListExists, UnknownContract, WiderThanContract,
        ForeignJob, UnpinnedEntrustor; LineQuota."""
        if request.list.startswith(TEST):
            raise BadFrame("list")
        if request.list in self._pending or self._lists.find(request.list):
            raise ListExists(request.list)
        terms = self._approvals.terms(request.contract, request.version)
        if request.version != self._approvals.latest(request.contract):
            raise WiderThanContract(f"{request.contract} version {request.version} is replaced")
        self._check_job(request.job, terms.entrustor, terms.contract)
        if request.expires.tzinfo is None or not now < request.expires <= terms.expires:
            raise WiderThanContract(request.contract)
        recipient = self._approvals.recipient(terms.entrustor)
        over = self._quotas.spend("mint", MINTED, now, caller=session.caller)
        if over:
            return over
        pair = RecipientKey.generate()
        keys = ListSecrets(
            pair.seeds, secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES)
        )
        public = pair.public.data
        minting = Minting(
            binding_of(terms, request.list, request.expires),
            request.contract,
            request.version,
            request.job,
            keys,
            fingerprint(public),
            now,
        )
        for_entrustor = seal_list_keys(
            recipient,
            entrustor=terms.entrustor,
            list_id=request.list,
            keys=ListKeys(keys.result_key, keys.trace_key),
        )
        self._journal.append(
            "mint",
            now,
            list_id=request.list,
            entrustor=terms.entrustor,
            contract=request.contract,
            version=request.version,
            job=request.job,
            key=minting.fingerprint,
        )
        return lambda: self._minted(session, minting, terms, public, for_entrustor)

    def _check_job(self, job: str, entrustor: str, contract: str) -> None:
        """Raises ForeignJob: lists of one job are searched together, so one contract decides."""
        for facts in self._lists.of_job(job):
            if (facts.entrustor, facts.contract) != (entrustor, contract):
                raise ForeignJob(job)

    def _minted(
        self,
        session: Session,
        minting: Minting,
        terms: ContractTerms,
        public: bytes,
        for_entrustor: bytes,
    ) -> Minted:
        name = minting.binding.list
        if name in self._pending:  # minted twice within one commit
            raise ListExists(name)
        self._pending[name] = session
        session.minted[name] = minting
        salt = file_salt(minting.keys.trace_key, name)
        return Minted(public, terms.entrustor, for_entrustor, canonical_json(terms), salt)

    def manifest(self, session: Session, request: Manifest, now: datetime) -> Act:
        """Raises UnknownList if it was not minted on this connection, ForeignJob."""
        minting = self._minting(session, request.list)
        if len(request.commitments) != len(request.rows):
            raise BadFrame("manifest")
        if len(request.closed) not in (0, len(request.rows)):
            raise BadFrame("closed")
        for bits, rows in zip(request.closed, request.rows, strict=False):
            if int.from_bytes(bits, "little") >> rows:  # would count rows that are not there
                raise BadFrame("closed")
        self._check_job(minting.job, minting.binding.entrustor, minting.contract)
        terms = self._approvals.terms(minting.contract, minting.version)
        digest = self._lists.add(minting, request, now)
        self._boxes.take_in(request.list, minting.job, terms, session.shown)
        self._corrections.note(request.list, request.rejected)
        closed = self._records.close_before(request.list, request.closed)
        seq = self._journal.append(
            "manifest",
            now,
            list_id=request.list,
            chunks=len(request.rows),
            rows=sum(request.rows),
            file_hash=request.file_hash.hex(),
            closed=closed,
            keystore=digest.hex(),
        )
        inventory.note(self._journal.db, digest, seq)

        def act() -> Done:
            self._keystore.commit()
            self._forget(request.list)
            return Done(seq)

        return act

    def unwrap(self, session: Session, request: Unwrap, now: datetime) -> Act:
        """Raises UnknownList if it was not minted here, and as `Letterboxes.unwrap`."""
        minting = self._minting(session, request.list)
        return self._boxes.unwrap(request, minting.job, session.shown, now)

    def tokenise(self, session: Session, request: Tokenise, now: datetime) -> Act:
        """Raises UnknownList, ForeignJob, and as `Corrections.tokenise`."""
        minting = self._minting(session, request.list)
        return self._corrections.tokenise(request, minting.job, now)

    def _minting(self, session: Session, list_id: str) -> Minting:
        minting = session.minted.get(list_id)
        if minting is None:
            raise UnknownList(list_id)
        return minting

    def abandon(self, request: Abandon, now: datetime) -> Act:
        """Raises AlreadyOpened, UploadSettled.

        A list with a manifest is left frozen, to be shredded next.
        """
        facts = self._lists.find(request.list)
        if facts is not None:
            if facts.lost_at is not None:
                return lambda: Done(max(0, self._journal.head.size - 1))
            if facts.opens:
                raise AlreadyOpened(request.list)
            settled = micros(now - timedelta(minutes=ABANDON_MINUTES)) > facts.manifested_at
            if settled and self._lists.state(facts, now) == "open":
                raise UploadSettled(request.list)
            # Later it takes what every list takes (D12).
            ended = not settled and self._authority.end(facts, ABANDONED, NOBODY, now)
            if not self._lists.freeze(facts, ABANDONED, now) and not ended:
                return lambda: Done(max(0, self._journal.head.size - 1))
        elif request.list not in self._pending:  # never was: no line, no room of the reserve
            return lambda: Done(max(0, self._journal.head.size - 1))
        seq = self._journal.append("abandon", now, list_id=request.list)

        def act() -> Done:
            self._forget(request.list)
            return Done(seq)

        return act

    def hang_up(self, session: Session) -> None:
        """The connection ended: what was minted on it is forgotten."""
        for name in list(session.minted):
            self._forget(name)

    def _forget(self, list_id: str) -> None:
        session = self._pending.pop(list_id, None)
        if session is not None:
            session.minted.pop(list_id, None)
            for place in [place for place in session.shown if place[0] == list_id]:
                del session.shown[place]

    # -- ending ----------------------------------------------------------------------------

    def freeze(self, request: Freeze, now: datetime) -> Act:
        """A list whose keys are lost opens nothing anyway: nothing to do.

        Raises ListPending, UnknownList; UnknownGrant, GrantOver, NotAuthorised if a grant is
        shown that does not hold.
        """
        facts = self._known(request.list)
        if facts.lost_at is not None:
            return lambda: Done(max(0, self._journal.head.size - 1))
        by = self._authority.of_grant(facts, request.trigger, request.grant, now)
        frozen = self._frozen(facts, request.trigger, now)
        if by is None or not self._authority.end(facts, request.trigger, by, now):
            return frozen
        seq = self._journal.append(
            "ended", now, list_id=facts.list, trigger=request.trigger, principal=by
        )
        return lambda: Done(seq)

    def _frozen(self, facts: ListFacts, trigger: str, now: datetime) -> Act:
        if not self._lists.freeze(facts, trigger, now):
            return lambda: Done(max(0, self._journal.head.size - 1))
        seq = self._journal.append("freeze", now, list_id=facts.list, trigger=trigger)
        return lambda: Done(seq)

    def intend_shred(self, request: Shred, now: datetime) -> Act:
        """First part: may it be, then the intent. A no is an alert: the list stays as it is.

        Raises NotFrozen, KeysLost, ListPending, UnknownList; ListHeld, ClocksDisagree,
        NotAuthorised, TooManyShreds. Run twice before the second part: the first intent stands.
        """
        facts = self._known(request.list)
        if not self._lists.to_be_shredded(facts, now):
            return lambda: None
        try:
            authority = self._authority.to_shred(facts, request.database_time, now)
        except ALERTING as refusal:
            if self._authority.alerts(facts, refusal, now):
                self._journal.append("shred_refused", now, list_id=facts.list, code=refusal.code)
            return refusing(refusal)
        self._frozen(facts, authority, now)  # expired, and nobody had said so
        self._lists.intend_shred(facts.list, authority, now)
        self._journal.append(
            "shred_begins",
            now,
            list_id=facts.list,
            epoch=self._keystore.epoch,
            authority=authority,
        )
        return lambda: None

    def complete_shred(self, list_id: str, now: datetime) -> Act:
        """Second part, when the old root is destroyed and that is proven: say so, once."""
        facts = self._known(list_id)
        if facts.shred_seq is not None:
            done = facts.shred_seq
            return lambda: Done(done)
        if list_id in self._keystore:
            raise RootNotDestroyed(list_id)
        digest = self._keystore.digest
        seq = self._journal.append(
            "shred",
            now,
            list_id=list_id,
            epoch=facts.epoch or 0,
            root=self._keystore.root_kind,
            proof=inventory.PROVEN,
            keystore=digest.hex(),
        )
        inventory.note(self._journal.db, digest, seq)
        self._lists.note_shredded(list_id, seq, now)
        self._records.forget_notes(list_id)
        self._provisional.forget(list_id)
        return lambda: Done(seq)

    # -- asking ----------------------------------------------------------------------------

    def inspect(self, request: Inspect, now: datetime) -> Act:
        facts = self._lists.find(request.list)
        if facts is None:
            told = ListState("pending" if request.list in self._pending else "unknown")
        else:
            state = self._lists.state(facts, now)
            told = ListState(
                state,
                time_of(facts.expires),
                time_of(facts.frozen_at),
                time_of(facts.shredded_at),
                facts.trigger or "",
                self._authority.ended(facts, now) if state == "frozen" else "",
                self._records.notes(request.list) if state == "shredded" else 0,
            )
        return lambda: told

    def _known(self, list_id: str) -> ListFacts:
        """Raises ListPending, UnknownList."""
        if list_id in self._pending:
            raise ListPending(list_id)
        return self._lists.facts(list_id)
