"""Promise 4. Masked, by stages; match, not show. The number need not reach the browser."""

from __future__ import annotations

import re

import pytest

from crypto.records.fields import FieldKind, Stage
from demo.townsfolk import Townsperson
from tests.promises.conftest import Town
from tests.visitors import Visitors


def whom(text: str, folk: list[Townsperson]) -> Townsperson:
    """The person an answer is about: the reading of the name is what the operator asks for."""
    (person,) = [p for p in folk if p.kana in text]
    return person


@pytest.mark.asyncio
async def test_before_verification_the_browser_gets_a_name_to_ask_for_and_masks(
    town: Town, visitors: Visitors
) -> None:
    operator = town.world.operators[0]
    lease, view = await town.world.take(operator, town.job)
    page = await visitors.ask(operator, "GET", f"/leases/{lease.id}")
    api = await visitors.ask(operator, "GET", f"/api/v1/leases/{lease.id}")
    person = whom(api.text, town.folk)
    digits = person.phone.replace("-", "")
    for body in (page.text, api.text):
        assert person.phone not in body
        assert digits not in body.replace("-", "")
        assert person.name not in body
        assert person.address not in body
        assert person.reference not in body
        assert person.subject not in body  # what the call is about: only once verified
        assert str(person.born.year) not in body.replace(str(lease.taken_at.year), "")
    assert view.stage is Stage.DIALLING


@pytest.mark.asyncio
async def test_identity_is_matched_and_never_shown(town: Town, visitors: Visitors) -> None:
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    path = f"/api/v1/leases/{lease.id}"
    person = whom((await visitors.ask(operator, "GET", path)).text, town.folk)

    wrong = await visitors.ask(
        operator, "POST", f"{path}/match", json={"kind": "birth_date", "said": "1901-01-01"}
    )
    assert wrong.json()["same"] is False
    assert str(person.born.year) not in wrong.text

    said = f"{person.born.year}年{person.born.month}月{person.born.day}日"
    right = await visitors.ask(
        operator, "POST", f"{path}/match", json={"kind": "birth_date", "said": said}
    )
    assert right.json()["same"] is True
    verified = await town.world.look(operator, lease.id)
    assert verified.stage is Stage.VERIFIED
    assert FieldKind.SUBJECT in {shown.kind for shown in verified.fields}
    assert person.phone not in (await visitors.ask(operator, "GET", path)).text


@pytest.mark.asyncio
async def test_three_wrong_answers_end_the_tries_for_life(town: Town, visitors: Visitors) -> None:
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    path = f"/api/v1/leases/{lease.id}"
    person = whom((await visitors.ask(operator, "GET", path)).text, town.folk)
    for year in (1901, 1902, 1903):
        answer = await visitors.ask(
            operator,
            "POST",
            f"{path}/match",
            json={"kind": "birth_date", "said": f"{year}-01-01"},
        )
        assert answer.json()["same"] is False
    right = person.born.isoformat()
    late = await visitors.ask(
        operator, "POST", f"{path}/match", json={"kind": "birth_date", "said": right}
    )
    assert late.status_code == 429
    assert late.json()["code"] == "tries_used"


@pytest.mark.asyncio
async def test_what_the_contract_does_not_let_reveal_stays_masked(
    town: Town, visitors: Visitors
) -> None:
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    answer = await visitors.ask(
        operator,
        "POST",
        f"/api/v1/leases/{lease.id}/reveal",
        json={"kind": "address", "reason": "read_back"},
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "not_revealable"


@pytest.mark.asyncio
async def test_names_never_reach_titles_or_addresses(town: Town, visitors: Visitors) -> None:

    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    page = await visitors.ask(operator, "GET", f"/leases/{lease.id}")
    person = whom(page.text, town.folk)
    title = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
    assert title is not None
    assert person.kana not in title[1]
    assert person.kana not in " ".join(re.findall(r'(?:href|action)="([^"]*)"', page.text))
