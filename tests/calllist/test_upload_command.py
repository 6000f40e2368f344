"""`calllist sign-in`, `upload`, `receipt`: real processes, a real web, real sockets."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy import select

from calllist.jobs.tables import CallList
from tests.calllist.centre import Centre
from tests.calllist.command_line import COMMANDS, run
from tests.calllist.proxy import line_to
from tests.calllist.server import Server, serving
from tests.zygote import zygote

pytestmark = pytest.mark.asyncio

HEADER = "氏名,フリガナ,電話番号,整理番号,備考\r\n"
PATIENCE = 30.0
REMARK = "架空備考"  # of a column that the contract does not permit


def written(folder: Path, people: int, *, more: str = "") -> Path:
    """A list of fictional people who cannot be dialled."""
    rows = [
        f"架空{n:06d},カクウ,090-0{n // 10000:03d}-{n % 10000:04d},R{n:06d},{REMARK}\r\n"
        for n in range(1, people + 1)
    ]
    file = folder / "list.csv"
    file.write_bytes((HEADER + "".join(rows) + more).encode("cp932"))
    return file


def calllist(
    folder: Path, *words: object, lang: str = "C.UTF-8", stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    return run(*words, cwd=folder, lang=lang, stdin=stdin, XDG_RUNTIME_DIR=str(folder))


def sign_in(server: Server, folder: Path, url: str = "", code: str = "") -> None:
    assert server.centre.manager
    typed = code or server.code_for(server.centre.manager)
    done = calllist(folder, "sign-in", url or server.origin, stdin=f"{typed}\n".encode())
    assert done.returncode == 0, done.stderr.decode()


@contextlib.contextmanager
def terminal() -> Iterator[tuple[IO[bytes], list[bytes]]]:
    """A terminal for a process to write to, and what it has written by the end."""
    master, slave = pty.openpty()
    said: list[bytes] = []

    def read() -> None:
        with contextlib.suppress(OSError):  # EIO: nobody has the other end any more
            while block := os.read(master, 1 << 12):
                said.append(block)

    reader = threading.Thread(target=read)
    reader.start()
    with open(slave, "r+b", buffering=0) as screen:  # noqa: PTH123  # a descriptor
        yield screen, said
    reader.join(PATIENCE)
    os.close(master)


async def lists(centre: Centre) -> list[CallList]:
    async with centre.sessions() as session:
        return list(await session.scalars(select(CallList).order_by(CallList.number)))


async def test_a_manager_sends_a_list_and_reads_its_receipt(centre: Centre, tmp_path: Path) -> None:
    job = await centre.job()
    file = written(tmp_path, 3, more="架空,カクウ,なし,R7,x\r\n架空,カクウ,090-0000-0001,R8,x\r\n")
    with serving(centre) as server:
        sign_in(server, tmp_path)
        session = tmp_path / "calllist" / "session"
        assert stat.S_IMODE(session.stat().st_mode) == 0o600
        assert stat.S_IMODE(session.parent.stat().st_mode) == 0o700

        seen = calllist(tmp_path, "upload", file, "--job", job.code, "--preview")
        assert seen.returncode == 0, seen.stderr
        assert "#3 電話番号: 電話番号 (見出しから)  100%  携帯" in seen.stdout.decode()
        assert "CP932" in seen.stderr.decode()
        assert "架空" not in seen.stdout.decode() + seen.stderr.decode()
        assert await lists(centre) == []

        done = calllist(
            tmp_path, "upload", file, "--url", server.origin, "--job", job.code, "--json"
        )
        assert done.returncode == 0, done.stderr.decode()
        told = json.loads(done.stdout)
        assert (told["receipt"]["rows"], told["receipt"]["accepted"]) == (5, 3)
        assert REMARK.encode() not in done.stdout + done.stderr

        twice = calllist(tmp_path, "upload", file, "--job", job.code)
        assert (twice.returncode, "第1号と同じファイル" in twice.stderr.decode()) == (1, True)
        assert "--again" in twice.stderr.decode()
        meant = calllist(tmp_path, "upload", file, "--job", job.code, "--again")
        assert meant.returncode == 0, meant.stderr.decode()

        shown = calllist(tmp_path, "receipt", "show", told["list"]).stdout.decode()
        assert "受け入れ: 3" in shown
        assert "備考" in shown
        english = calllist(tmp_path, "receipt", "show", told["list"], lang="en_US.UTF-8")
        assert "accepted: 3" in english.stdout.decode()
        table = calllist(tmp_path, "receipt", "show", told["list"], "--csv").stdout
        rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
        assert [row[:3] for row in rows[1:]] == [
            ["5", "3", "no_phone_placeholder"],
            ["6", "3", "duplicate"],
        ]
        assert rows[2][4] == "2"

        assert calllist(tmp_path, "sign-out").returncode == 0
        assert not session.exists()
        assert calllist(tmp_path, "receipt", "show", told["list"]).returncode == 2
    rows = await lists(centre)
    assert [row.state for row in rows] == ["open", "failed", "open"]
    assert rows[0].id == told["list"]


async def test_a_line_that_breaks_is_mended_and_the_file_goes_on_where_it_broke(
    centre: Centre, tmp_path: Path
) -> None:
    job = await centre.job()
    file = written(tmp_path, 40_000)
    size = file.stat().st_size
    with serving(centre) as server, line_to(server.port) as line:
        sign_in(server, tmp_path, line.origin)
        refusals = tmp_path / "refusals.csv"
        refusals.write_text("電話番号\n090-0000-0007\n")
        line.cut_after(size // 2)
        words = ("upload", file, "--job", job.id, "--refusals", refusals, "--json")
        done = calllist(tmp_path, *words)
        assert done.returncode == 0, done.stderr.decode()
        assert "回線が切れました" in done.stderr.decode()
        receipt = json.loads(done.stdout)["receipt"]
        assert (receipt["accepted"], receipt["not_to_be_called"]) == (39_999, 1)
        assert size < line.uploaded < size // 2 + size  # not once more from its beginning
    (row,) = await lists(centre)
    assert (row.state, row.number) == ("open", 1)


async def test_ctrl_c_ends_it_on_both_sides_and_nothing_is_stored(
    centre: Centre, tmp_path: Path
) -> None:
    job = await centre.job()
    file = written(tmp_path, 40_000)
    with serving(centre) as server, line_to(server.port) as line:
        sign_in(server, tmp_path, line.origin)
        line.stall_after(100_000)
        with terminal() as (screen, said):
            process = zygote(*COMMANDS).start(
                "calllist.cli",
                ["upload", str(file), "--job", job.id],
                folder=tmp_path,
                output=screen,
                environment={
                    "LANG": "en_US.UTF-8",
                    "TERM": "xterm",
                    "XDG_RUNTIME_DIR": str(tmp_path),
                },
            )
            assert line.stalled.wait(PATIENCE)
            process.signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 130
        told = b"".join(said).decode()
        assert "%" in told  # the bar
        assert " MB" in told
        assert "Nothing of the list was stored" in told
        (row,) = await lists(centre)
        assert (row.state, row.failure["code"]) == ("failed", "disconnected")


async def test_every_refusal_is_a_sentence_with_its_place_in_both_languages(
    centre: Centre, tmp_path: Path
) -> None:
    job = await centre.job()
    file = written(tmp_path, 2, more="\x01,x\r\n")
    with serving(centre) as server:
        sign_in(server, tmp_path)
        japanese = calllist(tmp_path, "upload", file, "--job", job.id)
        english = calllist(tmp_path, "upload", file, "--job", job.id, lang="en_US.UTF-8")
        assert (japanese.returncode, english.returncode) == (1, 1)
        assert "4 行目" in japanese.stderr.decode()
        assert "line 4" in english.stderr.decode()
        for done in (japanese, english):
            assert b"(binary_file)" in done.stderr
            assert REMARK.encode() not in done.stderr + done.stdout
        for words, code in (
            (("upload", file, "--job", "nowhere"), 2),
            (("upload", tmp_path, "--job", job.id), 2),
            (("upload", file, "--job", job.id, "--column", "phone"), 2),
            (("upload", file, "--job", job.id, "--column", "phnoe=電話番号"), 2),
            (("upload", file, "--job", job.id, "--expires", "tomorrow"), 2),
            (("upload", file, "--job", job.id, "--expires", "2027-03-31T18:00"), 2),
            (("upload", file, "--job", job.id, "--encoding", "klingon"), 2),
            (("upload", file, "--job", job.id, "--url", "https://other.example"), 2),
            (("sign-in", "http://calllist.example"), 2),
            (("receipt", "show", "lst_none"), 1),
        ):
            assert calllist(tmp_path, *words).returncode == code, words
        used = server.code_for(centre.manager)
        sign_in(server, tmp_path, code=used)
        again = calllist(tmp_path, "sign-in", server.origin, stdin=f"{used}\n".encode())
        assert (again.returncode, b"command_code_unknown" in again.stderr) == (1, True)
        (tmp_path / "calllist" / "session").chmod(0o640)
        assert calllist(tmp_path, "upload", file, "--job", job.id).returncode == 2
        (tmp_path / "calllist" / "session").chmod(0o600)
        server.kill()
        assert calllist(tmp_path, "receipt", "show", "lst_none").returncode == 3
