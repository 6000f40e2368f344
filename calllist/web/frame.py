"""What stands around every page: menu, language, form token, the demonstration's banner.

`page` answers with a screen, `problem_page` with a sentence when something was refused.
"""

from typing import Any, TypedDict
from urllib.parse import urlencode

from fastapi import Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse

from calllist.people.roles import Role
from calllist.web import i18n, pages
from calllist.web.access import Visitor, language, turn_page
from calllist.web.i18n import N_
from calllist.web.problems import RETRY_SECONDS, Problem
from calllist.web.sentences import sentence

MENU: dict[str, tuple[tuple[str, str], ...]] = {
    Role.MANAGER: (
        ("/jobs", N_("業務")),
        ("/floor", N_("フロア")),
        ("/certificates", N_("消去証明書")),
    ),
    Role.SUPERVISOR: (("/floor", N_("フロア")),),
    Role.OPERATOR: (("/desk", N_("担当業務")),),
    Role.ENTRUSTOR: (
        ("/held", N_("お預かりの状況")),
        ("/results", N_("架電結果の受取り")),
        ("/calls", N_("電話の確認")),
        ("/certificates", N_("消去証明書")),
        ("/statements", N_("署名済みの決定")),
    ),
    Role.AUDITOR: (("/held", N_("お預かりの状況")), ("/certificates", N_("消去証明書"))),
    Role.ADMINISTRATOR: (("/people", N_("アカウント")), ("/statements", N_("署名済みの決定"))),
}
BELONGS = {"/lists": "/jobs", "/leases": "/desk"}  # screens below a place of the menu


class Place(TypedDict):
    """One entry of the menu."""

    href: str
    label: str
    here: bool


def page(
    request: Request,
    template: str,
    visitor: Visitor | None = None,
    *,
    status: int = 200,
    **given: Any,
) -> HTMLResponse:
    """A screen. `given` is what its template needs; `error` and `done` may be left out."""
    lang = visitor.lang if visitor else language(request)
    given.setdefault("error", spoken(request, lang))
    given.setdefault("done", None)
    given.setdefault("calling", False)
    text = pages.text(
        template,
        lang,
        visitor=visitor,
        menu=_menu(visitor, request.url.path, lang),
        back=_back(request, visitor),
        csrf=visitor.csrf if visitor else "",
        csrf_field=csrf_field(visitor),
        demo=request.app.state.demo,
        idle=_idle(request, visitor, calling=given["calling"]),
        now=request.app.state.clock.now(),
        **given,
    )
    screen = HTMLResponse(text, status)
    turn_page(screen)
    return screen


def problem_page(request: Request, problem: Problem) -> HTMLResponse:
    """A refusal in a sentence. A page that waits for keeper or database asks again by itself."""
    return page(
        request,
        "problem.html",
        status=problem.status,
        sentence=problem.detail,
        number=problem.facts.get("number"),
        retry=RETRY_SECONDS if problem.retry else None,
        onward=_onward(request, problem),
        error=None,
    )


def to(path: str, **query: str | int | None) -> RedirectResponse:
    """Onward with GET (303). The query holds codes and counts, never anything of a person."""
    given = {name: value for name, value in query.items() if value is not None}
    return RedirectResponse(f"{path}?{urlencode(given)}" if given else path, 303)


def spoken(request: Request, lang: str) -> str | None:
    """The sentence for the code in `?problem=`, if it is one of ours."""
    code = request.query_params.get("problem", "")
    words = sentence(code, lang)
    return words if code and words != code else None


def csrf_field(visitor: Visitor | None) -> Markup:
    """The hidden form token of this visitor's session."""
    if visitor is None:
        return Markup("")
    return Markup('<input type="hidden" name="csrf" value="{}">').format(visitor.csrf)


def _menu(visitor: Visitor | None, path: str, lang: str) -> list[Place]:
    if visitor is None:
        return []
    first = "/" + path.split("/")[1]
    here = BELONGS.get(first, first)
    return [
        Place(href=href, label=i18n.translate(lang, label), here=href == here)
        for href, label in MENU[visitor.person.role]
    ]


def _back(request: Request, visitor: Visitor | None) -> str:
    """This page, for the button of the other language: as it is, its notice and its period too.

    The query holds codes and counts only; before the sign-in it may hold an invitation.
    """
    if request.method != "GET":
        return "/"
    query = f"?{request.url.query}" if visitor and request.url.query else ""
    return f"{request.url.path}{query}"


def _idle(request: Request, visitor: Visitor | None, *, calling: bool) -> int | None:
    """After how many seconds an operator's page locks itself; None: never, as during a call."""
    if visitor is None or visitor.person.role != Role.OPERATOR or calling:
        return None
    return int(request.app.state.settings.idle_lock.total_seconds())


def _onward(request: Request, problem: Problem) -> str:
    """Where "back" leads: never to a form that would be sent again."""
    if "lease_id" in problem.facts:
        return f"/leases/{problem.facts['lease_id']}"
    parts = request.url.path.split("/")
    if problem.retry and request.method == "GET":
        return request.url.path
    if problem.retry and parts[1] in ("leases", "desk", "jobs", "lists") and len(parts) > 2:
        return f"/{parts[1]}/{parts[2]}"
    return "/" if parts[1] == "leases" else BELONGS.get(f"/{parts[1]}", "/")
