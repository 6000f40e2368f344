"""Settings: what is missing or wrong is named, and never shown."""

from datetime import timedelta
from pathlib import Path

import pytest

from calllist.settings import SettingsError, load


def test_settings_name_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SettingsError, match="DATABASE_URL is missing"):
        load()
    monkeypatch.setenv("DATABASE_URL", "mysql://secret@x/y")
    monkeypatch.setenv("CALLLIST_MAX_ROWS", "many-secret")
    with pytest.raises(SettingsError, match="CALLLIST_MAX_ROWS") as wrong:
        load()
    assert "secret" not in str(wrong.value)
    monkeypatch.setenv("CALLLIST_MAX_ROWS", "5")
    with pytest.raises(SettingsError, match="postgresql://"):
        load()
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret@x/y")
    monkeypatch.setenv("CALLLIST_CLOCK_OFFSET", "-3600.5")
    monkeypatch.setenv("CALLLIST_HOME", str(tmp_path))
    assert load().clock_offset == timedelta(seconds=-3600.5)
    assert "secret" not in repr(load())


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("CALLLIST_CHECK_PAGE", "http://secret.example.jp/check"),
        ("CALLLIST_CHECK_PAGE", "https://secret.example.jp/check#x"),
        ("CALLLIST_CHECK_PAGE", "https://secret.example.jp/" + 200 * "x"),
        ("CALLLIST_CHECK_PAGE", "secret"),
        ("CALLLIST_TSA_URL", "ftp://secret.example.jp/"),
        ("CALLLIST_TSA_URL", "https://"),
    ],
)
def test_what_a_pdf_shows_or_asks_has_an_address(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret@x/y")
    if name == "CALLLIST_TSA_URL":
        monkeypatch.setenv(name, "https://tsa.example.jp/")
        with pytest.raises(SettingsError, match="CALLLIST_TSA_ROOTS go together"):
            load()
        monkeypatch.setenv("CALLLIST_TSA_ROOTS", "/nowhere.pem")
        assert load().tsa_url == "https://tsa.example.jp/"
    monkeypatch.setenv(name, wrong)
    with pytest.raises(SettingsError, match=name) as refused:
        load()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("CALLLIST_MAIL_HOST", "smtp://secret.example.jp", "CALLLIST_MAIL_HOST"),
        ("CALLLIST_MAIL_HOST", "secret.example.jp/", "CALLLIST_MAIL_HOST"),
        ("CALLLIST_MAIL_PORT", "0", "its _PORT"),
        ("CALLLIST_MAIL_FROM", "", "CALLLIST_MAIL_FROM"),
        ("CALLLIST_MAIL_FROM", "secret", "CALLLIST_MAIL_FROM"),
        ("CALLLIST_MAIL_AUDITOR", "a@secret.jp, b@secret.jp", "CALLLIST_MAIL_AUDITOR"),
        ("CALLLIST_MAIL_TLS", "none", "CALLLIST_MAIL_TLS"),
        ("CALLLIST_MAIL_TLS", "perhaps", "CALLLIST_MAIL_TLS"),
    ],
)
def test_a_mail_server_that_cannot_be_meant_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: str, said: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret@x/y")
    monkeypatch.setenv("CALLLIST_MAIL_HOST", "mail.example.jp")
    monkeypatch.setenv("CALLLIST_MAIL_FROM", "calllist@centre.example")
    assert load().mail_tls == "starttls"
    monkeypatch.setenv(name, wrong)
    with pytest.raises(SettingsError, match=said) as refused:
        load()
    assert "secret" not in str(refused.value)
