"""Files that an entrustor encrypts to a job: whom to encrypt to, who learns a file key, when."""

import dataclasses
from datetime import timedelta

import msgspec
import pytest

from crypto.certificates import dsse, recipients
from crypto.errors.lists import ListOver, UnknownList
from crypto.errors.statements import ForeignJob, UnknownContract
from crypto.errors.uploads import (
    HeaderUnreadable,
    SealedElsewhere,
    SealedOnly,
    SecondHeader,
    TakenInBefore,
    TooManyAddresses,
)
from crypto.keeper.certifying import PAYLOAD_TYPE as CERTIFICATE
from crypto.lists.keyroom import Session
from crypto.lists.letterbox import WITHOUT_LIST
from crypto.signed.terms import ContractTerms
from crypto.standards.age import header
from crypto.standards.age.keys import AgeIdentity, AgeRecipient
from crypto.standards.canonical import canonical_json
from crypto.wire.base import Caller
from crypto.wire.lists import Mint, Shred
from crypto.wire.uploads import Address, Unwrap
from tests.crypto.world import TERMS, YAMADA, World, sealed

replace = msgspec.structs.replace
SEALED_ONLY = replace(TERMS, version=2, conduct=replace(TERMS.conduct, sealed_only=True))


async def address(world: World, job: str = "job_1") -> AgeRecipient:
    told = await world.say(Address("ctr_1", job))
    return recipients.checked(told.statement, certificate_key(world)).key


def certificate_key(world: World) -> bytes:
    return world.home.signers.certificate.public_key().public_bytes_raw()


def head(*recipients: AgeRecipient) -> tuple[bytes, bytes]:
    """A file key, and a header that tells it."""
    key = header.new_file_key()
    return key, header.make(key, recipients)


async def take_in(world: World, list_id: str, data: bytes) -> None:
    minted = await world.mint(list_id)
    await world.say(Unwrap(list_id, "list", data))
    await world.say(sealed(minted, list_id, [YAMADA])[1])


@pytest.mark.asyncio
async def test_the_keeper_states_whom_to_encrypt_to_and_signs_it(world: World) -> None:
    told = await world.say(Address("ctr_1", "job_1"))
    said = recipients.checked(told.statement, certificate_key(world))
    assert (said.entrustor, said.contract, said.job) == ("ent_1", "ctr_1", "job_1")
    assert said.issued == world.now
    assert said.key == await address(world), "the same one as long as it lives"
    assert said.key != await address(world, "job_2")
    line = world.lines("letterbox")[0]
    assert (line["job"], line["recipient"]) == ("job_1", said.recipient)
    assert len(world.lines("letterbox")) == 2


@pytest.mark.asyncio
async def test_a_statement_is_nobody_elses(world: World) -> None:
    statement = (await world.say(Address("ctr_1", "job_1"))).statement
    key = certificate_key(world)
    ledger = world.home.signers.ledger.public_key().public_bytes_raw()
    forged = recipients.UploadRecipient(
        "ent_1", "ctr_1", "job_1", str(AgeIdentity.generate().recipient), world.now
    )
    certificate = dsse.envelope(canonical_json(forged), CERTIFICATE, world.home.signers.certificate)
    for data, pinned in (
        (statement, ledger),
        (statement[:-3] + b"0" + statement[-2:], key),
        (statement + b" ", key),
        (recipients.stated(forged, world.home.signers.ledger), key),
        (certificate, key),  # signed by the right key, as something else
        (b"{}", key),
        (b"\xff", key),
        (b"x" * (dsse.ENVELOPE_BYTES + 1), key),
    ):
        with pytest.raises(dsse.NotGenuine) as refused:
            recipients.checked(data, pinned)
        assert not refused.value.args


@pytest.mark.asyncio
async def test_the_file_key_is_for_the_intake_of_the_list_that_was_minted(world: World) -> None:
    key, data = head(await address(world))
    with pytest.raises(UnknownList):
        await world.say(Unwrap("lst_1", "list", data))
    minted = await world.mint("lst_1")
    assert (await world.say(Unwrap("lst_1", "list", data))).file_key == key
    stranger = Session(Caller.INTAKE)
    with pytest.raises(UnknownList):
        await world.keeper.answer(stranger, Unwrap("lst_1", "list", data))
    await world.say(sealed(minted, "lst_1", [YAMADA])[1])
    with pytest.raises(UnknownList):  # until the manifest, and no longer
        await world.say(Unwrap("lst_1", "list", data))
    line = world.lines("unwrap")[-1]
    assert (line["list"], line["part"], line["job"]) == ("lst_1", "list", "job_1")
    assert len(world.lines("unwrap")) == 1


@pytest.mark.asyncio
async def test_an_upload_shows_one_header_for_each_part(world: World) -> None:
    recipient = await address(world)
    (_, first), (_, second), (_, third) = head(recipient), head(recipient), head(recipient)
    await world.mint("lst_1")
    await world.say(Unwrap("lst_1", "list", first))
    with pytest.raises(SecondHeader):  # one file is not both
        await world.say(Unwrap("lst_1", "refusals", first))
    await world.say(Unwrap("lst_1", "refusals", second))
    for part, data in (("list", first), ("list", third), ("refusals", first), ("refusals", third)):
        with pytest.raises(SecondHeader):
            await world.say(Unwrap("lst_1", part, data))  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_a_file_becomes_one_list_of_its_job_only(world: World) -> None:
    _, data = head(await address(world))
    await world.mint("lst_0")
    await world.say(Unwrap("lst_0", "list", data))
    world.keeper.hang_up(world.sessions[Caller.INTAKE])  # a broken upload uses nothing up
    await take_in(world, "lst_1", data)
    await world.mint("lst_2")
    with pytest.raises(TakenInBefore):
        await world.say(Unwrap("lst_2", "list", data))


@pytest.mark.asyncio
async def test_a_file_that_is_sent_twice_at_once_becomes_one_list(world: World) -> None:
    _, data = head(await address(world))
    others = Session(Caller.INTAKE)
    first = await world.mint("lst_1")
    mint = Mint("lst_2", "ctr_1", world.version, world.now + timedelta(days=1), "job_1")
    second = await world.keeper.answer(others, mint)
    await world.say(Unwrap("lst_1", "list", data))
    await world.keeper.answer(others, Unwrap("lst_2", "list", data))
    await world.say(sealed(first, "lst_1", [YAMADA])[1])
    with pytest.raises(TakenInBefore):
        await world.keeper.answer(others, sealed(second, "lst_2", [YAMADA])[1])
    assert [line["list"] for line in world.lines("manifest")] == ["lst_1"]


@pytest.mark.asyncio
async def test_what_one_connection_has_shown_for_another_list_is_not_forgotten(
    world: World,
) -> None:
    recipient = await address(world)
    minted, data = {}, head(recipient)[1]
    for list_id in ("lst_1", "lst_2"):
        minted[list_id] = await world.mint(list_id)
    await world.say(Unwrap("lst_1", "list", head(recipient)[1]))
    await world.say(Unwrap("lst_2", "list", data))
    for list_id, one in minted.items():
        await world.say(sealed(one, list_id, [YAMADA])[1])
    await world.mint("lst_3")
    with pytest.raises(TakenInBefore):
        await world.say(Unwrap("lst_3", "list", data))


@pytest.mark.asyncio
async def test_what_is_sealed_to_another_key_or_damaged_is_refused_by_name(world: World) -> None:
    recipient, other = await address(world), await address(world, "job_2")
    await world.mint("lst_1")
    with pytest.raises(SealedElsewhere):
        await world.say(Unwrap("lst_1", "list", head(other)[1]))
    for data in (b"", b"age-encryption.org/v1\n", head(recipient)[1].replace(b"--- ", b"--- A")):
        with pytest.raises(HeaderUnreadable):
            await world.say(Unwrap("lst_1", "list", data))
    await world.mint("lst_9", job="job_9")
    with pytest.raises(SealedElsewhere):  # nobody has asked for an address there
        await world.say(Unwrap("lst_9", "list", head(recipient)[1]))


@pytest.mark.asyncio
async def test_the_key_dies_with_the_jobs_last_list(world: World) -> None:
    recipient = await address(world)
    for list_id in ("lst_1", "lst_2"):
        await take_in(world, list_id, head(recipient)[1])
    waiting = await address(world, "job_2")
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    await world.mint("lst_3")
    key, data = head(recipient)
    assert (await world.say(Unwrap("lst_3", "list", data))).file_key == key, "one list lives"
    await world.restart()
    await world.end("lst_2")
    await world.say(Shred("lst_2"))
    await world.mint("lst_4")
    with pytest.raises(SealedElsewhere):
        await world.say(Unwrap("lst_4", "list", data))
    assert await address(world) != recipient, "asked for again, another one"
    assert await address(world, "job_2") == waiting, "a job that waits for its first list"


@pytest.mark.asyncio
async def test_the_key_of_a_job_that_waits_ends_with_its_contract(world: World) -> None:
    await address(world, "job_2")
    await world.upload("lst_1")
    await world.end("lst_1")
    assert "job_2" in world.home.keystore.boxes
    world.now = TERMS.expires
    await world.say(Shred("lst_1"))
    assert "job_2" not in world.home.keystore.boxes


@pytest.mark.asyncio
async def test_a_job_whose_key_has_died_stands_in_no_epochs_way(world: World) -> None:
    await take_in(world, "lst_1", head(await address(world))[1])
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    for list_id in ("lst_2", "lst_3"):  # in the clear: nobody has asked for another address
        await world.upload(list_id)
    await world.end("lst_2")
    await world.say(Shred("lst_2"))
    assert not world.home.keystore.boxes
    assert "lst_3" in world.home.keystore


@pytest.mark.asyncio
async def test_an_address_outlives_a_restart_and_not_its_contract(world: World) -> None:
    recipient = await address(world)
    await world.restart()
    assert await address(world) == recipient
    await world.upload("lst_9", job="job_9", days=0.01)
    world.now = TERMS.expires - timedelta(seconds=1)
    assert await address(world) == recipient
    for world.now in (TERMS.expires, TERMS.expires - timedelta(minutes=1)):  # and set back
        with pytest.raises(ListOver):
            await world.say(Address("ctr_1", "job_1"))


@pytest.mark.asyncio
async def test_an_address_is_of_one_contract(world: World) -> None:
    await world.sign(replace(TERMS, contract="ctr_2"))
    await address(world)
    await world.upload("lst_1", job="job_7")
    for job in ("job_1", "job_7"):
        with pytest.raises(ForeignJob):
            await world.say(Address("ctr_2", job))
    with pytest.raises(UnknownContract):
        await world.say(Address("ctr_9", "job_9"))


@pytest.mark.asyncio
async def test_nobody_fills_the_keystore_with_addresses(world: World) -> None:
    rows = [(f"job_x{n}", "ctr_1", "ent_1", 2**53, "age1") for n in range(WITHOUT_LIST)]
    world.home.journal.db.executemany("INSERT INTO letterboxes VALUES (?, ?, ?, ?, ?)", rows)
    with pytest.raises(TooManyAddresses):
        await address(world)
    await world.sign(replace(TERMS, contract="ctr_2"))
    await world.say(Address("ctr_2", "job_of_another_contract"))


@pytest.mark.asyncio
async def test_a_contract_may_take_encrypted_files_only(world: World) -> None:
    await world.sign(SEALED_ONLY)
    world.version = 2
    _, data = head(await address(world))
    minted = await world.mint("lst_1")
    with pytest.raises(SealedOnly):
        await world.say(sealed(minted, "lst_1", [YAMADA])[1])
    await world.say(Unwrap("lst_1", "refusals", head(await address(world))[1]))
    with pytest.raises(SealedOnly):  # the refusals alone are not the list
        await world.say(sealed(minted, "lst_1", [YAMADA])[1])
    await world.say(Unwrap("lst_1", "list", data))
    await world.say(sealed(minted, "lst_1", [YAMADA])[1])


def test_terms_signed_before_keep_their_bytes() -> None:
    assert b"sealed_only" not in canonical_json(TERMS)
    again = msgspec.json.decode(canonical_json(SEALED_ONLY), type=ContractTerms)
    assert again == SEALED_ONLY


def test_a_file_key_is_not_printed() -> None:
    key, data = head(AgeIdentity.generate().recipient)
    assert dataclasses.is_dataclass(AgeIdentity)
    identity = AgeIdentity.generate()
    assert identity.written() not in repr(identity)
    assert key.hex() not in repr(Unwrap("lst_1", "list", data))
