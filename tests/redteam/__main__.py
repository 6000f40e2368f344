"""One script per insider: each really attacks a small real platform with all that its role holds.

    make thief ROLE=operator|manager|issuer|dba|root|backup|developer

What a role holds is what it holds in an installation as README describes it: the keeper on
another host, with an administrator of its own. So the scripts touch nothing below the keeper's
home, and nobody's private keys. The people are fictional and known here: everything that a
role lays its hands on is searched for each of them, in every usual writing.
"""

import asyncio
import os
import sys
from contextlib import ExitStack

from rich.console import Console

from tests.platform import WholePlatform, whole
from tests.redteam.loot import Loot
from tests.redteam.raid import Raid
from tests.redteam.roles import ROLES, Role
from tests.redteam.scene import scene
from tests.redteam.show import Show


def main() -> int:
    """The show of one role; 0 if nothing was obtained that should not be."""
    if len(sys.argv) != 2 or sys.argv[1] not in ROLES:
        print(f"make thief ROLE={'|'.join(ROLES)}", file=sys.stderr)
        return 2
    role = ROLES[sys.argv[1]]
    show = Show(Console(highlight=False), role)
    with ExitStack() as ending:
        with show.waiting("小さな実物の環境を用意しています", "setting up a small real world"):
            platform = ending.enter_context(whole())
        code = asyncio.run(_run(platform, role, show))
        with show.waiting("片付けています", "clearing up"):  # it vanishes: the figures stay last
            ending.close()
        return code


async def _run(platform: WholePlatform, role: Role, show: Show) -> int:
    async with scene(platform) as there:
        raid = Raid(there, Loot(there.everybody), show.step)
        show.begin(there)
        await role.rob(raid)
        raid.end()
        return show.end(raid, await there.ledgered(raid.loot.people))


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
