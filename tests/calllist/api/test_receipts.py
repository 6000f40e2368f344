"""Receipts over the API: every finding once, as pages and as a table; every count explained."""

from __future__ import annotations

import base64
import csv
import io

import msgspec
import pytest
from fastapi import FastAPI

from calllist.api.receipts import MEANINGS, receipt_schema
from calllist.intake.receipt import Receipt
from calllist.jobs.tables import Finding
from calllist.people.roles import Role
from tests.calllist.centre import Centre
from tests.calllist.server import browser_of

LINES = [
    "氏名,電話番号,整理番号",
    *(f"架空{n},なし,R{n}" for n in range(7)),
    "架空,090-0000-0001,R9",
]


def test_every_fact_of_a_receipt_is_explained() -> None:
    facts = {field.name for field in msgspec.structs.fields(Receipt)}
    assert set(MEANINGS) == facts
    described = receipt_schema()["properties"]
    assert {name: one["description"] for name, one in described.items()} == MEANINGS
    assert "$ref" not in str(described)


@pytest.mark.asyncio
async def test_every_finding_is_told_once_in_pages_and_in_the_table(
    portal: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    async with browser_of(portal, centre.manager) as manager:
        sent = await manager.put(f"/api/v1/jobs/{job.id}/lists", content="\n".join(LINES).encode())
        told = sent.json()
        assert sent.status_code == 201, sent.text
        assert "salt" not in sent.text
        address: str | None = f"/api/v1/lists/{told['list']}/findings?limit=3"
        found, pages = [], 0
        while address:
            page = await manager.get(address)
            found += [(one["line"], one["column"], one["code"]) for one in page.json()]
            address, pages = page.links.get("next", {}).get("url"), pages + 1
        assert (pages, found) == (3, [(n, 2, "no_phone_placeholder") for n in range(2, 9)])
        await _two_on_one_line(centre, told["list"])
        place = f"/api/v1/lists/{told['list']}/findings?after=8:no_phone_placeholder:2"
        assert [one["code"] for one in (await manager.get(place)).json()] == ["zzz"]
        for wrong in ("8:", "x", "8:No:2", "8:no_phone", "-1"):
            answer = await manager.get(f"/api/v1/lists/{told['list']}/findings?after={wrong}")
            assert answer.status_code == 422
        place_of_table = f"/api/v1/lists/{told['list']}/findings.csv"
        table = await manager.get(f"{place_of_table}?lang=en")
        assert table.headers["content-disposition"] == 'attachment; filename="findings-1.csv"'
        rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
        assert rows[0][:3] == ["line", "column", "code"]
        assert [row[:3] for row in rows[1:8]] == [[str(n), "2", code] for n, _, code in found]
        assert len(rows) == 1 + len(found) + 1
        assert "電話" in (await manager.get(f"/api/v1/lists/{told['list']}/findings.csv")).text
        for accept, kind in (
            ("text/csv", "text/csv"),
            ("application/json;q=0.3, text/csv;q=0.5", "text/csv"),
            ("text/csv, */*", "text/csv"),
            ("text/csv;q=0.2, */*", "application/json"),
            ("text/csv, application/json", "application/json"),
            ("text/csv;q=0", "application/json"),
            ("text/csv;q=x", "application/json"),
            ("*/*", "application/json"),
        ):
            receipt = f"/api/v1/lists/{told['list']}/receipt"
            answer = await manager.get(receipt, headers={"Accept": accept})
            assert answer.headers["content-type"].split(";")[0] == kind, accept
            assert answer.headers["vary"] == "Accept"
            if kind == "text/csv":
                assert answer.content == (await manager.get(place_of_table)).content
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    async with browser_of(portal, officer) as client:
        receipt = (await client.get(f"/api/v1/lists/{told['list']}/receipt")).json()
        assert (receipt["entrustor"], receipt["receipt"]) == (centre.entrustor_id, told["receipt"])
        assert base64.b64decode(receipt["keys"])


async def _two_on_one_line(centre: Centre, list_id: str) -> None:
    """A line may have several findings: at the border of a page none is lost."""
    async with centre.sessions.begin() as session:
        session.add(Finding(list_id=list_id, line=8, code="zzz", column=3))


@pytest.mark.asyncio
async def test_one_line_may_have_the_same_finding_in_two_columns(
    portal: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    file = "氏名,電話番号,生年月日,納期限\n架空,090-0000-0001,そのうち,そのうち\n"
    async with browser_of(portal, centre.manager) as manager:
        sent = await manager.put(f"/api/v1/jobs/{job.id}/lists", content=file.encode())
        assert sent.status_code == 201, sent.text
        address: str | None = f"/api/v1/lists/{sent.json()['list']}/findings?limit=1"
        found = []
        while address:
            page = await manager.get(address)
            found += [(one["code"], one["column"]) for one in page.json()]
            address = page.links.get("next", {}).get("url")
    assert found == [("unreadable_date", 3), ("unreadable_date", 4)]
