"""One person at a time: what the door says no to, and the limits of one principal."""

from crypto.errors.base import Refusal


class RoleCannotOpen(Refusal):
    """Only operators open records, and supervisors what was handed over to them."""

    code = "role_cannot_open"


class PartyNotApproved(Refusal):
    """The entrustor has not approved the party this person works for."""

    code = "party_not_approved"


class SiteNotApproved(Refusal):
    """The entrustor has not approved this site."""

    code = "site_not_approved"


class DoesNotOpen(Refusal):
    """Not sealed for this place, changed, or not under this key. It never says which."""

    code = "does_not_open"


class AnotherPerson(Refusal):
    """This record is not the one that the reference names: its filing was changed."""

    code = "another_person"


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


class NotOffered(Refusal):
    """This record is not, or no longer, offered to this person at this site."""

    code = "not_offered"


class TriesUsed(Refusal):
    """No tries of the identity check are left for this record, for life."""

    code = "tries_used"


class TriesUsedToday(Refusal):
    """This person has had as many mismatches within 24 hours as the contract allows."""

    code = "tries_used_today"


class ResultFinal(Refusal):
    """This result stands: its minute is over, or something has followed from it."""

    code = "result_final"


class StillChangeable(Refusal):
    """Whoever gave this result may still change it: its minute is not over."""

    code = "still_changeable"


class NotOverseen(Refusal):
    """This call is of another party, or of another site than this supervisor's, or the person
    oversees nobody."""

    code = "not_overseen"


class SameResult(Refusal):
    """This is the code that the result has."""

    code = "same_result"


class NotRevisable(Refusal):
    """This result stays as it is, or this code is never given later."""

    code = "not_revisable"


class Withdrawn(Refusal):
    """The entrustor has taken this record out: nobody is shown, it is closed with code 80."""

    code = "withdrawn"


class InboundNotPermitted(Refusal):
    """The contract does not let a number be searched for."""

    code = "inbound_not_permitted"


class NotMatchable(Refusal):
    """The policy does not let this field be matched, or the record has no usable value."""

    code = "not_matchable"


class NotUnderstood(Refusal):
    """What was typed cannot be read as this kind of field (a 13th month). Costs no try."""

    code = "not_understood"


class NotRevealable(Refusal):
    """The policy does not let this field be revealed, or not for this reason."""

    code = "not_revealable"


class RevealsUsed(Refusal):
    """This person has had as many fields revealed within the hour as the contract allows."""

    code = "reveals_used"


class CodesUsed(Refusal):
    """This officer has typed as many wrong call codes within the hour as anybody may."""

    code = "codes_used"


class UnknownCode(Refusal):
    """The contract does not know this result code."""

    code = "unknown_code"


class NoteNotPermitted(Refusal):
    """The contract does not let notes be kept."""

    code = "note_not_permitted"


class SlipNotPermitted(Refusal):
    """The contract does not let this be handed over on a slip."""

    code = "slip_not_permitted"


class UnknownAttempt(Refusal):
    """The keeper has closed no call under this id."""

    code = "unknown_attempt"


class BudgetHour(Refusal):
    """The person has seen as many people within the hour as the contract allows."""

    code = "budget_hour"


class BudgetDay(Refusal):
    """The person has seen as many people within 24 hours as the contract allows."""

    code = "budget_day"


class BudgetMonth(Refusal):
    """The person has seen as many people within 30 days as the contract allows."""

    code = "budget_30_days"


class BudgetJob(Refusal):
    """The person has seen as many people of this job as the contract allows for life."""

    code = "budget_job"


class BudgetList(Refusal):
    """The person has seen as many people of this list as the contract allows for life."""

    code = "budget_list"


class BudgetEntrustor(Refusal):
    """The person has seen as many people of this entrustor within 24 hours as it allows."""

    code = "budget_entrustor"
