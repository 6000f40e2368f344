"""Gates 2 and 11. Every insider with all that the role holds: nobody, or within live budgets."""

from __future__ import annotations

import pytest

from tests.platform import WholePlatform
from tests.redteam import lies
from tests.redteam.loot import Loot
from tests.redteam.raid import Raid
from tests.redteam.roles import ROLES
from tests.redteam.scene import BUDGET, scene
from tests.redteam.show import last_line

pytestmark = pytest.mark.asyncio


async def test_everything_of_the_operations_plane_and_nobodys_shift_open_nobody(
    platform: WholePlatform,
) -> None:
    """Gate 2: database, source, configuration, every stored credential; and both kinds of
    people who have an account but no grant that opens."""
    async with scene(platform) as there:
        raid = Raid(there, Loot(there.everybody))
        for name in ("issuer", "manager", "developer", "backup", "dba"):
            await ROLES[name].rob(raid)
            assert raid.loot.where == [], name
        await lies.credentials(raid)
        raid.end()
        assert raid.loot.where == []
        assert all(step.tried for step in raid.steps)  # what tries nothing proves nothing
        assert sum(step.refusals for step in raid.steps) > 10_000


async def test_a_web_that_lies_obtains_nobody_beyond_live_budgets_and_each_is_in_the_ledger(
    platform: WholePlatform,
) -> None:
    async with scene(platform) as there:
        raid = Raid(there, Loot(there.everybody))
        await lies.shift(raid, [member.grant for member in there.members[1:3]])
        raid.end()
        obtained = raid.loot.people
        assert 1 < len(obtained) <= 2 * BUDGET
        assert not {person.reference for person in there.others} & {p.reference for p in obtained}
        assert await there.ledgered(obtained) == {person.reference for person in obtained}
        lied = {step.en: step for step in raid.steps}
        for words, code in WANTED.items():
            assert code in lied[words].refused, f"{words}: {dict(lied[words].refused)}"


WANTED = {
    "state the stage oneself": "cut_off",
    "another's ciphertext in the place of this one": "does_not_open",
    "another list's chunk, a forged chunk, one's own": "does_not_open",
    "open another entrustor's list": "party_not_approved",
    "open the next without closing this one": "hand_full",
    "open with the shifts of other roles": "role_cannot_open",
    "guess by matching, reveal every field": "tries_used",
    "open the old row of somebody who is done": "record_closed",
    "go on with every row after the limit": "budget_hour",
}


async def test_an_operator_obtains_its_budget_and_each_is_in_the_ledger(
    platform: WholePlatform,
) -> None:
    async with scene(platform) as there:
        raid = Raid(there, Loot(there.everybody))
        await ROLES["operator"].rob(raid)
        obtained = raid.loot.people
        assert 1 < len(obtained) <= BUDGET
        assert await there.ledgered(obtained) == {person.reference for person in obtained}
        told = last_line(len(obtained), BUDGET)
        assert told.endswith(f"(at most the budget {BUDGET}, every one in the ledger)")
