"""A coverage-guided fuzzer on the keeper's wire: `python -m tests.fuzz.frames [--seconds 10]`.

Each input is one conversation with a real keeper on real files (`tests.fuzz.handling`): a
byte for the class of the caller, then frames. Values that exist in that keeper stand in it as
`$record:3`, so an input means the same to every keeper: a finding can be kept and run again
(`--replay FILE`), and the corpus in `corpus/` holds no key and no ciphertext.

Inputs that reach new code are kept in the folder of `--keep`, or forgotten. Exit code 0: no
crash, no hang, no answer that must not be (`Broken`).
"""

import argparse
import asyncio
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["crypto"], enable_loader_override=False):
    import crypto.__main__  # noqa: F401 - with everything that it imports

from tests.fuzz.grammar import Grammar, mutated
from tests.fuzz.handling import Rough, bodies, framed
from tests.fuzz.inputs import CORPUS, spoken, symbolic

RENEW = 60  # conversations with one copy of the keeper: later too much is frozen
INPUT_BYTES = 16 * 1024
INPUT_SECONDS = 30  # libFuzzer's own idea of a hang, should ours not notice


class Fuzzer:
    """What libFuzzer calls: one conversation, and how to vary one."""

    def __init__(self, rough: Rough, runner: asyncio.Runner) -> None:
        self._rough, self._runner = rough, runner
        self._grammar = Grammar(rough.stock)
        self._turn = itertools.count(1)

    def converse(self, data: bytes) -> None:
        """Raises Broken."""
        if not data:
            return
        if next(self._turn) % RENEW == 0:
            self._runner.run(self._rough.renew())
        self._runner.run(self._rough.hears(*spoken(data, self._rough.stock)))

    def vary(self, data: bytes, most: int, seed: int) -> bytes:
        """Another conversation: a frame more, a frame less, one wrong, or any byte at all."""
        rng = Random(seed)
        caller, said = data[:1] or b"\0", list(bodies(data[1:]))
        match rng.randrange(6):
            case 0 | 1:
                return bytes(atheris.Mutate(data, most))
            case 2:
                caller = rng.randbytes(1)
            case 3 if said:
                at = rng.randrange(len(said))
                said[at] = mutated(said[at], rng)
            case 4 if said:
                del said[rng.randrange(len(said))]
            case _:
                more = symbolic(self._grammar.request(rng), self._rough.stock)
                said.insert(rng.randrange(len(said) + 1), more)
        return (caller + b"".join(map(framed, said)))[:most]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fuzzer in a process of its own, for libFuzzer never comes back."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.frames", description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--keep", type=Path, help="folder for inputs that reach new code")
    parser.add_argument("--replay", type=Path, help="one input again")
    parser.add_argument("--inside", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        _inside(Path(options.inside[0]), options.inside[1:])
    with tempfile.TemporaryDirectory(prefix="fz") as folder:
        keep = options.keep or Path(folder) / "kept"
        keep.mkdir(parents=True, exist_ok=True)
        given = [options.replay] if options.replay else [keep, CORPUS]
        flags = [f"-max_total_time={options.seconds}", f"-max_len={INPUT_BYTES}"]
        flags += [f"-timeout={INPUT_SECONDS}", f"-artifact_prefix={keep}/found-"]
        flags += ["-print_final_stats=1", "-rss_limit_mb=1024"]
        me = [sys.executable, "-m", "tests.fuzz.frames", "--inside", folder]
        return subprocess.run([*me, *flags, *map(str, given)], check=False).returncode


def _inside(folder: Path, flags: Sequence[str]) -> None:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        rough = Rough(folder)
        runner.run(rough.__aenter__())
        fuzzer = Fuzzer(rough, runner)
        atheris.Setup([sys.argv[0], *flags], fuzzer.converse, custom_mutator=fuzzer.vary)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
