"""Promises 1 and 4 together: route x role x stage. Nothing beyond the stage, to nobody else.

Every address that can be asked with GET, by everybody there is, at every stage of one person's
call: the operator who has the person sees what the stage shows, and only on the person's own
page; everybody else sees nobody at all.
"""

from __future__ import annotations

import pytest

from crypto.records.fields import FieldKind, Stage
from demo.onboarding import Member
from demo.townsfolk import Townsperson
from tests.promises.conftest import Town
from tests.promises.test_1_no_bulk_read import MATRIX, OPEN
from tests.visitors import Visitors, seen_in

pytestmark = pytest.mark.asyncio
GETS = [route.removeprefix("GET ") for route in MATRIX if route.startswith("GET ")]
OWN = {"/leases/{lease_id}", "/api/v1/leases/{lease_id}"}


def tells(text: str, person: Townsperson) -> set[str]:
    """What of this person stands in a text, whatever its spelling; kinds, not values."""
    born, plain = person.born, person.phone.replace("-", "")
    era = born.year - 1925
    spelled = {
        "kana": [person.kana, person.kana.replace("　", " "), person.kana.replace("　", "")],
        "name": [person.name, person.name.replace("　", " "), person.name.replace("　", "")],
        "phone": [person.phone, plain, "+81" + plain[1:], person.phone.replace("-", " ")],
        "address": [person.address],
        "reference": [person.reference],
        "subject": [person.subject],
        "born": [
            born.isoformat(),
            f"{born:%Y/%m/%d}",
            f"{born.year}年{born.month}月{born.day}日",
            f"{born.year}/{born.month}/{born.day}",
            f"昭和{era}年{born.month}月{born.day}日",
        ],
    }
    return {kind for kind, values in spelled.items() if any(value in text for value in values)}


async def stood(town: Town, visitors: Visitors, stage: Stage | None) -> tuple[str, Townsperson]:
    """A lease whose person stands at this stage, or (None) whose call is over."""
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    path = f"/api/v1/leases/{lease.id}"
    shown = (await visitors.ask(operator, "GET", path)).text
    (person,) = [one for one in town.folk if one.kana in shown]
    if stage is Stage.ANSWERED:
        said = {"kind": "birth_date", "said": "1901-01-01"}
        assert (await visitors.ask(operator, "POST", f"{path}/match", json=said)).json()[
            "same"
        ] is False
    if stage is Stage.VERIFIED:
        said = {"kind": "birth_date", "said": person.born.isoformat()}
        assert (await visitors.ask(operator, "POST", f"{path}/match", json=said)).json()["same"]
    if stage is None:
        await town.world.record(operator, lease.id, 10)
    else:
        assert (await town.world.look(operator, lease.id)).stage is stage
    return lease.id, person


@pytest.mark.parametrize(
    ("stage", "shown"),
    [
        (Stage.DIALLING, {"kana"}),
        (Stage.ANSWERED, {"kana"}),
        (Stage.VERIFIED, {"kana", "name", "subject"}),
        (None, set()),
    ],
    ids=["S1", "S2", "S3", "over"],
)
async def test_no_route_shows_anybody_more_than_the_stage_does(
    town: Town, visitors: Visitors, stage: Stage | None, shown: set[str]
) -> None:
    lease, person = await stood(town, visitors, stage)
    ids = {
        "job_id": town.job,
        "list_id": town.list_id,
        "lease_id": lease,
        "holding_id": town.list_id,
        "certificate_id": "none",
        "template_id": "none",
        "name": "app.css",
        "form": "xlsx",
        "_verb": "match",
        "month": "2026-04",
        "path": "0/000",
        "person_id": town.world.operators[0].person,
    }
    holder = town.world.operators[0]
    asking: list[tuple[str, Member | None]] = [
        ("nobody", None),
        ("colleague", town.world.operators[1]),
        *town.everybody.items(),
    ]
    seen_at_all: set[str] = set()
    for pattern in GETS:
        path = pattern.replace(":path}", "}").format(**ids)
        open_to_all = MATRIX[f"GET {pattern}"] is OPEN  # the same for everybody: asked once
        for role, member in asking[:1] if open_to_all else asking:
            answer = await visitors.ask(member, "GET", path)
            case = f"{role} GET {pattern} at {stage}: {answer.status_code}"
            others = [one for one in town.folk if one is not person]
            assert seen_in(answer.text, others) == [], case
            told = tells(answer.text, person)
            if member is holder and pattern in OWN:
                assert told <= shown, case
                seen_at_all |= told
            else:
                assert not told - {"subject"}, case  # a subject is many people's
    assert seen_at_all == shown, "what the stage shows was seen, or nothing was looked at"


async def test_a_revealed_number_is_in_one_answer_and_in_no_other(
    town: Town, visitors: Visitors
) -> None:
    operator = town.world.operators[0]
    lease, person = await stood(town, visitors, Stage.DIALLING)
    path = f"/leases/{lease}"
    form = {"kind": FieldKind.PHONE.value, "reason": "manual_dial"}
    shown = await visitors.ask(operator, "POST", f"{path}/reveal", data=form)
    assert "phone" in tells(shown.text, person)
    for again in (path, f"{path}/reveal", f"/api/v1{path}", "/desk", f"/desk/{town.job}"):
        assert "phone" not in tells((await visitors.ask(operator, "GET", again)).text, person)
