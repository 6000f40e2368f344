"""What the operator says at each stage, and what must not be said.

A first, fixed script per purpose. Before the identity check no sentence gives the reason of
the call, except where the law wants it named at once (sales: Act on Specified Commercial
Transactions, Article 16).
"""

from dataclasses import dataclass

from calllist.web.i18n import N_
from crypto.records.fields import Stage


@dataclass(frozen=True)
class Line:
    """One msgid to say, one not to do (or none).

    Placeholders: entrustor, caller, person, kinds, count.
    """

    say: str
    dont: str | None = None


_HELLO = N_(
    "「%(entrustor)sの委託を受けてお電話しております、%(caller)sと申します。"
    "%(person)s様はいらっしゃいますか。」"
)
_HELLO_ORGANISATION = N_(
    "「%(entrustor)sの委託を受けてお電話しております、%(caller)sと申します。"
    "ご担当の方はいらっしゃいますか。」"
)
_HELLO_SALES = N_(
    "「%(entrustor)sの商品のご案内でお電話しております、%(caller)sと申します。"
    "%(person)s様はいらっしゃいますか。」"
)
_ASK = N_(
    "「恐れ入りますが、ご本人様の確認のため、%(kinds)sのうち%(count)sつをおっしゃっていただけますか。」"
)
_NOT_YET = N_("ご本人と確認できるまで、ご用件は伝えません。")
_DO_NOT_LEAD = N_("こちらから答えを言いません。ご用件もまだ伝えません。")
_NO_MEANS_NO = N_("断られたら、その場で終えます。重ねて勧めません。")

_VERIFIED = {
    "health_check": Line(
        N_(
            "「ありがとうございます。健康診断の受診のご案内です。"
            "まだお受けでないようでしたら、ご予約はいかがでしょうか。」"
        )
    ),
    "payment_notice": Line(
        N_(
            "「ありがとうございます。納付のご案内です。"
            "口座の指定やATMの操作をお願いすることはありません。」"
        ),
        N_("支払いを急がせたり、個人の事情を尋ねたりしません。"),
    ),
    "sales": Line(
        N_("「ありがとうございます。商品のご案内です。いまお話ししてもよろしいでしょうか。」"),
        _NO_MEANS_NO,
    ),
    "inbound": Line(N_("「ありがとうございます。ご用件を承ります。」")),
}


def line(purpose: str, stage: Stage, *, organisation: bool) -> Line:
    """What to say now."""
    if stage is Stage.VERIFIED:
        return _VERIFIED.get(purpose, _VERIFIED["health_check"])
    if stage is Stage.ANSWERED:
        return Line(_ASK, _DO_NOT_LEAD)
    if organisation:
        return Line(_HELLO_ORGANISATION, _NOT_YET)
    if purpose == "sales":
        return Line(_HELLO_SALES, _NO_MEANS_NO)
    return Line(_HELLO, _NOT_YET)
