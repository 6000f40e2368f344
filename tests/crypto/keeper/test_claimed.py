"""A certificate says nothing that the keeper knows better, or was never told step by step."""

import base64
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from msgspec.structs import replace

from crypto.errors.keeper import BadFrame
from crypto.errors.lists import (
    AlreadyCertified,
    CertificateTaken,
    ClaimsContradict,
    NotAttested,
    NotShredded,
)
from crypto.keeper import certifying
from crypto.signed.orders import PartyDecision
from crypto.standards.canonical import canonical_json
from crypto.wire.lists import Attest, Certify, Issued, Shred
from tests.crypto.world import World, sealed, townsfolk

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def world(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = await World.at(tmp_path / "keeper")
    await made.settle()
    await made.upload("lst_1", townsfolk(3))
    await made.end("lst_1")
    made.wait(minutes=5)
    await made.say(Shred("lst_1"))
    yield made
    await made.stop()


def payload(envelope: bytes) -> dict[str, Any]:
    outer = msgspec.json.decode(envelope)
    return msgspec.json.decode(base64.b64decode(outer["payload"]), type=dict[str, Any])


@pytest.mark.parametrize("step", ["erased", "verified", None])
async def test_nothing_is_certified_that_was_not_attested(world: World, step: str | None) -> None:
    facts = {"erased": {"rows": "3"}, "verified": {"pass": "1"}}
    for name in facts.keys() - {step}:
        if step:
            await world.say(Attest("lst_1", name, facts[name]))  # type: ignore[arg-type]
    request = await world.certifying("lst_1")
    with pytest.raises(NotAttested):
        await world.say(request)
    await world.attest("lst_1")
    await world.say(request)


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("people", 2),
        ("erased_rows", 2),
        ("trigger", "entrustor"),
        ("deadline", "2028-04-08T01:00:00Z"),
        ("frozen_at", "2026-03-28T01:00:00Z"),
        ("shredded_at", "2026-03-28T01:00:00Z"),
        ("checks", [{"store": "records", "outcome": "OUTSIDE", "how": "counted"}]),
        ("checks", [{"store": name, "outcome": "PASS", "how": "counted"} for name in "ab"]),
        ("accepted", {"accepted": 2}),
        ("file_hash", {"file_hash": "cd" * 32}),
        ("purpose", {"purpose": "sales"}),
        ("parties", {"parties": ["無関係株式会社", "架空コール株式会社"]}),
    ],
)
async def test_a_claim_that_the_keeper_knows_better_is_refused_and_named(
    world: World, claim: str, said: Any
) -> None:
    await world.attest("lst_1")
    name = "received" if isinstance(said, dict) else claim
    with pytest.raises(ClaimsContradict) as refused:
        await world.say(await world.certifying("lst_1", **{name: said}))
    assert refused.value.detail == claim
    [line] = world.lines("certify_refused")
    assert (line["list"], line["code"]) == ("lst_1", "claims_contradict")
    await world.say(await world.certifying("lst_1"))


async def test_fewer_rows_than_were_manifested_are_never_certified(world: World) -> None:
    """Five of six were carried away before: the worker honestly says one."""
    await world.say(Attest("lst_1", "erased", {"rows": "1"}))
    await world.say(Attest("lst_1", "verified", {"pass": "1"}))
    for people, erased in ((1, 1), (3, 1), (3, 3)):
        request = await world.certifying("lst_1", people=people, erased_rows=erased)
        with pytest.raises(ClaimsContradict):
            await world.say(request)


@pytest.mark.parametrize(
    "changed",
    [
        {"hello": "nothing of the kind"},
        {"received": {"name": "山田 花子"}},
        {"checks": []},
        {"checks": [{"store": "records", "outcome": "FAILED", "how": "counted"}]},
        {"checks": [{"store": "records", "outcome": "UNKNOWN", "how": "counted"}]},
        {"checks": [{"store": "山田", "outcome": "PASS", "how": "counted"}]},
        {"reference": "x" * 501},
        {"people": -1},
        {"form": "calllist-claims/0"},
        {"ending": "never"},
    ],
    ids=str,
)
async def test_claims_have_a_form_and_nothing_else_is_signed(
    world: World, changed: dict[str, Any]
) -> None:
    await world.attest("lst_1")
    claims = {**await world.claims("lst_1"), **changed}
    with pytest.raises(BadFrame):
        await world.say(Certify("lst_1", "ent_1-000001", canonical_json(claims)))
    for missing in ("checks", "people", "received"):
        less = {name: said for name, said in claims.items() if name != missing}
        with pytest.raises(BadFrame):
            await world.say(Certify("lst_1", "ent_1-000001", canonical_json(less)))


@pytest.mark.parametrize(
    "name",
    [
        "ent_2-000001",
        "ent_1-000002",
        "ent_1-1",
        "000001",
        "ent_1",
        "ent_1-000001.2",
        "lst_1-000001",
    ],
)
async def test_a_certificate_is_named_for_its_entrustor_and_its_number(
    world: World, name: str
) -> None:
    await world.attest("lst_1")
    request = await world.certifying("lst_1")
    with pytest.raises(BadFrame):
        await world.say(Certify("lst_1", name, request.claims))


async def test_a_list_has_one_certificate(world: World) -> None:
    first = await world.certify("lst_1")
    with pytest.raises(AlreadyCertified):
        await world.say(await world.certifying("lst_1", 2))
    assert (await world.say(await world.certifying("lst_1"))).envelope == first
    assert (await world.say(Issued("lst_1"))).names == ("ent_1-000001",)


async def test_a_certificate_is_of_one_list_that_is_gone_and_the_ledger_has_it(
    world: World,
) -> None:
    await world.certify("lst_1")
    assert [line["certificate"] for line in world.lines("certify")] == ["ent_1-000001"]
    await world.upload("lst_2", townsfolk(2))
    await world.end("lst_2")
    request = await world.certifying("lst_2", 2)
    with pytest.raises(NotShredded):
        await world.say(request)
    await world.say(Shred("lst_2"))
    await world.attest("lst_2")
    with pytest.raises(CertificateTaken):
        await world.say(await world.certifying("lst_2", 1))
    request = await world.certifying("lst_2", 2)
    long = request.claims.ljust(certifying.CLAIMS_BYTES + 1)
    with pytest.raises(BadFrame, match="claims"):
        await world.say(replace(request, claims=long))
    await world.say(request)
    assert len(world.lines("certify")) == 2


async def test_the_keeper_states_what_it_knows_of_the_list_itself(world: World) -> None:
    for party, approved in (("pty_2", True), ("pty_3", True), ("pty_3", False)):
        world.wait(seconds=1)
        order = PartyDecision("ent_1", "ctr_1", party, approved)
        await world.sign(order)
    world.wait(seconds=1)
    minted = await world.mint("lst_2")
    _, manifest = sealed(minted, "lst_2", townsfolk(5), chunk_rows=2)
    world.wait(minutes=1)
    complete = world.now
    await world.say(manifest)
    world.rows["lst_2"] = 5
    world.wait(seconds=1)
    await world.sign(PartyDecision("ent_1", "ctr_1", "pty_4", True))  # for lists to come
    await world.end("lst_2")
    await world.say(Shred("lst_2"))
    await world.attest("lst_2")
    received = {"parties": ["架空コール株式会社", "架空サポート株式会社"]}  # as many as were let in
    request = await world.certifying("lst_2", received=received)
    said = payload((await world.say(request)).envelope)
    assert (said["rows"], said["purpose"]) == (5, "health_check")
    assert said["parties"] == ["pty_1", "pty_2"]
    assert said["file_hash"] == manifest.file_hash.hex()
    assert said["manifested_at"] == complete.isoformat()
    lines = {line["step"]: line["seq"] for line in world.lines("attest")}
    assert said["attested"] == lines
