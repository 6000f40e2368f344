"""What the schema itself keeps out: room for contents where ids, codes and hashes belong."""

import secrets
from typing import Any

import msgspec
import pytest

from crypto.records.fields import FieldKind
from crypto.standards.oath import Generator
from crypto.wire.frames import FRAME_LIMIT, decode_request, encode
from crypto.wire.lists import Abandon, Certify, Freeze, Inspect, Manifest
from crypto.wire.people import Enrol, Grant, GrantByKey, HandToken, RegisterKey
from crypto.wire.records import Close, Match, Recall, SealedRecord

MANIFEST = Manifest("lst_1", (bytes(32),), (1,), bytes(32), bytes(1168))
replace = msgspec.structs.replace


def received(request: Any) -> Any:
    """As the keeper reads it."""
    return decode_request(msgspec.msgpack.encode(request))


@pytest.mark.parametrize(
    "text", ["山田 花子", "090 0000 0678", "lst_1\n", "a@b", "", "a" * 65, "lst/1", "１２３"]
)
@pytest.mark.parametrize("verb", [Enrol, Inspect, Abandon, Recall])
def test_an_id_has_no_room_for_contents(verb: type, text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        received(verb(text))
    with pytest.raises(msgspec.ValidationError):
        received(Certify("lst_1", text, b"{}"))


def test_every_form_of_id_that_we_make_passes() -> None:
    for made in (f"lst_{secrets.token_hex(8)}", f"-_{secrets.token_urlsafe(16)}", "R8-01.a:b"):
        assert received(Inspect(made)) == Inspect(made)


@pytest.mark.parametrize("trigger", ["completed", "manager", "deadline", "entrustor"])
def test_a_trigger_is_one_of_four(trigger: Any) -> None:
    assert received(Freeze("lst_1", trigger)).trigger == trigger
    for other in ("abandoned", f"{trigger} 山田", ""):
        with pytest.raises(msgspec.ValidationError):
            received(Freeze("lst_1", other))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"file_hash": bytes(31)},
        {"file_hash": bytes(33)},
        {"file_hash": "山田".encode()},
        {"commitments": (bytes(32), bytes(16))},
        {"commitments": (b"",)},
        {"index_key": bytes(2049)},
    ],
)
def test_a_manifest_carries_hashes_and_one_sealed_key(wrong: dict[str, Any]) -> None:
    assert received(MANIFEST) == MANIFEST
    with pytest.raises(msgspec.ValidationError):
        received(replace(MANIFEST, **wrong))


@pytest.mark.parametrize(
    "request_",
    [
        Grant("per_1", "1" * 17),
        Grant("per_1", "1", following="1" * 17),
        HandToken("per_1", "T-1", bytes(15), Generator()),
        HandToken("per_1", "T-1", bytes(129), Generator()),
        HandToken("per_1", "T 1", bytes(20), Generator()),
        HandToken("per_1", "T-1", bytes(20), Generator(), counter=-1),
        HandToken("per_1", "T-1", bytes(20), Generator(digits=7)),  # type: ignore[arg-type]
        HandToken("per_1", "T-1", bytes(20), Generator(seconds=45)),  # type: ignore[arg-type]
        RegisterKey("per_1", bytes(2049), b""),
        RegisterKey("per_1", b"", bytes(4097)),
        GrantByKey("per_1", bytes(1024), b"", b"", b""),
        GrantByKey("per_1", b"", b"", bytes(1025), b""),
        GrantByKey("per_1", b"", b"", b"", bytes(513)),
    ],
)
def test_a_second_factor_has_its_bounds(request_: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        received(request_)


def test_what_the_callee_said_is_short() -> None:
    """To normalise a long run of combining marks takes minutes, and the keeper has one thread."""
    record = SealedRecord("lst_1", 0, 0, b"", b"")
    short = Match("g", record, FieldKind.NAME, "\u0301" * 200)
    assert received(short) == short
    with pytest.raises(msgspec.ValidationError):
        received(replace(short, said="\u0301" * 201))


def test_a_frame_is_its_length_in_four_bytes_and_its_body_of_four_mebibytes_at_most() -> None:
    frame = encode(Inspect("lst_1"))
    assert frame[:4] == (len(frame) - 4).to_bytes(4, "big")
    assert decode_request(frame[4:]) == Inspect("lst_1")
    assert FRAME_LIMIT == 4_194_304
    with pytest.raises(msgspec.DecodeError):
        decode_request(b"\x91" * 100_000)  # a nesting bomb
    with pytest.raises(msgspec.DecodeError, match="UnicodeDecodeError"):
        decode_request(b"\x81\xa4verb\xa1\xff")  # a verb that is no text


def test_a_note_has_a_hundred_characters_at_most() -> None:
    record = SealedRecord("lst_1", 0, 0, b"", b"")
    note = Close("g", record, "att_1", 30, note="あ" * 100)
    assert received(note) == note
    with pytest.raises(msgspec.ValidationError):
        received(replace(note, note="あ" * 101))
