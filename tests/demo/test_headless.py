"""`make demo`: the whole main job on a file, and a clear error on a file that is none."""

import json
import subprocess
import sys
from pathlib import Path

from demo.townsfolk import file, people, troubled_rows


def run_demo(folder: Path, content: bytes, *options: str) -> subprocess.CompletedProcess[str]:
    path = folder / "list.csv"
    path.write_bytes(content)
    home = folder / "home"
    command = [sys.executable, "-m", "demo.headless", str(path), "--home", str(home)]
    return subprocess.run(
        [*command, "--synthetic", *options], capture_output=True, text=True, check=False
    )


def test_the_main_job_ends_well_and_leaves_nothing(tmp_path: Path) -> None:
    folk = people(30, seed=5, subjects=["特定健診"], due="2099/1/1", prefix="D")
    rows = [*troubled_rows(folk), folk[1].cells()]
    done = run_demo(tmp_path, file(rows, encoding="utf-8-sig"))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["rows"] == told["accepted"] + told["duplicates"] + told["rejected"] == 32
    assert told["called"] == told["accepted"] == told["ledger_opens"]
    assert told["verified"] is True
    assert told["residue_before"] > told["accepted"]
    assert told["residue"] == 0
    assert told["full_numbers_in_http"] == 0
    assert Path(told["certificate"]).is_file()


def test_a_file_without_a_phone_column_gets_a_clear_error(tmp_path: Path) -> None:
    done = run_demo(tmp_path, "氏名,住所\n架空花子,みなと野市\n".encode("cp932"))
    assert done.returncode == 1
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {"error": {"code": "no_phone_column", "line": 1, "column": None}}
    assert "no_phone_column, line 1" in done.stderr
    assert "花子" not in done.stderr + done.stdout


def test_a_missing_file_is_said_before_anything_starts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.headless", str(tmp_path / "none.csv")]
    done = subprocess.run(
        [*command, "--home", str(tmp_path / "home")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "There is no file" in done.stderr
    assert not (tmp_path / "home").exists()


def test_it_never_clears_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("keep me")
    done = run_demo(tmp_path, b"tel\n09001234567\n")
    assert done.returncode == 1
    assert (tmp_path / "home" / "letter.txt").read_text() == "keep me"
