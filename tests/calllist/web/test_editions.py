"""From two signatures to screens, API, PDF and `verify`: a certificate replaced, or revoked."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from calllist.db import transaction
from calllist.embedded.postgres import Postgres
from calllist.entrustors.onboarding import EntrustorKind, register_entrustor
from calllist.oversight import editions, missing
from calllist.parties.onboarding import PartyKind, register_party, register_site
from calllist.people.roles import Role
from calllist.upkeep import Upkeep, upkeep
from calllist.web import told
from crypto.errors.lists import NotCertified
from crypto.signed import statements
from crypto.signed.orders import CertificateRevocation, Corrections, Reissue
from retention.editions import Status
from retention.errors import NotAuthentic
from retention.tables import Certificate
from tests.calllist.centre import Centre, Someone
from tests.calllist.command_line import run
from tests.calllist.test_upkeep import finished, settings, sweep
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio

REPLACED, REVOKED = "certificate_replaced", "certificate_revoked"
Rows = Mapping[str, Certificate]


@pytest_asyncio.fixture
async def power(centre: Centre, postgres: Postgres) -> AsyncIterator[Upkeep]:
    async with upkeep(settings(centre, postgres)) as made:
        yield made


@pytest_asyncio.fixture
async def first(centre: Centre, power: Upkeep) -> Certificate:
    """A list's certificate, in force."""
    await finished(centre, people=1)
    await sweep(power)
    [row] = (await rows(centre)).values()
    return row


async def rows(centre: Centre) -> Rows:
    async with centre.sessions() as session:
        found = await session.execute(text("select id from certificates order by edition"))
        return {name: await session.get_one(Certificate, name) for (name,) in found}


async def sql(centre: Centre, said: str, **given: object) -> None:
    """Whoever owns the database."""
    async with transaction(centre.sessions) as session:
        await session.execute(text(said), given)


async def decide(centre: Centre, body: Reissue | CertificateRevocation) -> None:
    """Both sign the same."""
    made = statements.prepare(
        body, issuer=centre.party_id, now=centre.now(), valid_for=timedelta(days=1)
    )
    async with transaction(centre.sessions) as session:
        for key in (centre.keys.approver, centre.officer_key):
            await centre.hand_in(session, statements.dump_request(made), key)


async def replace(centre: Centre, row: Certificate) -> None:
    corrected = Corrections(entrustor="仮空市")
    await decide(centre, Reissue(row.entrustor_id, row.holding_id, row.id, "name", corrected))


async def revoke(centre: Centre, row: Certificate) -> None:
    await decide(
        centre, CertificateRevocation(row.entrustor_id, row.holding_id, row.id, "wrong_claim")
    )


async def stored(centre: Centre, power: Upkeep, change: editions.Change) -> None:
    async with transaction(centre.sessions) as session:
        await editions.store(session, power.keeper, change)


async def listed(app: FastAPI, someone: Someone) -> dict[str, dict[str, Any]]:
    async with visit(app, someone) as visitor:
        return {one["id"]: one for one in json.loads(await visitor.get("/api/v1/certificates"))}


async def asked(
    app: FastAPI, someone: Someone | None, path: str, lang: str = "ja"
) -> httpx.Response:
    async with visit(app, someone, lang) as visitor:
        return await visitor.client.get(path)


async def heard(centre: Centre, someone: Someone | None) -> set[str]:
    assert someone
    async with centre.sessions() as session:
        return {one.code for one in await told.told(session, someone.person, "ja")}


async def test_a_replaced_certificate_is_shown_with_its_reason_and_its_new_edition_is_issued(
    app: FastAPI, centre: Centre, power: Upkeep, first: Certificate, tmp_path: Path
) -> None:
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    await replace(centre, first)
    await sweep(power)
    later = f"{first.id}.2"
    shown = await listed(app, officer)
    assert (shown[first.id]["status"], shown[first.id]["reason"]) == ("replaced", "name")
    assert shown[first.id]["successor"] == later
    assert (shown[later]["status"], shown[later]["edition"]) == ("in_force", 2)
    for name in await power.papers():
        await power.paper(name)
    assert (await asked(app, officer, f"/certificates/{later}/pdf")).content.startswith(b"%PDF")
    verifies = f"calllist verify {first.id}.json --key certificate.pub --with {later}.json<"
    for name in (first.id, later):  # the same command from both
        assert verifies in (await asked(app, officer, f"/certificates/{name}")).text
    for path in ("/certificates", f"/certificates/{first.id}"):
        page = (await asked(app, officer, path)).text
        assert "差替済" in page
        assert "名称の誤記" in page
        assert later in page
    assert (
        "差替済" not in (await asked(app, officer, f"/certificates/{later}")).text.split("cols")[0]
    )

    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_bytes((await asked(app, officer, f"/certificates/{first.id}/file")).content)
    new.write_bytes((await asked(app, officer, f"/certificates/{later}/file")).content)
    pinned = centre.folder / "keeper" / "public" / "certificate.pub"
    done = run("verify", old, "--key", pinned, "--with", new, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert later in (done.stdout + done.stderr).decode()


async def test_of_what_was_replaced_twice_verify_names_the_newest(
    centre: Centre, power: Upkeep, first: Certificate, tmp_path: Path
) -> None:
    await replace(centre, first)
    await sweep(power)
    await replace(centre, (await rows(centre))[f"{first.id}.2"])
    await sweep(power)
    for row in (await rows(centre)).values():
        (tmp_path / f"{row.edition}.json").write_text(row.envelope)
    pinned = centre.folder / "keeper" / "public" / "certificate.pub"
    for later in (("2.json", "3.json"), ("3.json", "2.json"), ("3.json",)):
        given = [word for name in later for word in ("--with", name)]
        done = run("verify", "1.json", "--key", pinned, *given, cwd=tmp_path)
        assert done.returncode == 0, done.stderr.decode()
        assert f"最も新しい版は {first.id}.3(" in done.stderr.decode()


async def test_a_revoked_certificate_is_shown_with_its_reason_and_its_document_verifies(
    app: FastAPI, centre: Centre, power: Upkeep, first: Certificate, tmp_path: Path
) -> None:
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    paper = f"/certificates/{first.id}/revocation"
    assert (await asked(app, officer, paper)).status_code == 404
    await revoke(centre, first)
    await sweep(power)
    [one] = (await listed(app, officer)).values()
    assert (one["status"], one["reason"]) == ("revoked", "wrong_claim")
    for path in ("/certificates", f"/certificates/{first.id}"):
        page = (await asked(app, officer, path)).text
        assert "失効" in page
        assert "申告が事実と違う" in page
    assert "acknowledge" not in page
    assert f"{first.id}.json --key certificate.pub --with {first.id}.revocation.json<" in page
    document = (await asked(app, officer, paper)).content
    assert (await asked(app, officer, f"/api/v1{paper}")).content == document
    original, revocation = tmp_path / "c.json", tmp_path / "r.json"
    original.write_text(first.envelope)
    revocation.write_bytes(document)
    pinned = centre.folder / "keeper" / "public" / "certificate.pub"
    done = run("verify", original, "--key", pinned, "--with", revocation, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert "失効" in (done.stdout + done.stderr).decode()


async def test_those_who_oversee_the_list_are_told_once_and_until_the_new_edition_is_taken(
    app: FastAPI, centre: Centre, power: Upkeep, first: Certificate
) -> None:
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    auditor = await centre.person("kansa", Role.AUDITOR)
    everybody = (officer, auditor, centre.manager)
    await replace(centre, first)
    await sweep(power)
    await sweep(power)
    for someone in everybody:
        assert REPLACED in await heard(centre, someone)
    assert "certificate_issued" not in await heard(centre, officer)  # of the one before
    async with visit(app, officer) as visitor:
        await visitor.post(f"/certificates/{first.id}.2/acknowledge")
    later = (await rows(centre))[f"{first.id}.2"]
    await revoke(centre, later)
    await sweep(power)
    for someone in everybody:
        assert await heard(centre, someone) & {REPLACED, REVOKED} == {REVOKED}


async def test_killed_before_or_after_each_document_the_sweep_goes_on_as_if_nothing_had_been(
    centre: Centre, power: Upkeep, first: Certificate
) -> None:
    await replace(centre, first)
    await power.sweep()
    second = (await rows(centre))[f"{first.id}.2"]
    await revoke(centre, second)
    await power.sweep()
    whole = {name: (row.envelope, row.revocation) for name, row in (await rows(centre)).items()}
    await sql(centre, "delete from certificates where edition = 2")
    async with centre.sessions() as session:
        changes = await editions.owed(session, power.keeper)
    assert [change.successor for change in changes] == [second.id, ""]
    async with centre.sessions() as session:  # killed before its commit
        assert await editions.store(session, power.keeper, changes[0])
    for change in (changes[1], changes[0], changes[0], changes[1], changes[1]):
        await stored(centre, power, change)
    again = {name: (row.envelope, row.revocation) for name, row in (await rows(centre)).items()}
    assert again == whole
    async with centre.sessions() as session:
        assert await editions.owed(session, power.keeper) == []


async def test_what_a_restored_database_has_lost_is_fetched_again(
    centre: Centre, power: Upkeep, first: Certificate
) -> None:
    await replace(centre, first)
    await power.sweep()
    later = (await rows(centre))[f"{first.id}.2"]
    await sql(centre, "delete from certificates where edition = 2")
    for table in ("ledger_lines", "ledger_tiles", "ledger_heads", "ledger_witnesses"):
        await sql(centre, f"delete from {table}")  # noqa: S608 - the mirror of that day
    await power.sweep()
    assert (await rows(centre))[later.id].envelope == later.envelope


async def test_a_line_that_somebody_wrote_into_the_mirror_changes_nothing(
    app: FastAPI, centre: Centre, power: Upkeep, first: Certificate
) -> None:
    """The keeper has the last word, on reissue and on revocation."""
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    await power.sweep()
    forged = (
        "insert into ledger_lines (log, seq, at, kind, list_id, salt, leaf)"
        " select log, seq + 1000000 + :more, at, :kind, list_id, salt, :leaf"
        " from ledger_lines where kind = 'certify'"
    )
    names = {"certificate": f"{first.id}.2", "replaces": first.id}
    for more, kind, said in (
        (0, "reissue", names),
        (1, "revoke_certificate", {"certificate": first.id}),
        (2, "reissue", {"certificate": first.id + "x", "replaces": first.id}),
    ):
        leaf = json.dumps(said).encode()
        await sql(centre, forged, more=more, kind=kind, leaf=leaf)
    async with centre.sessions() as session:
        changes = await editions.owed(session, power.keeper)
    assert len(changes) == 3
    for change in changes:
        with pytest.raises((NotCertified, NotAuthentic)):
            await stored(centre, power, change)
    assert list(await rows(centre)) == [first.id]
    [one] = (await listed(app, officer)).values()
    assert one["status"] == "in_force"


async def test_a_document_is_stored_beside_the_original_that_it_is_about_only(
    centre: Centre, power: Upkeep, first: Certificate
) -> None:
    await replace(centre, first)
    await power.sweep()
    await revoke(centre, (await rows(centre))[f"{first.id}.2"])
    await power.sweep()
    await sql(centre, "update certificates set revocation = null")
    await sql(centre, "update certificates set envelope = :made", made=first.envelope)
    async with centre.sessions() as session:
        [change] = await editions.owed(session, power.keeper)
    with pytest.raises(NotAuthentic):
        await stored(centre, power, change)
    await sql(centre, "delete from certificates where edition = 2")
    await sql(centre, "update certificates set envelope = '{}'")
    async with centre.sessions() as session:
        changes = await editions.owed(session, power.keeper)
    with pytest.raises(NotAuthentic):
        await stored(centre, power, changes[0])


async def test_another_entrustor_and_another_centre_learn_of_no_change(
    app: FastAPI, centre: Centre, power: Upkeep, first: Certificate
) -> None:
    async with transaction(centre.sessions) as session:
        other = await register_entrustor(
            session, name="仮空市", kind=EntrustorKind.PUBLIC, now=centre.now()
        )
    stranger = await centre.person("tanin", Role.ENTRUSTOR, entrustor_id=other.id)
    await replace(centre, first)
    await power.sweep()
    second = (await rows(centre))[f"{first.id}.2"]
    await revoke(centre, second)
    await power.sweep()
    assert await listed(app, stranger) == {}
    assert not await heard(centre, stranger) & {REPLACED, REVOKED}
    for below in ("", "/revocation", "/file"):
        path = f"/certificates/{second.id}{below}"
        assert (await asked(app, stranger, path)).status_code == 404
    assert (await asked(app, stranger, f"/api/v1/certificates/{second.id}/revocation")).is_error


async def test_what_cannot_be_fetched_is_told_as_missing(
    centre: Centre, power: Upkeep, first: Certificate
) -> None:
    await replace(centre, first)
    await power.sweep()
    async with transaction(centre.sessions) as session:
        await missing.follow(session, centre.now(timedelta(hours=1)))
    auditor = await centre.person("kansa", Role.AUDITOR)
    assert "certificate_missing" not in await heard(centre, auditor)
    await sql(centre, "delete from certificates where edition = 2")
    async with transaction(centre.sessions) as session:
        await missing.follow(session, centre.now())  # it may be on its way
    assert "certificate_missing" not in await heard(centre, auditor)
    async with transaction(centre.sessions) as session:
        await missing.follow(session, centre.now(timedelta(hours=1)))
    assert "certificate_missing" in await heard(centre, auditor)


FORGED = "update certificates set revocation = :made, revoked_at = now()"


async def test_whoever_owns_the_database_makes_no_status_appear(
    app: FastAPI, centre: Centre, first: Certificate
) -> None:
    """Neither a document of another certificate nor one that nobody signed revokes this one."""
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    for made in ("{}", first.envelope):
        await sql(centre, FORGED, made=made)
        [one] = (await listed(app, officer)).values()
        assert (one["status"], one["reason"]) == ("unknown", "")
        page = (await asked(app, officer, f"/certificates/{first.id}")).text
        assert "失効しています" not in page
    await sql(centre, "update certificates set revocation = null, revoked_at = null")
    for column, value in (("id", "crt_x"), ("number", 7), ("edition", 2)):
        before = getattr(first, column)
        await sql(centre, f"update certificates set {column} = :value", value=value)  # noqa: S608
        [one] = (await listed(app, officer)).values()
        assert one["status"] == "unknown", column
        await sql(centre, f"update certificates set {column} = :value", value=before)  # noqa: S608
    [one] = (await listed(app, officer)).values()
    assert one["status"] == "in_force"


@pytest.mark.parametrize("way", ["replaced", "revoked"])
async def test_whoever_owns_the_database_makes_no_status_disappear(
    app: FastAPI, centre: Centre, power: Upkeep, first: Certificate, way: str
) -> None:
    """The page asks the keeper itself; a sweep brings the document back."""
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    await {"replaced": replace, "revoked": revoke}[way](centre, first)
    await power.sweep()
    await sql(centre, "delete from certificates where edition = 2")
    await sql(centre, "update certificates set revocation = null, revoked_at = null")
    page = (await asked(app, officer, f"/certificates/{first.id}")).text
    word = {"replaced": "差替済", "revoked": "失効しています"}[way]
    assert word in page
    assert "/acknowledge" not in page
    async with visit(app, officer) as visitor:  # nor by hand
        answer = await visitor.post(f"/certificates/{first.id}/acknowledge")
        assert (answer.status_code, "受領" in answer.text) == (409, True)
    assert (await rows(centre))[first.id].acknowledged_at is None
    await power.sweep()
    assert (await listed(app, officer))[first.id]["status"] == way
    await sql(centre, "update certificates set revocation = '{}' where revocation is not null")
    await sql(centre, "update certificates set envelope = '{}' where edition = 2")
    assert (await listed(app, officer))[first.id]["status"] == "unknown"


async def test_a_manager_sees_status_and_count_of_its_jobs_and_opens_none(
    app: FastAPI, centre: Centre, power: Upkeep, first: Certificate
) -> None:
    await revoke(centre, first)
    await power.sweep()
    page = (await asked(app, centre.manager, "/certificates")).text
    assert "失効" in page
    assert f"/certificates/{first.id}" not in page
    assert (await asked(app, centre.manager, f"/certificates/{first.id}")).status_code == 403
    async with transaction(centre.sessions) as session:
        party = await register_party(session, name="架空商会", kind=PartyKind.CENTRE)
        site = await register_site(session, party_id=party.id, name="本店")
    other = await centre.person("yoso", Role.MANAGER, party_id=party.id, site_id=site.id)
    assert "失効" not in (await asked(app, other, "/certificates")).text


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_both_decisions_are_named_among_the_signed_ones(
    app: FastAPI, centre: Centre, power: Upkeep, first: Certificate, lang: str
) -> None:
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    await replace(centre, first)
    await power.sweep()
    await revoke(centre, (await rows(centre))[f"{first.id}.2"])
    await power.sweep()
    page = (await asked(app, officer, "/statements", lang)).text
    named = {"ja": ("証明書の差替", "証明書の失効"), "en": ("Replacement of", "Revocation of")}
    for words in named[lang]:
        assert words in page


async def test_the_keepers_word_is_for_the_row_that_it_has_signed(
    centre: Centre, power: Upkeep, first: Certificate
) -> None:
    first.envelope = first.envelope.replace("payload", "Payload")
    assert (await editions.standing(power.keeper, first)).status is Status.UNKNOWN
