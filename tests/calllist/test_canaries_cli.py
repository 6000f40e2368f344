"""`calllist canaries draft`: what leaves the entrustor's machine tells nobody the numbers."""

from pathlib import Path

import pytest

from crypto.records.sealing import RecipientKey, open_canaries
from crypto.signed import keyfile, statements
from crypto.signed.orders import Canaries
from crypto.signed.words import in_words
from tests.calllist.command_line import run

KEEPER = RecipientKey.generate()
OPTIONS = ("--keeper", "keeper.pub", "--entrustor", "ent_1", "--contract", "ctr_1")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    keyfile.write_recipient(tmp_path / "keeper.pub", KEEPER.public)
    return tmp_path


def test_the_request_holds_the_numbers_for_the_keeper_alone(desk: Path) -> None:
    (desk / "own.txt").write_text("090-0000-7701\n\n０９０ー００００ー７７０２\n+81 3-0000-7703\n")
    done = run("canaries", "draft", "own.txt", *OPTIONS, "-o", "request.json", cwd=desk)
    assert done.returncode == 0, done.stderr
    request = statements.load_request((desk / "request.json").read_bytes())
    assert isinstance(request.body, Canaries)
    opened = open_canaries(KEEPER, entrustor="ent_1", contract="ctr_1", sealed=request.body.sealed)
    assert opened == ["+81300007703", "+819000007701", "+819000007702"]
    shown = statements.fingerprint(request.body.sealed)
    assert shown in done.stderr.decode()
    assert shown in in_words(request)
    for number in ("7701", "7702", "7703"):
        assert number not in (done.stdout + done.stderr).decode()


@pytest.mark.parametrize(
    ("numbers", "key", "said"),
    [
        ("090-0000-7701\n電話なし\n", "keeper.pub", "2"),
        ("\n", "keeper.pub", "number"),
        ("090-0000-7701\n", "own.txt", "keeper.pub"),
        ("090-0000-7701\n", "none.pub", "none.pub"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    desk: Path, numbers: str, key: str, said: str
) -> None:
    (desk / "own.txt").write_text(numbers)
    options = ("--keeper", key, *OPTIONS[2:])
    done = run("--lang", "en", "canaries", "draft", "own.txt", *options, cwd=desk)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert "7701" not in done.stderr.decode()
    assert not (desk / "canaries.json").exists()
