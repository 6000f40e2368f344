"""The account administrator: can create any account, and reset anybody's invitation.

An account is a name at a door. Whom the privacy officer has not signed for, the keeper does
not know; whom it knows, keeps the second factor registered before.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

import httpx

from calllist.web.access import GRANT
from crypto.signed import statements
from crypto.signed.statements import ApproverKey
from crypto.signed.terms import RosterEntry, SignedStatement
from tests.keepers import now
from tests.redteam.operator import API
from tests.redteam.raid import Raid, Step
from tests.redteam.screens import everywhere

INVITATION = re.compile(r'class="secret mono">([^<]+)<')
PASSWORD = "a long enough password of a thief"
LATER = timedelta(days=7)


async def rob(raid: Raid) -> None:
    """Every account there could be."""
    scene = raid.scene
    me = scene.issuer
    step = raid.step("すべての画面とAPIを開く", "open every screen and every API route")
    await everywhere(raid, step, me)
    step = raid.step("架空の担当者を作って席に着く", "make up an operator and sit down")
    sites = await raid.ask(step, me, "GET", "/people")
    site = re.findall(r'<option value="(sit_[^"]+)"', sites.text)[-1]
    form = {
        "login": f"thief-{secrets.token_hex(3)}",
        "name": "架空",
        "role": "operator",
        "site": site,
    }
    made = await raid.ask(step, me, "POST", "/people", data=form)
    await _use(raid, step, made.text)
    step = raid.step(
        "在職の担当者の招待を出し直し、なりすます", "invite a living operator again, and be it"
    )
    for member in scene.members[1:3]:
        made = await raid.ask(step, me, "POST", f"/people/{member.person}/invite")
        await _use(raid, step, made.text)
    step = raid.step("従事者名簿の署名を自分の鍵で作る", "sign the roster with a key of one's own")
    await _forge(raid, step)
    step = raid.step(
        "作った鍵で契約と予算を広げる", "hand in signed files for contracts and budgets"
    )
    for row in await scene.platform.sql("select payload, key, signature from contract_versions"):
        signed = SignedStatement(bytes(row[0]), row[1], bytes(row[2]))
        file = statements.dump_signed(signed).decode()
        await raid.ask(step, me, "POST", "/statements", data={"signed": file})
    step = raid.step("管理者のまま架電席を開く", "open the desk as the administrator")
    await raid.ask(step, me, "POST", f"{API}/jobs/{scene.job}/leases")
    await raid.ask(step, me, "GET", f"{API}/jobs/{scene.job}/lists")


async def _use(raid: Raid, step: Step, page: str) -> None:
    """The invitation a page shows: a password, then any second factor, then in."""
    link = INVITATION.search(page)
    if link is None:
        step.refused["no_invitation"] += 1
        return
    origin = raid.scene.platform.origin
    async with httpx.AsyncClient(base_url=origin, headers={"Origin": origin}) as browser:
        form = {"invitation": link[1], "password": PASSWORD, "again": PASSWORD}
        await raid.ask(step, browser, "POST", "/welcome", data=form)
        for way in ("app", "token", "key"):
            answer = await raid.ask(
                step, browser, "POST", f"/welcome/{way}", data={"invitation": link[1]}
            )
            if "otpauth://" in answer.text or GRANT in answer.headers.get("set-cookie", ""):
                raise AssertionError("a factor in somebody else's place")
        form = {"invitation": link[1], "code": "123456"}
        await raid.ask(step, browser, "POST", "/welcome/code", data=form)


async def _forge(raid: Raid, step: Step) -> None:
    """Statements that name the thief, or a new factor, signed by the thief."""
    scene, key = raid.scene, ApproverKey.generate()
    for person in (scene.members[1].person, scene.issuer_id, "per_thief"):
        until = now() + LATER
        entry = RosterEntry(person, "pty_1", "", "operator", until, new_factor=True)
        request = statements.prepare(entry, issuer="centre", now=now(), valid_for=LATER)
        file = statements.dump_signed(statements.approve(request, key)).decode()
        await raid.ask(step, scene.issuer, "POST", "/statements", data={"signed": file})
