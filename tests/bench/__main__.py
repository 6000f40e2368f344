"""`make bench`: every measurement of this folder in turn; each prints one line of JSON."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> int:
    """Exit code 1 if a measurement failed."""
    failed = 0
    for script in sorted(FOLDER.glob("[!_]*.py")):
        print(f"{script.stem}: ", end="", flush=True)
        done = subprocess.run([sys.executable, "-m", f"tests.bench.{script.stem}"], check=False)
        failed += done.returncode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
