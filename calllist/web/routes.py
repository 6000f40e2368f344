"""All screens in one router: the desk first, since an address is looked for in this order."""

from fastapi import APIRouter

from calllist.web import (
    assets,
    between,
    calls,
    certificates,
    command,
    completion,
    desk,
    doors,
    floor,
    held,
    jobs,
    lists,
    locking,
    offline_pages,
    people,
    reports,
    results,
    revisions,
    scripting,
    sealing,
    sending,
    statements,
    transfers,
    uploading,
    welcome,
    withdrawing,
)
from calllist.web.frame import problem_page

__all__ = ["problem_page", "router"]

router = APIRouter()
for screen in (
    transfers,
    desk,
    between,
    assets,
    offline_pages,
    doors,
    locking,
    command,
    welcome,
    jobs,
    scripting,
    uploading,
    sealing,
    sending,
    lists,
    withdrawing,
    floor,
    held,
    calls,
    results,
    revisions,
    completion,
    reports,
    certificates,
    people,
    statements,
):
    router.include_router(screen.router)
