"""Promise 8. A certificate is never early and never bare; anyone verifies it offline."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from calllist.upkeep import upkeep
from crypto.errors.lists import NotShredded
from crypto.standards.canonical import canonical_json
from crypto.wire.base import Caller
from crypto.wire.lists import Certify, Freeze
from retention.tables import Certificate
from tests.keepers import KeeperProcess
from tests.promises.conftest import Town, calllist
from tests.promises.test_7_destruction_is_final import call_everybody
from tests.visitors import Visitors, seen_in, settings_for


@pytest.mark.asyncio
async def test_the_keeper_signs_nothing_before_its_own_shred_line(
    town: Town, keeper: KeeperProcess
) -> None:
    async with keeper.client(Caller.WORKER) as worker:
        for _ in range(2):  # open, then frozen
            with pytest.raises(NotShredded):
                await worker.call(Certify(town.list_id, "certificate", canonical_json({})))
            await worker.call(Freeze(town.list_id, "manager"))


@pytest.mark.asyncio
async def test_a_certificate_verifies_offline_and_one_changed_bit_is_refused(
    town: Town, keeper: KeeperProcess, database: str, visitors: Visitors, tmp_path: Path
) -> None:
    await call_everybody(town)
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        for holding_id in await power.sweep():
            await power.destroy(holding_id)
    async with town.world.sessions() as session:
        certificate = (await session.scalars(select(Certificate))).one()
    answer = await visitors.ask(town.world.officer, "GET", f"/certificates/{certificate.id}/file")
    assert answer.status_code == 200
    file = tmp_path / "certificate.json"
    file.write_bytes(answer.content)
    pinned = keeper.home / "public" / "certificate.pub"

    good = calllist("verify", file, "--key", pinned)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "ファイル" in good.stdout  # the kind of root is named

    spoilt = bytearray(answer.content)
    spoilt[len(spoilt) // 2] ^= 1
    file.write_bytes(bytes(spoilt))
    bad = calllist("verify", file, "--key", pinned)
    assert bad.returncode == 1
    assert "Traceback" not in bad.stderr

    other = tmp_path / "other.pub"
    other.write_text((keeper.home / "public" / "ledger.pub").read_text())
    file.write_bytes(answer.content)
    assert calllist("verify", file, "--key", other).returncode != 0


@pytest.mark.asyncio
async def test_it_says_what_was_done_what_was_checked_and_what_remains_and_names_nobody(
    town: Town, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:

    await call_everybody(town)
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        for holding_id in await power.sweep():
            await power.destroy(holding_id)
    async with town.world.sessions() as session:
        certificate = (await session.scalars(select(Certificate))).one()
    payload = json.loads(base64.b64decode(json.loads(certificate.envelope)["payload"]))
    assert payload["people_opened"] == len(town.folk)  # opened, by the keeper's own count
    assert payload["root_kind"] == "file"
    assert payload["shred_seq"] >= 0
    assert payload["checkpoint"]
    claims = payload["claims"]
    assert claims["erased_rows"] == len(town.folk)
    outcomes = {check["store"]: check["outcome"] for check in claims["checks"]}
    assert set(outcomes.values()) == {"PASS", "OUTSIDE"}  # what we cannot reach is named
    assert outcomes["keeper"] == outcomes["row_count"] == "PASS"

    assert not seen_in(json.dumps(payload, ensure_ascii=False), town.folk)


@pytest.mark.asyncio
async def test_the_pdf_for_people_verifies_offline_and_one_changed_bit_is_refused(
    town: Town, keeper: KeeperProcess, database: str, visitors: Visitors, tmp_path: Path
) -> None:
    await call_everybody(town)
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        for holding_id in await power.sweep():
            await power.destroy(holding_id)
        [number] = await power.papers()
        early = await visitors.ask(town.world.officer, "GET", f"/certificates/{number}/pdf")
        assert early.status_code == 404
        assert "PDFは作成中" in early.text
        await power.paper(number)
        assert await power.papers() == []
    screen = await visitors.ask(town.world.officer, "GET", f"/certificates/{number}")
    assert f"/certificates/{number}/pdf" in screen.text
    answer = await visitors.ask(town.world.officer, "GET", f"/certificates/{number}/pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    other = await visitors.ask(town.world.officer, "GET", f"/api/v1/certificates/{number}.pdf")
    assert other.content == answer.content
    assert not seen_in(answer.text, town.folk)

    file, public = tmp_path / "certificate.pdf", keeper.home / "public"
    file.write_bytes(answer.content)
    pinned = (
        "--key",
        public / "certificate.pub",
        "--document-certificate",
        public / "document.pem",
    )
    good = calllist("verify", file, *pinned)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "正しいPDFです" in good.stderr
    assert number in good.stdout
    assert calllist("verify", file, *pinned[:2]).returncode == 2  # needs what was pinned
    roots = ("--tsa-roots", public / "document.pem")  # who expects a timestamp gets a no
    assert calllist("verify", file, *pinned, *roots).returncode == 1
    assert calllist("verify", file, *pinned[:3], public / "certificate.pub").returncode == 1

    for spoilt, why in (
        (answer.content[:100] + b"?" + answer.content[101:], "署名が合いません"),
        (answer.content + b"\n", "署名の後ろに"),
    ):
        file.write_bytes(spoilt)
        bad = calllist("verify", file, *pinned)
        assert bad.returncode == 1
        assert why in bad.stderr
        assert "Traceback" not in bad.stderr
