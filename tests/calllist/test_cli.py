"""The command line speaks in sentences, in both languages, and never in a traceback."""

import base64
import csv
import io
import json
import secrets
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from calllist.commands.results import inert, table
from calllist.commands.words import MESSAGES
from crypto.records.sealing import CallResult, ListKeys, seal_list_keys, seal_result
from crypto.records.slips import Slip
from crypto.signed import keyfile, statements
from crypto.signed.terms import RosterEntry
from tests.calllist.command_line import run
from tests.retention.kit import PUBLIC, certificate

NOW = datetime.now(UTC)


@pytest.fixture
def key(tmp_path: Path) -> keyfile.KeyPair:
    return keyfile.generate(tmp_path / "officer.key")


# -- words ---------------------------------------------------------------------------------


@pytest.mark.parametrize("code", MESSAGES)
def test_every_message_exists_in_japanese_and_english(code: str) -> None:
    japanese, english = MESSAGES[code]
    assert any("\u3040" <= character <= "\u9fff" for character in japanese)
    assert not any("\u3040" <= character <= "\u9fff" for character in english)
    places = [{part[1] for part in string.Formatter().parse(text)} for text in (japanese, english)]
    assert places[0] - {None} == places[1] - {None}


@pytest.mark.parametrize(
    ("lang", "option", "said"),
    [
        ("", (), "読み込めません"),
        ("ja_JP.UTF-8", (), "読み込めません"),
        ("en_US.UTF-8", (), "Cannot read"),
        ("ja_JP.UTF-8", ("--lang", "en"), "Cannot read"),
        ("en_US.UTF-8", ("--lang", "ja"), "読み込めません"),
    ],
)
def test_it_speaks_japanese_unless_asked_for_english(
    tmp_path: Path, lang: str, option: tuple[str, ...], said: str
) -> None:
    done = run(*option, "verify", "none.json", "--key", "none.pub", cwd=tmp_path, lang=lang)
    assert done.returncode == 2
    assert said in done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "calllist --help"),
        (("keys",), "calllist keys --help"),
        (("verify",), "FILE, --key の指定がないか"),
        (
            ("statement", "budget", "--until", "2027-03-31"),
            "--entrustor, --contract, --issuer, --output の指定がないか、正しくありません。",
        ),
        (("statement", "budget"), "使い方: calllist statement budget --help"),
        (("ledger", "mirror"), "環境変数 DATABASE_URL が設定されていません。このコマンドは"),
        (("--lang=en", "ledger", "mirror"), "variable DATABASE_URL is not set. This command runs"),
        (("verify", "x"), "--key の指定がないか"),
        (("entrustor", "add", "架空市", "--kind", "secret"), "--kind の指定がないか"),
        (("shred",), "shred"),
        (("verify", "--force", "x"), "--force"),
        (("keys", "old"), "old"),
    ],
)
def test_a_wrong_command_is_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr.decode()


# -- keys and approvals --------------------------------------------------------------------


def roster_request(path: Path, *, issuer: str = "per_manager", days: int = 14) -> Path:
    body = RosterEntry("per_1", "pty_1", "sit_1", "operator", NOW + timedelta(days=90))
    asked = NOW - timedelta(days=20) if days < 0 else NOW
    request = statements.prepare(
        body, issuer=issuer, now=asked, valid_for=timedelta(days=abs(days))
    )
    path.write_bytes(statements.dump_request(request))
    return path


def test_new_keys_are_private_and_never_overwritten(tmp_path: Path) -> None:
    done = run("keys", "new", "officer.key", cwd=tmp_path)
    assert done.returncode == 0
    public = keyfile.load_public(tmp_path / "officer.pub")
    assert public.fingerprint in done.stderr.decode()
    assert (tmp_path / "officer.key").stat().st_mode & 0o777 == 0o600
    again = run("keys", "new", "officer.key", cwd=tmp_path)
    assert again.returncode == 2
    assert keyfile.load_public(tmp_path / "officer.pub") == public


def test_approving_shows_what_is_decided_and_signs_exactly_that(
    tmp_path: Path, key: keyfile.KeyPair
) -> None:
    file = roster_request(tmp_path / "roster.json")
    done = run("approve", file, "--key", "officer.key", cwd=tmp_path, stdin=b"y\n")
    assert done.returncode == 0, done.stderr.decode()
    assert "per_1" in done.stdout.decode()
    signed = statements.load_signed((tmp_path / "roster.json.signed").read_bytes())
    approved = statements.verify(signed, key.approver.public, now=NOW)
    assert approved == statements.load_request(file.read_bytes())


@pytest.mark.parametrize("answer", [b"n\n", b"\n", b""])
def test_anything_but_yes_signs_nothing(
    tmp_path: Path, key: keyfile.KeyPair, answer: bytes
) -> None:
    file = roster_request(tmp_path / "roster.json")
    done = run("approve", file, "--key", "officer.key", cwd=tmp_path, stdin=answer)
    assert done.returncode != 0
    assert not (tmp_path / "roster.json.signed").exists()


@pytest.mark.parametrize("issuer", ["per_1\n偽の行", "per_1\u202ereversed", "\x1b[2Jper_1"])
def test_a_request_that_could_deceive_the_eye_is_refused(
    tmp_path: Path, key: keyfile.KeyPair, issuer: str
) -> None:
    file = roster_request(tmp_path / "roster.json", issuer=issuer)
    done = run("approve", file, "--key", "officer.key", "--yes", cwd=tmp_path)
    assert done.returncode == 2
    assert not done.stdout


def test_an_expired_request_is_not_signed(tmp_path: Path, key: keyfile.KeyPair) -> None:
    file = roster_request(tmp_path / "roster.json", days=-1)
    done = run("approve", file, "--key", "officer.key", "--yes", cwd=tmp_path)
    assert done.returncode == 1
    assert "承認期限" in done.stderr.decode()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path, key: keyfile.KeyPair) -> None:
    file = roster_request(tmp_path / "roster.json")
    (tmp_path / "officer.key").chmod(0o644)
    done = run("approve", file, "--key", "officer.key", "--yes", cwd=tmp_path)
    assert done.returncode == 2
    assert "chmod 600" in done.stderr.decode()


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00\xff", b'{"statement": 3}', b"[]"])
def test_another_file_is_not_a_request(
    tmp_path: Path, key: keyfile.KeyPair, content: bytes
) -> None:
    (tmp_path / "other").write_bytes(content)
    done = run("approve", "other", "--key", "officer.key", cwd=tmp_path)
    assert done.returncode == 2
    assert "承認を求めるファイルではありません" in done.stderr.decode()


# -- certificates --------------------------------------------------------------------------


def public_key_file(path: Path, key: bytes = PUBLIC) -> Path:
    path.write_text(f"certificate-key {base64.urlsafe_b64encode(key).decode()}\n")
    return path


@pytest.mark.parametrize(("lang", "verdict"), [("", "正しい証明書です"), ("en", "Authentic")])
def test_a_genuine_certificate_is_shown_in_words(tmp_path: Path, lang: str, verdict: str) -> None:
    (tmp_path / "c.json").write_bytes(certificate())
    public_key_file(tmp_path / "k.pub")
    done = run("verify", "c.json", "--key", "k.pub", cwd=tmp_path, lang=lang)
    assert done.returncode == 0, done.stderr.decode()
    assert verdict in done.stderr.decode()
    assert "ent_01-000003" in done.stdout.decode()


def test_a_changed_certificate_is_refused_with_its_reason_and_not_shown(tmp_path: Path) -> None:
    changed = certificate().replace(b'"sig":"', b'"sig":"A', 1)
    (tmp_path / "c.json").write_bytes(changed)
    public_key_file(tmp_path / "k.pub")
    done = run("verify", "c.json", "--key", "k.pub", cwd=tmp_path)
    assert done.returncode == 1
    assert "理由" in done.stderr.decode()
    assert not done.stdout


def test_another_key_and_another_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_bytes(certificate())
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    public_key_file(tmp_path / "other.pub", stranger)
    wrong_key = run("verify", "c.json", "--key", "other.pub", cwd=tmp_path, lang="en")
    assert wrong_key.returncode == 1
    assert "names another key" in wrong_key.stderr.decode()
    wrong_file = run("verify", "c.json", "--key", "c.json", cwd=tmp_path, lang="en")
    assert wrong_file.returncode == 2
    assert "public key file" in wrong_file.stderr.decode()


# -- results -------------------------------------------------------------------------------


def results_file(
    path: Path, key: keyfile.KeyPair, references: list[str], slip: Slip | None = None
) -> Path:
    keys = ListKeys(secrets.token_bytes(32), secrets.token_bytes(32))
    sealed_keys = seal_list_keys(
        key.public.recipient, entrustor="ent_01", list_id="lst_01", keys=keys
    )
    results = []
    for line, reference in enumerate(references, 2):
        attempt = f"lea_{line}"
        result = CallResult(line, reference, 10, "2026-04-07T01:00:00Z", slip)
        sealed = seal_result(keys.result_key, list_id="lst_01", attempt=attempt, result=result)
        results.append(
            {"list": "lst_01", "attempt": attempt, "sealed": base64.b64encode(sealed).decode()}
        )
    body = {
        "format": "calllist-results/1",
        "entrustor": "ent_01",
        "lists": {"lst_01": {"keys": base64.b64encode(sealed_keys).decode()}},
        "results": results,
    }
    path.write_text(json.dumps(body))
    return path


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_results_open_to_a_table_for_excel(tmp_path: Path, key: keyfile.KeyPair) -> None:
    results_file(tmp_path / "r.json", key, ["A-001", '=HYPERLINK("x")', "山田"])
    done = run("results", "open", "r.json", "--key", "officer.key", cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(b"\xef\xbb\xbf")
    header, first, second, third = rows_of(done.stdout)
    assert header[:6] == ["リスト", "行番号", "整理番号", "結果コード", "結果", "日時"]
    assert first[:5] == ["lst_01", "2", "A-001", "10", "本人対応・完了"]
    assert first[5:] == ["2026-04-07 10:00:00+09:00", *7 * [""]], "neither slip nor revision"
    assert second[2] == '\'=HYPERLINK("x")'
    assert third[2] == "山田"


def test_what_a_slip_says_stands_in_columns_of_its_own(
    tmp_path: Path, key: keyfile.KeyPair
) -> None:
    slip = Slip(phone="090-0000-1234", address="=みなと野市", date="2026-05-01", amount=12_000)
    results_file(tmp_path / "r.json", key, ["A-001"], slip)
    done = run("results", "open", "r.json", "--key", "officer.key", cwd=tmp_path)
    header, row = rows_of(done.stdout)
    assert [name.partition("：")[2] for name in header[6:10]] == [
        "電話番号",
        "住所",
        "日付",
        "金額",
    ]
    assert row[6:10] == ["090-0000-1234", "'=みなと野市", "2026-05-01", "12000"]


def test_results_go_to_a_private_file_that_is_never_overwritten(
    tmp_path: Path, key: keyfile.KeyPair
) -> None:
    results_file(tmp_path / "r.json", key, ["A-001"])
    command = ("results", "open", "r.json", "--key", "officer.key", "-o", "out.csv")
    assert run(*command, cwd=tmp_path).returncode == 0
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600
    assert run(*command, cwd=tmp_path).returncode == 2


def test_one_damaged_result_does_not_hold_back_the_others(
    tmp_path: Path, key: keyfile.KeyPair
) -> None:
    file = results_file(tmp_path / "r.json", key, ["A-001", "A-002", "A-003"])
    body = json.loads(file.read_text())
    body["results"][1]["sealed"] = body["results"][0]["sealed"]
    file.write_text(json.dumps(body))
    done = run("results", "open", "r.json", "--key", "officer.key", cwd=tmp_path)
    assert done.returncode == 1
    assert "lea_3" in done.stderr.decode()
    assert [row[2] for row in rows_of(done.stdout)[1:]] == ["A-001", "A-003"]


def test_the_key_of_somebody_else_opens_nothing_and_says_so(
    tmp_path: Path, key: keyfile.KeyPair
) -> None:
    results_file(tmp_path / "r.json", key, ["A-001"])
    keyfile.generate(tmp_path / "other.key")
    done = run("results", "open", "r.json", "--key", "other.key", cwd=tmp_path)
    assert done.returncode == 1
    assert "この鍵では開けません" in done.stderr.decode()
    assert not done.stdout


@pytest.mark.parametrize("content", [b"", b"{}", b"a,b\n1,2\n", b"\xff\xfe"])
def test_another_file_is_not_a_results_file(
    tmp_path: Path, key: keyfile.KeyPair, content: bytes
) -> None:
    (tmp_path / "r.json").write_bytes(content)
    done = run("results", "open", "r.json", "--key", "officer.key", cwd=tmp_path)
    assert done.returncode == 2
    assert "架電結果のファイルではありません" in done.stderr.decode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff20"])
def test_a_cell_that_would_run_is_quoted(start: str) -> None:
    assert inert(f"{start}1+1") == f"'{start}1+1"
    assert rows_of(table([(f"{start}1", 5)])) == [[f"'{start}1", "5"]]


# -- residue -------------------------------------------------------------------------------


def test_residue_names_the_store_and_the_number_and_never_the_string(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("postgres/data", "postgres/data/pg_wal", "broker", "keeper", "log", "demo"):
        (home / name).mkdir(parents=True)
        (home / name / "data").write_bytes(secrets.token_bytes(5000))
    (tmp_path / "tmp").mkdir()
    needles = "架空花子ノ尾\n090-0123-4567\n".encode()
    command = ("residue", "--home", home, "--json")
    clean = run(*command, cwd=tmp_path, stdin=needles, TMPDIR=str(tmp_path / "tmp"))
    machine = {"swap", "journal", "proxy_logs", "backups"}  # whatever this machine has of them
    told = {f["store"]: f for f in json.loads(clean.stdout)}
    assert {name: one["bytes"] for name, one in told.items() if name not in machine} == {
        **dict.fromkeys(("database", "wal", "broker", "keeper", "logs", "demo"), 5000), "temp": 0,
    }  # fmt: skip
    assert {one["outcome"] for name, one in told.items() if name not in machine} == {"PASS"}
    (home / "broker" / "data").write_bytes("x090-0123-4567".encode("utf-16-le"))
    found = run(*command, cwd=tmp_path, stdin=needles, TMPDIR=str(tmp_path / "tmp"))
    assert found.returncode == 1
    guilty = [f for f in json.loads(found.stdout) if f["outcome"] == "FAILED"]
    assert [(f["store"], f["needles"]) for f in guilty] == [("broker", [2])]
    assert "0123" not in found.stderr.decode()


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        (b"", "標準入力に1行1件"),
        (b"\xff\xfe\x00", "UTF-8"),
        ("架空花子ノ尾\n佐藤\n".encode(), "2 行目の文字列は短すぎます"),
    ],
)
def test_needles_that_cannot_be_used_are_refused(tmp_path: Path, stdin: bytes, said: str) -> None:
    done = run("residue", "--home", tmp_path, cwd=tmp_path, stdin=stdin)
    assert done.returncode == 2
    assert said in done.stderr.decode()


def test_a_missing_installation_is_a_sentence(tmp_path: Path) -> None:
    done = run("residue", cwd=tmp_path, stdin="架空花子ノ尾".encode())
    assert done.returncode == 2
    assert ".calllist" in done.stderr.decode()
