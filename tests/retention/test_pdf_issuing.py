"""A certificate gets its PDF afterwards, once, whatever is down meanwhile; it waits for nothing."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from crypto.wire.base import Caller, Request
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Entries, Head
from crypto.wire.lists import SignDocument
from retention.errors import CertificateMissing, NotAuthentic, NotStamped
from retention.pdf import checking
from retention.pdf.checking import Checked
from retention.pdf.hole import taken_apart
from retention.pdf.issuing import Authority, Issuer
from retention.tables import Certificate
from tests.keepers import now
from tests.retention.paper import CHECK_PAGE
from tests.retention.strongroom import Strongroom
from tests.retention.test_destruction import release, run
from tests.retention.timeserver import TimeServer

pytestmark = pytest.mark.asyncio

NUMBER = "ent_01-000001"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimeServer]:
    with TimeServer.running(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest_asyncio.fixture
async def certified(room: Strongroom) -> Strongroom:
    await release(room)
    await run(room)
    return room


@pytest_asyncio.fixture
async def worker(room: Strongroom) -> AsyncIterator[KeeperClient]:
    async with room.client(Caller.WORKER) as client:
        yield client


def issuer(
    room: Strongroom, keeper: Any, authority: Callable[[], Authority | None] = lambda: None
) -> Issuer:
    return Issuer(room.sessions, keeper, CHECK_PAGE, authority)


async def row(room: Strongroom) -> Certificate:
    async with room.sessions() as session:
        query = select(Certificate).options(undefer(Certificate.pdf))
        return (await session.scalars(query)).one()


async def checked(room: Strongroom, keeper: KeeperClient, roots: Any = None) -> Checked:
    pdf = (await row(room)).pdf
    assert pdf is not None
    head = await keeper.call(Head())
    return checking.check(pdf, head.certificate_key, head.document_chain, roots)


async def owed(room: Strongroom, by: Issuer) -> list[str]:
    async with room.sessions() as session:
        return await by.owed(session)


async def document_lines(keeper: KeeperClient) -> int:
    found = await keeper.call(Entries(0, 1000))
    return sum(b'"kind":"document"' in entry for entry in found.entries)


async def test_a_certificate_waits_for_no_pdf_and_the_pdf_holds_it(
    certified: Strongroom, worker: KeeperClient
) -> None:
    before = await row(certified)
    assert (before.pdf, before.pdf_signed_at) == (None, None)
    by = issuer(certified, worker)
    assert await owed(certified, by) == [NUMBER]
    await by.issue(NUMBER, now())
    found = await checked(certified, worker)
    assert found.envelope.decode() == before.envelope
    assert (await row(certified)).pdf_signed_at is not None
    assert await owed(certified, by) == []
    with pytest.raises(CertificateMissing):
        await by.issue("ent_01-000002", now())


class Dies:
    """Lets everything through, and ends the process once the keeper has signed."""

    def __init__(self, keeper: KeeperClient) -> None:
        self._keeper = keeper

    async def call(self, request: Request[Any]) -> Any:
        reply = await self._keeper.call(request)
        if isinstance(request, SignDocument):
            raise KeyboardInterrupt
        return reply


async def test_done_twice_or_after_a_crash_it_is_the_same_signature_and_one_line(
    certified: Strongroom, worker: KeeperClient
) -> None:
    for _ in range(7):  # more often than the keeper signs different ones
        with pytest.raises(KeyboardInterrupt):
            await issuer(certified, Dies(worker)).issue(NUMBER, now())
    assert (await row(certified)).pdf is None
    await issuer(certified, worker).issue(NUMBER, now())
    once = (await row(certified)).pdf
    await issuer(certified, worker).issue(NUMBER, now())
    assert (await row(certified)).pdf == once
    assert await document_lines(worker) == 1


async def test_without_its_authority_a_pdf_is_there_and_the_timestamp_joins_it_later(
    certified: Strongroom, worker: KeeperClient, server: TimeServer
) -> None:
    by = issuer(certified, worker, lambda: Authority(server.url, (server.root,)))
    server.broken = "down"
    for _ in range(2):
        with pytest.raises(NotStamped):
            await by.issue(NUMBER, now())
    plain = (await row(certified)).pdf
    assert plain is not None
    assert (await checked(certified, worker)).stamp is None
    assert await owed(certified, by) == [NUMBER]
    assert await owed(certified, issuer(certified, worker)) == []

    server.broken = ""
    await by.issue(NUMBER, now())
    found = await checked(certified, worker, (server.root,))
    after = await row(certified)
    assert found.stamp is not None
    assert found.stamp.at == after.pdf_stamped_at
    assert after.pdf is not None
    assert taken_apart(after.pdf).digest == taken_apart(plain).digest
    assert await owed(certified, by) == []
    asked = server.asked
    await by.issue(NUMBER, now())
    assert server.asked == asked
    assert await document_lines(worker) == 1


@pytest.mark.parametrize("forged", ["original", "number"])
async def test_an_original_that_was_changed_in_the_database_is_not_set_in_type(
    certified: Strongroom, worker: KeeperClient, forged: str
) -> None:
    number, envelope = NUMBER, (await row(certified)).envelope
    if forged == "original":
        envelope = envelope.replace('"keyid":"', '"keyid":"0', 1)
    else:  # a genuine one, but another's
        number = "ent_01-000007"
    async with certified.sessions.begin() as session:
        await session.execute(update(Certificate).values(envelope=envelope, id=number))
    with pytest.raises(NotAuthentic):
        await issuer(certified, worker).issue(number, now())
    assert (await row(certified)).pdf is None
    assert await document_lines(worker) == 0
