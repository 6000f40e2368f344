"""The card of the person in hand: from the keeper's masked view to what the page shows.

Nothing is masked or unmasked here: what the keeper did not show is not known here.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request

from calllist.clock import JST
from calllist.dialing import calling_hours, promises
from calllist.dialing.desk import Desk
from calllist.dialing.hand import InHand
from calllist.parties.tables import Party
from calllist.scripts import saving
from calllist.web import keyboard, remarks, script, transfers, words
from calllist.web.access import Visitor
from calllist.web.i18n import N_, translate
from calllist.web.script import Tab
from crypto.records.fields import FieldKind, Mask, Stage
from crypto.signed.terms import ContractTerms
from crypto.wire.records import View

STAGES = (
    (Stage.DIALLING, N_("架電前")),
    (Stage.ANSWERED, N_("応答・確認前")),
    (Stage.VERIFIED, N_("本人確認済み")),
)
NAMES = (FieldKind.NAME_KANA, FieldKind.NAME, FieldKind.ORGANISATION)
WHOLE = frozenset({Mask.FULL, Mask.ASKABLE})
SUGGESTED = timedelta(hours=2)  # a call-back's first guess
STEP = timedelta(minutes=5)
Callee = Callable[[Request, str, int, int], Awaitable[list[str] | None]]  # list, line, attempts


async def facts(visitor: Visitor, desk: Desk, hand: InHand, view: View) -> dict[str, Any]:
    """What the template of the desk needs, apart from a reveal or a verdict."""
    party = await desk.session.get(Party, visitor.person.party_id or "")
    shown = {field.kind: field.text for field in view.fields if field.text}
    names = [kind for kind in NAMES if kind in shown]
    organisation = names[:1] == [FieldKind.ORGANISATION]
    purpose, lang = hand.terms.purpose, visitor.lang
    return {
        "lease": hand.lease.id,
        "calling": hand.lease.dialled_at is not None,
        "inbound": hand.terms.inbound and hand.lease.dialled_at is None,
        "job": {
            "id": hand.job.id,
            "code": hand.job.code,
            "entrustor": hand.entrustor,
            "purpose": purpose,
        },
        "stages": _stages(view.stage),
        "stage": view.stage.value,
        "until": hand.lease.expires_at - desk.grace,
        "left": int((hand.lease.expires_at - desk.grace - desk.now).total_seconds()),
        "people_left": view.people_left,
        "shown_at": desk.now,
        "name": shown[names[0]] if names else "―",
        "honorific": _honorific(names, organisation, lang),
        "under": "　".join(shown[kind] for kind in names[1:]),
        "phone": shown.get(FieldKind.PHONE, "―"),
        "number": view.number,
        "fields": _details(hand, view.stage, shown),
        "attempts": hand.record.attempts,
        "handle": promises.handle(hand.record.list_id, hand.record.chunk, hand.record.index),
        "others": hand.lease.others,
        "last": hand.record.last_code
        and translate(lang, words.result(hand.record.last_code, purpose)),
        "checks": [
            {"kind": kind.value, "done": kind in view.matched} for kind in _asked(hand, view)
        ],
        "tries_left": view.tries_left,
        "needed": hand.terms.identity.count,
        "reveal": [kind.value for kind in view.reveal],
        "reveal_seconds": hand.terms.reveal_seconds,
        "script": await _script(visitor, desk, hand, view, party=party),
        "groups": keyboard.groups(hand.codes, purpose),
        **remarks.facts(hand, view),
        **await transfers.facts(desk, hand),
        **call_back(hand.terms, desk.now),
    }


def verdict(query: Mapping[str, str]) -> dict[str, Any] | None:
    """What the last match said, from the address: a field kind and yes or no."""
    kind = query.get("checked", "")
    return {"kind": kind, "same": query.get("same") == "1"} if words.has("field", kind) else None


def result_word(code: str | None, purpose: str, lang: str) -> str | None:
    """The word for a recorded result, from the address."""
    if not code or not words.has("result", code):
        return None
    return translate(lang, words.result(int(code), purpose))


async def callee(request: Request, hand: InHand) -> list[str] | None:
    """The demonstration's card: what the person on the phone would answer. Else None."""
    demo = request.app.state.demo
    answers: Callee | None = demo.get("callee") if demo else None
    if answers is None:
        return None
    record = hand.record
    return await answers(request, record.list_id, record.line, record.attempts)


def _stages(at: Stage) -> list[dict[str, Any]]:
    order = [stage for stage, _ in STAGES]
    here = order.index(at) if at in order else len(order)
    return [
        {"label": label, "here": place == here, "kind": _stage_kind(stage, place < here)}
        for place, (stage, label) in enumerate(STAGES)
    ]


def _stage_kind(stage: Stage, past: bool) -> str:
    if past:
        return "past"
    return "verified" if stage is Stage.VERIFIED else ""


def _honorific(names: list[FieldKind], organisation: bool, lang: str) -> str:
    if lang != "ja" or not names:
        return ""
    return "御中" if organisation else "様"


def _asked(hand: InHand, view: View) -> list[FieldKind]:
    """What the identity rule counts and this record has, in the rule's order."""
    there = (*view.match, *view.matched)
    return [kind for kind in hand.terms.identity.of if kind in there]


def _details(hand: InHand, stage: Stage, shown: dict[FieldKind, str]) -> list[dict[str, Any]]:
    """The other fields; `fresh` is what only the identity check has brought to sight."""
    return [
        {"kind": kind.value, "text": text, "fresh": before is Mask.HIDDEN}
        for kind, text in shown.items()
        if kind not in NAMES and kind is not FieldKind.PHONE
        for before, now in [_masks(hand, kind, stage)]
        if now is not Mask.DOTS  # dots only say that there is something to ask for
    ]


def _masks(hand: InHand, kind: FieldKind, stage: Stage) -> tuple[Mask, Mask]:
    """The field's mask before the call, and now."""
    rule = hand.terms.fields.get(kind)
    if rule is None:
        return Mask.FULL, Mask.FULL
    masks = {Stage.DIALLING: rule.s1, Stage.ANSWERED: rule.s2, Stage.VERIFIED: rule.s3}
    return (Mask.HIDDEN if rule.s1 is Mask.DOTS else rule.s1), masks.get(stage, rule.s1)


async def _script(
    visitor: Visitor, desk: Desk, hand: InHand, view: View, *, party: Party | None
) -> list[Tab]:
    """What to say in each branch: the job's script, or the proposal."""
    lang = visitor.lang
    saved = await saving.in_force(desk.session, hand.job.id)
    kinds = [translate(lang, words.of("field", kind.value)) for kind in _asked(hand, view)]
    values = {
        "entrustor": hand.entrustor,
        "caller": f"{party.name}　{visitor.person.name}" if party else visitor.person.name,
        "person": _addressed(hand, view, lang),
        "kinds": ("、" if lang == "ja" else ", ").join(kinds),
        "count": str(hand.terms.identity.count),
    }
    chosen = saved.script if saved else script.proposed(hand.terms.purpose, lang)
    return script.tabs(chosen, view.stage, values, lang, asks=bool(view.match))


def _addressed(hand: InHand, view: View, lang: str) -> str:
    """The person as the stage shows the name, if it does in full: never a part of it."""
    shown = {field.kind: field.text for field in view.fields if field.text}
    names = [kind for kind in NAMES if kind in shown]
    whole = [kind for kind in names if _masks(hand, kind, view.stage)[1] in WHOLE]
    return script.addressed(
        shown[whole[0]] if whole else None,
        organisation=names[:1] == [FieldKind.ORGANISATION],
        lang=lang,
    )


def call_back(terms: ContractTerms, now: datetime) -> dict[str, str]:
    """The earliest and a sensible time to call back, as a datetime-local field wants them."""
    local = now.astimezone(JST).replace(second=0, microsecond=0)
    start = local - timedelta(minutes=local.minute % 5) + STEP
    guess = calling_hours.next_opening(terms.conduct, start + SUGGESTED)
    return {
        "earliest": f"{start:%Y-%m-%dT%H:%M}",
        "suggested": f"{guess.astimezone(JST):%Y-%m-%dT%H:%M}",
    }
