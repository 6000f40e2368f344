"""Gate 4. A ciphertext, a chunk key or its place moved between record, chunk, list, entrustor or
kind opens nothing: the web lies in every way that Hypothesis finds."""

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crypto.errors.base import Refusal
from crypto.errors.records import DoesNotOpen
from crypto.records.fields import FieldKind
from crypto.records.sealing import (
    ChunkSealer,
    RecipientKey,
    chunk_context,
    index_context,
    open_result,
    record_place,
    seal_canaries,
)
from crypto.signed.statements import ApproverKey
from crypto.standards.canonical import injective
from crypto.wire.approvals import Pin
from crypto.wire.lists import Mint
from crypto.wire.records import Close, Match, Open, Reveal, SealedRecord
from tests.crypto.world import TERMS, World, sealed, townsfolk

LISTS = {"lst_1": "ctr_1", "lst_2": "ctr_1", "lst_3": "ctr_2", "lst_4": "ctr_2"}
NONE_OF_IT = (b"", b"\x00" * 32, b"\x00" * 1168)


class Vault:
    """One keeper with two entrustors, two lists each, two chunks each, two records each; all
    that a web process holds of them; and one operator whose grant it abuses."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.records: list[SealedRecord] = []
        self.others: list[bytes] = [*NONE_OF_IT]  # ciphertexts of other kinds
        self.run(self._fill(folder))

    def run(self, work):  # type: ignore[no-untyped-def]
        return self.loop.run_until_complete(work)

    async def _fill(self, folder: Path) -> None:
        self.world = world = await World.at(folder / "keeper")
        await world.settle()
        second = ApproverKey.generate()
        await world.say(Pin("ent_2", second.public, RecipientKey.generate().public.data))
        terms = msgspec.structs.replace(TERMS, entrustor="ent_2", contract="ctr_2")
        await world.sign(terms, second)
        for n, (name, contract) in enumerate(LISTS.items()):
            request = Mint(name, contract, 1, world.now.replace(day=20), f"job_{contract}")
            minted = await world.say(request)
            people = townsfolk(4 * n + 4)[4 * n :]
            records, manifest = sealed(minted, name, people, chunk_rows=2)
            await world.say(manifest)
            self.records += records
            self.others += [minted.for_entrustor, minted.recipient, manifest.index_key]
        self.grant = await world.shift("per_1")
        await self._collect_other_kinds()

    async def _collect_other_kinds(self) -> None:
        """A sealed result, sealed canaries, and a record and chunk key of a foreign maker."""
        first = self.records[0]
        await self.world.say(Open(self.grant, first))
        closed = await self.world.say(Close(self.grant, first, "att_1", 30))
        keeper = RecipientKey.generate().public
        foreign = ChunkSealer(keeper, entrustor="ent_1", list_id="lst_1", chunk=0)
        self.others += [
            closed.sealed,
            seal_canaries(keeper, entrustor="ent_1", contract="ctr_1", numbers=["+819000000001"]),
            foreign.seal(2, {FieldKind.PHONE: "+819000000001"}),
            foreign.sealed_key,
        ]

    def opens(self, record: SealedRecord) -> bool:
        """Whether any verb that reads shows anything of it; what was taken is put back."""
        try:
            self.run(self.world.say(Open(self.grant, record)))
        except Refusal:
            for verb in (
                Match(self.grant, record, FieldKind.BIRTH_DATE, "1975-01-02"),
                Reveal(self.grant, record, FieldKind.PHONE, "manual_dial"),
                Close(self.grant, record, secrets.token_hex(8), 30),
            ):
                with pytest.raises(Refusal):
                    self.run(self.world.say(verb))
            return False
        self.run(self.world.say(Close(self.grant, record, secrets.token_hex(8), 30)))
        return True


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    made = Vault(tmp_path_factory.mktemp("vault"))
    yield made
    made.run(made.world.stop())
    made.loop.close()


WHICH = st.integers(0, 15)  # one of the sixteen records


def test_every_record_opens_in_its_own_place(vault: Vault) -> None:
    """So that the refusals below mean something."""
    assert len(vault.records) == 16
    assert all(vault.opens(record) for record in vault.records)


@settings(max_examples=400)
@given(WHICH, WHICH, WHICH, WHICH, WHICH)
def test_parts_of_different_records_open_nothing(
    vault: Vault, of_list: int, of_chunk: int, of_index: int, of_key: int, of_text: int
) -> None:
    """Any mixture of list, chunk, index, chunk key and ciphertext that is not one record's own."""
    own = vault.records
    mixed = SealedRecord(
        own[of_list].list,
        own[of_chunk].chunk,
        own[of_index].index,
        own[of_key].chunk_key,
        own[of_text].sealed,
    )
    assert vault.opens(mixed) == (mixed in own)


@given(WHICH, st.sampled_from(["chunk_key", "sealed"]), st.data())
def test_a_ciphertext_of_another_kind_opens_nothing(
    vault: Vault, which: int, part: str, data: st.DataObject
) -> None:
    """Index keys, list keys, results, canaries, chunk keys as records and the other way round."""
    record = vault.records[which]
    kinds = [*vault.others, record.sealed if part == "chunk_key" else record.chunk_key]
    other = data.draw(st.sampled_from(kinds))
    assert not vault.opens(msgspec.structs.replace(record, **{part: other}))


@given(WHICH, st.sampled_from(["chunk_key", "sealed"]), st.data())
def test_a_changed_ciphertext_opens_nothing(
    vault: Vault, which: int, part: str, data: st.DataObject
) -> None:
    record = vault.records[which]
    text = getattr(record, part)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = data.draw(
        st.sampled_from(
            [
                text[:at] + bytes([text[at] ^ 1 << at % 8]) + text[at + 1 :],
                text[:at],
                text[:at] + text[at + 1 :],
                text + text[at:],
            ]
        )
    )
    assume(changed != text)
    assert not vault.opens(msgspec.structs.replace(record, **{part: changed}))


@given(WHICH, st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_a_place_that_is_not_the_records_own_opens_nothing(
    vault: Vault, which: int, chunk: int, index: int
) -> None:
    record = vault.records[which]
    for changes in ({"chunk": chunk}, {"index": index}, {"chunk": chunk, "index": index}):
        moved = msgspec.structs.replace(record, **changes)
        assert vault.opens(moved) == (moved == record)


IDS = st.text("ab-:.1", min_size=1, max_size=6)
PLACES = st.tuples(IDS, IDS, st.integers(0, 300), st.integers(0, 300))


@given(PLACES, PLACES)
def test_no_two_places_have_the_same_context(
    one: tuple[str, str, int, int], other: tuple[str, str, int, int]
) -> None:
    """AAD and HPKE `info` are injective, also across kinds: no border between parts shifts."""
    seen = {
        record_place(*one),
        chunk_context(*one[:3]),
        index_context(*one[:2]),
    }
    assert len(seen) == 3
    assert (record_place(*one) == record_place(*other)) == (one == other)
    assert (chunk_context(*one[:3]) == chunk_context(*other[:3])) == (one[:3] == other[:3])
    assert (index_context(*one[:2]) == index_context(*other[:2])) == (one[:2] == other[:2])
    assert injective(one[0] + one[1]) != injective(one[0], one[1])


@given(st.binary(min_size=32, max_size=32), IDS, IDS, st.binary(max_size=200))
def test_nothing_but_a_result_opens_as_a_result(
    key: bytes, list_id: str, attempt: str, data: bytes
) -> None:
    with pytest.raises(DoesNotOpen):
        open_result(key, list_id=list_id, attempt=attempt, sealed=data)
