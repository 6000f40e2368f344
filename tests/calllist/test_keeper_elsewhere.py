"""A keeper on another host: the settings that name it, and the certificates for it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from calllist.settings import Settings, SettingsError, load
from crypto.wire.base import Caller
from crypto.wire.private_ca import certify
from crypto.wire.tls import Files, Remote
from tests.calllist.command_line import run

URL = "tls://keeper.example.jp:7443"


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    certify(tmp_path / "c", "keeper.example.jp", datetime.now(UTC))
    return tmp_path / "c"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DATABASE_URL", "postgresql://calllist_web:x@127.0.0.1/calllist")
    monkeypatch.setenv("CALLLIST_HOME", str(tmp_path))
    monkeypatch.delenv("CALLLIST_KEEPER_RUN", raising=False)
    return monkeypatch


def elsewhere(environment: pytest.MonkeyPatch, folder: Path) -> Settings:
    environment.setenv("CALLLIST_KEEPER", URL)
    environment.setenv("CALLLIST_KEEPER_CERTIFICATES", str(folder))
    return load()


def test_each_class_finds_the_port_with_its_own_certificate(
    environment: pytest.MonkeyPatch, certificates: Path
) -> None:
    assert load().keeper_at(Caller.WEB) == load().socket(Caller.WEB)
    chosen = elsewhere(environment, certificates / "web")
    for caller in (Caller.WEB, Caller.INTAKE):
        files = Files.of(certificates / "web", caller)
        assert chosen.keeper_at(caller) == Remote("keeper.example.jp", 7443, files)
    with pytest.raises(SettingsError, match=r"CALLLIST_KEEPER_CERTIFICATES: .*worker\.key"):
        chosen.keeper_at(Caller.WORKER)
    (certificates / "web" / "web.key").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        chosen.keeper_at(Caller.WEB)


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"CALLLIST_KEEPER": URL}, "go together"),
        ({"CALLLIST_KEEPER_CERTIFICATES": "/c"}, "go together"),
        (
            {"CALLLIST_KEEPER": "https://s3cret", "CALLLIST_KEEPER_CERTIFICATES": "/c"},
            "CALLLIST_KEEPER: an address on another host is tls://host:port",
        ),
        (
            {
                "CALLLIST_KEEPER": URL,
                "CALLLIST_KEEPER_CERTIFICATES": "/c",
                "CALLLIST_KEEPER_RUN": "/run/keeper",
            },
            "exclude each other",
        ),
    ],
)
def test_half_an_address_stops_the_start(
    environment: pytest.MonkeyPatch, variables: dict[str, str], says: str
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    with pytest.raises(SettingsError, match=says) as wrong:
        load()
    assert "s3cret" not in str(wrong.value)


def test_the_command_makes_them_and_says_where_they_go(tmp_path: Path) -> None:
    made = run("certificates", "c", "--host", "keeper.example.jp", cwd=tmp_path)
    assert made.returncode == 0, made.stderr.decode()
    names = [line.split()[1] for line in made.stdout.decode().splitlines()]
    assert names == ["keeper", "web", "intake", "worker"]
    for place, files in {"keeper": "keeper", "web": "intake", "worker": "worker"}.items():
        Files.of(tmp_path / "c" / place, files)
    (tmp_path / "c" / "authority" / "ca.key").chmod(0o644)
    refused = run("certificates", "c", "--host", "keeper.example.jp", cwd=tmp_path)
    assert refused.returncode == 2
    assert "chmod 600" in refused.stderr.decode()
