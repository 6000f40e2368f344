"""A manager who wants people: uploads, jobs, counts, assignments, and a browser.

What a manager uploads it has anyway; what others uploaded it never gets.
"""

from __future__ import annotations

from tests.redteam.operator import API
from tests.redteam.raid import Raid
from tests.redteam.screens import everywhere
from tests.world import townsfolk, upload_of


async def rob(raid: Raid) -> None:
    """Everything a manager can say to the web."""
    scene = raid.scene
    me = scene.centre.manager
    step = raid.step("すべての画面とAPIを開く", "open every screen and every API route")
    await everywhere(raid, step, me)
    step = raid.step("受領書と所見を最後まで読む", "read receipts and findings to the end")
    for list_id in (scene.list_id, scene.foreign):
        for after in range(0, 3 * len(scene.folk), 10):
            found = f"{API}/lists/{list_id}/findings?after={after}&limit=1000"
            await raid.ask(step, me, "GET", found)
            await raid.ask(step, me, "GET", f"/lists/{list_id}?after={after}")
    step = raid.step("自分で架電席に座る", "sit down at the desk oneself")
    person = scene.members[0].person
    await raid.ask(step, me, "PUT", f"{API}/jobs/{scene.job}/operators/{person}")
    await raid.ask(step, me, "POST", f"{API}/jobs/{scene.job}/leases")
    lease = (await scene.centre.operators[0].ask("POST", f"{API}/jobs/{scene.job}/leases")).json()
    for path in (f"{API}/leases/{lease['lease']}", f"/leases/{lease['lease']}"):
        await raid.ask(step, me, "GET", path)
    step = raid.step(
        "当て推量の名簿を送り、重複の数で探る", "upload guesses, to learn from what repeats"
    )
    for seed in range(3):
        guess = upload_of(townsfolk(5, seed=seed + 40))
        sent = await raid.ask(step, me, "PUT", f"{API}/jobs/{scene.job}/lists", content=guess)
        if sent.is_success and sent.json()["receipt"]["duplicates"]:
            raise AssertionError("a list says what another one holds")
    step = raid.step(
        "他の委託元の契約で業務を作る", "open a job under another entrustor's contract"
    )
    body = {"contract": scene.stranger.cast.contract, "code": "JOB-THIEF"}
    await raid.ask(step, me, "POST", f"{API}/jobs", json=body)
    await raid.ask(step, me, "GET", f"{API}/lists/{scene.foreign}")
    step = raid.step(
        "結果・証明書・お預かりの状況を取り寄せる", "fetch results, certificates, holdings"
    )
    for path in ("results/file", "certificates", "holdings"):
        await raid.ask(step, me, "GET", f"{API}/{path}")
