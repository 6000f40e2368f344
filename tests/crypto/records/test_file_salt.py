"""The salt of a file's hash: of one list's trace key, and frozen.

`tests/vectors/salt.json` was written once: whoever changes a label or an order of parts gets a
new vector beside it, and old receipts go on being checked.
"""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from crypto.records.sealing import file_salt, open_list_keys
from crypto.standards.canonical import injective
from tests.crypto.world import World

VECTOR = json.loads((Path(__file__).parents[2] / "vectors" / "salt.json").read_text())


def test_a_frozen_salt_and_hash_stay_as_they_were() -> None:
    trace_key, file = bytes.fromhex(VECTOR["trace_key"]), VECTOR["file"].encode()
    salt = file_salt(trace_key, VECTOR["list"])
    assert salt.hex() == VECTOR["salt"]
    assert hashlib.sha256(salt + file).hexdigest() == VECTOR["file_hash"]
    spelled = injective("calllist/file-salt/1", VECTOR["list"])
    assert hmac.digest(trace_key, spelled, "sha256") == salt  # as the decision says it (D70)


@pytest.mark.asyncio
async def test_the_salt_is_derived_from_the_trace_key_for_one_list_only(world: World) -> None:
    """What the keeper tells intake is what the entrustor derives, and another list's is another."""
    minted = {name: await world.mint(name) for name in ("lst_1", "lst_2")}
    assert minted["lst_1"].file_salt != minted["lst_2"].file_salt
    for name, told in minted.items():
        keys = open_list_keys(
            world.entrustor_recipient, entrustor="ent_1", list_id=name, sealed=told.for_entrustor
        )
        assert file_salt(keys.trace_key, name) == told.file_salt
        assert file_salt(keys.trace_key, f"{name}0") != told.file_salt
        assert file_salt(keys.result_key, name) != told.file_salt
    assert all(told.file_salt.hex() not in str(world.lines()) for told in minted.values())
