"""A certificate reads the same in both languages and never says more than was done."""

import string
from datetime import timedelta
from types import ModuleType

import msgspec
import pytest

from crypto.records.fields import FieldKind
from retention import vocabulary, wording
from retention.certificates import document, moment, plain
from retention.facts import Check
from retention.states import Outcome, Trigger
from retention.vocabulary import word
from tests.retention.kit import CLAIMS, FACTS, KNOWN, NOW, facts

TABLES = [
    (module, name)
    for module in (wording, vocabulary)
    for name, table in vars(module).items()
    if isinstance(table, dict) and name.isupper()
]


@pytest.mark.parametrize("lang", vocabulary.LANGUAGES)
def test_the_certificate_names_what_was_destroyed_how_and_what_remains(lang: str) -> None:
    page = document(FACTS, lang)
    text = plain(page)
    for stated in ("ent_01-000003", "lst_01", "1,234", "11111111-22222222", "4711", "架空市"):
        assert stated in text
    assert len(page.sections) == 11
    assert len(page.statement) == 4


def test_it_says_whose_word_each_part_is() -> None:
    sources = [section.source for section in document(FACTS).sections]
    assert sources.count("keeper") == 4
    assert sources.count("worker") == 5
    assert all(s.source_label for s in document(FACTS).sections if s.source)


@pytest.mark.parametrize("lang", vocabulary.LANGUAGES)
def test_what_the_keeper_knows_is_printed_as_its_word_and_once(lang: str) -> None:
    """Whatever the worker has claimed of it."""
    received = {**CLAIMS.received, "file_hash": "cd" * 32, "purpose": "sales"}
    late = NOW + timedelta(days=400)
    claims = msgspec.structs.replace(
        CLAIMS, received=received, trigger="entrustor", deadline=late, frozen_at=late
    )
    page = document(facts(claims=claims, **KNOWN), lang)
    recorded = page.sections[1]
    assert recorded.source == "keeper"
    values = "\n".join(line.value for line in recorded.lines)
    said = (vocabulary.PURPOSES["health_check"], vocabulary.TRIGGERS["completed"])
    stated = ("pty_01, pty_02", "1,234", "ab" * 32, "4713", "4714", *(word(w, lang) for w in said))
    for one in (*stated, moment(FACTS.expires, lang), moment(FACTS.frozen_at, lang)):
        assert one in values
    rest = "\n".join(line.value for s in page.sections[2:] for line in s.lines)
    for one in ("cd" * 32, moment(late, lang), word(vocabulary.PURPOSES["sales"], lang)):
        assert one not in values + rest
    assert facts(claims=claims, **KNOWN).salted_hash == "ab" * 32
    assert FACTS.salted_hash == CLAIMS.received["file_hash"]
    assert facts(rows=7).people == 7
    assert FACTS.people == CLAIMS.people


@pytest.mark.parametrize("lang", vocabulary.LANGUAGES)
def test_it_promises_no_more_than_was_checked(lang: str) -> None:
    text = plain(document(FACTS, lang)).lower()
    for boast in (
        "復元不可能",
        "完全に",
        "irrecoverable",
        "unrecoverable",
        "guarantee",
        "completely",
    ):
        assert boast not in text
    for limit in {
        "ja": (
            "自己証明",
            "ファイル(ソフトウェア)",
            "確認の対象外",
            "fips 140 の検証済み",
            "主張しません",
        ),
        "en": (
            "own statement",
            "a file (software)",
            "beyond our reach",
            "not a fips 140",
            "is claimed",
        ),
    }[lang]:
        assert limit in text


@pytest.mark.parametrize(
    ("kind", "japanese", "english"),
    [
        ("file", ["ルート鍵ファイル", "複製されていた"], ["root file", "had been copied"]),
        (
            "software-token",
            ["トークン(ソフトウェア)", "トークンのフォルダー", "複製されていた"],
            ["token in software", "token's directory", "had been copied"],
        ),
        (
            "hsm: Maker M2 0042",
            ["HSM", "Maker M2 0042", "製造者の表明", "バックアップ機能"],
            ["hardware security module", "Maker M2 0042", "its maker states", "backup"],
        ),
    ],
)
def test_what_the_kind_of_root_does_not_promise_is_said(
    kind: str, japanese: list[str], english: list[str]
) -> None:
    said = facts(root_kind=kind)
    assert all(word in plain(document(said)) for word in japanese)
    assert all(word in plain(document(said, "en")) for word in english)
    others = {"複製されていた", "製造者の表明"} - set(japanese)
    assert not any(word in plain(document(said)) for word in others)


def test_a_kind_of_root_without_words_is_shown_as_it_is() -> None:
    page = plain(document(facts(root_kind="threshold")))
    assert "ルート鍵の種類: threshold" in page


def test_the_proof_is_said_only_of_certificates_that_have_it() -> None:
    said = "開かないことを確認しました"
    assert said in plain(document(facts(root_proof="old_wrap_does_not_open")))
    assert said not in plain(document(facts(root_proof="")))
    assert "did not open" in plain(document(facts(root_proof="old_wrap_does_not_open"), "en"))


def test_codes_without_words_are_shown_and_not_left_out() -> None:
    odd = Check("new_store", Outcome.PASS, "new_way")
    page = plain(document(facts(claims=msgspec.structs.replace(CLAIMS, checks=(odd,)))))
    assert "new_store" in page
    assert "new_way" in page


def test_times_are_japanese_with_their_offset() -> None:
    assert moment(NOW) == "2026年4月7日(火) 10:00:00 (+09:00)"
    assert moment(NOW, "en") == "Tue 2026-04-07 10:00:00 JST (+09:00)"


@pytest.mark.parametrize(("module", "name"), TABLES)
def test_every_word_exists_in_both_languages(module: ModuleType, name: str) -> None:
    for japanese, english in getattr(module, name).values():
        assert japanese
        assert english
        assert not any("\u3040" <= c <= "\u9fff" for c in english)
        assert _places(japanese) == _places(english)


def test_every_code_has_words() -> None:
    assert set(vocabulary.TRIGGERS) == set(Trigger)
    assert set(vocabulary.OUTCOMES) == set(Outcome)
    assert set(vocabulary.FIELDS) == set(FieldKind)


def _places(text: str) -> set[str | None]:
    return {field for _, field, _, _ in string.Formatter().parse(text)} - {None}
