"""Notices as sentences: what this person must hear of now, the urgent first.

A code without a sentence here is shown by the screen that it belongs to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import JST
from calllist.jobs.tables import CallList, Job
from calllist.oversight import notices
from calllist.oversight.tables import Notice
from calllist.people.tables import Person
from calllist.web import ending
from calllist.web.i18n import N_, translate

SAID: Mapping[str, tuple[str, str]] = {
    "overdue": (
        N_("警報：消去の期限を過ぎたリストがあります"),
        N_(
            "%(job)s 第%(number)s号は%(since)sに期限が到来しましたが、鍵がまだ破棄されていません。"
            "誰も開くことはできません。保守運用担当者に連絡してください。"
        ),
    ),
    "worker_silent": (
        N_("警報：消去を行う処理が動いていません"),
        N_(
            "%(since)sから応答がありません。期限を過ぎたリストは開けませんが、消去が進みません。"
            "保守運用担当者に連絡してください。"
        ),
    ),
    "clocks_disagree": (
        N_("警報：時計が合っていません"),
        N_(
            "データベースと金庫の時計が%(seconds)s秒ずれているか、金庫の時計が急に変わりました。"
            "期限によるリストの消去は、時計が合うまで保留します。保守運用担当者に連絡してください。"
        ),
    ),
}


@dataclass(frozen=True)
class Said:
    """One notice, in words."""

    title: str
    text: str
    more: str | None  # why it waits, where that is known


async def standing(session: AsyncSession, person: Person, lang: str) -> list[Said]:
    """What `calllist.oversight.notices.current` says, as far as it is said here."""
    found = [row for row in await notices.current(session, person) if row.code in SAID]
    rows = await session.execute(
        select(CallList.id, Job.code, CallList.number)
        .join(Job, Job.id == CallList.job_id)
        .where(CallList.id.in_([row.list_id for row in found if row.list_id]))
    )
    places = {list_id: (code, number) for list_id, code, number in rows}
    return [_said(row, places.get(row.list_id or "", ("", 0)), lang) for row in found]


def _said(notice: Notice, place: tuple[str, int], lang: str) -> Said:
    title, text = SAID[notice.code]
    facts: dict[str, Any] = notice.facts
    since = datetime.fromisoformat(facts["since"]) if "since" in facts else notice.raised_at
    given = {
        "job": place[0],
        "number": place[1],
        "since": f"{since.astimezone(JST):%Y-%m-%d %H:%M}",
        "seconds": facts.get("seconds", 0),
    }
    return Said(
        translate(lang, title),
        translate(lang, text) % given,
        ending.trouble(facts.get("failure") or None, lang),
    )
