"""Notices as letters: Japanese first, English below; never anything of a person."""

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.oversight.tables import Notice
from calllist.web import i18n, told
from calllist.web.i18n import N_, translate

SUBJECT = N_("【コールリスト】お知らせ：%(code)s %(place)s")
SINCE = N_("発生：%(at)s")
WHERE = N_("くわしくは、サインインしてご覧ください：%(origin)s")
BETWEEN = "-" * 40


async def letter(session: AsyncSession, notice: Notice, origin: str) -> tuple[str, str]:
    """Subject and text."""
    parts = []
    for lang in ("ja", "en"):
        place = await told.place_of(session, notice.list_id, lang)
        lines = [
            place,
            told.in_words(notice.code, notice.facts, lang),
            translate(lang, SINCE) % {"at": i18n.moment(lang, notice.raised_at)},
            translate(lang, WHERE) % {"origin": origin},
        ]
        parts.append("\n".join(line for line in lines if line))
    place = await told.place_of(session, notice.list_id, "ja")
    subject = translate("ja", SUBJECT) % {"code": notice.code, "place": place}
    return subject.strip(), f"{parts[0]}\n\n{BETWEEN}\n{parts[1]}\n"
