"""Promises 1 and 4 together: route x role x stage x purpose. Nothing beyond the stage.

Every address that can be asked with GET, by everybody there is, at every stage of one person's
call, from before anybody has been taken to after the result: the operator who has the person sees
what the stage shows, and only on the person's own page; everybody else sees nobody at all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from calllist.entrustors.purposes import Purpose
from calllist.web import assets
from crypto.records.fields import FieldKind, Stage
from crypto.wire.base import Caller
from demo.onboarding import Member
from demo.townsfolk import Townsperson
from tests.keepers import KeeperProcess
from tests.promises.conftest import Town
from tests.promises.test_1_no_bulk_read import MATRIX, OPEN
from tests.visitors import Visitors, seen_in
from tests.world import YEAR, now, townsfolk

pytestmark = pytest.mark.asyncio
GETS = [route.removeprefix("GET ") for route in MATRIX if route.startswith("GET ")]
OWN = {"/leases/{lease_id}", "/api/v1/leases/{lease_id}"}
HEADER = (
    *("整理番号", "氏名", "フリガナ", "生年月日", "郵便番号", "住所", "電話番号", "電話番号2"),
    *("税目", "未納額", "納期限"),
)
PEOPLE = 6
WAITING, GIVEN, OVER = "S0", "S4", "over"  # nobody's yet; a result that may be changed; final
MANY = {"subject"}  # many people's: it tells of nobody


@dataclass(frozen=True)
class Play:
    """How people of one purpose are called, and what each stage shows of them."""

    town: Town
    right: tuple[tuple[str, Callable[[Townsperson], str]], ...]  # what verifies a person
    verified: frozenset[str]  # what is shown then, besides the reading


def owed(person: Townsperson) -> int:
    """What this person is to pay: nobody else owes as much."""
    return 40_000 + int(person.reference[-4:])


def second(person: Townsperson) -> str:
    """This person's further number."""
    return f"070-0999-{person.reference[-4:]}"


def tells(text: str, person: Townsperson) -> set[str]:
    """What of this person stands in a text, whatever its spelling; kinds, not values."""
    born, plain, further = (
        person.born,
        person.phone.replace("-", ""),
        second(person).replace("-", ""),
    )
    era = born.year - 1925
    spelled = {
        "kana": [person.kana, person.kana.replace("　", " "), person.kana.replace("　", "")],
        "name": [person.name, person.name.replace("　", " "), person.name.replace("　", "")],
        "phone": [person.phone, plain, "+81" + plain[1:], person.phone.replace("-", " ")],
        "phone_alt": [second(person), further, "+81" + further[1:]],
        "address": [person.address],
        "postal": [person.postal, person.postal.replace("-", "")],
        "reference": [person.reference],
        "subject": [person.subject],
        "due": [person.due],
        "amount": [str(owed(person)), f"{owed(person):,}"],
        "born": [
            born.isoformat(),
            f"{born:%Y/%m/%d}",
            f"{born.year}年{born.month}月{born.day}日",
            f"{born.year}/{born.month}/{born.day}",
            f"昭和{era}年{born.month}月{born.day}日",
        ],
    }
    return {kind for kind, values in spelled.items() if any(value in text for value in values)}


def debts(folk: Iterable[Townsperson]) -> bytes:
    """A file of who owes what."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    for one in folk:
        *before, subject, due, _ = one.cells()
        writer.writerow([*before, second(one), subject, owed(one), due])
    return text.getvalue().encode("cp932")


@pytest_asyncio.fixture(params=[Purpose.HEALTH_CHECK, Purpose.PAYMENT_NOTICE])
async def play(
    request: pytest.FixtureRequest, town: Town, keeper: KeeperProcess, database: str
) -> Play:
    """A town called for a check, or for what it owes."""
    born = ("birth_date", lambda person: person.born.isoformat())
    if request.param is Purpose.HEALTH_CHECK:
        return Play(town, (born,), frozenset({"name", "subject", "due"}))
    world = town.world
    contract = await world.onboarding.contract(
        *(world.entrustor, "KAKU-2", Purpose.PAYMENT_NOTICE),
        parties=(world.party,),
        expires=now() + YEAR,
    )
    world = replace(world, contract=contract)
    folk = [
        replace(one, subject=f"固定資産税{day}", due=f"2099/11/{day}")
        for day, one in enumerate(townsfolk(PEOPLE, seed=8), 10)
    ]
    job = await world.job("JOB-2")
    received = await world.receive(
        job, debts(folk), intake_url=database, intake_socket=keeper.socket(Caller.INTAKE)
    )
    kinds = {column.kind for column in received.receipt.columns}
    assert {"phone_alt", "postal", "amount", "due_date"} <= kinds
    return Play(
        replace(town, world=world, job=job, list_id=received.list_id, folk=folk),
        (born, ("reference", lambda person: person.reference)),
        frozenset({"name", "subject", "due", "amount"}),
    )


async def stood(play: Play, visitors: Visitors, stage: str) -> tuple[str, Townsperson | None]:
    """A lease whose person stands at this stage, or stood; None: nobody has been taken yet."""
    if stage == WAITING:
        return "lea_none", None
    town, operator = play.town, play.town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    path = f"/api/v1/leases/{lease.id}"
    shown = (await visitors.ask(operator, "GET", path)).text
    (person,) = [one for one in town.folk if one.kana in shown]
    if stage == Stage.ANSWERED:
        said = {"kind": "birth_date", "said": "1901-01-01"}
        assert (await visitors.ask(operator, "POST", f"{path}/match", json=said)).json()[
            "same"
        ] is False
    if stage in (Stage.VERIFIED, GIVEN, OVER):
        for kind, right in play.right:
            said = {"kind": kind, "said": right(person)}
            assert (await visitors.ask(operator, "POST", f"{path}/match", json=said)).json()["same"]
    if stage == GIVEN:
        form = {"code": "10", "then": "rest"}
        given = await visitors.ask(operator, "POST", f"/leases/{lease.id}/result", data=form)
        assert given.headers["location"] == f"/desk/{town.job}?recorded=10"
    elif stage == OVER:
        await town.world.record(operator, lease.id, 10)
    else:
        assert (await town.world.look(operator, lease.id)).stage == stage
    return lease.id, person


@pytest.mark.parametrize("stage", [WAITING, "S1", "S2", "S3", GIVEN, OVER])
async def test_no_route_shows_anybody_more_than_the_stage_does(
    play: Play, visitors: Visitors, stage: str
) -> None:
    town = play.town
    lease, person = await stood(play, visitors, stage)
    shown: Mapping[str, frozenset[str]] = {
        Stage.DIALLING: frozenset({"kana"}),
        Stage.ANSWERED: frozenset({"kana"}),
        Stage.VERIFIED: play.verified | {"kana"},
    }
    ids = {
        "job_id": town.job,
        "list_id": town.list_id,
        "lease_id": lease,
        "attempt": lease,
        "holding_id": town.list_id,
        "certificate_id": "none",
        "template_id": "none",
        "edition": assets.EDITION,
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
    others = [one for one in town.folk if one is not person]
    seen_at_all: set[str] = set()
    for pattern in GETS:
        path = pattern.replace(":path}", "}").format(**ids)
        open_to_all = MATRIX[f"GET {pattern}"] is OPEN  # the same for everybody: asked once
        for role, member in asking[:1] if open_to_all else asking:
            answer = await visitors.ask(member, "GET", path)
            case = f"{role} GET {pattern} at {stage}: {answer.status_code}"
            assert seen_in(answer.text, others) == [], case
            told = tells(answer.text, person) if person else set()
            if member is holder and pattern in OWN:
                assert told <= shown.get(stage, frozenset()), case
                seen_at_all |= told
            else:
                assert not told - MANY, case
    expected = shown.get(stage, frozenset())
    assert seen_at_all == expected, "what the stage shows was seen, or nothing was looked at"


async def test_a_revealed_number_is_in_one_answer_and_in_no_other(
    play: Play, visitors: Visitors
) -> None:
    operator = play.town.world.operators[0]
    lease, person = await stood(play, visitors, Stage.DIALLING)
    assert person
    path = f"/leases/{lease}"
    form = {"kind": FieldKind.PHONE.value, "reason": "manual_dial"}
    shown = await visitors.ask(operator, "POST", f"{path}/reveal", data=form)
    assert tells(shown.text, person) == {"kana", "phone"}
    for again in (path, f"{path}/reveal", f"/api/v1{path}", "/desk", f"/desk/{play.town.job}"):
        assert "phone" not in tells((await visitors.ask(operator, "GET", again)).text, person)
