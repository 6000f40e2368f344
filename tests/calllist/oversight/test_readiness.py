"""開始前の確認: each point by itself, missing and mended, with the place where it is mended."""

from datetime import timedelta

import msgspec
import pytest

from calllist.db import transaction
from calllist.entrustors import rehearsal
from calllist.entrustors.purposes import Purpose
from calllist.entrustors.tables import HandoverTest
from calllist.jobs.scope import job_and_terms
from calllist.jobs.tables import CallList, Job
from calllist.oversight.readiness import Check, Point, checks
from calllist.people.tables import Person
from calllist.scripts import saving
from calllist.web import ready, script
from crypto.records.fields import FieldKind
from crypto.signed.terms import Conduct, ContractTerms, IdentityRule
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio


async def _checks(
    centre: Centre, job: Job, later: timedelta = timedelta(0), **changed: object
) -> dict[Point, Check]:
    """`changed`: the terms as if they had been signed so."""
    assert centre.manager
    async with transaction(centre.sessions) as session:
        found, terms = await job_and_terms(session, centre.manager.person, job.id)
        terms = msgspec.structs.replace(terms, **changed)
        return {one.point: one for one in await checks(session, found, terms, centre.now(later))}


def _missing(found: dict[Point, Check]) -> set[Point]:
    return {point for point, one in found.items() if not one.ready}


async def test_a_job_is_ready_step_by_step_and_every_point_says_where_it_is_mended(
    centre: Centre,
) -> None:
    job = await centre.job()
    begun = await _checks(centre, job)
    assert set(begun) == set(Point) == set(ready.POINTS)
    assert _missing(begun) == {Point.KEY, Point.LIST, Point.SCRIPT, Point.OPERATORS}
    here = f"/jobs/{job.id}"
    assert {point: begun[point].place for point in Point} == {
        Point.CONTRACT: "/jobs",
        Point.RULE: f"{here}#ids",
        Point.KEY: f"{here}#ids",
        Point.HANDOVER: f"{here}#ids",
        Point.LIST: f"{here}/upload",
        Point.FIELDS: f"{here}/upload",
        Point.HOURS: f"{here}#ids",
        Point.SCRIPT: f"{here}/script",
        Point.OPERATORS: f"{here}#operators",
        Point.FACTORS: f"{here}#operators",
        Point.APPROVED: f"{here}#operators",
    }
    asked = Conduct(handover_test=True)
    assert Point.HANDOVER in _missing(await _checks(centre, job, conduct=asked))
    async with transaction(centre.sessions) as session:
        test = await rehearsal.begin(session, centre.keeper, centre.entrustor_id, centre.now())
    assert Point.KEY not in _missing(await _checks(centre, job))
    assert Point.HANDOVER in _missing(await _checks(centre, job, conduct=asked))
    async with transaction(centre.sessions) as session:
        (await session.get_one(HandoverTest, test.entrustor_id)).opened_at = centre.now()
    assert Point.HANDOVER not in _missing(await _checks(centre, job, conduct=asked))

    operator = await centre.operator("suzuki", job)
    assert centre.manager
    async with transaction(centre.sessions) as session:
        proposed = script.proposed(Purpose.HEALTH_CHECK, "ja")
        who = centre.manager.person
        await saving.save(session, centre.keeper, who, job.id, proposed, after=0, now=centre.now())
    received = await centre.upload(job, people=2)
    assert _missing(await _checks(centre, job)) == set()

    assert _missing(await _checks(centre, job, parties=())) == {Point.APPROVED}
    assert _missing(await _checks(centre, job, sites=("sit_other",))) == {Point.APPROVED}
    async with transaction(centre.sessions) as session:
        (await session.get_one(Person, operator.person.id)).enrolled_at = None
    assert _missing(await _checks(centre, job)) == {Point.FACTORS}
    async with transaction(centre.sessions) as session:
        (await session.get_one(Person, operator.person.id)).stopped_at = centre.now()
    assert _missing(await _checks(centre, job)) == {Point.OPERATORS}
    async with transaction(centre.sessions) as session:
        (await session.get_one(CallList, received.list_id)).remaining = 0
    assert Point.LIST in _missing(await _checks(centre, job))


async def test_the_identity_rule_is_held_against_contract_and_columns(centre: Centre) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=1)  # with reference numbers, without birth dates
    two = IdentityRule(2, (FieldKind.REFERENCE, FieldKind.BIRTH_DATE))
    found = await _checks(centre, job, identity=two)
    assert Point.FIELDS in _missing(found)
    assert Point.RULE not in _missing(found)
    assert found[Point.FIELDS].place == f"/lists/{received.list_id}"
    never = IdentityRule(1, (FieldKind.SUBJECT,))  # shown, and never matched
    assert Point.RULE in _missing(await _checks(centre, job, identity=never))


async def test_a_deadline_without_a_calling_hour_and_an_old_contract_are_told(
    centre: Centre,
) -> None:
    job = await centre.job()
    soon = centre.now(timedelta(hours=1))
    assert Point.HOURS not in _missing(await _checks(centre, job, expires=soon))
    morning = Conduct(weekday=(8, 9), weekend=(8, 9))
    assert Point.HOURS in _missing(await _checks(centre, job, expires=soon, conduct=morning))
    never = Conduct(weekday=(22, 23), weekend=(22, 23))
    assert Point.HOURS in _missing(await _checks(centre, job, conduct=never))
    assert Point.CONTRACT not in _missing(await _checks(centre, job))
    assert Point.CONTRACT in _missing(await _checks(centre, job, later=timedelta(days=40)))
    terms: ContractTerms = await centre.sign_contract(version=2)
    assert terms.version == 2
    assert Point.CONTRACT in _missing(await _checks(centre, job))


async def test_what_is_missing_comes_with_its_remedy_in_both_languages(centre: Centre) -> None:
    found = tuple((await _checks(centre, await centre.job())).values())
    japanese, english = (ready.facts(found, lang) for lang in ("ja", "en"))
    assert len(japanese["missing"]) == len(english["missing"]) == 4
    assert len(japanese["there"]) == len(Point) - 4
    for one, other in zip(japanese["missing"], english["missing"], strict=True):
        assert one["place"] == other["place"]
        assert one["remedy"] != other["remedy"]
