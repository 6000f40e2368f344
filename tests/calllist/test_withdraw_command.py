"""`calllist withdraw`: a real process, a real web; counts and lines, never a number of anybody."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from calllist.jobs.states import RecordState
from calllist.jobs.tables import Record
from calllist.people.roles import Role
from tests.calllist.centre import Centre, Someone
from tests.calllist.command_line import run
from tests.calllist.proxy import line_to
from tests.calllist.server import Server, serving

pytestmark = pytest.mark.asyncio
LIST = "氏名,電話番号,整理番号\r\n" + "".join(
    f"架空{n},090-0000-000{n},R{n}\r\n" for n in range(1, 6)
)


def calllist(
    folder: Path, *words: object, stdin: bytes = b"", lang: str = "C.UTF-8"
) -> subprocess.CompletedProcess[bytes]:
    return run(*words, cwd=folder, lang=lang, stdin=stdin, XDG_RUNTIME_DIR=str(folder))


def sign_in(server: Server, folder: Path, someone: Someone, *, withdrawals: bool) -> None:
    code = server.code_for(someone, withdrawals=withdrawals)
    done = calllist(folder, "sign-in", server.origin, stdin=f"{code}\n".encode())
    assert done.returncode == 0, done.stderr.decode()
    assert ("取下げ" in done.stderr.decode()) is withdrawals


async def closed(centre: Centre, list_id: str) -> int:
    async with centre.sessions() as session:
        return (
            await session.scalar(
                select(func.count()).where(
                    Record.list_id == list_id, Record.state == RecordState.DONE
                )
            )
            or 0
        )


async def test_a_script_takes_people_out_by_reference_number_and_may_repeat_itself(
    centre: Centre, tmp_path: Path
) -> None:
    job = await centre.job()
    officer = await centre.person("itaku", Role.ENTRUSTOR)
    list_id = (await centre.send(job, LIST)).list_id
    assert centre.manager
    file = tmp_path / "paid.csv"
    file.write_bytes("氏名,整理番号\r\n架空,R1\r\n架空,R2\r\n架空,R77\r\n".encode("cp932"))
    words = ("withdraw", file, "--job", job.code)
    with serving(centre) as server:
        sign_in(server, tmp_path, centre.manager, withdrawals=False)
        done = calllist(tmp_path, *words)
        assert (done.returncode, await closed(centre, list_id)) == (1, 0)
        assert "grant_not_lent" in done.stderr.decode()

        sign_in(server, tmp_path, centre.manager, withdrawals=True)
        done = calllist(tmp_path, *words, "--json")
        assert done.returncode == 0, done.stderr.decode()
        first = {"given": 3, "withdrawn": 2, "already": 0, "unmatched": 1, "unmatched_lines": [4]}
        assert json.loads(done.stdout) == first
        again = calllist(tmp_path, *words)
        assert again.returncode == 0
        assert "すでに終了していた方: 2" in again.stdout.decode()
        assert "この業務にない番号の行: 4" in again.stdout.decode()
        assert "R77" not in again.stdout.decode() + again.stderr.decode()
        assert "架空" not in again.stdout.decode() + again.stderr.decode()
        assert await closed(centre, list_id) == 2

        file.write_bytes(b"a,b\nR3,R4\n")
        refused = calllist(tmp_path, *words)
        assert (refused.returncode, "no_reference_column" in refused.stderr.decode()) == (1, True)
        sign_in(server, tmp_path, officer, withdrawals=True)
        by_column = ("withdraw", file, "--job", job.id, "--column", "#2")
        english = calllist(tmp_path, *by_column, lang="en_US.UTF-8")
        assert "taken out: 1" in english.stdout.decode(), english.stderr.decode()
        assert await closed(centre, list_id) == 3


async def test_a_line_that_breaks_takes_nobody_out_by_halves_and_says_to_run_it_again(
    centre: Centre, tmp_path: Path
) -> None:
    job = await centre.job()
    list_id = (await centre.send(job, LIST)).list_id
    assert centre.manager
    file = tmp_path / "paid.txt"
    long = "".join(f"X{n:0300d}\n" for n in range(500))  # too long to be anybody's number
    file.write_text(f"R1\nR2\n{long}")
    with serving(centre) as server, line_to(server.port) as line:
        code = server.code_for(centre.manager, withdrawals=True)
        calllist(tmp_path, "sign-in", line.origin, stdin=f"{code}\n".encode())
        line.cut_after(50_000)
        broken = calllist(tmp_path, "withdraw", file, "--job", job.id)
        assert broken.returncode == 3, broken.stderr.decode()
        assert "もう一度実行" in broken.stderr.decode()
        assert await closed(centre, list_id) == 0
        file.write_text("R1\nR2\n")
        done = calllist(tmp_path, "withdraw", file, "--job", job.id, "--json")
        assert done.returncode == 0, done.stderr.decode()
        assert json.loads(done.stdout)["withdrawn"] == 2
