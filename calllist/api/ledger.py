"""The ledger from outside: heads, hash tiles and proofs for everybody, an extract for its owner.

Below /api/v1/ledger/<month>/ lie `checkpoint` and `tile/...` as C2SP tlog-tiles has them,
entries excepted. What needs no sign-in says nothing of any person, and comes from the mirror:
who asks here does not reach the keeper, but for a cosigned head that our own key has signed.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from calllist import db
from calllist.mirror import showing
from calllist.mirror.extracts import extract
from calllist.people.roles import Role
from calllist.web.access import Keeper, Session, Visitor, signed_in
from crypto.errors.base import KeeperUnavailable
from crypto.errors.keeper import BadNote, LedgerShorter
from crypto.ledger.checkpoint import MONTH, NOTE_BYTES, BadCheckpoint, verifier_key, verify
from crypto.wire.ledger import Cosign, Event

router = APIRouter(prefix="/ledger", tags=["ledger"])
Officer = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR))]
Month = Annotated[str, Path(pattern=f"^{MONTH.pattern}$")]
Size = Annotated[int, Query(ge=0, lt=1 << 40)]
Log = Annotated[str, Query(max_length=64)]
TEXT = "text/plain; charset=utf-8"
_one_at_a_time = asyncio.Semaphore(1)  # nobody is known here: one cosignature in hand, no more


@router.get("/checkpoint", response_class=Response)
async def checkpoint(session: Session) -> Response:
    """The newest signed head (C2SP tlog-checkpoint). Its first line names log and month."""
    return Response((await showing.newest(session)).note, media_type=TEXT)


@router.get("/witnessed")
async def witnessed(session: Session) -> list[str]:
    """The latest head of every witness, cosigned: how far back nothing can be cut off unseen."""
    return await showing.witnessed(session)


@router.get("/logs")
async def logs(session: Session) -> list[dict[str, object]]:
    """Every log, the newest first: more than one if the keeper's disk was lost. `key` names it;
    compare it with the key that you received by another way."""
    return [
        {"log": head.log, "key": verifier_key(head.key), "lines": head.first + head.size}
        for head in await showing.logs(session)
    ]


@router.post("/cosignature", status_code=204)
async def cosignature(request: Request, session: Session, keeper: Keeper) -> None:
    """A head with a pinned witness's cosignature/v1 (C2SP tlog-cosignature), as text.

    No cookie counts here and none is given: what is signed decides.
    """
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > NOTE_BYTES:
            raise HTTPException(413)
    head = await showing.newest(session)
    try:
        note = body.decode()
        verify(note, head.key)
    except (BadCheckpoint, UnicodeDecodeError):
        raise BadNote from None
    async with _one_at_a_time:
        await keeper.call(Cosign(note))


@router.get("/entries", response_class=StreamingResponse)
async def entries(
    request: Request, visitor: Officer, session: Session, keeper: Keeper, log: Log = ""
) -> StreamingResponse:
    """Every line about the entrustor's own lists, proven: `calllist trace FILE`.

    `log`: one of GET /logs; without it, the newest.
    """
    head = await showing.newest(session, log)  # what cannot be given does not begin
    entrustor = visitor.person.entrustor_id or ""
    refs = {"entrustor": entrustor, "by": visitor.person.id}
    with suppress(KeeperUnavailable, LedgerShorter):  # now more than ever
        await keeper.call(Event("entries_fetched", refs))
    makes = request.app.state.sessions

    async def pieces() -> AsyncIterator[bytes]:
        async with db.transaction(makes) as reading:
            async for piece in extract(reading, entrustor, head.log):
                yield piece

    name = f'attachment; filename="{entrustor}.entries"'
    return StreamingResponse(
        pieces(), media_type="application/octet-stream", headers={"Content-Disposition": name}
    )


@router.get("/{month}/checkpoint", response_class=Response)
async def month_checkpoint(month: Month, session: Session) -> Response:
    """The last signed head of a month."""
    return Response((await showing.of_month(session, month)).note, media_type=TEXT)


@router.get("/{month}/opening")
async def opening(month: Month, session: Session) -> dict[str, object]:
    """The month's first line, which carries the last head before it, and that it is in."""
    found = await showing.opening(session, month)
    return {
        "entry": base64.b64encode(found.entry).decode(),
        "hashes": [base64.b64encode(step).decode() for step in found.hashes],
        "checkpoint": found.note,
    }


@router.get("/{month}/consistency")
async def consistency(month: Month, old: Size, new: Size, session: Session) -> list[str]:
    """That the head of `new` leaves begins with the first `old` (RFC 6962, 2.1.2): base64."""
    hashes = await showing.growth(session, month, old, new)
    return [base64.b64encode(step).decode() for step in hashes]


@router.get("/{month}/tile/{path:path}", response_class=Response)
async def tile(month: Month, path: str, session: Session) -> Response:
    """A hash tile (C2SP tlog-tiles): 32 bytes for each hash. Bundles of entries are not shown."""
    data = await showing.hash_tile(session, month, f"tile/{path}")
    return Response(data, media_type="application/octet-stream")
