"""What `calllist residue` reads of an installation, and what it says of what is not there."""

import json
from pathlib import Path

import pytest

from calllist.commands import installation
from calllist.commands.installation import Machine, installed, missing, swaps
from retention.residue import Needles, Store, scan
from retention.states import Outcome
from tests.calllist.command_line import run

NEEDLE = "架空花子ノ尾"  # fictional


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folders of an installation, something in each."""
    home = tmp_path / "home"
    for name in ("postgres/data/pg_wal", "postgres/data/base", "keeper", "broker", "log", "tmp"):
        (home / name).mkdir(parents=True)
        (home / name / "file").write_bytes(b"nothing")
    return home


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A host whose swap is a file, with a journal and a temporary folder."""
    for name in ("journal", "run"):
        (tmp_path / name).mkdir()
    (tmp_path / "swap file").write_bytes(bytes(8192))
    table = tmp_path / "swaps"
    name = str(tmp_path / "swap file").replace(" ", "\\040")
    table.write_text(f"Filename\tType\tSize\tUsed\tPriority\n{name} file 8 0 -2\n")
    return Machine(table, (tmp_path / "journal", tmp_path / "none"), tmp_path)


def found(home: Path, machine: Machine) -> dict[str, tuple[Outcome, int]]:
    findings = scan(installed(home, (), machine), Needles([NEEDLE]))
    return {finding.store: (finding.outcome, finding.bytes) for finding in findings}


def test_swap_and_journal_are_read_to_their_end(home: Path, machine: Machine) -> None:
    assert found(home, machine)["swap"] == (Outcome.PASS, 8192)
    for store, path in (("swap", "swap file"), ("journal", "journal/system.journal")):
        place = home.parent / path
        before = place.read_bytes() if place.exists() else b""
        place.write_bytes(bytes(4096) + NEEDLE.encode("utf-16-le"))
        guilty = {name for name, said in found(home, machine).items() if said[0] != Outcome.PASS}
        assert guilty == {store} | {"temp"}  # here they lie in the temporary folder as well
        place.write_bytes(before)


def test_a_home_in_the_temporary_folder_is_not_read_as_one(home: Path, machine: Machine) -> None:
    (home / "keeper" / "planted").write_text(NEEDLE)
    told = found(home, machine)
    assert {name for name, said in told.items() if said[0] == Outcome.FAILED} == {"keeper"}


@pytest.mark.parametrize(
    "line", ["/nowhere/swapfile file 8 0 -2", "/swap\\040(deleted) file 8 0 0"]
)
def test_swap_that_cannot_be_read_is_unknown(home: Path, machine: Machine, line: str) -> None:
    machine.swaps.write_text(f"Filename\n{line}\n")
    assert found(home, machine)["swap"] == (Outcome.UNKNOWN, 0)


def test_nobody_knows_what_is_swapped_when_the_kernel_does_not_say(tmp_path: Path) -> None:
    [finding] = scan([Store("swap", path) for path in swaps(tmp_path / "no")], Needles([NEEDLE]))
    assert finding.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("name", ["postgres", "keeper", "broker", "log"])
def test_a_store_that_every_installation_has_is_missed(
    home: Path, machine: Machine, name: str
) -> None:
    assert missing(installed(home, (), machine)) == []
    (home / name).rename(home.parent / "elsewhere")
    lost = {"postgres": ["database", "wal"], "log": ["logs"]}.get(name, [name])
    assert missing(installed(home, (), machine)) == lost
    named = [Store(one, home.parent / "elsewhere") for one in lost]
    assert missing(installed(home, named, machine)) == []


def test_a_broker_that_is_a_server_does_not_keep_its_messages_in_our_folder(
    home: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(installation.SERVER, "amqps://broker.example")
    assert missing(installed(home, (), machine)) == ["broker"]
    assert missing(installed(home, [Store("broker", home / "run")], machine)) == []


def test_what_is_missing_fails_the_run_and_is_named_with_what_to_do(
    home: Path, tmp_path: Path
) -> None:
    (home / "keeper" / "file").unlink()
    (home / "keeper").rmdir()
    command = ("residue", "--home", home, "--json")
    (tmp_path / "temp").mkdir()
    done = run(*command, cwd=tmp_path, stdin=NEEDLE.encode(), TMPDIR=str(tmp_path / "temp"))
    assert done.returncode == 1
    told = {one["store"]: one["outcome"] for one in json.loads(done.stdout)}
    assert told["keeper"] == "UNKNOWN"
    assert "--store keeper=" in done.stderr.decode()
    assert (told["proxy_logs"], told["backups"]) == ("OUTSIDE", "OUTSIDE")


def test_places_that_are_no_places_are_a_sentence(home: Path, tmp_path: Path) -> None:
    done = run(
        *("residue", "--home", home), cwd=tmp_path, stdin=NEEDLE.encode(), CALLLIST_STORES="[1]"
    )
    assert done.returncode == 2
    assert "CALLLIST_STORES" in done.stderr.decode()
