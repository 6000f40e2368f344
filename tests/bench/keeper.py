"""`make bench-keeper`: what the key plane takes, each figure beside what the issue asks for.

    opening        opens per second over the socket, 1 and 16 clients
    sealing        rows per second at intake
    ledger         verifying 10 million entries, tracing 1,000 numbers over them
    destruction    milliseconds against survivors and against people

Each part runs in a process of its own, so that none warms up or fills up another. The last
line is one JSON object.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tests.mutation.survivors import explained

PARTS = ("opening", "sealing", "ledger", "destruction")
ONE_PART = "import json; from tests.bench.{0} import measure; print(json.dumps(measure()))"
# Figure, what is asked for, how to compare. The others are told without.
TARGETS = {
    "opens_per_s": (">=", 2000),
    "verify_10m_s": ("<", 60),
    "trace_1000_in_10m_s": ("<", 5),
}


def main(parts: Sequence[str] = PARTS) -> int:
    """Exit code 1 if a measurement failed; a missed target is told, it depends on the machine."""
    figures: dict[str, float] = {}
    failed = []
    for part in parts:
        print(f"{part} ...", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, "-c", ONE_PART.format(part)],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            failed.append(part)
        else:
            figures |= json.loads(done.stdout.splitlines()[-1])
    figures["surviving_mutants"] = len(explained())
    print(table(figures))
    for part in failed:
        print(f"{part} failed")
    print(json.dumps(figures))
    return int(bool(failed))


def table(figures: Mapping[str, float]) -> str:
    """Name, figure, target."""
    rows = []
    for name, figure in figures.items():
        comparison, target = TARGETS.get(name, ("", 0))
        met = figure >= target if comparison == ">=" else figure < target
        asked = f"{comparison} {target:,}  {'ok' if met else 'missed'}" if comparison else ""
        told = f"{figure:,}" if isinstance(figure, int) else f"{figure:,.2f}"
        rows.append(f"  {name:24} {told:>14}   {asked}".rstrip())
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or PARTS))
