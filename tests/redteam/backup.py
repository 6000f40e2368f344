"""Whoever handles the backups: of PostgreSQL, and of the keeper what is backed up of it.

The journal, the ledger and the signing keys are in there. The keystore and its root never are.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from crypto.records.sealing import person_tag
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.lists import Inspect
from tests.redteam import dba, lies
from tests.redteam.raid import Raid, Step

BACKED_UP = ("journal.db", "ledger", "signing", "public")
REFUSED = 2  # exit code of a keeper that does not start


async def rob(raid: Raid) -> None:
    """Copy, read, restore, start."""
    scene = raid.scene
    step = raid.step(
        "PostgreSQLのデータフォルダーと先行書込みログを写す", "copy data folder and write-ahead log"
    )
    await scene.platform.sql("checkpoint")
    step.tried += 1
    raid.loot.add_folder(scene.platform.home / "postgres" / "data")
    step = raid.step("論理バックアップを読む", "read the logical dump")
    values = await dba.dump(raid, step)
    step = raid.step(
        "金庫のバックアップ（台帳・署名鍵）を写す", "copy the keeper's backup: ledger, signing keys"
    )
    with tempfile.TemporaryDirectory(prefix="clt-", dir="/tmp") as loot:
        home = scene.platform.home / "keeper"
        backup = await asyncio.to_thread(copy_of, home, Path(loot) / "keeper")
        step.tried += 1
        raid.loot.add_folder(backup)
        await _use(raid, backup, values)


async def _use(raid: Raid, backup: Path, values: list[bytes]) -> None:
    """Whatever a copy of the keeper's backup is good for."""
    step = raid.step("台帳の照合値から電話番号を割り出す", "work numbers out of the ledger's tags")
    await _tags(raid, step, backup, values)
    step = raid.step("バックアップだけで金庫を立ち上げる", "start a keeper on the backup alone")
    await _start(raid, step, backup)


def copy_of(home: Path, target: Path) -> Path:
    """What a backup of a running keeper holds; neither keystore nor roots."""
    target.mkdir(mode=0o700)
    for name in BACKED_UP[1:]:
        if (home / name).exists():
            shutil.copytree(home / name, target / name)
    with (
        closing(sqlite3.connect(home / "journal.db")) as source,
        closing(sqlite3.connect(target / "journal.db")) as copy,
    ):
        source.backup(copy)
    return target


async def _tags(raid: Raid, step: Step, backup: Path, values: list[bytes]) -> None:
    """Under every key-sized value of database and backup, for numbers known to be there."""
    tags = {line["tag"] for line in await raid.scene.lines() if line.get("tag")}
    secrets = {value for value in values if len(value) == dba.KEY_BYTES}
    for file in (backup / "signing").rglob("*"):
        data = file.read_bytes()
        secrets |= {data[at : at + dba.KEY_BYTES] for at in range(len(data) - dba.KEY_BYTES + 1)}
    for key in secrets:
        for person in raid.scene.folk[:5]:
            step.tried += 1
            phone = f"+81{person.phone.replace('-', '')[1:]}"
            if person_tag(key, raid.scene.list_id, phone) in tags:
                raid.loot.add(phone)
            step.refused[dba.NO_KEY] += 1


async def _start(raid: Raid, step: Step, backup: Path) -> None:
    """It refuses; recovered in the open, it says that every list is lost."""
    run = backup.parent / "run"
    keeper = [sys.executable, "-m", "crypto", "--home", str(backup), "--run", str(run)]
    refused = await asyncio.to_thread(subprocess.run, keeper, capture_output=True, timeout=60)
    step.tried += 1
    if refused.returncode != REFUSED:
        raise AssertionError("a keeper starts on a backup")
    step.refused["keystore_missing"] += 1
    recovery = [sys.executable, "-m", "crypto.keeper.recovery", "--home", str(backup), "--yes"]
    await asyncio.to_thread(subprocess.run, recovery, capture_output=True, timeout=60, check=True)
    process = await asyncio.create_subprocess_exec(
        *keeper, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with KeeperClient(run / Caller.WEB / "keeper.sock", pool=1) as own:
            await lies.answering(own)
            step.tried += 1
            state = await raid.say(step, own, Inspect(raid.scene.list_id))
            step.refused[f"list_{state.state}"] += 1
            for record in await lies.stored(raid, raid.scene.list_id):
                await lies.open_one(raid, step, own, "a grant of one's own", record)
    finally:
        process.terminate()
        await process.wait()
