"""Root on the hosts of web and worker, while two operators are at work.

It has every socket and every stored credential there, the uploads and views that pass, and the
grants in the cookies that pass. It has no key: so it gets what those who are signed in could
get, one masked person at a time, within their budgets, each in the ledger under their names.
"""

from __future__ import annotations

from tests.redteam import lies
from tests.redteam.raid import Raid


async def rob(raid: Raid) -> None:
    """First what is stored, then what passes."""
    scene = raid.scene
    step = raid.step(
        "ホストのディスク・設定・資格情報を写す", "copy disks, settings, credentials of the hosts"
    )
    for place in ("postgres/data", "log", "broker", "postgres/passwords"):
        if (scene.platform.home / place).is_dir():
            step.tried += 1
            raid.loot.add_folder(scene.platform.home / place)
    await lies.credentials(raid)
    await lies.shift(raid, [member.grant for member in scene.members[1:3]])
