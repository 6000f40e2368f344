"""An operator who wants to take the list home: own account, own shift, any browser.

It does get people: those it calls. How many, the keeper's budget says, and the ledger names
each of them. Whatever else it tries yields nobody further.
"""

from __future__ import annotations

import httpx

from calllist.web.access import GRANT, SESSION
from tests.platform import Keyboard
from tests.redteam.raid import Raid, Step
from tests.redteam.scene import BUDGET
from tests.redteam.screens import everywhere

API = "/api/v1"
MISSES = 3  # each costs one person of the budget
NOBODY_THERE = 30  # 不在: the quickest result
GUESSES = ["1950-01-01", "1951-02-02", "1952-03-03", "1953-04-04", "1954-05-05"]


async def rob(raid: Raid) -> None:
    """Everything an operator can say to the web."""
    scene = raid.scene
    me, colleague = scene.centre.operators
    step = raid.step(
        "折り返しのふりで番号を当てる（外れも数える）", "guess who calls back: misses count"
    )
    for number in range(MISSES):
        asked = {"number": f"090-0000-{number:04d}"}
        await raid.ask(step, me, "POST", f"{API}/jobs/{scene.job}/find", json=asked)
    step = raid.step("同じ方を何度も読み込む", "reload the one person in hand")
    lease = await _take(raid, step, me)
    for _ in range(10):
        await raid.ask(step, me, "GET", f"{API}/leases/{lease}")
        await _take(raid, step, me)  # a second tab
    step = raid.step("照合で生年月日を当てる", "guess the date of birth by matching")
    for said in GUESSES:
        body = {"kind": "birth_date", "said": said}
        await raid.ask(step, me, "POST", f"{API}/leases/{lease}/match", json=body)
    step = raid.step("理由を作って全項目を表示させる", "reveal every field for invented reasons")
    for kind in ("phone", "name", "address", "birth_date", "reference"):
        for reason in ("manual_dial", "curious"):
            body = {"kind": kind, "reason": reason}
            await raid.ask(step, me, "POST", f"{API}/leases/{lease}/reveal", json=body)
    await _others(raid, me, colleague)
    step = raid.step("管理者・委託元などの画面をすべて開く", "open everybody else's screens")
    await everywhere(raid, step, me)
    step = raid.step("上限まで次々に開く", "open one after another, as far as it goes")
    await to_the_limit(raid, step, me, lease)


async def _others(raid: Raid, me: Keyboard, colleague: Keyboard) -> None:
    """A colleague's person, by lease and by cookie."""
    scene = raid.scene
    step = raid.step("同僚の手元の方をのぞく", "look at a colleague's person")
    theirs = await _quietly(scene.job, colleague)
    for verb, body in (
        ("match", {"kind": "birth_date", "said": "1950-01-01"}),
        ("result", {"code": 10}),
    ):
        await raid.ask(step, me, "POST", f"{API}/leases/{theirs}/{verb}", json=body)
    await raid.ask(step, me, "GET", f"{API}/leases/{theirs}")
    step = raid.step(
        "自分の画面に同僚の勤務を差し込む", "put a colleague's grant into one's own session"
    )
    mine, other = scene.members[1], scene.members[2]
    headers = {"Cookie": f"{SESSION}={mine.token}; {GRANT}={other.grant}"}
    async with httpx.AsyncClient(base_url=scene.platform.origin, headers=headers) as forged:
        for path in (f"{API}/leases/{theirs}", f"{API}/jobs", "/desk"):
            await raid.ask(step, forged, "GET", path)


async def to_the_limit(raid: Raid, step: Step, seat: Keyboard, lease: str) -> None:
    """Result, next person, look, until the keeper shows nobody more."""
    for _ in range(3 * BUDGET):
        said = {"code": NOBODY_THERE}
        await raid.ask(step, seat, "POST", f"{API}/leases/{lease}/result", json=said)
        lease = await _take(raid, step, seat) or lease
        await raid.ask(step, seat, "GET", f"{API}/leases/{lease}")


async def _take(raid: Raid, step: Step, seat: Keyboard) -> str:
    answer = await raid.ask(step, seat, "POST", f"{API}/jobs/{raid.scene.job}/leases")
    told = answer.json()
    lease = str(told.get("lease") or told.get("lease_id") or "")
    if lease:
        await raid.ask(step, seat, "GET", f"{API}/leases/{lease}")
    return lease


async def _quietly(job: str, colleague: Keyboard) -> str:
    """The colleague takes a person; nothing of that is the thief's."""
    answer = await colleague.ask("POST", f"{API}/jobs/{job}/leases")
    return str(answer.json()["lease"])
