"""The first day of an installation, typed by hand: from nothing to a contract in force."""

import asyncio
import json
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from crypto.signed import keyfile
from crypto.standards.oath import Generator, Oath
from crypto.wire.base import Caller
from crypto.wire.people import Grant
from tests.calllist.command_line import run
from tests.crypto.codes import shown
from tests.keepers import OFFSET, KeeperProcess

Command = Callable[..., CompletedProcess[bytes]]
SEED = bytes(range(20))


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A short one: the keeper is looked for below it, and a UNIX socket's path has 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="clh-") as folder:
        yield Path(folder)


@pytest.fixture
def host(tmp_path: Path, database: str) -> Command:
    """A shell on the platform's host, with its settings."""

    def type_in(
        *arguments: object, stdin: bytes = b"", keeper: KeeperProcess | None = None
    ) -> CompletedProcess[bytes]:
        where = {"CALLLIST_KEEPER_RUN": str(keeper.run)} if keeper else {}
        return run(
            *arguments,
            cwd=tmp_path,
            stdin=stdin,
            **where,
            DATABASE_URL=database,
            CALLLIST_CLOCK_OFFSET=str(int(OFFSET.total_seconds())),
        )

    return type_in


def said(done: CompletedProcess[bytes], exit_code: int = 0) -> str:
    assert done.returncode == exit_code, done.stderr.decode()
    return done.stderr.decode()


def id_in(text: str) -> str:
    found = re.search(r"\b(?:ent|pty|sit|per)_[0-9a-f]{16}\b", text)
    assert found is not None, text
    return found[0]


def test_from_nothing_to_a_contract_in_force(
    tmp_path: Path, host: Command, keeper: KeeperProcess
) -> None:
    said(host("keys", "new", "officer.key"))
    said(host("keys", "new", "city.key"))
    city = id_in(said(host("entrustor", "add", "架空市", "--kind", "public")))
    centre = id_in(said(host("party", "add", "架空コール", "--kind", "centre")))
    id_in(said(host("site", "add", "本社", "--party", centre)))

    fingerprint = keyfile.load_public(tmp_path / "city.pub").fingerprint
    pin = ("pin", city, "city.pub", "--run", keeper.run)
    assert "指紋が違います" in said(host(*pin, "--fingerprint", "0" * 35), 1)
    assert "登録しました" in said(host(*pin, "--fingerprint", fingerprint))
    officer = keyfile.load_public(tmp_path / "officer.pub").fingerprint
    asked = host("pin", "centre", "officer.pub", "--run", keeper.run, stdin=b"y\n")
    assert officer in said(asked)

    draft = ("contract", "draft", "R8-01", "--entrustor", city, "--purpose", "health_check",
             "--party", centre, "--until", "2099-03-31", "-o", "terms.json")  # fmt: skip
    said(host(*draft))
    body = json.loads((tmp_path / "terms.json").read_text())["statement"]["body"]
    assert body["expires"].startswith("2099-03-31T")
    said(host("approve", "terms.json", "--key", "city.key", "--yes"))
    signed = ("submit", "terms.json.signed", "--run", keeper.run)
    assert "受け付けました" in said(host(*signed))
    assert "replayed_statement" in said(host(*signed), 1)


def test_the_first_administrator_and_only_the_first(
    tmp_path: Path, host: Command, keeper: KeeperProcess
) -> None:
    said(host("keys", "new", "officer.key"))
    said(host("pin", "centre", "officer.pub", "--run", keeper.run, stdin=b"y\n"))
    create = ("administrator", "create", "root", "架空管理", "--centre", "架空コール")
    told = said(host(*create, keeper=keeper))
    assert re.search(r"http://localhost:8000/welcome#\S{20,}", told)
    said(host("approve", "roster-root.json", "--key", "officer.key", "--yes"))
    said(host("submit", "roster-root.json.signed", "--run", keeper.run))
    again = ("administrator", "create", "second", "架空", "--centre", "架空コール")
    for more in (create, again):
        assert "すでにあります" in said(host(*more, keeper=keeper), 1)
    made = [leaf for leaf in leaves(keeper) if leaf.get("code") == "account_created"]
    assert [leaf["ref_by"] for leaf in made] == ["installer"]
    assert id_in(made[0]["ref_person"])


def test_without_the_keepers_ledger_no_administrator_is_made(
    tmp_path: Path, host: Command, keeper: KeeperProcess
) -> None:
    create = ("administrator", "create", "root", "架空管理", "--centre", "架空コール")
    assert "金庫に接続できません" in said(host(*create), 2)
    assert not (tmp_path / "roster-root.json").exists()
    said(host(*create, keeper=keeper))


def test_a_hardware_token_is_handed_over_on_the_keepers_host(
    tmp_path: Path, host: Command, keeper: KeeperProcess
) -> None:
    said(host("keys", "new", "officer.key"))
    said(host("pin", "centre", "officer.pub", "--run", keeper.run, stdin=b"y\n"))
    create = ("administrator", "create", "root", "架空管理", "--centre", "架空コール")
    said(host(*create, keeper=keeper))
    person = json.loads((tmp_path / "roster-root.json").read_text())["statement"]["body"]["person"]
    seeds = tmp_path / "seeds.csv"
    seeds.write_text(f"serial,seed,kind\nT-1,{SEED.hex()},hotp\nT-2,{SEED[::-1].hex()},hotp\n")
    hand_over = ("token", "import", "seeds.csv", "--run", keeper.run, "--person")
    assert "chmod 600" in said(host(*hand_over, f"T-1={person}"), 2)
    seeds.chmod(0o600)
    assert "unknown_person" in said(host(*hand_over, f"T-1={person}"), 1)
    said(host("approve", "roster-root.json", "--key", "officer.key", "--yes"))
    said(host("submit", "roster-root.json.signed", "--run", keeper.run))
    for nothing in (person, f"T-9={person}", "T-1=架空", f"={person}"):
        said(host(*hand_over, nothing), 2)
    told = said(host(*hand_over, f"T-1={person}"))
    assert "消去してください" in told
    assert SEED.hex() not in told
    assert asyncio.run(let_in(keeper, person, shown(SEED, Generator(Oath.HOTP), 0))) == person
    (tmp_path / "bad.csv").write_text(f"serial,seed\nT-1,{SEED.hex()}\nT-2,{SEED.hex()}00x\n")
    (tmp_path / "bad.csv").chmod(0o600)
    refused = said(host("token", "import", "bad.csv", "--run", keeper.run, "--person", person), 2)
    assert "3" in refused
    assert SEED.hex() not in refused


async def let_in(keeper: KeeperProcess, person: str, code: str) -> str:
    """Whom the last grant in the ledger is for, once this person has used this code."""
    async with keeper.client(Caller.WEB) as web:
        await web.call(Grant(person, code))
    return str([leaf for leaf in leaves(keeper) if leaf["kind"] == "grant"][-1]["principal"])


def leaves(keeper: KeeperProcess) -> list[dict[str, Any]]:
    """What the ledger says."""
    with closing(sqlite3.connect(keeper.home / "journal.db")) as journal:
        return [json.loads(leaf) for (leaf,) in journal.execute("SELECT leaf FROM ledger")]


def test_an_account_whose_roster_file_cannot_be_written_is_not_made(
    tmp_path: Path, host: Command, keeper: KeeperProcess
) -> None:
    (tmp_path / "roster-root.json").write_text("")
    create = ("administrator", "create", "root", "架空管理", "--centre", "架空コール")
    assert "上書きはしません" in said(host(*create, keeper=keeper), 2)
    (tmp_path / "roster-root.json").unlink()
    said(host(*create, keeper=keeper))


def test_a_statement_by_a_key_that_is_not_pinned_is_refused(
    host: Command, keeper: KeeperProcess
) -> None:
    said(host("keys", "new", "stranger.key"))
    create = ("administrator", "create", "root", "架空管理", "--centre", "架空コール")
    said(host(*create, keeper=keeper))
    said(host("approve", "roster-root.json", "--key", "stranger.key", "--yes"))
    assert "unpinned_key" in said(host("submit", "roster-root.json.signed", "--run", keeper.run), 1)


def test_a_missing_keeper_setting_or_database_is_a_sentence(tmp_path: Path, host: Command) -> None:
    said(host("keys", "new", "city.key"))
    assert "金庫に接続できません" in said(host("pin", "ent_1", "city.pub", stdin=b"y\n"), 2)
    create = ("party", "add", "架空コール", "--kind", "centre")
    assert "DATABASE_URL" in said(run(*create, cwd=tmp_path), 2)
    nowhere = "postgresql://nobody:secret-word@127.0.0.1:1/none"
    refused = said(run(*create, cwd=tmp_path, DATABASE_URL=nowhere), 2)
    assert "データベースに接続できません" in refused
    assert "secret-word" not in refused


@pytest.mark.parametrize("day", ["2099-02-30", "tomorrow", "2099/03/31"])
def test_a_day_that_does_not_exist_is_a_sentence(host: Command, day: str) -> None:
    draft = ("contract", "draft", "R8-01", "--entrustor", "ent_1", "--purpose", "sales",
             "--party", "pty_1", "--until", day)  # fmt: skip
    assert "2027-03-31" in said(host(*draft), 2)


def test_the_wrong_kind_of_file_is_refused_before_the_keeper_is_asked(
    tmp_path: Path, host: Command
) -> None:
    (tmp_path / "other").write_text("{}")
    assert "署名済みのファイルではありません" in said(host("submit", "other"), 2)
    assert "公開鍵" in said(host("pin", "centre", "other"), 2)
