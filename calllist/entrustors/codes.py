"""The results a call can have (架電結果): the default set, its words and its rules.

Which of them a contract uses, and which are final, is signed with its terms; what the
platform does next with a record that is not final is decided here.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Next(StrEnum):
    """What happens to a record after a result that is not final."""

    NOTHING = "nothing"  # final: the record is closed
    RETRY = "retry"  # due again after the contract's retry minutes
    SOON = "soon"  # due again after `SOON`
    CALL_BACK = "call_back"  # due at the time that was asked for
    AGAIN = "again"  # due at once; does not count as a call to this number


SOON = timedelta(minutes=15)  # a busy line is worth trying again shortly
ALL = frozenset({"sales", "health_check", "payment_notice", "inbound"})
NOTICES = frozenset({"health_check", "payment_notice"})


@dataclass(frozen=True)
class CodeRule:
    """One result code."""

    code: int
    ja: str
    en: str
    next: Next
    purposes: frozenset[str] = ALL
    at_the_desk: bool = True  # False: only the platform or a supervisor records it

    @property
    def final(self) -> bool:
        return self.next is Next.NOTHING


_DONE = Next.NOTHING
CALL_BACK = 12
REFUSED, MOVED = 50, 60  # undone by nobody but the entrustor
ATTEMPTS_USED_UP = 70
WITHDRAWN = 80
SUPPRESSED = 81  # another call of the entrustor's has told that this person moved or died
TAKEN_OUT = frozenset({WITHDRAWN, SUPPRESSED})  # closed without a call, from behind
SILENT = frozenset(
    {30, 31, 32, 33, 40, 42, 43, 51, 70, *TAKEN_OUT, 90}
)  # nobody was there to ask for others; or only a stranger, whom we dialled by mistake (43)

_RULES = (
    CodeRule(10, "本人対応・完了", "spoke with person, done", _DONE),
    CodeRule(11, "約束（受診・納付）", "promise", _DONE, NOTICES),
    CodeRule(12, "再架電希望", "call back at a time", Next.CALL_BACK),
    CodeRule(13, "資料送付", "send papers", _DONE),
    CodeRule(14, "済み（受診・納付）", "already done", _DONE, NOTICES),
    CodeRule(15, "内容相談（SV）", "escalate to supervisor", Next.RETRY),
    CodeRule(20, "家族・第三者応答", "other person answered", Next.RETRY),
    CodeRule(21, "家族・時間の申出", "other person named a time", Next.CALL_BACK),
    CodeRule(22, "本人確認できず", "could not verify", Next.RETRY),
    CodeRule(23, "本人・通話できず", "person could not talk", Next.RETRY),
    CodeRule(30, "不在（応答なし）", "no answer", Next.RETRY),
    CodeRule(31, "留守番電話", "voicemail", Next.RETRY),
    CodeRule(32, "話中", "busy", Next.SOON),
    CodeRule(33, "圏外・電源オフ", "unreachable", Next.RETRY),
    CodeRule(40, "現在使われていない", "number not in service", _DONE),
    CodeRule(41, "番号違い", "wrong person", _DONE),
    CodeRule(42, "FAX・機械音", "fax or machine", _DONE),
    CodeRule(43, "掛け間違い（当方）", "misdialled by us", Next.AGAIN),
    CodeRule(50, "拒否（今後不要）", "refusal, do not call again", _DONE),
    CodeRule(51, "着信拒否", "blocked by callee", Next.RETRY),
    CodeRule(60, "転居・死亡等の申出", "moved, deceased or other", _DONE),
    CodeRule(70, "架電上限到達", "attempts used up", _DONE, at_the_desk=False),
    CodeRule(80, "対象外（取下げ）", "withdrawn by entrustor", _DONE, at_the_desk=False),
    CodeRule(
        81, "対象外（転居・死亡等）", "suppressed: moved or deceased", _DONE, at_the_desk=False
    ),
    CodeRule(90, "システム中断", "interrupted", Next.AGAIN),
)

CODES: dict[int, CodeRule] = {rule.code: rule for rule in _RULES}


REVISED: dict[str, tuple[str, str]] = {  # why another code was given later
    "pressed": ("押し間違い", "wrong code pressed"),
    "told": ("オペレーターの申告", "told by the operator"),
    "recording": ("録音で確認", "heard in the recording"),
    "callee": ("ご本人の申出", "said by the person"),
}


def label(code: int, lang: str) -> str:
    """The words for a code, `ja` or `en`. Unknown codes show as their number."""
    rule = CODES.get(code)
    if rule is None:
        return str(code)
    return rule.en if lang == "en" else rule.ja
