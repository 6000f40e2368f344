"""Before the first call: the entrustor shows that it can open what it will be handed.

    begin -> the file (sealed by the keeper) -> `calllist results open` -> the code -> confirm

One test stands for each entrustor, until its key changes: `forget` on a statement handed in
here, `follow` on whatever the keeper was told otherwise. Only the hash of the code is kept here.
Where the terms ask for it (`Conduct.handover_test`), `check` keeps desks shut.
"""

import base64
import hashlib
import hmac
from datetime import datetime

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import ids
from calllist.entrustors.tables import HandoverTest
from calllist.errors import CalllistError
from crypto.errors.statements import UnpinnedEntrustor
from crypto.ids import TEST
from crypto.signed.terms import ContractTerms
from crypto.wire.approvals import LookAtRecipient
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event
from crypto.wire.lists import Rehearse

FORMAT = "calllist-results/1"  # as calllist.oversight.handover writes it
ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": "", "\u3000": ""})


class HandoverUntested(CalllistError):
    """The contract asks for it, and the entrustor has not opened a test file yet."""

    code = "handover_untested"


class HandoverCodeWrong(CalllistError):
    """This is not the code in the test file that stands."""

    code = "handover_code_wrong"


async def begun(session: AsyncSession, entrustor_id: str) -> HandoverTest | None:
    """The test that stands, if any."""
    return await session.get(HandoverTest, entrustor_id)


async def passed(session: AsyncSession, entrustor_id: str) -> bool:
    """Whether the entrustor has opened a file that was sealed to its key."""
    test = await begun(session, entrustor_id)
    return test is not None and test.opened_at is not None


async def check(session: AsyncSession, terms: ContractTerms) -> None:
    """Raises HandoverUntested."""
    if terms.conduct.handover_test is True and not await passed(session, terms.entrustor):
        raise HandoverUntested(terms.entrustor)


async def begin(
    session: AsyncSession, keeper: KeeperClient, entrustor_id: str, now: datetime
) -> HandoverTest:
    """The test that stands, or a new one. Raises the keeper's unpinned_entrustor, line_quota."""
    test = await begun(session, entrustor_id)
    if test is not None:
        return test
    name = ids.new(TEST.removesuffix("_"))
    made = await keeper.call(Rehearse(entrustor_id, name))
    content = msgspec.json.encode(
        {
            "format": FORMAT,
            "entrustor": entrustor_id,
            "batch": hashlib.sha256(name.encode()).hexdigest(),
            "count": 1,
            "lists": {name: {"keys": base64.b64encode(made.keys).decode()}},
            "results": [
                {"list": name, "attempt": name, "sealed": base64.b64encode(made.sealed).decode()}
            ],
        }
    )
    test = HandoverTest(
        entrustor_id=entrustor_id,
        id=name,
        key=made.key,
        content=content,
        proof=made.proof,
        made_at=now,
    )
    session.add(test)
    await session.flush()
    return test


async def confirm(
    session: AsyncSession,
    keeper: KeeperClient,
    entrustor_id: str,
    said: str,
    *,
    by: str,
    now: datetime,
) -> HandoverTest:
    """The officer names the code that stood in the file. Raises HandoverCodeWrong."""
    test = await session.get(HandoverTest, entrustor_id, with_for_update=True)
    if test is None or not hmac.compare_digest(_hash(said), test.proof):
        raise HandoverCodeWrong(entrustor_id)
    if test.opened_at is None:
        test.opened_at, test.opened_by = now, by
        refs = {"entrustor": entrustor_id, "test": test.id, "key": test.key, "by": by}
        await keeper.call(Event("handover_tested", refs))
    return test


async def forget(session: AsyncSession, entrustor_id: str) -> None:
    """Another key receives from now on: what the old one opened proves nothing."""
    await session.execute(delete(HandoverTest).where(HandoverTest.entrustor_id == entrustor_id))


async def follow(session: AsyncSession, keeper: KeeperClient) -> list[str]:
    """Forget the tests of a key that the keeper seals to no more: pinned anew by hand, or changed
    while nobody here wrote it down. Whose they were. An entrustor that the keeper does not
    know (yet, again) keeps its test: nothing is sealed to anybody meanwhile.

    Raises KeeperUnavailable.
    """
    stale = []
    tests = select(HandoverTest.entrustor_id, HandoverTest.id, HandoverTest.key)
    for entrustor_id, name, key in (await session.execute(tests)).all():
        try:
            receives = (await keeper.call(LookAtRecipient(entrustor_id))).key
        except UnpinnedEntrustor:
            continue
        if receives != key:
            mine = (HandoverTest.entrustor_id == entrustor_id) & (HandoverTest.id == name)
            await session.execute(delete(HandoverTest).where(mine))
            stale.append(entrustor_id)
    return stale


def _hash(said: str) -> bytes:
    return hashlib.sha256(said.strip().upper().translate(ALIKE).encode()).digest()
