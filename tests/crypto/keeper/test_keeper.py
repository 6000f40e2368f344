"""The main path of a list through the keeper, from pin to certificate."""

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.certificates.dsse import pre_authentication
from crypto.errors.keeper import NotAllowed
from crypto.errors.lists import ListOver
from crypto.keeper.certifying import PAYLOAD_TYPE
from crypto.ledger import checkpoint
from crypto.records.fields import FieldKind, Stage
from crypto.records.sealing import open_list_keys, open_result, person_tag
from crypto.wire.base import Caller
from crypto.wire.ledger import Head
from crypto.wire.lists import Certify, Inspect, Shred
from crypto.wire.records import Close, Match, Open, Reveal
from tests.crypto.world import YAMADA, World, townsfolk


@pytest.mark.asyncio
async def test_a_list_lives_from_upload_to_certificate(world: World) -> None:
    grant = await world.shift("per_1")
    [record, other] = await world.upload("lst_1", [YAMADA, *townsfolk(1)])
    view = await world.say(Open(grant, record))
    assert view.stage == Stage.DIALLING
    assert {field.kind: field.text for field in view.fields} == {
        FieldKind.PHONE: "090-****-*678",
        FieldKind.NAME_KANA: "ヤマダ ハナコ",
        FieldKind.REFERENCE: "****123",
    }
    assert view.match == (FieldKind.REFERENCE, FieldKind.BIRTH_DATE)
    assert (view.tries_left, view.people_left) == (3, 119)

    matched = await world.say(Match(grant, record, FieldKind.BIRTH_DATE, "1975/1/2"))
    assert matched.same
    assert matched.view.stage == Stage.VERIFIED
    shown = {field.kind: field.text for field in matched.view.fields}
    assert shown[FieldKind.BIRTH_DATE] == "1970年代"
    assert shown[FieldKind.SUBJECT] == "特定健診"
    assert shown[FieldKind.NAME] == "山田 花子"

    revealed = await world.say(Reveal(grant, record, FieldKind.PHONE, "manual_dial"))
    assert (revealed.text, revealed.seconds) == ("090-0000-0678", 90)

    closed = await world.say(Close(grant, record, "att_1", 10))
    assert closed.final
    keys = open_list_keys(
        world.entrustor_recipient,
        entrustor="ent_1",
        list_id="lst_1",
        sealed=world.for_entrustor["lst_1"],
    )
    result = open_result(keys.result_key, list_id="lst_1", attempt="att_1", sealed=closed.sealed)
    assert (result.line, result.reference, result.code) == (2, "K-0000123", 10)
    tag = person_tag(keys.trace_key, "lst_1", YAMADA[FieldKind.PHONE])
    assert [line["tag"] for line in world.lines("open", "match", "reveal", "close")] == [tag] * 4

    await world.end("lst_1")
    with pytest.raises(ListOver):
        await world.say(Open(grant, other))
    done = await world.say(Shred("lst_1"))
    assert (await world.say(Inspect("lst_1"))).state == "shredded"
    assert world.lines("shred")[0]["seq"] == done.seq

    certified = await world.certify("lst_1")
    head = await world.say(Head())
    envelope = msgspec.json.decode(certified)
    payload = base64.b64decode(envelope["payload"])
    Ed25519PublicKey.from_public_bytes(head.certificate_key).verify(
        base64.b64decode(envelope["signatures"][0]["sig"]),
        pre_authentication(payload, PAYLOAD_TYPE),
    )
    facts = msgspec.json.decode(payload)
    assert facts["claims"] == await world.claims("lst_1")
    assert (facts["opens"], facts["people_opened"], facts["operators"]) == (1, 1, 1)
    assert facts["root_kind"] == "file"
    assert checkpoint.verify(facts["checkpoint"], head.ledger_key).size > done.seq


@pytest.mark.asyncio
async def test_every_verb_is_refused_to_every_caller_that_may_not_say_it(world: World) -> None:
    [record] = await world.upload("lst_1")
    for request in (Shred("lst_1"), Open("grant", record), Certify("lst_1", "C-1", b"{}")):
        for caller in set(Caller) - type(request).callers:
            with pytest.raises(NotAllowed):
                await world.say(request, caller)
