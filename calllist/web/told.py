"""Notices as sentences: what happened to which list, and what it asks of whoever reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.jobs.tables import CallList, Job
from calllist.oversight import notices
from calllist.oversight.tables import Notice
from calllist.parties.tables import Party
from calllist.people.roles import Role
from calllist.people.tables import Person
from calllist.web import i18n
from calllist.web.i18n import N_, translate
from crypto.ids import Id
from retention.vocabulary import STORES, word

SENTENCES: Mapping[str, str] = {
    "deadline_near": N_(
        "取扱期限（%(deadline)s）まで%(days)s日以内です。まだつながっていない方が%(left)s名います。期限が来ると自動で消去します。"
    ),
    "overdue": N_(
        "消去の時刻を過ぎましたが、鍵がまだ破棄されていません。開くことはできません。保守担当者に処理装置の状態を確認させてください。"
    ),
    "keys_remain": N_(
        "終了したリスト%(count)s件の鍵が、データベースの記録に反して金庫に残っています（%(since)sから：%(lists)s）。記録が書き換えられた疑いがあります。保守担当者に確認させてください。"
    ),
    "uncertified": N_(
        "鍵は破棄しましたが、消去証明書がまだ発行されていません（%(since)sから）。保守担当者に処理装置の状態を確認させてください。"
    ),
    "check_failed": N_(
        "消去後の確認で残存が見つかりました：%(stores)s。証明書は発行していません。取り除くと、自動で確認し直します。"
    ),
    "check_unknown": N_(
        "消去後の確認で読めない保存場所がありました：%(stores)s。証明書は発行していません。読めるようになると、自動で確認し直します。"
    ),
    "budgets_near": N_(
        "表示できる人数の上限に近いオペレーターが%(near)s名、達したオペレーターが%(used_up)s名います。フロアで席を確認してください。"
    ),
    "held": N_("法的保留中です。開くことも消去することもできません（%(since)sから）。"),
    "certificate_issued": N_("消去証明書を発行しました。"),
    "certificate_waits": N_("消去証明書の受領がまだ確認されていません。"),
    "certificate_replaced": N_(
        "消去証明書を差し替えました。新しい版は %(certificate)s です。"
        "以前の版は有効ではありません。"
    ),
    "certificate_revoked": N_(
        "消去証明書（%(certificate)s）が失効しました。証拠として使わないでください。"
    ),
    "certificate_missing": N_(
        "台帳にある消去証明書が、データベースにありません。復元の前に発行した証明書を委託元から写してください。"
    ),
    "results_wait": N_("受け取られていない架電結果が%(results)s件あります。"),
    "clocks_disagree": N_(
        "時計が%(seconds)s秒食い違っています。一致するまで、期限による鍵の破棄を待ちます（開くことはできません）。"
    ),
    "mail_failing": N_("お知らせのメールが届いていません：%(boxes)s。送信を繰り返しています。"),
    "worker_silent": N_(
        "処理装置が止まっています。期限を過ぎたリストは開けませんが、消去は再開まで進みません。"
    ),
}
BECAUSE: Mapping[tuple[str, str], str] = {  # by the failure, where it asks for something else
    ("overdue", "keeper:too_many_shreds"): N_(
        "1時間に破棄できる数を超えたため、鍵の破棄を待っています（%(since)sから）。開くことはできません。枠が空くと古い順に進みます。"
        "すぐに進めるには、委託元または個人情報保護管理者が"
        "破棄の指示書（statement shred）に署名してください。"
    ),
}
BOX = N_(
    "%(who)s宛て%(mails)s通（%(failure)s、%(since)sの件から、次の送信は%(next)s）",
)
BOXES: Mapping[str, str] = {
    Role.ENTRUSTOR: N_("委託元の担当課 %(entrustor)s "),
    Role.AUDITOR: N_("個人情報保護管理者"),
    Role.MANAGER: N_("管理者"),
}
NO_ID = "?"
LIST = N_("%(job)s 第%(number)s号")


@dataclass(frozen=True)
class Told:
    """One notice, in words."""

    code: str
    urgent: bool
    since: datetime
    place: str | None  # which list, or whose operators; None: the whole platform
    list_id: str | None
    text: str


async def told(session: AsyncSession, person: Person, lang: str) -> list[Told]:
    """What this person must hear of, the urgent first."""
    found = await notices.current(session, person)
    places = await _places(session, found, lang)
    return [
        Told(
            code=one.code,
            urgent=notices.KINDS[one.code].urgent,
            since=one.raised_at,
            place=places.get(one.list_id or one.party_id or ""),
            list_id=one.list_id,
            text=in_words(one.code, one.facts, lang),
        )
        for one in found
    ]


def in_words(code: str, facts: Mapping[str, Any], lang: str) -> str:
    """The sentence of a notice; times in Japanese time, stores by name."""
    said = {name: _fact(name, value, lang) for name, value in facts.items()}
    sentence = BECAUSE.get((code, str(facts.get("failure"))), SENTENCES[code])
    return translate(lang, sentence) % said


def _fact(name: str, value: Any, lang: str) -> str:
    if name in ("deadline", "since"):
        return i18n.moment(lang, datetime.fromisoformat(value))
    between = "、" if lang == "ja" else ", "
    if name == "boxes":
        return between.join(_box(one, lang) for one in value)
    if name == "lists":
        return between.join(_id(one) for one in value)
    if name == "certificate":
        return _id(value)
    if name == "stores":
        return between.join(word(STORES.get(one, (one, one)), lang) for one in value)
    return i18n.number(value) if isinstance(value, int) else str(value)


def _id(value: object) -> str:
    """An id, or that it is none: whoever writes our tables puts no words of their own into a mail
    that comes from us."""
    try:
        return msgspec.convert(value, Id)
    except msgspec.ValidationError:
        return NO_ID


def _box(box: Mapping[str, Any], lang: str) -> str:
    times = {name: _fact("since", box[name], lang) for name in ("since", "next")}
    who = translate(lang, BOXES[box["recipient"]]) % {"entrustor": box["entrustor"]}
    said = {"who": who, "mails": i18n.number(box["mails"]), "failure": box["failure"], **times}
    return translate(lang, BOX) % said


async def place_of(session: AsyncSession, notice: Notice, lang: str) -> str:
    """The name of its list or party; nothing for the whole platform."""
    found = await _places(session, [notice], lang)
    return found.get(notice.list_id or notice.party_id or "", "")


async def _places(session: AsyncSession, found: Iterable[Notice], lang: str) -> dict[str, str]:
    """Names of lists and of parties, by id."""
    about = list(found)
    parties = await session.execute(
        select(Party.id, Party.name).where(Party.id.in_({one.party_id for one in about}))
    )
    lists = await session.execute(
        select(CallList.id, Job.code, CallList.number)
        .join(Job, Job.id == CallList.job_id)
        .where(CallList.id.in_({one.list_id for one in about}))
    )
    label = translate(lang, LIST)
    named = {row.id: row.name for row in parties}
    return named | {
        list_id: label % {"job": code, "number": number} for list_id, code, number in lists
    }
