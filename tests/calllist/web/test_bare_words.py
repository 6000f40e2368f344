"""No Japanese reaches a screen, a letter, a file or a terminal but through the two languages.

Two languages are: a sentence marked for translation (`N_`, a template's `_`), or one that stands
beside its English: a pair, a table with the key "ja", a choice that asks for the language, a help
of the command line (日本語 / English). What is Japanese in itself stands in `THEMSELVES`, each with
its reason.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import calllist
from calllist.web import pages

FLOOR = Path(calllist.__file__).parent
JAPANESE = re.compile(r"[\u3041-\u30fa\u30fc-\u30ff\u3400-\u9fff]")
THEMSELVES = {
    "dialing/notes.py": "what a note is scanned for",
    "dialing/numerals.py": "how numbers are said",
    "entrustors/codes.py": "the names of the codes, for who reads the source; screens have words",
    "intake/": "what files say: headers, names, dates, addresses, and shapes of characters",
    "migrations/": "comments of columns: the trade's own words beside English ones",
    "oversight/calls.py": "spellings of a call code's hyphen",
    "oversight/reports/periods.py": "days and months as they are written; asks for the language",
    "scripts/": "what a script is scanned for",
    "web/card.py": "様 and 御中, which English has not; asks for the language",
    "web/i18n.py": "days of the week and units, chosen by the language",
}
OTHERS_NAME = '"English" if lang == "ja" else "日本語"'  # a language's button is in that language
COUNTER = re.compile(r'parts\.unit\("[^"]+"\)')  # 名, 件: English has none, and shows none
MARKED = re.compile(r"""\b_\(\s*("[^"]*"|'[^']*')""")
HELP = re.compile(r"/\s+\[?[A-Za-z]")
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
TEMPLATES = sorted(path.name for path in pages.TEMPLATES.glob("*.html"))
MODULES = sorted(str(path.relative_to(FLOOR)) for path in FLOOR.rglob("*.py"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_says_anything_in_japanese_alone(name: str) -> None:
    text = COMMENT.sub("", (pages.TEMPLATES / name).read_text()).replace(OTHERS_NAME, "")
    bare = MARKED.sub("", COUNTER.sub("", text))
    assert [line.strip() for line in bare.splitlines() if JAPANESE.search(line)] == []


def test_no_script_of_a_screen_holds_words() -> None:
    static = [*(FLOOR / "web/static").glob("*.js"), *(FLOOR / "web/static").glob("*.svg")]
    assert len(static) > 10
    assert [path.name for path in static if JAPANESE.search(path.read_text())] == []


@pytest.mark.parametrize("name", MODULES)
def test_no_module_says_anything_in_japanese_alone(name: str) -> None:
    if not any(name.startswith(one) for one in THEMSELVES):
        assert list(alone(FLOOR / name)) == []


@pytest.mark.parametrize("place", THEMSELVES)
def test_no_exception_stands_without_need(place: str) -> None:
    inside = [name for name in MODULES if name.startswith(place)]
    assert any(list(alone(FLOOR / name)) for name in inside)


def alone(path: Path) -> Iterator[str]:
    """Japanese literals of a module that have no English: line and beginning."""
    tree = ast.parse(path.read_text())
    told = {id(inner) for node in ast.walk(tree) for inner in in_both(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in told and is_japanese(node):
            yield f"{node.lineno}: {str(node.value)[:20]}"


def in_both(node: ast.AST) -> Iterator[ast.AST]:
    """What of this node is a sentence in two languages, or no sentence."""
    match node:
        case ast.Call(func=ast.Name(id="N_")):
            yield from ast.walk(node)
        case ast.Expr(value=ast.Constant()):  # a docstring
            yield node.value
        case ast.Tuple(elts=[japanese, english]) if not any(map(is_japanese, ast.walk(english))):
            yield from ast.walk(japanese)
        case ast.Dict(keys=keys) if any(getattr(key, "value", None) == "ja" for key in keys):
            yield from ast.walk(node)
        case ast.IfExp(test=ast.Compare() as asked) if any(
            getattr(one, "value", None) == "ja" for one in ast.walk(asked)
        ):
            yield from ast.walk(node)


def is_japanese(node: ast.AST) -> bool:
    """Whether this is a literal with Japanese in it, and without English."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and JAPANESE.search(node.value) is not None
        and HELP.search(node.value) is None
    )
