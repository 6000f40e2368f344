"""Two pages that work from a file, without network: check a certificate, open results.

Each is one HTML file, assembled from the sources beside this module; the same bytes come out
each time. `python -m calllist.web.offline` writes them and says their SHA-256.
"""

import base64
import hashlib
import json
import re
from pathlib import Path

from calllist.entrustors.codes import CODES, REVISED
from retention import vocabulary, wording

FOLDER = Path(__file__).parent
SCRIPTS = {
    "check": ("verifying.js", "attachment.js", "certificate.js", "check.js"),
    "open": ("open.js",),
}
PAGES = tuple(SCRIPTS)
_LAST = 0x10000  # CP932 writes characters of the basic plane only
_TRAILS = range(0x40, 0xFD)  # second bytes of CP932


def assembled(page: str) -> bytes:
    """One of `PAGES`, whole."""
    script = "\n".join(
        [
            "",
            _source("noble.js"),
            _words(page),
            *(_source(name) for name in ("shared.js", *SCRIPTS[page])),
        ]
    )
    parts = {"csp": policy(page_script=script), "style": _source("page.css"), "script": script}
    template = _source(f"{page}.template.html")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template).encode()


def built(page: str) -> bytes:
    """The page as it was committed."""
    return (FOLDER / f"{page}.html").read_bytes()


def policy(page_script: str) -> str:
    """What the page may do: run its own script, show its own style, and nothing else."""
    return (
        f"default-src 'none'; script-src '{_hash(page_script)}'; "
        f"style-src '{_hash(_source('page.css'))}'; base-uri 'none'; form-action 'none'"
    )


def stated_policy(page: bytes) -> str:
    """The policy inside a built page, for the header that it is served with."""
    found = re.search(rb'Content-Security-Policy" content="([^"]+)"', page)
    if found is None:
        raise ValueError("a page without a policy")
    return f"{found[1].decode()}; frame-ancestors 'none'"


def _source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _words(page: str) -> str:
    words = _certificate_words() if page == "check" else _result_words()
    text = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"const WORDS = {text.replace('<', chr(92) + 'u003c')};"


def _certificate_words() -> dict[str, object]:
    return {
        "changes": vocabulary.CHANGES,
        "comparisons": vocabulary.COMPARISONS,
        "endings": vocabulary.ENDINGS,
        "fields": vocabulary.FIELDS,
        "hsm": wording.HSM,
        "labels": wording.LABELS,
        "methods": vocabulary.METHODS,
        "outcomes": vocabulary.OUTCOMES,
        "phrases": wording.PHRASES,
        "proven": wording.PROVEN,
        "purposes": vocabulary.PURPOSES,
        "reasons": vocabulary.REASONS,
        "remains": wording.REMAINS,
        "roots": wording.ROOTS,
        "stores": vocabulary.STORES,
        "triggers": vocabulary.TRIGGERS,
    }


def _result_words() -> dict[str, object]:
    codes = {str(rule.code): (rule.ja, rule.en) for rule in CODES.values()}
    return {"codes": codes, "cp932": _cp932(), "revised": REVISED}


def _cp932() -> dict[str, object]:
    """What Python's codec writes for each character: rows by first byte, the rest one by one."""
    rows: dict[int, list[str]] = {}
    singles: list[tuple[str, int]] = []
    for point in range(_LAST):
        try:
            written = chr(point).encode("cp932")
        except UnicodeEncodeError:
            continue
        lead, trail = written[0], written[-1]
        row = rows.setdefault(lead, ["\0"] * len(_TRAILS)) if len(written) > 1 else None
        if row is not None and row[trail - _TRAILS.start] == "\0":
            row[trail - _TRAILS.start] = chr(point)
        else:
            singles.append((chr(point), int.from_bytes(written, "big")))
    return {
        "rows": [(lead, "".join(row)) for lead, row in sorted(rows.items())],
        "singles": singles,
    }
