"""The manager's screens: jobs by contract, one job with its lists, people and figures."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from calllist.entrustors import contracts, rehearsal
from calllist.entrustors.contracts import ContractUnknown
from calllist.entrustors.rehearsal import HandoverUntested
from calllist.entrustors.tables import Contract, Entrustor
from calllist.errors import CalllistError
from calllist.jobs import lists, scope, work
from calllist.jobs.errors import JobOver, ListNotReady, WrapUpRefused
from calllist.jobs.states import UNFINISHED, JobState, ListState
from calllist.jobs.tables import CallList, Job
from calllist.oversight import alarms, readiness
from calllist.oversight import progress as counted
from calllist.oversight.progress import Progress, progress
from calllist.parties import onboarding as parties
from calllist.people import accounts
from calllist.people.roles import Role
from calllist.scripts import saving
from calllist.web import ending, figures, job_plots, ready, told, words
from calllist.web.access import Custody, Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import page, to
from calllist.web.i18n import translate
from calllist.web.sentences import sentence
from crypto.signed.terms import ContractTerms

router = APIRouter(include_in_schema=False)
Manager = Annotated[Visitor, Depends(signed_in(Role.MANAGER))]


@router.get("/jobs")
async def all_jobs(
    request: Request, session: Session, keeper: Keeper, now: Now, visitor: Manager
) -> Response:
    """Contracts in force for the manager's party, and the jobs under them; alarms first."""
    shown: dict[str, dict[str, Any]] = {}
    for contract in await contracts.contracts(session):
        try:
            version = await contracts.in_force(session, contract.id)
        except ContractUnknown:
            continue  # drafted, not signed yet
        terms = contracts.decode(version)
        if visitor.person.party_id in await contracts.parties(session, terms):
            shown[contract.id] = await _contract(session, contract, terms)
    for job in await scope.jobs_of(session, visitor.person):
        if job.contract_id in shown:
            shown[job.contract_id]["jobs"].append(await _row(session, visitor, job))
    return page(
        request,
        "jobs.html",
        visitor,
        contracts=list(shown.values()),
        told=await told.told(session, visitor.person, visitor.lang),
        alerts=await alarms.alerts(session, keeper, visitor.person, now),
    )


@router.post("/jobs")
async def create(
    *,
    session: Session,
    keeper: Keeper,
    now: Now,
    visitor: Manager,
    contract: Annotated[str, Form(max_length=64)],
    code: Annotated[str, Form(max_length=64)],
) -> Response:
    """A new job under the latest version of a contract."""
    try:
        job = await work.create_job(
            session, keeper, visitor.person, contract_id=contract, code=code.strip(), now=now
        )
    except CalllistError as error:
        return to("/jobs", problem=error.code)
    return to(f"/jobs/{job.id}")


@router.get("/jobs/{job_id}")
async def one_job(
    request: Request, session: Session, now: Now, visitor: Manager, job_id: str
) -> Response:
    """Lists, progress, results, operators of one job."""
    job, terms = await scope.job_and_terms(session, visitor.person, job_id)
    rows = [
        await progress(session, visitor.person, row.id, now)
        for row in await work.lists_of(session, visitor.person, job_id)
    ]
    people = await _people(session, visitor, job, terms)
    drawn = await job_plots.facts(session, job_id, terms, rows, now, visitor.lang)
    return page(
        request,
        "job.html",
        visitor,
        job=await _head(session, job, terms),
        lists=[_list(row, visitor.lang, now) for row in rows if not _has_failed(row)],
        script=await saving.in_force(session, job_id),
        untested=job.state == JobState.OPEN and await _untested(session, terms),
        failed=[_failed(row.call_list, visitor.lang) for row in rows if _has_failed(row)],
        stuck=[
            (row.call_list.number, ending.trouble(row.holding.failure, visitor.lang))
            for row in rows
            if row.holding is not None and ending.stuck(row.holding)
        ],
        lost=[row.call_list.number for row in rows if row.call_list.state == ListState.LOST],
        total=_total(rows, visitor.lang),
        **drawn,
        ready=ready.facts(await readiness.checks(session, job, terms, now), visitor.lang),
        **_by_code(rows, terms, visitor.lang),
        **people,
    )


@router.post("/jobs/{job_id}/assign")
async def assign(
    *,
    session: Session,
    keeper: Keeper,
    now: Now,
    visitor: Manager,
    job_id: str,
    person: Annotated[str, Form(max_length=64)],
) -> Response:
    """Let an operator work on this job."""
    try:
        await work.assign(session, keeper, visitor.person, job_id, person, now)
    except CalllistError as error:
        return to(f"/jobs/{job_id}", problem=error.code)
    return to(f"/jobs/{job_id}")


@router.post("/jobs/{job_id}/unassign")
async def unassign(
    session: Session,
    keeper: Keeper,
    visitor: Manager,
    job_id: str,
    person: Annotated[str, Form(max_length=64)],
) -> Response:
    """No next person for this operator."""
    await work.unassign(session, keeper, visitor.person, job_id, person)
    return to(f"/jobs/{job_id}")


@router.post("/jobs/{job_id}/wrap-up")
async def limit_wrap_up(
    session: Session,
    visitor: Manager,
    job_id: str,
    seconds: Annotated[int | None, Form(ge=0, le=10_000)] = None,
) -> Response:
    """How long wrap-up should take; empty: as long as it needs."""
    try:
        await work.limit_wrap_up(session, visitor.person, job_id, seconds)
    except (JobOver, WrapUpRefused) as error:
        return to(f"/jobs/{job_id}", problem=error.code)
    return to(f"/jobs/{job_id}")


@router.post("/jobs/{job_id}/close")
async def close(
    *, session: Session, keeper: Keeper, custody: Custody, now: Now, visitor: Manager, job_id: str
) -> Response:
    """End the job: everything of it freezes now and is destroyed."""
    try:
        await lists.close_job(
            session, keeper, custody, visitor.person, job_id, now, grant=visitor.grant
        )
    except ListNotReady as error:
        return to(f"/jobs/{job_id}", problem=error.code)
    return to(f"/jobs/{job_id}")


async def _contract(
    session: AsyncSession, contract: Contract, terms: ContractTerms
) -> dict[str, Any]:
    entrustor = await session.get_one(Entrustor, contract.entrustor_id)
    return {
        "id": contract.id,
        "code": contract.code,
        "version": terms.version,
        "entrustor": entrustor.name,
        "purpose": terms.purpose,
        "expires": terms.expires,
        "jobs": [],
    }


async def _row(session: AsyncSession, visitor: Visitor, job: Job) -> dict[str, Any]:
    rows = await work.lists_of(session, visitor.person, job.id)
    people = sum(figures.accepted(row) for row in rows)
    done = people - sum(row.remaining for row in rows)
    holdings = await counted.holdings(session, rows)
    left = sum(counted.left(holdings.get(row.id), row) for row in rows)
    return {
        "id": job.id,
        "code": job.code,
        "state": job.state,
        "lists": len(rows),
        "stuck": ending.any_stuck(holdings.values()),
        "people": people,
        "remaining": left,
        "percent": figures.percent(done, people),
        "parts": figures.in_short(done, left, people, visitor.lang),
    }


async def _head(session: AsyncSession, job: Job, terms: ContractTerms) -> dict[str, Any]:
    entrustor = await session.get_one(Entrustor, job.entrustor_id)
    contract = await session.get_one(Contract, job.contract_id)
    return {
        "id": job.id,
        "code": job.code,
        "state": job.state,
        "wrap_up": job.wrap_up,
        "entrustor": entrustor.name,
        "entrustor_id": entrustor.id,
        "purpose": terms.purpose,
        "contract": contract.code,
        "contract_id": contract.id,
        "version": job.version,
        "expires": terms.expires,
    }


async def _people(
    session: AsyncSession, visitor: Visitor, job: Job, terms: ContractTerms
) -> dict[str, Any]:
    sites = {site.id: site.name for site in await parties.sites(session)}
    assigned = await work.assigned(session, visitor.person, job.id)
    there = {person.id for person in assigned}
    free = [
        person
        for person in await accounts.operators(session, await contracts.parties(session, terms))
        if person.id not in there and terms.permits_site(person.site_id or "")
    ]

    def told(person: Any) -> dict[str, Any]:
        return {"id": person.id, "name": person.name, "site": sites.get(person.site_id or "", "")}

    return {
        "operators": [told(person) for person in assigned],
        "candidates": [told(person) for person in free] if job.state == JobState.OPEN else [],
    }


def _list(row: Progress, lang: str, now: datetime) -> dict[str, Any]:
    held: CallList = row.call_list
    return {
        "id": held.id,
        "number": held.number,
        "state": held.state,
        "people": row.people,
        "ending": ending.of(row.holding, lang),
        "remaining": row.left,
        "parts": figures.parts([row], lang),
        "received_at": held.received_at,
        "started_at": held.started_at,
        "deadline": row.deadline,
        "left": row.deadline - now if row.deadline and held.state in UNFINISHED else None,
    }


async def _untested(session: AsyncSession, terms: ContractTerms) -> bool:
    """Whether desks stay shut until the entrustor has opened a test file."""
    try:
        await rehearsal.check(session, terms)
    except HandoverUntested:
        return True
    return False


def _has_failed(row: Progress) -> bool:
    return row.call_list.state == ListState.FAILED


def _failed(row: CallList, lang: str) -> dict[str, Any]:
    """A try that left nothing: folded, beneath the lists."""
    failure = row.failure or {}
    code, reason = str(failure.get("code", "interrupted")), str(failure.get("reason") or "")
    return {
        "id": row.id,
        "number": row.number,
        "started_at": row.started_at,
        "sentence": sentence(code, lang, reason),
    }


def _total(rows: list[Progress], lang: str) -> dict[str, Any]:
    people = sum(row.people for row in rows)
    done = sum(row.done for row in rows)
    return {
        "people": people,
        "done": done,
        "remaining": sum(row.left for row in rows),
        "uncalled": sum(row.left for row in rows if row.call_list.state in UNFINISHED),
        "percent": figures.percent(done, people),
        "parts": figures.parts(rows, lang),
        "open_lists": sum(row.call_list.state in UNFINISHED for row in rows),
    }


def _by_code(rows: list[Progress], terms: ContractTerms, lang: str) -> dict[str, Any]:
    codes: Counter[int] = Counter()
    for row in rows:
        codes.update(row.by_code)
    shown = [
        {
            "label": translate(lang, words.result(code, terms.purpose)),
            "part": figures.result(code, count, final=terms.codes.get(code, True)),
        }
        for code, count in codes.most_common()
    ]
    return {"by_code": shown, "top_code": max(codes.values(), default=1)}
