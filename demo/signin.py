"""The demonstration's sign-in: who is who, and one click instead of password and telephone.

It takes the product's own two steps with the password and the authenticator secret that the
demonstration kept when it made the person. It exists only where `demo.app` hands it to the
application; the wheel does not contain it.
"""

from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from calllist.people import signin
from calllist.web.access import Keeper, Now, Session, give_shift, language, own_page
from demo import guide
from demo.onboarding import keep_members, kept_members
from demo.world import Folder

router = APIRouter(include_in_schema=False)


@router.get("/demo")
async def who_is_who(request: Request, now: Now, wait: str = "") -> Response:
    """Everybody of this world, what to try as each, and how to sign in by hand."""
    members = kept_members(_folder(request).members)
    text = guide.page(members, now, language(request), waiting=wait)
    return HTMLResponse(text)


@router.get("/demo/demo.css")
async def style() -> Response:
    """The page's own style: the product's policy allows no inline ones."""
    return Response((files("demo") / "demo.css").read_text(), media_type="text/css")


@router.post("/demo/sign-in", dependencies=[Depends(own_page)])
async def sign_in(
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    login: Annotated[str, Form(max_length=80)],
) -> Response:
    """Password and code, typed by nobody."""
    folder = _folder(request)
    members = kept_members(folder.members)
    member = members.get(login)
    if member is None:
        return RedirectResponse("/demo", 303)
    code = member.code(now)
    if code is None:  # codes are good once: the next one begins with the next half minute
        return RedirectResponse(f"/demo?wait={login}", 303)
    keep_members(folder.members, members)
    token = await signin.password(session, member.login, member.password, now)
    signed = await signin.code(session, keeper, token, code, now)
    response = RedirectResponse("/", 303)
    give_shift(response, signed)
    return response


def _folder(request: Request) -> Folder:
    folder: Folder = request.app.state.demo_folder
    return folder
