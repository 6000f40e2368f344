"""The screen of a job's script, one line for each branch of a call: managers write it there,
supervisors read it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from calllist.jobs import scope
from calllist.jobs.states import JobState
from calllist.people.roles import Role
from calllist.scripts import checking, saving
from calllist.scripts.branches import Branch, Line, Script, may, must
from calllist.scripts.errors import Fault, ScriptChanged, ScriptRefused
from calllist.scripts.saving import Saved
from calllist.web import script as words
from calllist.web.access import Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import page, to
from calllist.web.i18n import N_, translate
from calllist.web.sentences import sentence

router = APIRouter(include_in_schema=False)
Manager = Annotated[Visitor, Depends(signed_in(Role.MANAGER))]
Reader = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.SUPERVISOR))]
MEANINGS = {
    "entrustor": N_("委託元の名称"),
    "caller": N_("事業者名とオペレーターの氏名"),
    "person": N_("お呼びする方（画面に出ている形と敬称）"),
    "kinds": N_("本人確認で尋ねる項目"),
    "count": N_("そのうち必要な数"),
    "goods": N_("商品の種類"),
    "solicitation": N_("「ご契約の勧誘のお電話」という言葉"),
    "number_to_call": N_("委託元の番号"),
}


@router.get("/jobs/{job_id}/script")
async def form(request: Request, session: Session, visitor: Reader, job_id: str) -> Response:
    """The script in force, or what is proposed for the purpose."""
    saved = await saving.in_force(session, job_id)
    around = await _around(session, visitor, job_id, saved)
    script = saved.script if saved else words.proposed(around["purpose"], visitor.lang)
    return _page(request, visitor, around, script, ())


@router.post("/jobs/{job_id}/script")
async def save(
    *, request: Request, session: Session, keeper: Keeper, now: Now, visitor: Manager, job_id: str
) -> Response:
    """The next version; refused, the page comes back as it was typed, each fault at its field."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    script, after = _script(typed), _number(typed.get("version", ""))
    person = visitor.person
    try:
        await saving.save(session, keeper, person, job_id, script, after=after, now=now)
    except ScriptChanged as error:
        return to(f"/jobs/{job_id}/script", problem=error.code)
    except ScriptRefused as refused:
        saved = await saving.in_force(session, job_id)
        around = await _around(session, visitor, job_id, saved)
        return _page(request, visitor, around, script, refused.faults)
    return to(f"/jobs/{job_id}/script", saved=1)


def _page(
    request: Request,
    visitor: Visitor,
    around: dict[str, Any],
    script: Script,
    faults: tuple[Fault, ...],
) -> Response:
    told = request.query_params.get("saved") == "1" and not faults
    writes = visitor.person.role == Role.MANAGER
    return page(
        request,
        "script.html" if writes else "script_read.html",
        visitor,
        status=422 if faults else 200,
        **around,
        script=script,
        faults=_sentences(faults, visitor.lang),
        branches=[
            {
                "code": branch.value,
                "label": words.LABELS[branch],
                "line": script.line(branch),
                "may": [
                    f"{{{name}}}" for name in MEANINGS if name in may(branch, around["purpose"])
                ],
                "must": [f"{{{name}}}" for name in must(branch, around["purpose"])],
            }
            for branch in Branch
        ],
        silent=words.SILENT,
        meanings={f"{{{name}}}": meaning for name, meaning in MEANINGS.items()},
        most={"say": checking.SAY_MOST, "dont": checking.DONT_MOST, "goods": checking.GOODS_MOST},
        done=translate(visitor.lang, N_("保存しました。いまから、この版で話します。"))
        if told
        else None,
    )


async def _around(
    session: AsyncSession, visitor: Visitor, job_id: str, saved: Saved | None
) -> dict[str, Any]:
    job, terms = await scope.job_and_terms(session, visitor.person, job_id)
    return {
        "job": {"id": job.id, "code": job.code, "open": job.state == JobState.OPEN},
        "purpose": terms.purpose,
        "saved": saved,
    }


def _script(typed: Mapping[str, str]) -> Script:
    def text(name: str) -> str:
        return typed.get(name, "").replace("\r\n", "\n").strip()

    return Script(
        lines={b.value: Line(text(f"say_{b}"), text(f"dont_{b}")) for b in Branch},
        goods=text("goods"),
        number_to_call=checking.published(text("number_to_call")),
        message=typed.get("message") == "yes",
    )


def _sentences(faults: tuple[Fault, ...], lang: str) -> dict[str, list[str]]:
    """By field: what is wrong, and where."""
    told: dict[str, list[str]] = {}
    for fault in faults:
        where = translate(lang, N_("%(line)s行目の%(column)s文字目："))
        place = where % {"line": fault.line, "column": fault.column} if fault.line else ""
        told.setdefault(fault.field, []).append(place + sentence(fault.code, lang, fault.reason))
    return told


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
