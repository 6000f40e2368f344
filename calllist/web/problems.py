"""Errors to HTTP: the one table of statuses, and the one sentence for each code.

Nothing that a visitor sent is ever in an answer: validation errors name places, not values;
an unexpected error is a number in the log and a sentence on the screen.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from calllist.dialing import errors as dialing
from calllist.entrustors import contracts, rehearsal
from calllist.errors import CalllistError, place
from calllist.floor.errors import NotFree, NothingInHand, NothingOffered
from calllist.intake.inflow import OffsetDiffers
from calllist.intake.problems import IntakeError, TooManyUploads
from calllist.intake.resuming import UploadElsewhere, UploadUnknown
from calllist.jobs import errors as jobs
from calllist.mirror.errors import NotInTheLedger
from calllist.oversight import errors as oversight
from calllist.people import errors as people
from calllist.scripts.errors import ScriptChanged
from calllist.web import destination
from calllist.web.access import SESSION, NotFromHere, language
from calllist.web.sentences import sentence
from crypto.errors.base import KeeperUnavailable, Refusal
from retention.errors import HoldingUnknown, RetentionError

log = logging.getLogger("calllist.web")

API = "/api/"
RETRY_SECONDS = 5  # a page that waits for keeper or database asks again after this

STATUS: dict[type[Exception], int] = {
    people.NotSignedIn: 401,
    people.SignInRefused: 401,
    people.Throttled: 429,
    TooManyUploads: 429,
    OffsetDiffers: 409,
    UploadElsewhere: 409,
    UploadUnknown: 404,
    people.RoleRefused: 403,
    people.GrantNotLent: 403,
    NotFromHere: 403,
    jobs.PartyNotApproved: 403,
    people.InvitationUnknown: 404,
    people.PersonUnknown: 404,
    people.TokenMissing: 409,
    people.CommandCodeUnknown: 401,
    contracts.ContractUnknown: 404,
    jobs.JobUnknown: 404,
    jobs.ListUnknown: 404,
    jobs.TemplateUnknown: 404,
    jobs.SegmentUnknown: 404,
    dialing.LeaseUnknown: 404,
    dialing.ReasonUnknown: 422,
    oversight.CertificateUnknown: 404,
    oversight.PdfNotYet: 404,
    oversight.NotRevoked: 404,
    oversight.CertificateChanged: 409,
    oversight.NotInForce: 409,
    NotInTheLedger: 404,
    oversight.NothingToHandOver: 404,
    dialing.NobodyLeft: 404,
    HoldingUnknown: 404,
    people.LoginTaken: 409,
    contracts.ContractTaken: 409,
    jobs.JobCodeTaken: 409,
    jobs.JobOver: 409,
    jobs.JobPaused: 409,
    jobs.WrapUpRefused: 422,
    NothingInHand: 409,
    NotFree: 409,
    NothingOffered: 409,
    ScriptChanged: 409,
    jobs.ContractSuperseded: 409,
    jobs.ListNotReady: 409,
    jobs.KeysMissing: 409,
    dialing.LeaseHeld: 409,
    dialing.OutsideHours: 409,
    rehearsal.HandoverUntested: 409,
    oversight.HandoverChanged: 409,
    dialing.InOtherHand: 409,
    dialing.RecordOver: 410,
    dialing.TransferOver: 410,
    dialing.NumberInUse: 409,
    dialing.RecordWithdrawn: 410,
    dialing.ResultGiven: 409,
    dialing.ResultUnknown: 404,
    dialing.ResultHandedOver: 409,
    dialing.ResultChanged: 409,
    RetentionError: 410,
    IntakeError: 422,
    CalllistError: 422,
}

REFUSED: dict[str, int] = {  # the keeper's codes
    "wrong_code": 401,
    "wrong_key": 401,
    "key_not_bound": 422,
    "challenge_over": 409,
    "keys_not_offered": 409,
    "factor_taken": 409,
    "unknown_grant": 401,
    "grant_over": 401,
    "role_cannot_open": 403,
    "party_not_approved": 403,
    "site_not_approved": 403,
    "unknown_person": 403,
    "roster_over": 403,
    "not_enrolled": 403,
    "hand_full": 409,
    "in_other_hand": 409,
    "not_in_hand": 409,
    "not_offered": 409,
    "list_pending": 409,
    "keys_lost": 410,
    "already_enrolled": 409,
    "list_over": 410,
    "record_closed": 410,
    "withdrawn": 410,
    "result_final": 409,
    "still_changeable": 409,
    "not_overseen": 403,
    "same_result": 409,
    "not_revisable": 409,
    "unknown_attempt": 404,
    "inbound_not_permitted": 403,
    "budget_hour": 429,
    "budget_day": 429,
    "budget_30_days": 429,
    "budget_job": 429,
    "budget_list": 429,
    "budget_entrustor": 429,
    "not_authorised": 403,
    "too_many_withdrawals": 429,
    "foreign_job": 409,
    "too_many_references": 429,
    "too_many_addresses": 429,
    "issuer_approves": 403,
    "locked": 429,
    "tries_used": 429,
    "tries_used_today": 429,
    "reveals_used": 429,
    "codes_used": 429,
    "ledger_unavailable": 503,
    "ledger_shorter": 503,
    "bad_note": 422,
    "unknown_line": 404,
    "event_quota": 429,
    "line_quota": 429,
    "not_allowed": 500,
    "bad_frame": 500,
    "does_not_open": 500,
}
SIGN_IN_AGAIN = frozenset({"not_signed_in", "unknown_grant", "grant_over"})
HTTP = {  # what the framework and the shield refuse
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "media_refused",
    421: "host_refused",
}
NO_TEXT = "22021"  # SQLSTATE character_not_in_repertoire: a NUL, which no text has
UNAVAILABLE = frozenset({"database_unavailable", "keeper_unavailable", "ledger_unavailable"})


@dataclass(frozen=True)
class Problem:
    """What a visitor is told: a status, a stable code, a sentence, and facts without persons."""

    status: int
    code: str
    detail: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def retry(self) -> bool:
        """Whether the same request will work again by itself."""
        return self.code in UNAVAILABLE


Page = Callable[[Request, Problem], Response]


def problem_of(error: Exception, lang: str) -> Problem:
    """The problem that an error of any floor is."""
    code = str(getattr(error, "code", "internal"))
    if isinstance(error, KeeperUnavailable):
        code, status = "keeper_unavailable", 503
    elif code == "database_unavailable":
        status = 503
    elif isinstance(error, Refusal):
        status = REFUSED.get(code, 422)
    else:
        status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    reason = str(getattr(error, "reason", ""))
    return Problem(status, code, sentence(code, lang, reason), _facts(error))


def install(app: FastAPI, page: Page) -> None:
    """Answer every error: as JSON under /api/, else with `page`."""

    async def known(request: Request, error: Exception) -> Response:
        return _answer(request, problem_of(error, language(request)), page)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
        places = sorted({_member(fault) for fault in error.errors()})
        detail = sentence("invalid_request", language(request))
        return _answer(request, Problem(422, "invalid_request", detail, {"places": places}), page)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
        return _answer(request, _of_http(error, language(request)), page)

    async def stored(request: Request, error: Exception) -> Response:
        if getattr(getattr(error, "orig", None), "sqlstate", None) != NO_TEXT:
            raise error
        detail = sentence("invalid_request", language(request))
        return _answer(request, Problem(422, "invalid_request", detail), page)

    for kind in (CalllistError, RetentionError, Refusal, KeeperUnavailable):
        app.add_exception_handler(kind, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(DBAPIError, stored)


def last_resort(page: Page) -> Callable[[Request, Exception], Response]:
    """Answers what nobody expected: a number in log and answer, and not the error's text.

    And what the shield refused, which is an HTTPException.
    """

    def unexpected(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return _answer(request, _of_http(error, language(request)), page)
        number = secrets.token_hex(4)
        log.error("unexpected error %s: %s at %s", number, type(error).__name__, place(error))
        detail = sentence("internal", language(request))
        return _answer(request, Problem(500, "internal", detail, {"number": number}), page)

    return unexpected


def _of_http(error: HTTPException, lang: str) -> Problem:
    code = HTTP.get(error.status_code, "refused")
    return Problem(error.status_code, code, sentence(code, lang))


def _answer(request: Request, problem: Problem, page: Page) -> Response:
    if request.url.path.startswith(API):
        body = {"code": problem.code, "detail": problem.detail, **problem.facts}
        response: Response = JSONResponse(body, problem.status)
    elif problem.code in SIGN_IN_AGAIN:
        # whose screen is locked needs the code alone; that page sends everybody else on
        half_way = request.cookies.get(SESSION) is not None
        response = RedirectResponse("/sign-in/code" if half_way else "/sign-in", 303)
        destination.remember(response, request)
    else:
        response = page(request, problem)
    if problem.retry:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _member(fault: Any) -> str:
    """Which of our own names is at fault; the name of an unknown member is the visitor's."""
    known = 1 if fault["type"] in ("extra_forbidden", "json_invalid") else 2
    return ".".join(str(part) for part in fault["loc"][:known])


def _facts(error: Exception) -> dict[str, Any]:
    """What helps and names nobody: times, places in a file, the id of the lease in hand."""
    facts: dict[str, Any] = {}
    for name in (
        "until",
        "opens_at",
        "due_at",
        "line",
        "column",
        "reason",
        "known",
        "lease_id",
        "offset",
        "where",
        "fields",
    ):
        value = getattr(error, name, None)
        if value not in (None, ""):
            facts[name] = value.isoformat() if isinstance(value, datetime) else value
    return facts
