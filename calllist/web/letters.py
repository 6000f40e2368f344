"""Notices as letters: Japanese first, English below; never anything of a person."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.oversight.tables import Notice
from calllist.web import i18n, told
from calllist.web.i18n import N_, translate

SUBJECT = N_("【コールリスト】%(title)s %(place)s")
SINCE = N_("発生：%(at)s")
WHERE = N_("くわしくは、サインインしてご覧ください：%(page)s")
TITLES: Mapping[str, str] = {
    "deadline_near": N_("取扱期限が近づいています"),
    "overdue": N_("消去が遅れています"),
    "keys_remain": N_("終了したリストの鍵が残っています"),
    "uncertified": N_("消去証明書が発行されていません"),
    "check_failed": N_("消去後の確認で残存が見つかりました"),
    "check_unknown": N_("消去後の確認ができない保存場所があります"),
    "budgets_near": N_("表示できる人数の上限に近いオペレーターがいます"),
    "held": N_("法的保留中のリストがあります"),
    "certificate_issued": N_("消去証明書を発行しました"),
    "certificate_waits": N_("消去証明書の受領をお願いします"),
    "certificate_replaced": N_("消去証明書を差し替えました"),
    "certificate_revoked": N_("消去証明書が失効しました"),
    "certificate_missing": N_("消去証明書がデータベースにありません"),
    "results_wait": N_("受け取られていない架電結果があります"),
    "clocks_disagree": N_("時計が食い違っています"),
    "mail_failing": N_("お知らせのメールが届いていません"),
    "worker_silent": N_("処理装置が止まっています"),
}
PAGES: Mapping[str, str] = {  # open to everybody who hears of it; else one's own first page
    "certificate_issued": "/certificates",
    "certificate_waits": "/certificates",
    "certificate_replaced": "/certificates",
    "certificate_revoked": "/certificates",
    "results_wait": "/results",
}
BETWEEN = "-" * 40


async def letter(session: AsyncSession, notice: Notice, origin: str) -> tuple[str, str]:
    """Subject and text."""
    parts = []
    for lang in ("ja", "en"):
        place = await told.place_of(session, notice, lang)
        lines = [
            place,
            told.in_words(notice.code, notice.facts, lang),
            translate(lang, SINCE) % {"at": i18n.moment(lang, notice.raised_at)},
            translate(lang, WHERE) % {"page": origin + PAGES.get(notice.code, "")},
        ]
        parts.append("\n".join(line for line in lines if line))
    place = await told.place_of(session, notice, "ja")
    title = translate("ja", TITLES[notice.code])
    subject = translate("ja", SUBJECT) % {"title": title, "place": place}
    return subject.strip(), f"{parts[0]}\n\n{BETWEEN}\n{parts[1]}\n"
