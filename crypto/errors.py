"""Every way in which the keeper, or a seal, says no.

Each refusal has one stable `code`, which travels over the wire; `detail` may name ids,
numbers and limits, never a field's content, a code typed in, or key material.
"""

from typing import ClassVar


class Refusal(Exception):
    """The verb was not carried out. Raised in the keeper, and again by its client."""

    code: ClassVar[str]

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


# -- who asks ------------------------------------------------------------------------------


class NotAllowed(Refusal):
    """This caller class may not say this verb."""

    code = "not_allowed"


class BadFrame(Refusal):
    """The message is outside the schema; the connection ends."""

    code = "bad_frame"


class UnknownPerson(Refusal):
    """No roster statement names this person."""

    code = "unknown_person"


class RosterOver(Refusal):
    """The person's last working day has passed."""

    code = "roster_over"


class AlreadyEnrolled(Refusal):
    """The factor is confirmed; another one needs a new roster statement that says so."""

    code = "already_enrolled"


class NotEnrolled(Refusal):
    """The person has no second factor yet."""

    code = "not_enrolled"


class WrongCode(Refusal):
    """The one-time code is wrong, too old, or was used before."""

    code = "wrong_code"


class Locked(Refusal):
    """Too many wrong codes; `detail` is the time from which codes are looked at again."""

    code = "locked"


class UnknownGrant(Refusal):
    """No such grant lives: never given, revoked, or replaced by a later one."""

    code = "unknown_grant"


class GrantOver(Refusal):
    """The shift is over."""

    code = "grant_over"


class RoleCannotOpen(Refusal):
    """Only operators open records."""

    code = "role_cannot_open"


# -- what is asked for ---------------------------------------------------------------------


class UnknownList(Refusal):
    """The keeper has no keys of this list."""

    code = "unknown_list"


class ListPending(Refusal):
    """The upload is not complete: there is no manifest yet."""

    code = "list_pending"


class ListOver(Refusal):
    """Frozen, expired or shredded: nothing of this list opens any more."""

    code = "list_over"


class ListExists(Refusal):
    """Keys of this list have been minted before."""

    code = "list_exists"


class PartyNotApproved(Refusal):
    """The entrustor has not approved the party this person works for."""

    code = "party_not_approved"


class SiteNotApproved(Refusal):
    """The entrustor has not approved this site."""

    code = "site_not_approved"


class DoesNotOpen(Refusal):
    """Not sealed for this place, changed, or not under this key. It never says which."""

    code = "does_not_open"


class RecordClosed(Refusal):
    """The record has its final result: it is closed for ever."""

    code = "record_closed"


class HandFull(Refusal):
    """Another record is in this grant's hand."""

    code = "hand_full"


class InOtherHand(Refusal):
    """The record is in the hand of another grant."""

    code = "in_other_hand"


class NotInHand(Refusal):
    """The record is not, or no longer, in this grant's hand: open it first."""

    code = "not_in_hand"


class TriesUsed(Refusal):
    """No tries of the identity check are left for this record, for life."""

    code = "tries_used"


class NotMatchable(Refusal):
    """The policy does not let this field be matched, or the record has no usable value."""

    code = "not_matchable"


class NotUnderstood(Refusal):
    """What was typed cannot be read as this kind of field (a 13th month). Costs no try."""

    code = "not_understood"


class NotRevealable(Refusal):
    """The policy does not let this field be revealed, or not for this reason."""

    code = "not_revealable"


class UnknownCode(Refusal):
    """The contract does not know this result code."""

    code = "unknown_code"


class UnknownAttempt(Refusal):
    """The keeper has closed no call under this id."""

    code = "unknown_attempt"


class BudgetHour(Refusal):
    """The person has seen as many people within the hour as the contract allows."""

    code = "budget_hour"


class BudgetDay(Refusal):
    """The person has seen as many people within 24 hours as the contract allows."""

    code = "budget_day"


# -- what is decided by signature ----------------------------------------------------------


class BadStatement(Refusal):
    """Not canonical, not signed by this key, contradicts itself, or a newer one is in force."""

    code = "bad_statement"


class ReplayedStatement(Refusal):
    """This statement was accepted before."""

    code = "replayed_statement"


class StatementExpired(Refusal):
    """The statement's time of validity has passed, or has not begun."""

    code = "statement_expired"


class UnpinnedKey(Refusal):
    """The key is not the one pinned for who must sign this."""

    code = "unpinned_key"


class UnknownContract(Refusal):
    """No signed contract of this id and version."""

    code = "unknown_contract"


class WiderThanContract(Refusal):
    """The list would outlive its contract, or a later version has replaced this one."""

    code = "wider_than_contract"


class UnpinnedEntrustor(Refusal):
    """Nobody's keys are pinned under this id."""

    code = "unpinned_entrustor"


# -- ending a list -------------------------------------------------------------------------


class NotFrozen(Refusal):
    """A list that still lives is not shredded."""

    code = "not_frozen"


class NotShredded(Refusal):
    """No certificate before the keeper's own shred line."""

    code = "not_shredded"


class AlreadyOpened(Refusal):
    """A record has been opened: the list is not an abandoned upload."""

    code = "already_opened"


class UploadSettled(Refusal):
    """The list has lived longer than a broken upload stays unnoticed: it is not one."""

    code = "upload_settled"


# -- the keeper itself ---------------------------------------------------------------------


class LedgerUnavailable(Refusal):
    """The ledger could not be written, so nothing happened and nothing was shown."""

    code = "ledger_unavailable"


class KeeperUnavailable(Exception):
    """Nobody answers at the keeper's socket, or the answer did not come.

    If the connection broke in mid-call, the verb may or may not have been carried out:
    repeat it only where the verb says that repeating is harmless.
    """


class KeyFileRefused(Exception):
    """A key file is missing, readable by others, or not of the expected form."""


BY_CODE: dict[str, type[Refusal]] = {kind.code: kind for kind in Refusal.__subclasses__()}


def from_code(code: str, detail: str) -> Refusal:
    """The refusal that `code` names; a code of a newer keeper stays a bare `Refusal`."""
    refusal = BY_CODE.get(code, Refusal)(detail)
    if code not in BY_CODE:
        refusal.code = code  # type: ignore[misc]
    return refusal
