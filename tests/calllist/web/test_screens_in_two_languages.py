"""Every word of the screens exists in both languages, and every template is safe to serve."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from jinja2.ext import babel_extract

from calllist.entrustors.codes import CODES
from calllist.entrustors.purposes import Purpose
from calllist.intake.problems import Code
from calllist.jobs.states import JobState, ListState
from calllist.people.roles import Role
from calllist.web import i18n, keyboard, pages, words
from crypto.records.fields import FieldKind
from retention.states import State, Trigger

WEB = Path(pages.__file__).parent
TEMPLATES = sorted(path.name for path in pages.TEMPLATES.glob("*.html"))
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def _msgids() -> Iterator[str]:
    for path in WEB.glob("*.py"):
        for _, marked, _, _ in extract("python", io.BytesIO(path.read_bytes()), {"N_": None}):
            yield str(marked)
    options = {"encoding": "utf-8"}
    for path in pages.TEMPLATES.glob("*.html"):
        for _, _, message, _ in babel_extract(io.BytesIO(path.read_bytes()), ("_",), [], options):
            found = message if isinstance(message, str) else next(filter(None, message or ()), None)
            if found:
                yield str(found)


MSGIDS = sorted(set(_msgids()))


def test_there_are_sentences_to_translate() -> None:
    assert len(MSGIDS) > 200


@pytest.mark.parametrize("msgid", MSGIDS)
def test_every_sentence_is_translated_with_its_placeholders(msgid: str) -> None:
    english = i18n.catalogue("en").get(msgid)
    assert english, "missing in locale/en.po"
    assert not JAPANESE.search(english)
    assert set(PLACEHOLDER.findall(english)) == set(PLACEHOLDER.findall(msgid))


def test_nothing_is_translated_that_no_screen_says() -> None:
    assert set(i18n.catalogue("en")) <= set(MSGIDS)


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("field", FieldKind),
        ("result", CODES),
        ("list_state", ListState),
        ("job_state", JobState),
        ("holding_state", State),
        ("trigger", Trigger),
        ("role", Role),
        ("purpose", Purpose),
        ("finding", Code),
    ],
)
def test_every_code_has_a_word(table: str, codes: object) -> None:
    assert [code for code in codes if not words.has(table, code)] == []  # type: ignore[attr-defined]


def test_every_result_of_the_desk_has_a_button_with_a_key_of_its_own() -> None:
    for purpose in Purpose:
        permitted = [r for r in CODES.values() if r.at_the_desk and purpose in r.purposes]
        buttons = [b for _, group in keyboard.groups(permitted, purpose) for b in group]
        assert {button.code for button in buttons} == {rule.code for rule in permitted}
        keys = [button.key for button in buttons]
        assert len(set(keys)) == len(keys)
        assert not set(keys) & {"/", "V"}, "keys of the identity check and of the reveal"


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name: str, lang: str) -> None:
    pages.environment(lang).get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_holds_script_style_or_addresses_of_others(name: str) -> None:
    text = (pages.TEMPLATES / name).read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "://" not in text
    assert "|safe" not in text


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_form_that_changes_something_carries_its_token(name: str) -> None:
    text = (pages.TEMPLATES / name).read_text()
    before_a_session = {
        *("signin.html", "welcome.html", "factor.html", "factors.html", "token.html"),
        *("key.html", "other_way.html"),
    }
    if name in before_a_session or name.startswith("language"):
        return
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
        assert "{{ csrf_field }}" in form, form[:80]


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_title_says_anything_of_a_person(name: str) -> None:
    titles = re.findall(
        r"{% block title %}(.*?){% endblock %}", (pages.TEMPLATES / name).read_text()
    )
    for title in titles:
        expressions = re.findall(r"{{(.*?)}}", title)
        allowed = re.compile(r"^ (_\(.*\)|heading|job\.code|item\.number|certificate\.number) $")
        assert all(allowed.match(expression) for expression in expressions), title


def test_our_scripts_store_nothing() -> None:
    for path in (WEB / "static").glob("*.js"):
        text = path.read_text()
        for word in (
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "document.cookie",
            "eval(",
            "innerHTML",
        ):
            assert word not in text, f"{path.name}: {word}"
