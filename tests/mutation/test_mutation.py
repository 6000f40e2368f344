"""The tests of the key plane notice small wrongs, and `SURVIVORS.md` tells what they do not.

The whole is `make mutate`; here a share of it, drawn anew whenever the source changes.
"""

import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path

from tests.mutation.__main__ import modules
from tests.mutation.mutants import mutants
from tests.mutation.survivors import explained, noticed_by

SHARE = 40  # mutants
SECONDS = 120  # a hang is a failure; alone it takes twenty


def test_every_survivor_is_a_mutant_of_todays_source_and_has_a_reason() -> None:
    today = {
        (module, mutant.name) for module in modules() for mutant in mutants(module, Path(module))
    }
    known = explained()
    assert sorted(set(known) - today) == [], "SURVIVORS.md speaks of code that is gone"
    assert [name for name, reason in known.items() if len(reason.split()) < 3] == []


def test_a_share_of_the_mutants_is_noticed() -> None:
    """One module at a time, by the tests that notice its mutants."""
    source = b"".join(Path(module).read_bytes() for module in modules())
    seed = hashlib.sha256(source).hexdigest()[:16]
    module = random.Random(seed).choice(sorted(noticed_by()))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.mutation", module),
            *("--share", str(SHARE), "--seed", seed, "--tests", *noticed_by()[module]),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, f"{module}\n{done.stdout}{done.stderr[-2000:]}"
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["killed"] > 0
