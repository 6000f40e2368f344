"""`calllist seal`: only to whom the pinned key says, and what it makes is an age file."""

import base64
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.certificates import recipients
from crypto.certificates.recipients import UploadRecipient
from crypto.standards.age.keys import AgeIdentity
from tests.calllist.command_line import run

PINNED, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
IDENTITY = AgeIdentity.generate()
LIST = "電話番号,氏名\n090-0000-0001,山田 花子\n".encode("cp932") * 5000


def public(key: Ed25519PrivateKey) -> str:
    data = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).decode()
    return f"certificate-key {data}\n"


Statement = Callable[..., Path]


@pytest.fixture
def files(tmp_path: Path) -> Statement:
    """A list and a pinned key in the folder; makes a statement."""
    (tmp_path / "list.csv").write_bytes(LIST)
    (tmp_path / "certificate.pub").write_text(public(PINNED))
    (tmp_path / "identity").write_text(IDENTITY.written() + "\n")

    def statement(key: Ed25519PrivateKey = PINNED, issued: datetime | None = None) -> Path:
        said = UploadRecipient(
            "ent_1", "ctr_1", "job_1", str(IDENTITY.recipient), issued or datetime.now(UTC)
        )
        path = tmp_path / "recipient.json"
        path.write_bytes(recipients.stated(said, key))
        return path

    return statement


def seal(folder: Path, *, job: str = "job_1", more: tuple[str, ...] = ()) -> tuple[int, str]:
    done = run(
        *("seal", "list.csv", "--job", job, "--recipient", "recipient.json"),
        *("--pin", "certificate.pub", *more),
        cwd=folder,
        lang="en",
    )
    return done.returncode, done.stderr.decode()


def test_what_it_makes_the_tool_opens_and_nobody_else(files: Statement, tmp_path: Path) -> None:
    files()
    code, said = seal(tmp_path)
    assert code == 0, said
    for word in ("list.csv.age", "job_1", "ctr_1", "ent_1", str(IDENTITY.recipient)):
        assert word in said
    made = tmp_path / "list.csv.age"
    assert made.stat().st_mode & 0o777 == 0o600
    opened = subprocess.run(
        ["age", "--decrypt", "--identity", tmp_path / "identity", made],
        capture_output=True,
        check=True,
    )
    assert opened.stdout == LIST
    assert "山田".encode("cp932") not in made.read_bytes()


def test_it_refuses_what_the_pinned_key_did_not_sign(files: Statement, tmp_path: Path) -> None:
    files(key=OTHER)
    code, said = seal(tmp_path)
    assert (code, list(tmp_path.glob("*.age"))) == (1, [])
    assert "not a recipient statement signed by the pinned key" in said


def test_it_refuses_another_jobs_statement(files: Statement, tmp_path: Path) -> None:
    files()
    code, said = seal(tmp_path, job="job_2")
    assert code == 1
    assert "another job" in said
    assert not list(tmp_path.glob("*.age"))


def test_a_genuine_statement_ahead_of_this_machines_clock_is_warned_of_and_used(
    files: Statement, tmp_path: Path
) -> None:
    """As the demonstration's are. A signature says whose it is; no clock does."""
    files(issued=datetime.now(UTC) + timedelta(days=3))
    code, said = seal(tmp_path)
    assert (code, len(list(tmp_path.glob("*.age")))) == (0, 1)
    assert "ahead of this machine's clock" in said
    files(issued=datetime.now(UTC) - timedelta(days=300))
    code, said = seal(tmp_path, more=("-o", "old.age"))
    assert code == 0
    assert "clock" not in said


def test_it_overwrites_nothing_and_seals_nothing_twice(files: Statement, tmp_path: Path) -> None:
    files()
    assert seal(tmp_path)[0] == 0
    before = (tmp_path / "list.csv.age").read_bytes()
    assert seal(tmp_path)[0] == 2
    assert (tmp_path / "list.csv.age").read_bytes() == before
    (tmp_path / "list.csv").write_bytes(before)
    code, said = seal(tmp_path, more=("-o", "again.age"))
    assert code == 2
    assert "encrypted already" in said
    assert not (tmp_path / "again.age").exists()
