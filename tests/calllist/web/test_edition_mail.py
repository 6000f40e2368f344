"""What became of a certificate, by mail: right words in both languages, of nobody, and the page."""

from dataclasses import replace as with_
from email.message import EmailMessage
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from calllist.db import transaction
from calllist.entrustors.tables import Entrustor
from calllist.people.roles import Role
from calllist.upkeep import Upkeep
from retention.tables import Certificate
from tests.calllist.centre import Centre
from tests.calllist.postoffice import AUDITOR, MANAGERS, OFFICE, ORIGIN, Post
from tests.calllist.test_upkeep import sweep
from tests.calllist.web.test_editions import asked, first, power, replace, revoke, rows

__all__ = ["first", "power"]  # fixtures

pytestmark = pytest.mark.asyncio

SAID = {
    "certificate_replaced": (
        "消去証明書を差し替えました",
        "消去証明書を差し替えました。新しい版は {} です。以前の版は有効ではありません。",
        "A deletion certificate was replaced. The new edition is {};",
    ),
    "certificate_revoked": (
        "消去証明書が失効しました",
        "消去証明書（{}）が失効しました。証拠として使わないでください。",
        "Deletion certificate {} was revoked. Do not use it as evidence.",
    ),
}

STATUS = {"certificate_replaced": "差替済", "certificate_revoked": "失効"}


async def mailed(centre: Centre, power: Upkeep, post: Post) -> dict[str, EmailMessage]:
    """What the worker's next round brings to each mailbox."""
    async with transaction(centre.sessions) as session:
        (await session.get_one(Entrustor, centre.entrustor_id)).mail = OFFICE
    server = {
        "origin": ORIGIN,
        "mail_host": "127.0.0.1",
        "mail_port": post.port,
        "mail_ca": Path(f"{post.certificate}.crt"),
        "mail_user": "calllist",
        "mail_password": SecretStr("secret"),
        "mail_from": "calllist@centre.example",
        "mail_auditor": AUDITOR,
        "mail_centre": MANAGERS,
    }
    before = len(post.got)
    await sweep(power)
    await with_(power, settings=power.settings.model_copy(update=server)).letters()
    got = post.got[before:]
    assert len(got) == len(dict(got))  # one each
    return dict(got)


@pytest.mark.parametrize("way", SAID)
async def test_whoever_oversees_the_list_is_mailed_what_became_of_its_certificate(
    app: FastAPI, centre: Centre, power: Upkeep, first: Certificate, post: Post, way: str
) -> None:
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    await mailed(centre, power, post)  # of the issue
    if way == "certificate_replaced":
        await replace(centre, first)
    else:
        await revoke(centre, first)
    got = await mailed(centre, power, post)
    assert set(got) == {OFFICE, AUDITOR, MANAGERS}
    about = (await rows(centre)).popitem()[0]
    subject, *sentences = SAID[way]
    for message in got.values():
        text = message.get_content().replace("\r\n", "\n")
        assert subject in message["Subject"]
        assert "第1号" in message["Subject"]
        japanese, english = text.split("-" * 40)
        assert sentences[0].format(about) in japanese
        assert sentences[1].format(about) in english
        assert japanese.count(f"{ORIGIN}/certificates\n") == 1
        assert english.count(f"{ORIGIN}/certificates\n") == 1
        for person in ("架空 太郎", "カクウ", "090-0", "R000", officer.person.login):
            assert person not in text + message["Subject"]
    assert await mailed(centre, power, post) == {}
    for someone in (officer, centre.manager):
        page = await asked(app, someone, "/certificates")
        assert STATUS[way] in page.text
