"""Promise 1. No route, command, report, query or log yields more than one person."""

from __future__ import annotations

import types
import typing

import msgspec
import pytest
import typer.main
from fastapi import FastAPI
from typer.testing import CliRunner

from calllist.cli import app as command_line
from calllist.people import tokens
from calllist.web import assets
from crypto.wire import calls, frames, records, suppressions, transfers, withdrawals
from demo.onboarding import Member
from tests.promises.conftest import Town
from tests.visitors import Visitors, routes, seen_in

M, S, O = "manager", "supervisor", "operator"  # noqa: E741
E, A, I = "entrustor", "auditor", "administrator"  # noqa: E741
EVERYBODY = frozenset({M, S, O, E, A, I})
OPEN = None  # needs no sign-in

MATRIX: dict[str, frozenset[str] | None] = {
    "GET /api/openapi.json": OPEN,
    "GET /api/v1/health": OPEN,
    "GET /metrics": OPEN,  # to whoever has its token; counts, seconds and codes
    "GET /check": OPEN,  # offline pages: constant files
    "GET /check.sha256": OPEN,
    "GET /open": OPEN,
    "GET /open.sha256": OPEN,
    "POST /api/v1/sign-in": OPEN,
    "POST /api/v1/sign-in/code": OPEN,
    "POST /api/v1/sign-in/command": OPEN,
    "POST /api/v1/sign-in/command-code": frozenset({M, E}),
    "POST /api/v1/sign-in/key": OPEN,
    "POST /api/v1/sign-in/key/challenge": OPEN,
    "DELETE /api/v1/sign-in": OPEN,
    "GET /api/v1/jobs": frozenset({M, S, O}),
    "POST /api/v1/jobs": frozenset({M}),
    "PUT /api/v1/jobs/{job_id}/operators/{person_id}": frozenset({M}),
    "DELETE /api/v1/jobs/{job_id}/operators/{person_id}": frozenset({M}),
    "PUT /api/v1/jobs/{job_id}/wrap-up": frozenset({M}),
    "GET /api/v1/jobs/{job_id}/lists": frozenset({M, E, A}),
    "PUT /api/v1/jobs/{job_id}/lists": frozenset({M}),
    "GET /api/v1/jobs/{job_id}/uploads": frozenset({M}),
    "DELETE /api/v1/jobs/{job_id}/uploads": frozenset({M}),
    "POST /api/v1/jobs/{job_id}/close": frozenset({M}),
    "GET /api/v1/lists/{list_id}": frozenset({M, E, A}),
    "GET /api/v1/lists/{list_id}/receipt": frozenset({M, E, A}),
    "GET /api/v1/lists/{list_id}/findings": frozenset({M, E, A}),
    "GET /api/v1/lists/{list_id}/findings.csv": frozenset({M, E, A}),
    "POST /api/v1/lists/{list_id}/close-intake": frozenset({M}),
    "POST /api/v1/jobs/{job_id}/preview": frozenset({M}),
    "GET /api/v1/jobs/{job_id}/templates": frozenset({M}),
    "DELETE /api/v1/jobs/{job_id}/templates/{template_id}": frozenset({M}),
    "POST /api/v1/lists/{list_id}/template": frozenset({M}),
    "GET /api/v1/lists/{list_id}/groups": frozenset({M, E, A}),
    "PUT /api/v1/lists/{list_id}/groups": frozenset({M}),
    "PUT /api/v1/lists/{list_id}/groups/{operator_id}": frozenset({M}),
    "PUT /api/v1/lists/{list_id}/turn": frozenset({M}),
    "POST /api/v1/jobs/{job_id}/withdrawals": frozenset({M, E}),
    "GET /api/v1/jobs/{job_id}/recipient": frozenset({M, E}),
    "POST /api/v1/jobs/{job_id}/leases": frozenset({O}),
    "POST /api/v1/jobs/{job_id}/find": frozenset({O}),
    "GET /api/v1/leases/{lease_id}": frozenset({O, S}),
    "POST /api/v1/leases/{lease_id}/match": frozenset({O, S}),
    "POST /api/v1/leases/{lease_id}/reveal": frozenset({O, S}),
    "POST /api/v1/leases/{lease_id}/result": frozenset({O, S}),
    "POST /api/v1/leases/{lease_id}/amend": frozenset({O}),
    "POST /api/v1/leases/{lease_id}/code": frozenset({O, S}),
    "GET /api/v1/leases/{lease_id}/supervisors": frozenset({O}),
    "PUT /api/v1/leases/{lease_id}/offer": frozenset({O}),
    "DELETE /api/v1/leases/{lease_id}/offer": frozenset({O}),
    "GET /api/v1/transfers": frozenset({S}),
    "POST /api/v1/transfers/{person_id}/accept": frozenset({S}),
    "POST /api/v1/transfers/{person_id}/decline": frozenset({S}),
    "POST /api/v1/calls/check": frozenset({E}),
    "GET /api/v1/holdings": frozenset({E, A}),
    "POST /api/v1/holdings/{holding_id}/destroy": frozenset({E}),
    "PUT /api/v1/holdings/{holding_id}/ending": frozenset({E}),
    "GET /api/v1/results/file": frozenset({E}),
    "POST /api/v1/results/acknowledge": frozenset({E}),
    "GET /api/v1/results/test": frozenset({E}),
    "POST /api/v1/results/test": frozenset({E}),
    "GET /api/v1/certificates": frozenset({E, A}),
    "GET /api/v1/certificates/{certificate_id}": frozenset({E, A}),
    "GET /api/v1/certificates/{certificate_id}.pdf": frozenset({E, A}),
    "GET /api/v1/certificates/{certificate_id}/revocation": frozenset({E, A}),
    "POST /api/v1/certificates/{certificate_id}/acknowledge": frozenset({E}),
    "GET /api/v1/ledger/checkpoint": OPEN,
    "GET /api/v1/ledger/witnessed": OPEN,
    "GET /api/v1/ledger/logs": OPEN,
    "POST /api/v1/ledger/cosignature": OPEN,
    "GET /api/v1/ledger/entries": frozenset({E}),
    "GET /api/v1/ledger/{month}/checkpoint": OPEN,
    "GET /api/v1/ledger/{month}/opening": OPEN,
    "GET /api/v1/ledger/{month}/consistency": OPEN,
    "GET /api/v1/ledger/{month}/tile/{path:path}": OPEN,
    "GET /static/{edition}/{name}": OPEN,
    "GET /": EVERYBODY,
    "GET /sign-in": OPEN,
    "POST /sign-in": OPEN,
    "GET /sign-in/code": OPEN,
    "POST /sign-in/code": OPEN,
    "POST /sign-in/key": OPEN,
    "GET /command": frozenset({M, E}),
    "POST /command": frozenset({M, E}),
    "POST /sign-out": EVERYBODY,
    "POST /lock": frozenset({O}),
    "POST /language": OPEN,
    "GET /welcome": OPEN,
    "POST /welcome": OPEN,
    "POST /welcome/app": OPEN,
    "POST /welcome/choose": OPEN,
    "POST /welcome/code": OPEN,
    "POST /welcome/key": OPEN,
    "POST /welcome/key/register": OPEN,
    "POST /welcome/key/sign-in": OPEN,
    "POST /welcome/token": OPEN,
    "GET /jobs": frozenset({M}),
    "POST /jobs": frozenset({M}),
    "GET /jobs/{job_id}": frozenset({M}),
    "POST /jobs/{job_id}/assign": frozenset({M}),
    "POST /jobs/{job_id}/unassign": frozenset({M}),
    "POST /jobs/{job_id}/wrap-up": frozenset({M}),
    "POST /jobs/{job_id}/close": frozenset({M}),
    "GET /jobs/{job_id}/script": frozenset({M, S}),
    "POST /jobs/{job_id}/script": frozenset({M}),
    "POST /jobs/{job_id}/lists": frozenset({M}),
    "GET /jobs/{job_id}/upload": frozenset({M}),
    "POST /jobs/{job_id}/shapes": frozenset({M}),
    "POST /jobs/{job_id}/preview": frozenset({M}),
    "POST /jobs/{job_id}/templates/{template_id}/remove": frozenset({M}),
    "GET /lists/{list_id}": frozenset({M, E, A}),
    "POST /lists/{list_id}/close-intake": frozenset({M}),
    "POST /lists/{list_id}/groups": frozenset({M}),
    "POST /lists/{list_id}/groups/{operator_id}": frozenset({M}),
    "POST /lists/{list_id}/turn": frozenset({M}),
    "POST /lists/{list_id}/template": frozenset({M}),
    "GET /jobs/{job_id}/withdrawals": frozenset({M, E}),
    "POST /jobs/{job_id}/withdrawals": frozenset({M, E}),
    "GET /jobs/{job_id}/recipient": frozenset({M, E}),
    "GET /jobs/{job_id}/report": frozenset({M, E, A}),
    "GET /jobs/{job_id}/report.csv": frozenset({M, E, A}),
    "GET /jobs/{job_id}/reports": frozenset({M, S, E, A}),
    "GET /jobs/{job_id}/reports.{form}": frozenset({M, S, E, A}),
    "GET /jobs/{job_id}/revisions": frozenset({M, S}),
    "GET /jobs/{job_id}/revisions/{attempt}": frozenset({M, S}),
    "POST /jobs/{job_id}/revisions/{attempt}": frozenset({M, S}),
    "GET /jobs/{job_id}/seal": frozenset({M, E}),
    "GET /leases/{lease_id}/still": frozenset({O, S}),
    "GET /desk": frozenset({O}),
    "GET /desk/{job_id}": frozenset({O}),
    "POST /desk/{job_id}/next": frozenset({O}),
    "POST /desk/{job_id}/find": frozenset({O}),
    "GET /desk/{job_id}/find": frozenset({O}),
    "POST /desk/{job_id}/pause": frozenset({O}),
    "POST /desk/{job_id}/ready": frozenset({O}),
    "GET /floor": frozenset({M, S}),
    "GET /floor/live": frozenset({M, S}),
    "POST /floor/jobs/{job_id}/pause": frozenset({M}),
    "POST /floor/jobs/{job_id}/resume": frozenset({M}),
    "POST /floor/seats/{person_id}/take-back": frozenset({M, S}),
    "POST /floor/seats/{person_id}/assign": frozenset({M}),
    "POST /floor/seats/{person_id}/unassign": frozenset({M}),
    "GET /leases/{lease_id}": frozenset({O, S}),
    "GET /leases/{lease_id}/{_verb}": frozenset({O, S}),
    "GET /leases/{lease_id}/elsewhere": frozenset({O, S}),
    "POST /leases/{lease_id}/copied": frozenset({O, S}),
    "POST /leases/{lease_id}/longer": frozenset({O, S}),
    "POST /leases/{lease_id}/match": frozenset({O, S}),
    "POST /leases/{lease_id}/reveal": frozenset({O, S}),
    "POST /leases/{lease_id}/result": frozenset({O, S}),
    "POST /leases/{lease_id}/amend": frozenset({O}),
    "POST /leases/{lease_id}/skip": frozenset({O}),
    "GET /leases/{lease_id}/transfer": frozenset({O}),
    "POST /leases/{lease_id}/offer": frozenset({O}),
    "POST /leases/{lease_id}/keep": frozenset({O}),
    "POST /floor/transfers/{person_id}/accept": frozenset({S}),
    "POST /floor/transfers/{person_id}/decline": frozenset({S}),
    "POST /leases/{lease_id}/code": frozenset({O, S}),
    "GET /calls": frozenset({E}),
    "POST /calls": frozenset({E}),
    "GET /held": frozenset({E, A}),
    "GET /held/{holding_id}/destroy": frozenset({E}),
    "POST /held/{holding_id}/destroy": frozenset({E}),
    "POST /held/{holding_id}/ending": frozenset({E}),
    "GET /results": frozenset({E}),
    "GET /results/file": frozenset({E}),
    "POST /results/acknowledge": frozenset({E}),
    "GET /results/test": frozenset({E}),
    "POST /results/test": frozenset({E}),
    "GET /certificates": frozenset({E, A, M}),
    "GET /certificates/{certificate_id}": frozenset({E, A}),
    "GET /certificates/{certificate_id}/file": frozenset({E, A}),
    "GET /certificates/{certificate_id}/pdf": frozenset({E, A}),
    "GET /certificates/{certificate_id}/revocation": frozenset({E, A}),
    "POST /certificates/{certificate_id}/acknowledge": frozenset({E}),
    "GET /people": frozenset({I}),
    "POST /people": frozenset({I}),
    "POST /people/{person_id}/invite": frozenset({I}),
    "POST /people/{person_id}/end-shift": frozenset({I}),
    "POST /people/{person_id}/stop": frozenset({I}),
    "GET /statements": frozenset({I, E}),
    "POST /statements": frozenset({I, E}),
    "POST /statements/file": frozenset({I, E}),
    "POST /statements/roster": frozenset({I}),
}

STREAMED = {
    "POST /statements/file",
    *(f"POST /jobs/{{job_id}}/{place}" for place in ("lists", "preview", "withdrawals")),
}
ENDS_SESSIONS = {"POST /lock", "POST /sign-out", "DELETE /api/v1/sign-in"}

COMMANDS = {
    "administrator",
    "approve",
    "canaries",
    "certificates",
    "contract",
    "entrustor",
    "health",
    "keys",
    "ledger",
    "party",
    "pin",
    "receipt",
    "residue",
    "resubmit",
    "results",
    "seal",
    "sign-in",
    "sign-out",
    "site",
    "statement",
    "submit",
    "token",
    "trace",
    "upload",
    "verify",
    "withdraw",
    "witness",
}  # none of them reads a record; `results open` needs the entrustor's own key


@pytest.mark.asyncio
async def test_every_route_has_a_row_and_every_row_a_route(web: FastAPI) -> None:
    assert routes(web) == MATRIX


@pytest.mark.asyncio
async def test_every_route_lets_in_its_roles_only_and_tells_of_one_person_at_most(
    town: Town, visitors: Visitors
) -> None:
    lease, _ = await town.world.take(town.world.operators[0], town.job)
    ids = {
        "job_id": town.job,
        "list_id": town.list_id,
        "lease_id": lease.id,
        "attempt": lease.id,
        "operator_id": "none",
        "person_id": town.world.manager.person,
        "holding_id": town.list_id,
        "certificate_id": "none",
        "template_id": "none",
        "edition": assets.EDITION,
        "name": "app.css",
        "form": "pdf",
        "_verb": "match",
        "month": "2026-04",
        "path": "0/000",
    }
    for route, allowed in MATRIX.items():
        method, pattern = route.split(" ")
        if route in ENDS_SESSIONS:
            continue  # the next rows would ask as nobody
        # Unsafe verbs are aimed beside the mark: whoever passes the door changes nothing.
        place = ids if method == "GET" else {name: f"{name}_none" for name in ids}
        path = pattern.replace(":path}", "}").format(**place)
        for role, member in [("nobody", None), *town.everybody.items()]:
            answer = await visitors.ask(member, method, path, **_form(route, member))
            case = f"{role}: {route} -> {answer.status_code}"
            refused = answer.status_code in {401, 403} or (
                answer.status_code in {302, 303}
                and answer.headers["location"].startswith("/sign-in")
            )
            if allowed is not OPEN:
                assert refused == (role not in allowed), case
            seen = seen_in(answer.text, town.folk)
            assert len(seen) <= (1 if role == O and "leases" in route else 0), case
            assert answer.headers["cache-control"].startswith("no-store") or "/static" in path, case


def _form(route: str, member: Member | None) -> dict[str, object]:
    """The routes that read their form token inside the stream get it there."""
    if route not in STREAMED or member is None:
        return {}
    return {"files": {"csrf": (None, tokens.csrf(member.token)), "file": ("list.csv", b"")}}


@pytest.mark.asyncio
async def test_the_desk_does_show_one_person(town: Town, visitors: Visitors) -> None:
    """So that the row above means something: the count of 1 is reached."""
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    page = await visitors.ask(operator, "GET", f"/leases/{lease.id}")
    assert page.status_code == 200
    assert len(seen_in(page.text, town.folk)) == 1


def test_no_verb_of_the_keeper_takes_or_gives_more_than_one_record() -> None:
    def parts(kind: object) -> list[object]:
        inner = typing.get_args(kind)
        return [kind, *(p for i in inner for p in parts(i))]

    for message in (*typing.get_args(frames.AnyRequest), *typing.get_args(frames.AnyReply)):
        for field in msgspec.structs.fields(message):
            found = parts(field.type)
            plural = [p for p in found if typing.get_origin(p) in (list, tuple, dict, set)]
            for several in plural:
                assert not {records.SealedRecord, records.View, records.Revealed} & set(
                    parts(several)
                )
            assert not isinstance(field.type, types.GenericAlias) or records.View not in found
    singular = {records.Open, records.Match, records.Reveal, records.Close, records.LetGo}
    singular |= {withdrawals.Withdraw, suppressions.Suppress, calls.GiveCode}
    singular |= {transfers.Offer, transfers.Accept}
    assert {
        m
        for m in typing.get_args(frames.AnyRequest)
        if "record" in {f.name for f in msgspec.structs.fields(m)}
    } == singular


def test_no_command_prints_records() -> None:

    group = typer.main.get_command(command_line)
    assert set(group.commands) == COMMANDS  # type: ignore[attr-defined]
    assert CliRunner().invoke(command_line, ["--help"]).exit_code == 0
