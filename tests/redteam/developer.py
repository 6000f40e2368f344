"""A developer: the source, the configuration, and an environment of one's own to play in.

Nothing in there is secret: ids are random, there is no default password and no back door.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.errors.records import DoesNotOpen
from crypto.records.sealing import RecipientKey, chunk_context, record_nonce, record_place
from tests.redteam import lies
from tests.redteam.dba import NO_KEY
from tests.redteam.operator import API
from tests.redteam.raid import Raid, Step
from tests.redteam.screens import addresses

ROOT = Path(__file__).parents[2]
LITERALS = 400  # tried: each takes a millisecond
LITERAL = re.compile(rb"[A-Za-z0-9+/_-]{32,88}={0,2}|[0-9a-fA-F]{64}")
WELL_KNOWN = ("admin", "manager", "operator1", "issuer")
PASSWORDS = ("password", "calllist", "demo")
DEMO = ("/demo", "/demo/sign-in", "/demo/people", "/docs", "/redoc", "/debug", "/metrics", "/.env")


async def rob(raid: Raid) -> None:
    """Read, guess, and knock without an account."""
    step = raid.step("ソースと設定を読む", "read source and configuration")
    literals = await asyncio.to_thread(_literals, raid, step)
    step = raid.step(
        "ソースにある値をすべて鍵として試す", "try every literal in the source as a key"
    )
    await _keys(raid, step, literals)
    origin = raid.scene.platform.origin
    async with httpx.AsyncClient(base_url=origin, headers={"Origin": origin}) as browser:
        step = raid.step(
            "アカウントなしで全経路をたたく", "knock at every route without an account"
        )
        for method, path in addresses(raid.scene):
            await raid.ask(step, browser, method, path)
        step = raid.step(
            "裏口・実演用の入口・初期パスワードを試す", "back doors, demo doors, default passwords"
        )
        for path in DEMO:
            await raid.ask(step, browser, "GET", path)
        for login in WELL_KNOWN:
            for password in PASSWORDS:
                body = {"login": login, "password": password}
                await raid.ask(step, browser, "POST", f"{API}/sign-in", json=body)


def _literals(raid: Raid, step: Step) -> set[bytes]:
    """Whatever in the tree is as long as a key; the tree itself is searched for people."""
    found: set[bytes] = set()
    for folder in ("crypto", "retention", "calllist", "docker", "demo"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                content = file.read_bytes()
                raid.took(step, content)
                found |= set(LITERAL.findall(content))
    return found


async def _keys(raid: Raid, step: Step, literals: set[bytes]) -> None:
    scene = raid.scene
    record, *_ = await lies.stored(raid, scene.list_id)  # a row from a ticket, say
    entrustor = scene.centre.cast.entrustor
    for literal in sorted(literals)[:LITERALS]:
        step.tried += 2  # as the list's key, as the chunk's
        key = literal[:32].ljust(32, b"\0")
        try:
            chunk = RecipientKey(key + key + key).open(
                chunk_context(entrustor, scene.list_id, record.chunk), record.chunk_key
            )
            raid.loot.add(chunk)
        except (DoesNotOpen, ValueError):
            step.refused[NO_KEY] += 1
        try:
            place = record_place(entrustor, scene.list_id, record.chunk, record.index)
            raid.loot.add(AESGCM(key).decrypt(record_nonce(record.index), record.sealed, place))
        except InvalidTag:
            step.refused[NO_KEY] += 1
