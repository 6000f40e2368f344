"""The database administrator: reads and writes everything in PostgreSQL, keys tried included.

It can also be any account's browser session by writing a row, and then has no grant: that
secret lies in the operator's cookie and, hashed, in the keeper.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from datetime import timedelta

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from calllist.people import tokens
from calllist.web.access import GRANT, SESSION
from crypto.records.sealing import record_nonce, record_place
from tests.keepers import now
from tests.redteam.operator import API
from tests.redteam.raid import Raid, Step

KEY_BYTES = 32
LONG = 4096  # bytes: longer values are ciphertext of lists, not keys
CANDIDATES = 20_000  # windows tried as a key: a second
NO_KEY = "no_key_fits"


async def rob(raid: Raid) -> None:
    """Copy, try, write, and then ask over HTTP."""
    step = raid.step("全テーブルを丸ごと写す", "copy every table")
    values = await dump(raid, step)
    step = raid.step("写した値をすべて鍵として試す", "try every value copied as a key")
    await keys(raid, step, values)
    step = raid.step("電話番号の照合値を総当たりする", "try all numbers against the phone tokens")
    await phone_tokens(raid, step, values)
    step = raid.step("担当者のセッション行を作って席に着く", "write oneself an operator's session")
    await _sessions(raid, step)
    step = raid.step("行を書き換えて広げる", "change rows to widen")
    await _widen(raid, step)


async def dump(raid: Raid, step: Step) -> list[bytes]:
    """Every value of every column of every table; all of it is searched."""
    platform = raid.scene.platform
    values: list[bytes] = []
    tables = await platform.sql("select tablename from pg_tables where schemaname = 'public'")
    for (table,) in tables:
        rows = await platform.sql(f'select * from "{table}"')  # noqa: S608  # names of ours
        raid.took(step, [tuple(row.values()) for row in rows])
        for row in rows:
            for value in row.values():
                values.append(value if isinstance(value, bytes) else str(value).encode())
    return values


async def keys(raid: Raid, step: Step, values: list[bytes]) -> None:
    """Every 32 bytes that could be a chunk's key, on one record."""
    scene = raid.scene
    sql = "select chunk, index, sealed from records where list_id = $1 and sealed is not null"
    (record, *_) = await scene.platform.sql(sql, scene.list_id)
    entrustor = scene.centre.cast.entrustor
    place = record_place(entrustor, scene.list_id, record["chunk"], record["index"])
    nonce = record_nonce(record["index"])
    for key in _windows(values):
        step.tried += 1
        try:
            raid.loot.add(AESGCM(key).decrypt(nonce, bytes(record["sealed"]), place))
        except InvalidTag:
            step.refused[NO_KEY] += 1


async def phone_tokens(raid: Raid, step: Step, values: list[bytes]) -> None:
    """HMAC of known numbers under every short value: a hit would tell who is on the list."""
    scene = raid.scene
    sql = "select token from records where list_id = $1"
    stored = {bytes(row["token"]) for row in await scene.platform.sql(sql, scene.list_id)}
    for key in {value for value in values if len(value) <= 2 * KEY_BYTES}:
        for person in scene.folk[:10]:
            step.tried += 1
            phone = f"+81{person.phone.replace('-', '')[1:]}"
            for text in (phone, f"{scene.list_id}{phone}"):
                if hmac.digest(key, text.encode(), "sha256")[:16] in stored:
                    raid.loot.add(phone)
            step.refused[NO_KEY] += 1


def _windows(values: list[bytes]) -> Iterator[bytes]:
    left = CANDIDATES
    for value in sorted({v for v in values if KEY_BYTES <= len(v) < LONG}, key=len):
        for at in range(len(value) - KEY_BYTES + 1):
            yield value[at : at + KEY_BYTES]
            left -= 1
            if not left:
                return


async def _sessions(raid: Raid, step: Step) -> None:
    """A session row is easily written; the grant's hash beside it as well."""
    scene = raid.scene
    for member in scene.members[1:3]:
        token, grant = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        await scene.platform.sql(
            "insert into sign_ins (token_hash, person_id, complete, command, grant_hash,"
            " created_at, expires_at) values ($1, $2, true, false, $3, $4, $5)",
            hashlib.sha256(token.encode()).digest(),
            member.person,
            hashlib.sha256(grant.encode()).digest(),
            now(),
            now() + timedelta(hours=8),
        )
        step.tried += 1
        headers = {
            "Cookie": f"{SESSION}={token}; {GRANT}={grant}",
            "X-CSRF-Token": tokens.csrf(token),
        }
        async with httpx.AsyncClient(base_url=scene.platform.origin, headers=headers) as browser:
            answer = await raid.ask(step, browser, "POST", f"{API}/jobs/{scene.job}/leases")
            lease = answer.json().get("lease") or answer.json().get("lease_id") or "none"
            for _ in range(3):
                await raid.ask(step, browser, "GET", f"{API}/leases/{lease}")
                await raid.ask(step, browser, "GET", f"/leases/{lease}")


async def _widen(raid: Raid, step: Step) -> None:
    """Terms, deadlines, budgets, roles: none of it is asked here."""
    scene = raid.scene
    contract, manager, list_id = scene.centre.cast.contract, scene.members[0], scene.list_id
    for statement, value in (
        (
            (
                "update contract_versions set terms = replace(terms, 'last3', 'full')"
                " where contract_id = $1"
            ),
            contract,
        ),
        ("update holdings set deadline = deadline + interval '9 years' where id = $1", list_id),
        ("update records set due_at = null, attempts = 0 where list_id = $1", list_id),
        ("update people set role = 'operator' where id = $1", manager.person),
    ):
        await scene.platform.sql(statement, value)
        step.tried += 1
    answer = await raid.ask(step, scene.centre.manager, "POST", f"{API}/jobs/{scene.job}/leases")
    if answer.is_success:
        lease = answer.json()["lease"]
        await raid.ask(step, scene.centre.manager, "GET", f"{API}/leases/{lease}")
    await scene.platform.sql("update people set role = 'manager' where id = $1", manager.person)
