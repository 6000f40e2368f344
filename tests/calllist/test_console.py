"""What commands leave behind: words that move nothing in a terminal, and no core file."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from calllist.commands.console import Console, visible


@pytest.mark.parametrize("hidden", ["\x1b", "\x07", "\x00", "\r", "\x9b", "\u202e", "\u2066"])
def test_what_would_steer_a_terminal_is_written_out(
    hidden: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Console("ja").answer(f"業務 A{hidden}[2J B")
    said = capsys.readouterr().out
    assert said == f"業務 A\\u{ord(hidden):04x}[2J B\n"


def test_lines_tabs_and_every_script_stay() -> None:
    assert visible("一行目\n\t髙﨑 𠮷 é") == "一行目\n\t髙﨑 𠮷 é"


def test_a_residue_search_that_dies_leaves_no_core_file() -> None:
    """What it looks for lies in its memory."""
    command = [sys.executable, "-m", "calllist.cli", "residue"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as searching:
        limits = Path(f"/proc/{searching.pid}/limits")
        while searching.poll() is None and not _no_core(limits.read_text()):
            time.sleep(0.01)
        assert searching.poll() is None
        assert _no_core(limits.read_text())
        searching.kill()


def _no_core(limits: str) -> bool:
    [line] = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    return line.split()[4:6] == ["0", "0"]
