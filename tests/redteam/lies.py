"""A web process that lies: everything it could say to the keeper that is not so.

    own stage, own recipient, own policy, another list's chunk, a forged chunk, an old row,
    another entrustor's list, replayed statements, somebody else's grant, hopping on

The one who lies here has root on the hosts of web and worker: their sockets, their database
roles, and whatever passes by.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from crypto.errors.base import KeeperUnavailable
from crypto.records.fields import FieldKind
from crypto.records.sealing import ChunkSealer, Recipient, RecipientKey
from crypto.wire.approvals import Pin, Submit
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Entries, Event, Head
from crypto.wire.lists import Inspect, Manifest, Mint
from crypto.wire.people import BeginKey, ChallengeKey, Enrol, Grant, GrantByKey, LookAtFactor
from crypto.wire.records import Close, Find, Match, Open, Recall, Reveal, SealedRecord
from tests.keepers import now
from tests.platform import TICK
from tests.redteam.raid import CUT, Raid, Step
from tests.redteam.scene import BUDGET

NOBODY_THERE, FINISHED = 30, 10  # results: one keeps the record open, one closes it for ever
PATIENCE = 30.0  # seconds until a keeper of one's own answers


async def stored(raid: Raid, list_id: str) -> list[SealedRecord]:
    """The rows of a list as the database has them."""
    sql = (
        "select r.chunk, r.index, c.sealed_key, r.sealed from records r"
        " join chunks c on c.list_id = r.list_id and c.chunk = r.chunk"
        " where r.list_id = $1 and r.sealed is not null order by r.chunk, r.index"
    )
    return [
        SealedRecord(list_id, row[0], row[1], bytes(row[2]), bytes(row[3]))
        for row in await raid.scene.platform.sql(sql, list_id)
    ]


async def open_one(
    raid: Raid, step: Step, keeper: KeeperClient, grant: str, record: SealedRecord
) -> Any:
    """Ask for one record."""
    return await raid.say(step, keeper, Open(grant, record))


async def answering(keeper: KeeperClient) -> None:
    """Wait until a keeper answers."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await keeper.call(Head())
            except KeeperUnavailable:
                await asyncio.sleep(TICK)
            else:
                return


# -- without anybody's shift ---------------------------------------------------------------


async def credentials(raid: Raid) -> None:
    """Every socket and every stored credential of the operations plane, and nobody at work."""
    scene = raid.scene
    platform = scene.platform
    records = [*await stored(raid, scene.list_id), *await stored(raid, scene.foreign)]
    async with platform.keeper(Caller.WEB) as web, platform.keeper(Caller.INTAKE) as intake:
        step = raid.step(
            "勤務なしで、行を一つずつ金庫に開かせる", "have the keeper open rows, without a shift"
        )
        for grant in ("", secrets.token_urlsafe(32), *await _hashes(raid)):
            for record in records[:6]:
                await open_one(raid, step, web, grant, record)
        step = raid.step(
            "認証コードを当てる、認証器を作り直す", "guess codes, make a new second factor"
        )
        for member in scene.stranger.cast.members[1:3]:  # it locks them: not our own
            for code in range(7):
                await raid.say(step, web, Grant(member.person, f"{code:06d}"))
            await raid.say(step, web, Enrol(member.person))
            for asked in (LookAtFactor, BeginKey, ChallengeKey):
                await raid.say(step, web, asked(member.person))
            guess = secrets.token_bytes(64)
            await raid.say(step, web, GrantByKey(member.person, guess, b"{}", guess, guess))
        step = raid.step(
            "自分の鍵・方針・署名を差し込む", "own recipient, own policy, own signature"
        )
        await _own(raid, step, web, intake)
        step = raid.step("署名済みの文書をもう一度出す", "replay what was signed before")
        for row in await platform.sql("select payload, key, signature from contract_versions"):
            await raid.say(step, web, Submit(bytes(row[0]), row[1], bytes(row[2])))
    async with platform.keeper(Caller.WORKER) as worker:
        step = raid.step(
            "ワーカーとして台帳を読み、行を開く", "as the worker: read the ledger, open rows"
        )
        raid.took(step, await scene.lines())
        for record in records[:5]:
            await open_one(raid, step, worker, "grant", record)
        for row in await platform.sql("select id from results"):
            await raid.say(step, worker, Recall(row[0]))


async def _hashes(raid: Raid) -> list[str]:
    """Of grants, as the database has them: tried as the grants themselves."""
    rows = await raid.scene.platform.sql(
        "select grant_hash from sign_ins where grant_hash is not null"
    )
    return [bytes(row[0]).hex() for row in rows][:4]


async def _own(raid: Raid, step: Step, web: KeeperClient, intake: KeeperClient) -> None:
    scene = raid.scene
    cast, mine = scene.centre.cast, RecipientKey.generate().public
    await raid.say(step, web, Pin(cast.entrustor, secrets.token_bytes(32), mine.data))
    await raid.say(step, intake, Pin("centre", secrets.token_bytes(32), b""))
    payload = msgspec.json.encode({"body": {}, "nonce": "0" * 32})
    await raid.say(step, web, Submit(payload, secrets.token_hex(32), secrets.token_bytes(64)))
    later = now().replace(year=now().year + 5)
    for contract, version in (
        (cast.contract, 1),
        (cast.contract, 2),
        (scene.stranger.cast.contract, 1),
    ):
        await raid.say(step, intake, Mint("lst_thief", contract, version, later, scene.job))
    closed = Manifest(scene.list_id, (bytes(32),), (1,), bytes(32), b"", (b"\x00",))
    await raid.say(step, intake, closed)
    await raid.say(step, web, Entries(0, 10))
    await raid.say(step, web, Event("opened", {"name": "氏名 電話"}))
    await raw(raid, step, Caller.WEB, {"verb": "export", "list": scene.list_id})
    await raw(raid, step, Caller.WEB, {"verb": "open_many", "grant": "g", "records": []})


async def raw(raid: Raid, step: Step, caller: Caller, message: dict[str, Any]) -> None:
    """A frame of one's own making."""
    step.tried += 1
    path = raid.scene.platform.home / "run" / caller / "keeper.sock"
    reader, writer = await asyncio.open_unix_connection(path)
    body = msgspec.msgpack.encode(message)
    writer.write(len(body).to_bytes(4, "big") + body)
    answer = await reader.read(1 << 16)
    writer.close()
    raid.loot.add(answer)
    step.refused[CUT] += 1


# -- during somebody's shift ---------------------------------------------------------------


async def shift(raid: Raid, grants: Sequence[str]) -> None:
    """The same with grants that pass by: each lie first, and then as many people as it goes."""
    scene = raid.scene
    async with scene.platform.keeper(Caller.WEB) as web:
        records = await stored(raid, scene.list_id)
        foreign = await stored(raid, scene.foreign)
        grant, first = grants[0], records[0]
        step = raid.step(
            "勤務中の担当者になりすまし、一人を開く", "in an operator's name: open one person"
        )
        await open_one(raid, step, web, grant, first)
        step = raid.step("段階を自分で決める", "state the stage oneself")
        place = msgspec.structs.asdict(first)
        for extra in ({"stage": "S3"}, {"masks": {}}, {"role": "operator"}):
            await raw(
                raid, step, Caller.WEB, {"verb": "open", "grant": grant, "record": place, **extra}
            )
        await _misplaced(raid, web, grant, first, records, foreign)
        step = raid.step("手元を空けずに次を開く", "open the next without closing this one")
        for record in records[1:10]:
            await open_one(raid, step, web, grant, record)
        step = raid.step("他の役割の勤務で開く", "open with the shifts of other roles")
        for member in (scene.members[0], scene.members[3]):
            await open_one(raid, step, web, member.grant, first)
        step = raid.step("照合で当て、全項目を表示させる", "guess by matching, reveal every field")
        await _squeeze(raid, step, web, grant, first)
        step = raid.step(
            "完了した方の古い行をもう一度開く", "open the old row of somebody who is done"
        )
        await raid.say(step, web, Close(grant, first, f"thief-{secrets.token_hex(6)}", FINISHED))
        for other in grants:
            await open_one(raid, step, web, other, first)
        step = raid.step(
            "結果を入れては次へ飛び、上限まで開く", "close and hop on, as far as it goes"
        )
        for number, one in enumerate(grants):  # each from another end: distinct people count
            await _hop(raid, step, web, one, records[1:] if number % 2 else records[:0:-1])
        step = raid.step(
            "折り返しのふりをして番号を総当たりする", "guess numbers of people who call back"
        )
        for one in grants:
            for number in range(2 * BUDGET):
                await raid.say(step, web, Find(one, scene.job, f"+8190{number:08d}"))
        step = raid.step("上限のあとも、行を順に開き続ける", "go on with every row after the limit")
        for one in grants:
            for record in [*records, *foreign]:
                await open_one(raid, step, web, one, record)
        await raid.say(step, web, Inspect(scene.list_id))


async def _misplaced(
    raid: Raid,
    web: KeeperClient,
    grant: str,
    first: SealedRecord,
    records: list[SealedRecord],
    foreign: list[SealedRecord],
) -> None:
    """Ciphertext where it does not belong."""
    scene = raid.scene
    replace = msgspec.structs.replace
    step = raid.step(
        "他の方の暗号文を、手元の方の場所に置く", "another's ciphertext in the place of this one"
    )
    for other in records[1:8]:
        await open_one(raid, step, web, grant, replace(first, sealed=other.sealed))
    step = raid.step(
        "別のリストの鍵・偽の鍵・自分宛の鍵で包む",
        "another list's chunk, a forged chunk, one's own",
    )
    for key in (foreign[0].chunk_key, bytes(len(first.chunk_key)), b""):
        await open_one(raid, step, web, grant, replace(first, chunk_key=key))
    own = RecipientKey.generate().public
    for recipient in (own, Recipient(own.data)):
        forged = ChunkSealer(
            recipient, entrustor=scene.centre.cast.entrustor, list_id=scene.list_id, chunk=0
        )
        line = forged.seal(2, {FieldKind.NAME: "偽名"})
        await open_one(
            raid, step, web, grant, replace(first, chunk_key=forged.sealed_key, sealed=line)
        )
    await open_one(raid, step, web, grant, replace(first, index=10**6))
    await open_one(raid, step, web, grant, replace(first, chunk=10**6))
    step = raid.step("他の委託元のリストを開く", "open another entrustor's list")
    for other in foreign:
        await open_one(raid, step, web, grant, other)
        await open_one(raid, step, web, grant, replace(other, list=scene.list_id))


async def _squeeze(
    raid: Raid, step: Step, web: KeeperClient, grant: str, record: SealedRecord
) -> None:
    for year in range(1950, 1956):
        await raid.say(step, web, Match(grant, record, FieldKind.BIRTH_DATE, f"{year}-01-01"))
    for kind in FieldKind:
        for reason in ("manual_dial", "read_back", "curious"):
            await raid.say(step, web, Reveal(grant, record, kind, reason))


async def _hop(
    raid: Raid, step: Step, web: KeeperClient, grant: str, records: list[SealedRecord]
) -> None:
    for record in records:
        shown = await open_one(raid, step, web, grant, record)
        if shown is not None:
            await raid.say(step, web, Reveal(grant, record, FieldKind.PHONE, "manual_dial"))
            attempt = f"thief-{secrets.token_hex(6)}"
            await raid.say(step, web, Close(grant, record, attempt, NOBODY_THERE))
