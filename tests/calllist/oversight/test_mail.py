"""Notices by mail, with a real server: once each, of nobody, and late rather than lost."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from calllist.db import transaction
from calllist.entrustors.tables import Entrustor
from calllist.oversight import delivery, mail, notices
from calllist.oversight.tables import Mail, Notice
from calllist.oversight.watch import Watch
from calllist.people.roles import Role
from calllist.web import told
from calllist.web.letters import letter
from retention.tables import Certificate
from tests.calllist.centre import Centre, Someone
from tests.calllist.postoffice import (
    AUDITOR,
    CENTRE,
    MANAGERS,
    OFFICE,
    ORIGIN,
    Post,
    server,
)

pytestmark = pytest.mark.asyncio


async def sweep(centre: Centre, to: mail.Server, later: timedelta = timedelta(0)) -> list[bool]:
    """What the worker's task does."""
    now = centre.now(later)
    async with transaction(centre.sessions) as session:
        ids = await mail.owed(session, CENTRE, now)
    done = []
    for mail_id in ids:
        async with transaction(centre.sessions) as session:
            words = partial(letter, origin=ORIGIN)
            done.append(await mail.send(session, to, words, mail_id, CENTRE, now))
    return done


async def raise_notice(centre: Centre, list_id: str, **more: Any) -> None:
    async with transaction(centre.sessions) as session:
        (await session.get_one(Entrustor, centre.entrustor_id)).mail = OFFICE
        await notices.tell(
            session,
            "check_failed",
            entrustor_id=centre.entrustor_id,
            list_id=list_id,
            facts={"stores": ["logs"]},
            now=centre.now(),
            **more,
        )


async def test_each_mailbox_gets_one_mail_of_each_notice_and_of_nobody(
    centre: Centre, post: Post
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=2)
    await raise_notice(centre, received.list_id)
    assert await sweep(centre, server(post)) == [True] * 3
    await raise_notice(centre, received.list_id)  # it still stands
    assert await sweep(centre, server(post), timedelta(days=1)) == []
    assert sorted(to for to, _ in post.got) == sorted((OFFICE, AUDITOR, MANAGERS))
    for _, message in post.got:
        text = message.get_content()
        assert "第1号" in text
        assert ORIGIN in text
        assert "logs" not in message["Subject"]
        assert message.get_content_type() == "text/plain"
        assert message.get_content_charset() == "utf-8"
        japanese, english = text.split("-" * 40)
        assert "残存" in japanese
        assert english.isascii() or "残存" not in english
        for word in ("架空", "カクウ", "090-0", "R000"):
            assert word not in text + message["Subject"]
    assert len({message["Message-ID"] for _, message in post.got}) == 3


async def test_a_server_that_is_away_delays_a_mail_and_loses_none(
    centre: Centre, post: Post
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=1)
    post.stop()
    await raise_notice(centre, received.list_id)
    assert await sweep(centre, server(post)) == [False] * 3
    assert await sweep(centre, server(post), timedelta(seconds=59)) == []  # not before its time
    post.start()
    assert await sweep(centre, server(post), timedelta(minutes=2)) == [True] * 3
    assert len(post.got) == 3
    async with centre.sessions() as session:
        rows = (await session.scalars(select(Mail))).all()
    assert {(row.tries, row.failure, row.sent_at is None) for row in rows} == {(2, None, False)}


async def test_nothing_goes_out_in_the_clear_or_to_a_server_nobody_vouches_for(
    centre: Centre, post: Post
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=1)
    await raise_notice(centre, received.list_id)
    strange = replace(server(post), authority=None)
    assert await sweep(centre, strange) == [False] * 3
    wrong = replace(server(post), secret="other")
    assert await sweep(centre, wrong, timedelta(minutes=2)) == [False] * 3
    assert post.got == []
    async with centre.sessions() as session:
        assert set(await session.scalars(select(Mail.failure))) == {"smtp:535"}


async def test_a_notice_that_is_over_is_not_mailed_and_one_that_returns_is(
    centre: Centre, post: Post
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=1)
    await raise_notice(centre, received.list_id)
    async with transaction(centre.sessions) as session:
        await notices.over(session, "check_failed", list_id=received.list_id, now=centre.now())
    assert await sweep(centre, server(post)) == []
    await raise_notice(centre, received.list_id)
    assert await sweep(centre, server(post)) == [True] * 3


async def test_the_entrustor_hears_of_results_that_wait_for_three_days(centre: Centre) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=2)
    operator = await centre.operator("suzuki", job)
    officer = await centre.person("tantou", Role.ENTRUSTOR)
    await centre.settle(received.list_id)
    await centre.call(operator, job, 10)
    for days, codes in ((2, []), (4, ["results_wait"])):
        async with transaction(centre.sessions) as session:
            await delivery.follow(session, centre.now(timedelta(days=days)))
        async with centre.sessions() as session:
            found = await notices.current(session, officer.person)
        assert [one.code for one in found] == codes


async def test_a_refused_address_holds_up_nobody_else_and_is_told_to_the_centre(
    centre: Centre, post: Post
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=1)
    auditor = await centre.person("kansa", Role.AUDITOR)
    post.refuses = OFFICE
    await raise_notice(centre, received.list_id)
    assert await sweep(centre, server(post)) == [True] * 3
    assert sorted(to for to, _ in post.got) == [MANAGERS, AUDITOR]
    for minutes, failing in ((2, []), (5, ["address:550"])):  # 1 and 2 minutes after its failures
        await sweep(centre, server(post), timedelta(minutes=minutes))
        async with centre.sessions() as session:
            assert [one.failure for one in await mail.failing(session)] == failing
    await look(centre)
    shown = await screen(centre, auditor)
    assert "お知らせのメールが届いていません" in shown
    assert "委託元の担当課" in shown
    assert "address:550" in shown
    assert OFFICE not in shown
    post.refuses = ""
    await sweep(centre, server(post), timedelta(hours=2))
    assert OFFICE in [to for to, _ in post.got]
    await look(centre)
    assert "届いていません" not in await screen(centre, auditor)


@pytest.mark.parametrize("spoilt", ["facts", "code", "address"])
async def test_what_cannot_be_written_holds_up_nobody_else(
    centre: Centre, post: Post, spoilt: str
) -> None:
    """Whoever writes into our tables stops one mail, not all."""
    job = await centre.job()
    for people in (1, 2):
        received = await centre.upload(job, people=people)
        await raise_notice(centre, received.list_id)
    async with transaction(centre.sessions) as session:
        first = (await session.scalars(select(Notice).order_by(Notice.id))).first()
        assert first
        match spoilt:
            case "facts":
                first.facts = {"stores": 7}
            case "code":
                first.code = "nobodys"
            case _:
                office = await session.get_one(Entrustor, centre.entrustor_id)
                office.mail = f"{OFFICE}\nBcc: thief@example.com"
    assert all(await sweep(centre, server(post)))
    others = {"facts": [MANAGERS, OFFICE, AUDITOR], "code": [MANAGERS, OFFICE, AUDITOR]}
    twice = [MANAGERS, MANAGERS, AUDITOR, AUDITOR]
    assert sorted(to for to, _ in post.got) == others.get(spoilt, twice)
    async with centre.sessions() as session:
        failures = await session.scalars(select(Mail.failure).where(Mail.failure.is_not(None)))
        assert set(failures) == (set() if spoilt == "code" else {mail.UNWRITABLE})


async def test_a_notice_of_failing_mail_does_not_keep_itself_alive(
    centre: Centre, post: Post
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=1)
    post.refuses = AUDITOR
    await raise_notice(centre, received.list_id)
    for minutes in (0, 2, 5):
        await sweep(centre, server(post), timedelta(minutes=minutes))
    await look(centre)
    for hours in (1, 3, 5):
        await sweep(centre, server(post), timedelta(hours=hours))
    async with transaction(centre.sessions) as session:
        for code in set(notices.KINDS) - {mail.TOLD_AS}:
            await notices.only(session, code, set(), now=centre.now())
    async with centre.sessions() as session:
        assert await mail.failing(session) == []


async def test_a_server_without_starttls_gets_nothing_and_the_reason_is_named(
    centre: Centre, post: Post
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=1)
    post.stop()
    post.offers_tls = False
    post.start()
    await raise_notice(centre, received.list_id)
    assert await sweep(centre, server(post)) == [False] * 3
    assert post.got == []
    async with centre.sessions() as session:
        assert set(await session.scalars(select(Mail.failure))) == {"no_starttls_or_auth"}


async def test_a_certificate_is_mailed_at_once_and_again_after_7_and_14_days_until_taken(
    centre: Centre, post: Post
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=1)
    issued = centre.now()
    async with transaction(centre.sessions) as session:
        (await session.get_one(Entrustor, centre.entrustor_id)).mail = OFFICE
        session.add(
            Certificate(
                id="crt_1",
                entrustor_id=centre.entrustor_id,
                holding_id=received.list_id,
                number=1,
                envelope="{}",
                issued_at=issued,
            )
        )
    sent = []
    for hours in (0, 1, 7 * 24 - 1, 7 * 24, 14 * 24 - 1, 14 * 24, 30 * 24):
        now = issued + timedelta(hours=hours)
        async with transaction(centre.sessions) as session:
            await delivery.follow(session, now)
        before = len(post.got)
        await sweep(centre, server(post), now - centre.now() + timedelta(seconds=1))
        sent.append(len(post.got) - before)
    assert sent == [1, 0, 0, 1, 0, 1, 0]
    assert {to for to, _ in post.got} == {OFFICE}


async def look(centre: Centre) -> None:
    """What every web process does again and again."""
    await Watch(centre.sessions, centre.keeper, centre.now).look_and_tell()


async def screen(centre: Centre, someone: Someone) -> str:
    """The sentences that overseers' screens begin with."""
    async with centre.sessions() as session:
        return "\n".join(one.text for one in await told.told(session, someone.person, "ja"))
