"""The house stays as it is drawn: floors, sizes, a reason for every column, one clock."""

import ast
import pathlib
import re
import subprocess
import sys
from importlib import metadata as installed

import pytest

from calllist.schema import metadata

ROOT = pathlib.Path(__file__).parent.parent
FLOORS = ("crypto", "retention", "calllist")
SOURCES = sorted(p for floor in FLOORS for p in (ROOT / floor).rglob("*.py"))
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60


def _module_docstrings() -> list[pathlib.Path]:
    return [p for p in SOURCES if p.read_text().strip() and "versions" not in p.parts]


def test_arrows_between_floors_and_rooms_point_down() -> None:
    done = subprocess.run(
        [str(pathlib.Path(sys.executable).with_name("lint-imports"))],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", _module_docstrings(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_opens_with_its_promise_and_has_one_duty(path: pathlib.Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "no docstring"
    assert text.count("\n") <= LINES_OF_A_FILE, "too long: it has a second duty"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= LINES_OF_A_FUNCTION, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", _module_docstrings(), ids=lambda p: str(p.relative_to(ROOT)))
def test_public_things_have_a_contract(path: pathlib.Path) -> None:
    tree = ast.parse(path.read_text())
    missing = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not missing


def test_every_column_says_why_we_keep_it_and_whether_it_is_personal() -> None:
    silent = [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if not column.comment or "personal" not in column.info
    ]
    assert not silent


def test_no_forbidden_names() -> None:
    forbidden = {"utils", "helpers", "common", "managers", "misc"}
    assert not [p for p in SOURCES if p.stem in forbidden or forbidden & set(p.parts)]


def test_no_addresses_in_the_lock() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    names = re.findall(r"^([A-Za-z0-9_.\-]+)==", lock, re.MULTILINE)
    assert len(names) > 40
    assert lock.count("--hash=sha256:") >= len(names)


def test_only_the_keyed_modules_are_trusted_with_opening() -> None:
    """The opening half is imported inside crypto only (and by tests)."""
    openers = re.compile(r"crypto\.(keeper|disclosure|lists|people|bookkeeping|keys)\b")
    strangers = [
        str(p.relative_to(ROOT))
        for floor in ("retention", "calllist", "demo")
        for p in (ROOT / floor).rglob("*.py")
        if openers.search(p.read_text())
    ]
    assert not strangers


def test_no_copyleft_in_what_we_ship() -> None:
    """Licences of the installed runtime dependencies; LGPL and GPL are not shipped."""

    pinned = re.findall(r"^([A-Za-z0-9_.\-]+)==", (ROOT / "requirements.lock").read_text(), re.M)
    guilty = []
    for name in pinned:
        try:
            meta = installed.metadata(name)
        except installed.PackageNotFoundError:
            continue  # a marker excludes it on this platform
        words = " ".join(
            [meta.get("License-Expression") or "", *(meta.get_all("Classifier") or [])]
        )
        if re.search(r"\b[AL]?GPL|General Public License", words):
            guilty.append(name)
    assert not guilty


@pytest.mark.parametrize(
    "init", sorted((ROOT / "crypto").rglob("__init__.py")), ids=lambda p: p.parent.name
)
def test_the_maps_of_the_key_plane_name_every_module(init: pathlib.Path) -> None:
    modules = {path.stem for path in init.parent.glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in init.parent.glob("*/__init__.py")}
    said = set(re.findall(r"\w+", ast.get_docstring(ast.parse(init.read_text())) or ""))
    assert modules | packages <= said
