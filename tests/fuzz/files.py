"""A coverage-guided fuzzer on the file reader: `python -m tests.fuzz.files [--seconds 10]`.

Each input is a file that a manager uploads (`tests.fuzz.reading`). Workbooks are varied part
by part, because a byte changed in packed data only breaks the packing. The bounds on unpacked
data are lowered, so that an input takes milliseconds; that the real ones hold is
`test_hostile_files`.

Inputs that reach new code are kept in the folder of `--keep`, or forgotten. Exit code 0: every
file gave a receipt or a refusal.
"""

import argparse
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["calllist.intake"], enable_loader_override=False):
    from calllist.intake.reading import package, worksheet
    from tests.fuzz.reading import reads

from tests.calllist.intake.workbooks import packed
from tests.fuzz.listfiles import WORDS, seeds

INPUT_BYTES = 16 * 1024
INPUT_SECONDS = 60  # libFuzzer's own idea of a hang
UNPACKED_BYTES = 2 << 20


def vary(data: bytes, most: int, seed: int) -> bytes:
    """Another file: of a workbook one part is varied, of a text any bytes."""
    rng = Random(seed)
    choice, file = data[:1] or b"\0", data[1:]
    if rng.randrange(8) == 0:
        choice = rng.randbytes(1)
    if file.startswith(b"PK") and rng.randrange(8):
        with_part = _part_varied(file, rng)
        if with_part is not None and len(with_part) < most:
            return choice + with_part
    return (choice + _varied(file, rng, most - 1))[:most]


def _varied(data: bytes, rng: Random, most: int) -> bytes:
    if rng.randrange(3):
        return bytes(atheris.Mutate(data, most)) if data else rng.choice(WORDS)
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.choice((0, 0, 1, 4, 40)))
    return data[:at] + rng.choice(WORDS) * rng.choice((1, 1, 1, 2, 50)) + data[end:]


def _part_varied(file: bytes, rng: Random) -> bytes | None:
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as found:
            files = {name: found.read(name) for name in found.namelist()}
    except Exception:  # broken already: then its bytes are varied
        return None
    if not files:
        return None
    name = rng.choice([one for one in files if "sheet" in one.lower()] or list(files))
    if rng.randrange(3) == 0:
        name = rng.choice(list(files))
    files[name] = _varied(files[name], rng, INPUT_BYTES)
    return packed(files, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fuzzer in a process of its own, for libFuzzer never comes back."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.files", description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--keep", type=Path, help="folder for inputs that reach new code")
    parser.add_argument("--replay", type=Path, help="one input again")
    parser.add_argument("--inside", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        package.UNPACKED_BYTES = UNPACKED_BYTES
        worksheet.LAST_ROW = 100_000
        atheris.Setup([sys.argv[0], *options.inside], reads, custom_mutator=vary)
        atheris.Fuzz()
    with tempfile.TemporaryDirectory(prefix="fz") as folder:
        keep = options.keep or Path(folder) / "kept"
        first = Path(folder) / "seeds"
        for one in (keep, first):
            one.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds()):
            (first / f"seed-{number}").write_bytes(seed)
        given = [options.replay] if options.replay else [keep, first]
        flags = [f"-max_total_time={options.seconds}", f"-max_len={INPUT_BYTES}"]
        flags += [f"-timeout={INPUT_SECONDS}", f"-artifact_prefix={keep}/found-"]
        flags += ["-print_final_stats=1", "-rss_limit_mb=1024"]
        me = [sys.executable, "-m", "tests.fuzz.files", "--inside"]
        return subprocess.run([*me, *flags, *map(str, given)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
