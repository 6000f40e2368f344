"""A certificate is replaced or revoked by two signatures; what was destroyed stays as it was."""

import base64
import hashlib
from typing import Any

import msgspec
import pytest

from crypto.errors.keeper import BadFrame
from crypto.errors.lists import NotCertified
from crypto.errors.statements import BadStatement, IssuerApproves
from crypto.keeper import editions
from crypto.signed.orders import CertificateRevocation, Corrections, Reissue
from crypto.wire.approvals import Pin
from crypto.wire.lists import Certify, LookAtCertificate, Shred, SignDocument
from tests.crypto.world import World

NAMED = Reissue("ent_1", "lst_1", "ent_1-000001", "name", Corrections(entrustor="架空市"))
REVOKED = CertificateRevocation("ent_1", "lst_1", "ent_1-000001", "wrong_claim")


async def certified(world: World) -> bytes:
    await world.upload("lst_1")
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    return await world.certify("lst_1")


async def decide(world: World, body: Reissue | CertificateRevocation) -> None:
    """Both sign the same."""
    for signed in world.signed_by(body, world.entrustor, world.centre):
        await world.say(signed)


def payload(envelope: bytes) -> dict[str, Any]:
    outer = msgspec.json.decode(envelope)
    return msgspec.json.decode(base64.b64decode(outer["payload"]), type=dict[str, Any])


def named(body: Reissue | CertificateRevocation, envelope: bytes, edition: int) -> dict[str, Any]:
    return {
        "certificate": body.certificate,
        "edition": edition,
        "digest": hashlib.sha256(envelope).hexdigest(),
        "reason": body.reason,
    }


@pytest.mark.asyncio
async def test_a_new_edition_names_the_one_before_and_changes_what_was_signed_for_only(
    world: World,
) -> None:
    first = await certified(world)
    before = payload(first)
    await decide(world, NAMED)
    told = await world.say(LookAtCertificate("ent_1-000001"))
    assert (told.envelope, told.successor, told.revocation) == (first, "ent_1-000001.2", b"")
    after = payload((await world.say(LookAtCertificate("ent_1-000001.2"))).envelope)
    replaces = after.pop("replaces")
    del replaces["statement"]
    assert (after.pop("edition"), replaces) == (2, named(NAMED, first, 1))
    said = {**before["claims"], "received": {"entrustor": "架空市", "rows": 1}}
    assert after.pop("claims") == said
    changed = {name for name, value in after.items() if value != before[name]}
    assert changed <= {"certificate", "issued_at", "checkpoint", "inclusion"}
    [line] = world.lines("reissue")
    assert (line["certificate"], line["replaces"], line["reason"]) == (
        "ent_1-000001.2",
        "ent_1-000001",
        "name",
    )


@pytest.mark.asyncio
async def test_an_edition_can_be_replaced_and_revoked_too(world: World) -> None:
    await certified(world)
    await decide(world, NAMED)
    again = Reissue("ent_1", "lst_1", "ent_1-000001.2", "claim", Corrections(rows=2))
    await decide(world, again)
    third = (await world.say(LookAtCertificate("ent_1-000001.3"))).envelope
    revoked = CertificateRevocation("ent_1", "lst_1", "ent_1-000001.3", "in_error")
    await decide(world, revoked)
    document = payload((await world.say(LookAtCertificate("ent_1-000001.3"))).revocation)
    assert document.items() >= named(revoked, third, 3).items()
    assert (document["list"], document["entrustor"]) == ("lst_1", "ent_1")
    assert [line["certificate"] for line in world.lines("revoke_certificate")] == ["ent_1-000001.3"]


@pytest.mark.asyncio
async def test_one_signature_changes_no_certificate(world: World) -> None:
    await certified(world)
    for body in (NAMED, REVOKED):
        for key in (world.entrustor, world.centre):
            taken = await world.say(world.signed(body, key))
            assert len(taken.missing) == 1
    assert (await world.say(LookAtCertificate("ent_1-000001"))).successor == ""
    assert not world.lines("reissue", "revoke_certificate")


@pytest.mark.asyncio
async def test_nobody_of_a_house_that_signs_asks_for_it(world: World) -> None:
    await certified(world)
    await world.hire("per_e", role="entrustor", party="ent_1")
    for body in (NAMED, REVOKED):
        for issuer in ("per_e", "ent_1", "centre"):
            [signed] = world.signed_by(body, world.entrustor, issuer=issuer)
            with pytest.raises(IssuerApproves):
                await world.say(signed)


@pytest.mark.asyncio
@pytest.mark.parametrize("over", [NAMED, REVOKED], ids=["replaced", "revoked"])
@pytest.mark.parametrize("body", [NAMED, REVOKED], ids=["replace", "revoke"])
async def test_what_is_no_longer_in_force_is_not_changed_again(
    world: World, over: Reissue | CertificateRevocation, body: Reissue | CertificateRevocation
) -> None:
    await certified(world)
    await decide(world, over)
    with pytest.raises(BadStatement):
        await decide(world, body)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "changed", [{"list": "lst_2"}, {"certificate": "ent_1-000009"}, {"corrected": Corrections()}]
)
async def test_a_change_names_a_certificate_of_its_list_and_corrects_something(
    world: World, changed: dict[str, Any]
) -> None:
    await certified(world)
    await world.upload("lst_2")
    with pytest.raises(BadStatement):
        await decide(world, msgspec.structs.replace(NAMED, **changed))


@pytest.mark.asyncio
async def test_another_entrustor_cannot_have_it_replaced(world: World) -> None:
    await certified(world)
    recipient = world.entrustor_recipient.public.data
    await world.say(Pin("ent_2", world.entrustor.public, recipient))
    for body in (NAMED, REVOKED):
        with pytest.raises(BadStatement):
            await decide(world, msgspec.structs.replace(body, entrustor="ent_2"))


@pytest.mark.asyncio
async def test_the_names_of_editions_are_the_keepers_alone(world: World) -> None:
    await certified(world)
    with pytest.raises(BadFrame):
        await world.say(Certify("lst_1", "ent_1-000001.2", b"{}"))
    with pytest.raises(NotCertified):
        await world.say(LookAtCertificate("ent_1-000001.2"))


@pytest.mark.asyncio
async def test_the_pdf_of_an_edition_is_signed_as_the_first_ones(world: World) -> None:
    await certified(world)
    await decide(world, NAMED)
    assert (await world.say(SignDocument("ent_1-000001.2", bytes(32)))).signature


@pytest.mark.asyncio
async def test_there_are_so_many_editions_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editions, "EDITIONS", 2)
    await certified(world)
    await decide(world, NAMED)
    with pytest.raises(BadStatement):
        await decide(world, msgspec.structs.replace(NAMED, certificate="ent_1-000001.2"))
