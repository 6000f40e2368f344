"""Where people may open records from: the contract's sites, and homes only if it says so."""

from pathlib import Path

import msgspec
import pytest

from crypto.errors.records import SiteNotApproved
from crypto.signed.terms import HOME
from crypto.wire.records import Open
from tests.crypto.world import TERMS, World

replace = msgspec.structs.replace


@pytest.mark.parametrize(
    ("sites", "home", "site", "permitted"),
    [
        ((), msgspec.UNSET, "sit_1", True),
        ((), msgspec.UNSET, f"{HOME}1", False),
        ((), False, f"{HOME}1", False),
        ((), True, f"{HOME}1", True),
        (("sit_1",), True, "sit_2", False),
        (("sit_1",), True, f"{HOME}1", False),
        (("sit_1", f"{HOME}1"), True, f"{HOME}1", True),
        (("sit_1", f"{HOME}1"), msgspec.UNSET, f"{HOME}1", False),
    ],
)
def test_a_home_is_permitted_by_name_or_with_any_site_and_only_if_homes_are(
    sites: tuple[str, ...], home: bool, site: str, permitted: bool
) -> None:
    terms = replace(TERMS, sites=sites, home=home)
    assert terms.permits_site(site) is permitted


@pytest.mark.asyncio
async def test_from_home_the_keeper_opens_nothing_that_the_contract_does_not_permit(
    tmp_path: Path,
) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, sites=()))
    [record] = await world.upload("lst_1")
    await world.hire("per_h", role="operator", party="pty_1", site=f"{HOME}1")
    with pytest.raises(SiteNotApproved):
        await world.say(Open(await world.shift("per_h"), record))
    await world.say(Open(await world.shift("per_1"), record))
    await world.stop()
