"""The coverage-guided fuzzers find nothing, start from something, and would hear an error.

Longer: `make fuzz SECONDS=600`, `make fuzz TARGET=files SECONDS=3600`.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.script import Script
from calllist.intake.receipt import Receipt
from crypto.wire.base import Refused
from crypto.wire.ledger import Head
from crypto.wire.lists import Minted
from crypto.wire.records import Closed, Matched, Recalled, View
from tests.fuzz.handling import Broken, Rough
from tests.fuzz.inputs import CORPUS, spoken
from tests.fuzz.listfiles import seeds
from tests.fuzz.reading import Broken as BadReading
from tests.fuzz.reading import reads

SECONDS = 10
RUNS = 200  # in that time at least, on the slowest of machines


def test_no_crash_no_hang_no_verb_outside_the_schema(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.frames", "--seconds", str(SECONDS)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    stats = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
    assert int(stats["number_of_executed_units"]) > RUNS
    assert int(stats["new_units_added"]) > 0  # coverage guides it


@pytest.mark.asyncio
async def test_the_corpus_starts_behind_the_door(tmp_path: Path) -> None:
    heard: set[type] = set()
    async with Rough(tmp_path) as keeper:
        for path in sorted(CORPUS.iterdir()):
            await keeper.renew()
            replies = await keeper.hears(*spoken(path.read_bytes(), keeper.stock))
            heard |= set(map(type, replies))
    assert heard >= {View, Matched, Closed, Recalled, Minted, Refused}


@pytest.mark.asyncio
async def test_an_error_that_is_no_refusal_is_heard(tmp_path: Path) -> None:
    def breaks(*_: object) -> NoReturn:
        raise KeyError("a bug")

    async with Rough(tmp_path) as keeper:
        head = (CORPUS / "events-and-head").read_bytes()
        await keeper.hears(*spoken(head, keeper.stock))
        keeper.world.keeper._steps[Head] = breaks
        with pytest.raises(Broken, match="KeyError"):
            await keeper.hears(*spoken(head, keeper.stock))


def test_no_file_makes_the_reader_do_anything_but_read_or_refuse() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.files", "--seconds", "2"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    stats = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
    assert int(stats["number_of_executed_units"]) > RUNS
    assert int(stats["new_units_added"]) > 0  # coverage guides it


def test_the_fuzzer_of_files_starts_from_files_that_are_read() -> None:
    found = [reads(seed) for seed in seeds()]
    assert sum(isinstance(one, Receipt) and one.accepted > 0 for one in found) >= 9
    assert {one.encoding for one in found if isinstance(one, Receipt)} >= {
        "cp932", "utf-8", "utf-16-le", "utf-16-be", "euc-jp", "xlsx",
    }  # fmt: skip


def test_what_a_reader_must_not_say_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    (good, *_) = seeds()

    def quotes(*_: object) -> NoReturn:
        raise IntakeError(Problem.INTERNAL, reason="架空珠緒")

    def breaks(*_: object) -> NoReturn:
        try:
            {}["架空珠緒"]
        except KeyError:
            raise IntakeError(Problem.INTERNAL)  # noqa: B904 -- the mistake that is looked for

    for mistake, said in ((quotes, "more than a code"), (breaks, "another behind it")):
        monkeypatch.setattr(Script, "trouble", lambda *_, mistake=mistake, **__: mistake())
        with pytest.raises(BadReading, match=said):
            reads(good)
