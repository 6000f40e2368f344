"""What we ship: the three floors, and nothing of the demonstration."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("calllist/", "crypto/", "retention/")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in a freshly built wheel. Built from a copy: the tree stays as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    copied = ["pyproject.toml", "README.md", "calllist", "crypto", "retention", "demo", "tests"]
    source.mkdir()
    for name in copied:
        subprocess.run(["cp", "-r", str(ROOT / name), str(source / name)], check=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    done = subprocess.run(
        [*command, "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,) = folder.glob("calllist-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_demonstrations_sign_in_is_not_shipped(shipped: list[str]) -> None:
    assert not [name for name in shipped if name.startswith(("demo", "tests"))]
    assert not [name for name in shipped if Path(name).name in ("signin.css", "demo.css")]


def test_only_the_three_floors_are_shipped(shipped: list[str]) -> None:
    others = [name for name in shipped if not name.startswith(FLOORS)]
    assert all(name.split("/")[0].endswith(".dist-info") for name in others), others


def test_templates_styles_and_words_are_shipped(shipped: list[str]) -> None:
    for name in ("calllist/web/templates/base.html", "calllist/web/static/app.css"):
        assert name in shipped
    assert any(name.startswith("calllist/web/locale/") for name in shipped)
    assert "calllist/migrations/env.py" in shipped
    assert any(name.startswith("calllist/migrations/versions/0001") for name in shipped)


def test_the_product_never_imports_the_demonstration() -> None:
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            text = path.read_text()
            assert "import demo" not in text, path
            assert "from demo" not in text, path
