"""A grant is one person's, for one shift: its secret lies nowhere, and it ends at once: the very
next request gets nothing."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from calllist import db
from calllist.people.roles import Role
from crypto.wire.base import Caller
from crypto.wire.people import Revoke
from demo.onboarding import Member, Onboarding
from demo.seat import Refused
from tests.keepers import now
from tests.platform import Centre, Keyboard, WholePlatform
from tests.world import townsfolk, upload_of

PEOPLE = 3


@contextlib.asynccontextmanager
async def administrator(platform: WholePlatform) -> AsyncIterator[Keyboard]:
    """One more person: who issues accounts, at a keyboard."""
    engine = db.passing_engine(platform.url().replace("postgresql:", "postgresql+asyncpg:"))
    async with platform.keeper(Caller.ADMIN) as admin, platform.keeper(Caller.WEB) as web:
        onboarding = Onboarding(
            db.sessions(engine), admin=admin, web=web, folder=platform.keys, now=now
        )
        await onboarding.centre()
        login = f"issuer-{secrets.token_hex(3)}"
        member = await onboarding.member(login, "架空発行", Role.ADMINISTRATOR)
    await engine.dispose()
    async with Keyboard(platform.origin, member, now) as keyboard:
        yield keyboard


async def in_hand(centre: Centre, operator: Keyboard) -> str:
    """A fresh job, and one of its people in this operator's hand."""
    job = await centre.job()
    await centre.upload(job, upload_of(townsfolk(PEOPLE)))
    return str((await centre.take(operator, job))["lease"])


async def sign_out(issuer: Keyboard, operator: Member) -> None:
    """The administrator ends the operator's shift; done when this is answered."""
    answer = await issuer.ask("POST", f"/people/{operator.person}/end-shift")
    assert answer.status_code == 303


@pytest.mark.asyncio
async def test_a_revoked_operator_gets_nothing_at_the_next_request_nor_with_one_on_its_way(
    platform: WholePlatform,
) -> None:
    async with platform.centre() as centre, administrator(platform) as issuer:
        operator, member = centre.operators[0], centre.cast.members[1]
        lease = await in_hand(centre, operator)
        assert (await operator.get(f"/leases/{lease}"))["fields"]

        async with platform.locked("select 1 from leases where id = $1 for update", lease):
            on_its_way = asyncio.create_task(operator.ask("GET", f"/api/v1/leases/{lease}"))
            await platform.blocked()  # signed in, let through the door of the web, and waiting
            await sign_out(issuer, member)  # from here on, whatever the machine is doing else
            refused = await operator.ask("GET", f"/api/v1/leases/{lease}")
        assert refused.status_code == 401
        answer = await on_its_way
        assert answer.status_code == 401
        assert answer.json()["code"] == "unknown_grant"


@pytest.mark.asyncio
async def test_a_web_that_does_not_know_of_it_yet_gets_nothing_either(
    platform: WholePlatform,
) -> None:
    """The keeper decides: the session still stands in the database, and opens nothing."""
    async with platform.centre() as centre:
        operator, member = centre.operators[0], centre.cast.members[1]
        lease = await in_hand(centre, operator)
        async with platform.keeper(Caller.ADMIN) as keeper:
            await keeper.call(Revoke(member.person))
        with pytest.raises(Refused) as refused:
            await operator.get(f"/leases/{lease}")
        assert (refused.value.status, refused.value.code) == (401, "unknown_grant")


@pytest.mark.asyncio
async def test_the_secret_of_a_grant_lies_in_no_table_no_file_no_log_and_no_address(
    platform: WholePlatform,
) -> None:
    heard: list[bytes] = []
    async with platform.centre() as centre:
        operator, member = centre.operators[0], centre.cast.members[1]
        operator._overhear = heard.append
        await in_hand(centre, operator)
        page = await operator.ask("GET", "/desk")
        answers = b"".join([*heard, page.content, str(page.headers).encode()])
        grant = member.grant
        raw = base64.urlsafe_b64decode(grant + "=")
        forms = [grant.encode(), raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"=")]
        assert [form for form in forms if form in answers] == []

        tables = await platform.sql("select tablename from pg_tables where schemaname = 'public'")
        assert len(tables) > 10
        for (table,) in tables:
            rows = await platform.sql(f"select t::text from {table} t")  # noqa: S608
            everything = "\n".join(text for (text,) in rows).encode()
            assert [form for form in forms if form in everything] == [], table
        await platform.sql("checkpoint")
        read = [name async for name in holding(platform, forms)]
        assert read == []
        planted = platform.home / "log" / "planted"
        planted.write_bytes(b"x" * 5000 + raw)  # so that nothing found means something
        assert [name async for name in holding(platform, forms)] == [str(planted)]
        planted.unlink()


async def holding(platform: WholePlatform, forms: list[bytes]) -> AsyncIterator[str]:
    """Every file of every store in which one of these lies."""
    for store in platform.stores():
        paths = [store.path] if store.path.is_file() else sorted(store.path.rglob("*"))
        for path in filter(Path.is_file, paths):
            with contextlib.suppress(FileNotFoundError):
                data = path.read_bytes()
                if any(form in data for form in forms):
                    yield str(path)


@pytest.mark.asyncio
async def test_a_person_has_one_live_grant(platform: WholePlatform) -> None:
    """Whoever signs in a second time ends the first shift, record in hand included."""
    async with platform.centre() as centre:
        operator, member = centre.operators[0], centre.cast.members[1]
        lease = await in_hand(centre, operator)
        again = Keyboard(platform.origin, member, now)
        await super(Keyboard, again).sign_in()  # password and code, as at the door
        with pytest.raises(Refused) as refused:
            await operator.get(f"/leases/{lease}")
        assert refused.value.status == 401
        await again.__aexit__()
