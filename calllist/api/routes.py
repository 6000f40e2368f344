"""The verbs as JSON under /api/v1. Never more than one person in an answer.

Sign in as in a browser (cookies), then send `X-CSRF-Token` with every request that changes
something. Errors are `{"code", "detail", ...}` with the statuses of `calllist.web.problems`.
"""

from fastapi import APIRouter

from calllist.api import (
    desk,
    groups,
    health,
    jobs,
    ledger,
    oversight,
    receipts,
    receiving,
    signing_in,
    transfers,
    withdrawals,
)

router = APIRouter(prefix="/api/v1")
for part in (
    signing_in,
    jobs,
    groups,
    receiving,
    receipts,
    withdrawals,
    desk,
    transfers,
    oversight,
    ledger,
    health,
):
    router.include_router(part.router)
