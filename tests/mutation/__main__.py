"""`make mutate [MODULE=crypto/disclosure/door.py]`: try every mutant, list the survivors.

    python -m tests.mutation [MODULE ...] [--share 60 --seed x] [--jobs 2]

Exit code 1 if a mutant survives that `SURVIVORS.md` does not explain. The last line is one
JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.survivors import explained
from tests.mutation.trial import JOBS, MEMORY, Trial, Trials, Verdict

TESTS = "tests/crypto"
# What only speaks, starts or waits: no check of the keeper stands there.
BESIDES = frozenset({"crypto/__main__.py", "crypto/wire/client.py", "crypto/errors/codes.py"})
FINE = frozenset({Verdict.KILLED, Verdict.HANGS, Verdict.UNFIT})


def modules() -> list[str]:
    """Every module of the key plane in which there is something to check."""
    return sorted(str(p) for p in Path("crypto").rglob("*.py") if str(p) not in BESIDES)


def main(argv: Sequence[str] | None = None) -> int:
    options = _options(argv)
    began = time.monotonic()
    chosen = [m for module in options.modules or modules() for m in mutants(module, Path(module))]
    if options.share:
        draw = random.Random(options.seed)
        chosen = draw.sample(chosen, min(options.share, len(chosen)))
        chosen.sort(key=lambda mutant: mutant.module)
    known = explained()
    trials = try_them(chosen, options)
    if trials.broken:
        print("These tests fail without any mutant:", *trials.broken, sep="\n  ", file=sys.stderr)
        if not options.without_broken:
            return 2
    told = table(trials.done)
    unexplained = [
        t for t in trials.done if survives(t) and (t.mutant.module, t.mutant.name) not in known
    ]
    print(told)
    for trial in unexplained:
        print(f"{trial.mutant.module}:{trial.mutant.lines[0]} {trial.mutant.name} {trial.verdict}")
    counts = Counter(trial.verdict for trial in trials.done)
    figures = {
        "mutants": len(trials.done) - counts[Verdict.UNFIT],
        "killed": counts[Verdict.KILLED] + counts[Verdict.HANGS],
        "survivors": sum(survives(trial) for trial in trials.done),
        "unexplained": len(unexplained),
        "seconds": round(time.monotonic() - began),
    }
    if options.record:
        options.record.write_text(record(trials.done))
    print(json.dumps(figures))
    return int(bool(unexplained))


def record(trials: Sequence[Trial]) -> str:
    """One JSON line for each mutant: what became of it, and which test noticed."""
    lines = [
        {
            "module": trial.mutant.module,
            "line": trial.mutant.lines[0],
            "name": trial.mutant.name,
            "verdict": trial.verdict,
            "killer": trial.killer,
        }
        for trial in trials
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def try_them(chosen: Sequence[Mutant], options: argparse.Namespace) -> Trials:
    """Collect the tests once and try the mutants."""
    trials = Trials(chosen, _say, jobs=options.jobs, without_broken=options.without_broken)
    with tempfile.TemporaryDirectory(prefix="clm-", dir=MEMORY) as folder:
        pytest.main(
            [
                *(options.tests or [TESTS]),
                "--confcutdir=tests/crypto",
                "--override-ini=tmp_path_retention_policy=none",
                f"--basetemp={folder}/tests",
                *("-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "--no-summary", "-q"),
                "--capture=no",
            ],
            plugins=[trials],
        )
    return trials


def survives(trial: Trial) -> bool:
    """Nobody noticed it."""
    return trial.verdict not in FINE


def table(trials: Sequence[Trial]) -> str:
    """A line for each module."""
    heads = ("mutants", "killed", "hang", "survive", "unseen")
    rows = ["", f"{'module':34}" + "".join(f"{head:>9}" for head in heads)]
    for module in sorted({trial.mutant.module for trial in trials}):
        counts = Counter(t.verdict for t in trials if t.mutant.module == module)
        figures = [counts.total() - counts[Verdict.UNFIT]]
        figures += [counts[verdict] for verdict in Verdict if verdict is not Verdict.UNFIT]
        rows.append(f"{module:34}" + "".join(f"{figure:9}" for figure in figures))
    return "\n".join(rows)


def _say(trial: Trial) -> None:
    if trial.verdict not in (Verdict.KILLED, Verdict.UNFIT):
        where = f"{trial.mutant.module}:{trial.mutant.lines[0]}"
        print(f"{trial.verdict:9} {where} {trial.mutant.name}", file=sys.stderr, flush=True)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("modules", nargs="*", help="crypto/disclosure/door.py; default: all")
    parser.add_argument("--tests", nargs="*", default=[], help=f"default: {TESTS}")
    parser.add_argument("--share", type=int, default=0, help="so many, drawn by --seed")
    parser.add_argument("--seed", default="")
    parser.add_argument("--without-broken", action="store_true", help="leave failing tests out")
    parser.add_argument("--record", type=Path, help="a file for one JSON line per mutant")
    parser.add_argument("--jobs", type=int, default=JOBS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
