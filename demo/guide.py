"""What a visitor of the demonstration reads: on the terminal, and on the page `/demo`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyotp
from markupsafe import Markup

from calllist.clock import JST
from calllist.people.roles import Role
from calllist.web import assets
from demo.onboarding import STEP_SECONDS, Member
from demo.world import HEALTH_JOB, SALES_JOB, Folder

WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True)
class Part:
    """What to try in one role. Japanese and English."""

    role: tuple[str, str]
    trying: tuple[str, str]


PARTS: Mapping[str, Part] = {
    Role.MANAGER: Part(
        ("管理者", "Manager"),
        (
            f"{HEALTH_JOB} の進捗と受領書を見る。{SALES_JOB} は最初の起動から3分で期限を迎えます。",
            (
                f"Progress and receipts of {HEALTH_JOB}. "
                f"{SALES_JOB} expires three minutes after the first start."
            ),
        ),
    ),
    Role.SUPERVISOR: Part(
        ("スーパーバイザー", "Supervisor"),
        (
            "自分の拠点の席を見る。別のブラウザーで佐藤から転送を受ける（対応中の画面で「,」キー）。",
            (
                "Watch the seats of the own site. "
                "In another browser, let 佐藤 hand a person over (key “,”)."
            ),
        ),
    ),
    Role.OPERATOR: Part(
        ("オペレーター", "Operator"),
        (
            "担当業務を選び、1人ずつ架電する。相手の返事は画面のカードに出ます。",
            "Choose a job and call one person after another. A card says what they answer.",
        ),
    ),
    Role.ENTRUSTOR: Part(
        ("委託元", "Entrustor"),
        (
            "お預かりの状況、架電結果の受取り、消去証明書の検証と受領。",
            "What is held, results to fetch, certificates to verify and acknowledge.",
        ),
    ),
    Role.AUDITOR: Part(
        ("監査人", "Auditor"),
        ("すべての委託元の預かりと証明書を見る。", "Holdings and certificates of all entrustors."),
    ),
    Role.ADMINISTRATOR: Part(
        ("アカウント管理者", "Account administrator"),
        (
            "アカウントを発行する。リストは何も見えません。",
            "Issue accounts. Sees nothing of lists.",
        ),
    ),
}


def page(members: Mapping[str, Member], now: datetime, lang: str, *, waiting: str) -> str:
    """The page `/demo`."""
    japanese = lang == "ja"
    cards = Markup("").join(_card(member, now, lang, waiting) for member in members.values())
    return _PAGE.format(
        lang=lang,
        static=assets.BASE,
        title="登場人物" if japanese else "Who is who",
        refresh=STEP_SECONDS - int(now.timestamp()) % STEP_SECONDS,
        notice="デモ専用のサインインです。登場人物・番号・団体はすべて架空で、製品には含まれません。"
        if japanese
        else "A sign-in for the demonstration only. Everybody here is fictional. "
        "The product does not contain it.",
        clock=("デモの時計: " if japanese else "Clock of the demonstration: ") + spoken(now),
        cards=cards,
    )


def _card(member: Member, now: datetime, lang: str, waiting: str) -> Markup:
    japanese = lang == "ja"
    at = 0 if japanese else 1
    part = PARTS[member.role]
    wait = ""
    if waiting == member.login:
        wait = (
            "コードは一度しか使えません。次のコードまで30秒ほどお待ちください。"
            if japanese
            else "A code is good once: please wait up to 30 s for the next one."
        )
    code = pyotp.TOTP(member.secret).at(now)
    return _CARD.format(
        role=part.role[at],
        place=member.place,
        name=member.name,
        trying=part.trying[at],
        wait=Markup('<p class="wait" role="status">{}</p>').format(wait) if wait else "",
        login=member.login,
        button="この人としてサインイン" if japanese else "Sign in as this person",
        by_hand="手で入力する場合" if japanese else "By hand",
        password=member.password,
        code=code,
    )


def spoken(moment: datetime) -> str:
    """2026年4月1日(水) 10:00."""
    local = moment.astimezone(JST)
    day = WEEKDAYS[local.weekday()]
    return f"{local.year}年{local.month}月{local.day}日({day}) {local:%H:%M}"


def terminal(origin: str, folder: Folder, now: datetime) -> str:
    """What `make run` prints when everything is up."""
    command = Path(".venv/bin/calllist")
    desk = _short(folder.entrustor)
    return f"""
  calllist は {origin} で動いています / is running at {origin}
  デモの時計 / its clock: {spoken(now)}

  1. {origin}/demo  を開き、人を選ぶ / open it and choose a person
     (電話は不要 / no telephone needed; passwords and current codes are shown there too)
  2. 管理者 manager → オペレーター operator → 委託元 entrustor

  委託元の机 / on the entrustor's desk ({desk}):
     {command} verify {desk}/certificate.json --key {desk}/certificate.pub
     {command} verify {desk}/certificate-one-bit-changed.json --key {desk}/certificate.pub
     {command} verify {desk}/certificate.pdf --key {desk}/certificate.pub \\
       --document-certificate {desk}/document.pem
     {command} results open {desk}/results.json --key {desk}/entrustor.key
     {command} ledger verify {desk}/ledger --key {desk}/ledger.pub

  Ctrl-C で停止 / stops everything. `make clean` で忘れる / forgets it.
"""


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


_PAGE = Markup(
    """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title} · calllist demo</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="{refresh};url=/demo">
<link rel="icon" href="{static}/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="{static}/app.css"><link rel="stylesheet" href="/demo/demo.css">
</head><body>
<main id="main" class="cast"><header><h1>{title}</h1><p class="notice">{notice}</p>
<p class="clock">{clock}</p></header>
<div class="cards">{cards}</div></main></body></html>"""
)
_CARD = Markup(
    """<section class="card"><p class="role">{role} · {place}</p><h2>{name}</h2>
<p>{trying}</p>{wait}
<form method="post" action="/demo/sign-in"><input type="hidden" name="login" value="{login}">
<button class="button main wide">{button}</button></form>
<details><summary>{by_hand}</summary><p><code>{login}</code> · <code>{password}</code> ·
<code class="code">{code}</code></p></details></section>"""
)
