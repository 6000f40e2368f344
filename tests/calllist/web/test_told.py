"""Every notice has a sentence in both languages, and its facts fill it."""

import pytest

from calllist.oversight.notices import KINDS
from calllist.web import letters
from calllist.web.i18n import translate
from calllist.web.told import NO_ID, SENTENCES, in_words

FACTS = {
    "deadline": "2026-06-01T12:00:00+00:00",
    "since": "2026-05-01T01:00:00+00:00",
    "days": 3,
    "near": 2,
    "used_up": 1,
    "left": 1234,
    "stores": ["temp", "proxy_logs"],
    "results": 20,
    "seconds": 90,
    "certificate": "ent_1-000001",
    "count": 2,
    "lists": ["lst_1", "lst_2"],
    "boxes": [
        {
            "recipient": recipient,
            "entrustor": "City" if recipient == "entrustor" else "",
            "failure": "address:550",
            "mails": 2,
            "since": "2026-05-01T01:00:00+00:00",
            "next": "2026-05-01T02:00:00+00:00",
        }
        for recipient in ("auditor", "entrustor", "manager")
    ],
}


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("code", sorted(KINDS))
def test_each_kind_is_said_in_words(code: str, lang: str) -> None:
    said = in_words(code, FACTS, lang)
    assert said
    assert "%(" not in said
    assert lang == "ja" or said.isascii()


def test_no_sentence_is_left_without_a_kind() -> None:
    assert set(SENTENCES) == set(KINDS)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_mail_of_each_kind_has_a_title_in_words(lang: str) -> None:
    assert set(letters.TITLES) == set(KINDS)
    assert set(letters.PAGES) <= set(KINDS)
    for title in letters.TITLES.values():
        assert lang == "ja" or translate(lang, title).isascii()


@pytest.mark.parametrize("code", ["certificate_replaced", "certificate_revoked"])
@pytest.mark.parametrize(
    "lie", ["至急 https://phish.example/ へ", "ent_1-000001\n振込先", "x" * 65, 7]
)
def test_what_is_no_id_is_not_said_as_one(code: str, lie: object) -> None:
    """Whoever writes our tables writes nobody's mail."""
    said = in_words(code, {"certificate": lie, "days": 0}, "ja")
    assert said == in_words(code, {"certificate": NO_ID, "days": 0}, "ja")
    assert str(lie) not in said
    remain = in_words("keys_remain", FACTS | {"lists": ["lst_1", lie]}, "ja")
    assert f"lst_1、{NO_ID}" in remain
    assert "ent_1-000001.2" in in_words(code, {"certificate": "ent_1-000001.2"}, "ja")


def test_times_are_japanese_counts_grouped_and_stores_named() -> None:
    near = in_words("deadline_near", FACTS, "ja")
    assert "2026年6月1日(月) 21:00" in near
    assert "1,234名" in near
    assert "一時フォルダー、中継装置の動作記録" in in_words("check_failed", FACTS, "ja")
    assert "temporary folders, logs of the proxy" in in_words("check_failed", FACTS, "en")
