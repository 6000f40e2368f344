"""What is not ours among the files that we serve: as it was reviewed, and nothing it may not do."""

import hashlib
import json
from pathlib import Path

from calllist.web.assets import FILES, FOLDER

# docs/vendored/build.sh makes it again, byte for byte.
AGE = "a2ad769542b81d9760efe3df2645bc51a897575a26a22306382205e5ec956d18"
BUILT_OF = "age-encryption"
DOCS = Path(__file__).parents[3] / "docs" / "vendored"
FORBIDDEN = (b"eval(", b"new Function", b"WebAssembly", b"fetch(", b"XMLHttpRequest", b"import(")


def test_the_vendored_script_is_the_one_that_was_built_and_says_whose_it_is() -> None:
    script = FILES["age.js"]
    assert hashlib.sha256(script).hexdigest() == AGE
    lock = json.loads((DOCS / "package-lock.json").read_text())["packages"]
    version = json.loads((DOCS / "package.json").read_text())["dependencies"][BUILT_OF]
    assert lock[f"node_modules/{BUILT_OF}"]["version"] == version
    head = script[: script.index(b"*/")].decode()
    assert f"{BUILT_OF} {version}" in head
    assert "Copyright 2023 The age Authors" in head
    assert head.count("The MIT License") == 4
    for name, package in lock.items():
        assert "resolved" not in package, "no registry's address is kept"
        assert package.get("integrity", "").startswith("sha512-") or not name


def test_the_vendored_script_asks_nobody_and_runs_nothing_made_of_text() -> None:
    script = FILES["age.js"]
    assert [word for word in FORBIDDEN if word in script] == []
    ours = {path.name for path in FOLDER.glob("*.js")} - {"age.js"}
    for name in ours:  # and ours load no script of anybody else's
        assert b"http" not in FILES[name].replace(b"https://calllist", b"")
