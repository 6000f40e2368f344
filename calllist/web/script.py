"""What the operator says, branch by branch: the job's own script, or what is proposed for its
purpose until somebody writes one.

Before the identity check no proposed sentence gives the reason of the call, except where the
law wants it named at once (sales). The placeholders are filled with what the stage shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from calllist.entrustors.purposes import Purpose
from calllist.scripts.branches import Branch, Line, Script, fill
from calllist.web.grouping import grouped
from calllist.web.i18n import N_, translate
from crypto.records.fields import Stage

LABELS: dict[Branch, str] = {
    Branch.OPENING: N_("名乗り"),
    Branch.FAMILY: N_("ご家族など"),
    Branch.ABOUT: N_("用件を聞かれたら"),
    Branch.IDENTITY: N_("本人確認"),
    Branch.VERIFIED: N_("ご用件"),
    Branch.REFUSAL: N_("断られたら"),
    Branch.VOICEMAIL: N_("留守番電話"),
    Branch.CLOSING: N_("終える"),
}
KEYS: dict[Branch, str] = dict(zip(Branch, "ASDFGHJK", strict=True))  # the row below the results'
FIRST = {Stage.ANSWERED: Branch.IDENTITY, Stage.VERIFIED: Branch.VERIFIED}
AFTER = (Branch.VERIFIED, Branch.REFUSAL, Branch.CLOSING)  # what is left to say to the person
SILENT = N_("伝言は残しません。何も言わずに切ってください。")
SOLICITATION = N_("ご契約の勧誘のお電話")
GOODS = N_("商品")
SOMEBODY = N_("ご担当の方")
THE_PERSON = N_("ご本人様")

_CHECK = N_(
    "「恐れ入りますが、ご本人様の確認のため、{kinds}のうち{count}つをおっしゃっていただけますか。」"
)
_BYE = N_(
    "「ご不審な点がございましたら、{entrustor}が公表している番号へお尋ねください。"
    "ありがとうございました。失礼いたします。」"
)
_NO_REASON_TO_OTHERS = N_("ご用件は、ご家族にも伝えません。")
_NO_MEANS_NO = N_("断られたら、その場で終えます。重ねて勧めません。")
_ONE_SENTENCE_ONLY = N_("この一文のほかに、ご用件を説明しません。")

_COMMON: dict[Branch, tuple[str, str]] = {
    Branch.OPENING: (
        N_(
            "「{entrustor}の委託を受けてお電話しております、{caller}と申します。"
            "{person}はいらっしゃいますか。」"
        ),
        N_("ご本人と確認できるまで、ご用件は伝えません。"),
    ),
    Branch.FAMILY: (
        N_(
            "「{entrustor}の委託を受けております、{caller}と申します。"
            "何時ごろでしたら、{person}とお話しできますでしょうか。」"
        ),
        _NO_REASON_TO_OTHERS,
    ),
    Branch.ABOUT: (
        N_("「{entrustor}からご本人様へのご連絡で、内容はご本人様にだけお伝えしております。」"),
        _ONE_SENTENCE_ONLY,
    ),
    Branch.IDENTITY: (_CHECK, N_("こちらから答えを言いません。ご用件もまだ伝えません。")),
    Branch.VERIFIED: (
        N_(
            "「ありがとうございます。健康診断の受診のご案内です。"
            "まだお受けでないようでしたら、ご予約はいかがでしょうか。」"
        ),
        "",
    ),
    Branch.REFUSAL: (
        N_("「承知いたしました。今後はお電話いたしません。失礼いたしました。」"),
        _NO_MEANS_NO,
    ),
    Branch.VOICEMAIL: (
        N_("「{entrustor}の委託を受けてお電話しました、{caller}です。またお電話いたします。」"),
        N_("お名前もご用件も残しません。"),
    ),
    Branch.CLOSING: (_BYE, ""),
}
_OWN: dict[str, dict[Branch, tuple[str, str]]] = {
    Purpose.PAYMENT_NOTICE: {
        Branch.VERIFIED: (
            N_(
                "「ありがとうございます。納付のご案内です。"
                "口座の指定やATMの操作をお願いすることはありません。」"
            ),
            N_("支払いを急がせたり、個人の事情を尋ねたりしません。"),
        ),
    },
    Purpose.SALES: {
        Branch.OPENING: (
            N_(
                "「{entrustor}の委託を受けております、{caller}と申します。"
                "{goods}の{solicitation}です。{person}はいらっしゃいますか。」"
            ),
            _NO_MEANS_NO,
        ),
        Branch.ABOUT: (N_("「{entrustor}の{goods}の、{solicitation}です。」"), _NO_MEANS_NO),
        Branch.VERIFIED: (
            N_(
                "「ありがとうございます。{goods}のご案内です。いまお話ししてもよろしいでしょうか。」"
            ),
            _NO_MEANS_NO,
        ),
    },
    Purpose.INBOUND: {
        Branch.OPENING: (
            N_("「お電話ありがとうございます。{entrustor}の委託を受けております、{caller}です。」"),
            N_("ご本人と確認できるまで、ご用件は伝えません。"),
        ),
        Branch.VERIFIED: (N_("「ありがとうございます。ご用件を承ります。」"), ""),
    },
}
_MAY_LEAVE_A_MESSAGE = frozenset({Purpose.HEALTH_CHECK})


@dataclass(frozen=True)
class Tab:
    """One branch on the desk."""

    code: str
    label: str  # msgid
    key: str
    say: str
    dont: str
    here: bool


def proposed(purpose: str, lang: str) -> Script:
    """What is said as long as nobody has written a script for the job."""
    texts = _COMMON | _OWN.get(purpose, {})
    return Script(
        lines={
            branch.value: Line(translate(lang, say), translate(lang, dont) if dont else "")
            for branch, (say, dont) in texts.items()
        },
        goods=translate(lang, GOODS) if purpose == Purpose.SALES else "",
        message=purpose in _MAY_LEAVE_A_MESSAGE,
    )


def tabs(
    script: Script, stage: Stage, values: Mapping[str, str], lang: str, *, asks: bool
) -> list[Tab]:
    """The branches that may be needed at this stage; the reason of the call only when it is S3.
    asks: an identity check may still be tried; if not, an answered call is brought to its end."""
    hidden = {Branch.VERIFIED} if asks else {Branch.VERIFIED, Branch.IDENTITY}
    open_ones = AFTER if stage is Stage.VERIFIED else [b for b in Branch if b not in hidden]
    here = FIRST.get(stage, Branch.OPENING)
    if here not in open_ones:
        here = Branch.CLOSING
    known = dict(values) | {
        "goods": script.goods,
        "solicitation": translate(lang, SOLICITATION),
        "number_to_call": grouped(script.number_to_call),
    }
    made = []
    for branch in open_ones:
        line = script.line(branch)
        silent = branch is Branch.VOICEMAIL and not script.message
        say = translate(lang, SILENT) if silent else fill(line.say, known)
        made.append(Tab(branch.value, LABELS[branch], KEYS[branch], say, line.dont, branch is here))
    return made


def addressed(name: str | None, *, organisation: bool, lang: str) -> str:
    """How {person} is said: None if the stage shows the name only in part."""
    if organisation:
        return translate(lang, SOMEBODY)
    if name is None:
        return translate(lang, THE_PERSON)
    return f"{name}様" if lang == "ja" else name
