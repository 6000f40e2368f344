"""Promise 13. Bad input gets a clear error that names line, column and code, never a value."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.promises.conftest import Town
from tests.visitors import Visitors

SECRET = "カナリア五郎丸"
HEAD = "氏名,電話番号\n"

SPOILT = {
    "empty_file": b"",
    "no_phone_column": f"氏名,住所\n{SECRET},どこか\n".encode(),
    "document_file": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(400) + SECRET.encode(),
    "binary_file": f"{HEAD}{SECRET}".encode() + bytes(400) + b",090-0000-0001\n",
    "unknown_encoding": f"{HEAD}{SECRET},090-0".encode() + b"\xff\xfe\xfd\x80\x81\n",
    "unclosed_quote": f'{HEAD}"{SECRET},090-0000-0001\n'.encode(),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("code", SPOILT)
async def test_a_spoilt_file_is_refused_with_code_and_place_and_leaves_nothing(
    town: Town, visitors: Visitors, code: str
) -> None:
    answer = await visitors.ask(
        town.world.manager, "PUT", f"/api/v1/jobs/{town.job}/lists", content=SPOILT[code]
    )
    assert answer.status_code == 422, answer.text
    body = answer.json()
    assert body["code"] == code
    assert body["detail"]
    assert SECRET not in answer.text
    async with town.world.sessions() as session:
        rows = await session.scalar(
            text("select count(*) from records where list_id <> :l"), {"l": town.list_id}
        )
        failed = (
            await session.execute(text("select failure from lists where state = 'failed'"))
        ).scalars()
        failures = list(failed)
    assert rows == 0
    assert len(failures) == 1
    assert failures[0]["code"] == code
    assert SECRET not in str(failures)


@pytest.mark.asyncio
async def test_a_ragged_row_is_rejected_with_its_line_and_the_rest_is_kept(
    town: Town, visitors: Visitors
) -> None:
    content = (
        f"{HEAD}{SECRET},090-0123-4567\n{SECRET}\n乙山,090-0123-4568,x,y\n丙川,090-0123-4569\n"
    )
    answer = await visitors.ask(
        town.world.manager, "PUT", f"/api/v1/jobs/{town.job}/lists", content=content.encode()
    )
    assert answer.status_code == 201, answer.text
    list_id = answer.json()["list"]
    found = await visitors.ask(town.world.manager, "GET", f"/api/v1/lists/{list_id}/findings")
    assert {(f["line"], f["code"]) for f in found.json()} == {
        (3, "ragged_row"),
        (4, "ragged_row"),
    }
    assert SECRET not in found.text


@pytest.mark.asyncio
async def test_a_wrong_request_is_told_the_place_and_never_the_value(
    town: Town, visitors: Visitors
) -> None:
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    answer = await visitors.ask(
        operator,
        "POST",
        f"/api/v1/leases/{lease.id}/match",
        json={"kind": SECRET, "said": 5, "more": SECRET},
    )
    assert answer.status_code == 422
    assert SECRET not in answer.text
    assert "kind" in answer.text
