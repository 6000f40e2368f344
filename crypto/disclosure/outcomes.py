"""What a call comes to: its result, sealed to the entrustor; which number is rung next; and who
may still call back."""

from datetime import timedelta

from crypto.disclosure import ringing
from crypto.disclosure.threshold import Case, Opened
from crypto.lists.lifecycle import Lists
from crypto.lists.progress import Attempt
from crypto.records.fields import FieldKind
from crypto.records.sealing import CallResult, open_result, seal_result, token
from crypto.records.slips import Slip
from crypto.standards.canonical import micros
from crypto.wire.records import Close

NO_CONTACT = 70  # 架電上限到達: closed for every desk, still found when its person calls back
CALL_BACK_DAY = timedelta(days=7)  # one business day at most, with every holiday around it


def outcome(case: Case, opened: Opened, request: Close, *, final: bool) -> Attempt:
    """The result of the call in hand, with the slip if it says anything. Raises DoesNotOpen."""
    person = opened.person(case)
    slip = request.slip if request.slip and request.slip.kinds else None
    said = CallResult(
        person.line,
        person.fields.get(FieldKind.REFERENCE, ""),
        request.code,
        case.now.isoformat(),
        slip,
    )
    sealed = seal_result(
        opened.keys.result_key, list_id=case.facts.list, attempt=request.attempt, result=said
    )
    return Attempt(request.code, final, micros(case.now), sealed, slip is not None, tag=opened.tag)


def slip_of(result_key: bytes, case: Case, request: Close, earlier: Attempt) -> Slip | None:
    """What was handed over with a result that another one takes the place of: into that one, and
    nowhere else. Raises DoesNotOpen."""
    told = open_result(
        result_key, list_id=case.facts.list, attempt=request.attempt, sealed=earlier.sealed
    )
    return told.slip


def further(lists: Lists, case: Case, opened: Opened, request: Close) -> bytes:
    """How the record's next number is filed if the one rung is not in service; b"": there is
    none, or nobody rings it: the list is over, or somebody had called back."""
    facts, permitted = case.facts, FieldKind.PHONE_ALT in case.terms.fields
    if request.code != ringing.NOT_IN_SERVICE or case.state.closed or not permitted:
        return b""
    rest = ringing.numbers(opened.person(case).fields)[1:]
    if not rest or lists.state(facts, case.now) != "open":
        return b""
    return token(lists.index_key(facts, case.now), facts.list, rest[0])


def findable(case: Case, request: Close, *, final: bool) -> int:
    """Until when (microseconds) a search still opens what is closed now; 0: never."""
    if not final:
        return case.state.findable
    until, days = request.findable_until, case.terms.conduct.days_to_call_back
    first = request.code == NO_CONTACT and not case.state.closed
    if not (first and until and days and case.terms.inbound):
        return 0
    return micros(min(until, case.now + days * CALL_BACK_DAY))
