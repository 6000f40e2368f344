"""A certificate set in type: PDF/A-3u, Japanese and then English, the signed JSON attached.

The same facts give the same bytes (with one version of typst): the date is the certificate's,
the typeface ours, nothing comes from the machine. What is said stands in `retention.wording`.
"""

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any, Literal

import segno
import typst

from retention.certificates import Line, Section, document, moment
from retention.facts import CertificateFacts
from retention.pdf import fonts
from retention.pdf.attachment import ATTACHED
from retention.vocabulary import LANGUAGES, word
from retention.wording import LABELS, PAPER

TEMPLATE = Path(__file__).with_name("certificate.typ")
STANDARD: Literal["a-3u"] = (
    "a-3u"  # ISO 19005-3, level u: fonts embedded, text readable by machines, attachments
)
BESIDE = "progress", "access"
PINNED = "certificate.pub", "document.pem"  # as the keeper publishes them


def typeset(envelope: bytes, facts: CertificateFacts, check_page: str | None) -> bytes:
    """The PDF, not signed yet.

    envelope: the original, `facts` what it says. check_page: URL of the page on which anybody
    checks an original; None: the PDF says that there is none.
    """
    said = {
        "id": facts.certificate,
        "original": envelope.decode(),
        "attached": ATTACHED,
        "qr": _qr(envelope, facts, check_page) if check_page else "",
        "parts": [_part(envelope, facts, check_page, lang) for lang in LANGUAGES],
    }
    compiler = typst.Compiler(TEMPLATE.read_bytes(), font_paths=fonts.typeface())
    made = compiler.compile(
        sys_inputs={"said": json.dumps(said)},
        format="pdf",
        pdf_standards=[STANDARD],
        timestamp=int(facts.issued_at.timestamp()),
    )
    assert isinstance(made, bytes)  # noqa: S101 - one PDF, and no file to write it to
    return made


def check_address(envelope: bytes, facts: CertificateFacts, check_page: str) -> str:
    """What the QR code says. Behind the "#": the page's server is never told."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(envelope).digest()).rstrip(b"=").decode()
    return f"{check_page}#{facts.certificate}.{digest}"


def _qr(envelope: bytes, facts: CertificateFacts, check_page: str) -> str:
    drawn = io.BytesIO()
    code = segno.make(check_address(envelope, facts, check_page), micro=False, error="m")
    code.save(drawn, kind="svg", xmldecl=False, border=0)
    return drawn.getvalue().decode()


def _part(
    envelope: bytes, facts: CertificateFacts, check_page: str | None, lang: str
) -> dict[str, Any]:
    """All that one language prints, character by character within the typeface."""
    page = document(facts, lang)
    name = str(facts.claims.received.get("entrustor", facts.entrustor))
    said: dict[str, Any] = {
        "lang": lang,
        "title": page.title,
        "number": [word(LABELS["certificate"], lang), facts.certificate],
        "issued": [word(LABELS["issued_at"], lang), moment(facts.issued_at, lang)],
        "addressee": _paper("addressee", lang).format(name=name),
        "lead": _paper("lead", lang).format(
            people=f"{facts.people:,}", at=moment(facts.shredded_at, lang)
        ),
        "sections": _rows(page.sections, lang),
        "statement": list(page.statement),
        "statement_title": word(LABELS["statement"], lang),
        "columns": [_paper(key, lang) for key in ("store", "result", "how", "extent")],
        "seal": _paper("seal", lang),
        "signed_by": _paper("signed_by", lang),
        "signed": [[_paper("original_key", lang), _keyid(envelope)]],
        "check_title": _paper("check", lang),
        "check": _how_to_check(envelope, facts, check_page, lang),
        "qr": _paper("qr", lang) if check_page else "",
        "note": _paper("second", lang),
    }
    spelled = json.dumps(said, ensure_ascii=False)
    said["missing"] = _paper("unprintable", lang) if _lacks(spelled) else ""
    return fonts.legible_in(said)  # type: ignore[no-any-return]


def _how_to_check(
    envelope: bytes, facts: CertificateFacts, check_page: str | None, lang: str
) -> list[list[str]]:
    key, certificate = PINNED
    return [
        [_paper("original", lang), _paper("original_is", lang)],
        [_paper("original_hash", lang), hashlib.sha256(envelope).hexdigest()],
        [_paper("paper", lang), _paper("paper_is", lang)],
        [
            _paper("command", lang),
            (
                f"calllist verify {facts.certificate}.pdf --key {key} --document-certificate"
                f" {certificate}"
            ),
        ],
        [_paper("pinned", lang), _paper("pinned_are", lang)],
        [_paper("check_page", lang), check_page or _paper("no_check_page", lang)],
    ]


def _rows(sections: tuple[Section, ...], lang: str) -> list[list[dict[str, Any]]]:
    """The sections in their order, but for two short ones that stand side by side."""
    left, right = (word(LABELS[key], lang) for key in BESIDE)
    beside = [_section(section) for section in sections if section.title == right]
    return [
        [_section(section), *(beside if section.title == left else ())]
        for section in sections
        if section.title != right
    ]


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "source": section.source_label,
        "lines": [_line(line) for line in section.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    return {"label": line.label, "value": line.value.split("\n"), "cells": list(line.cells)}


def _keyid(envelope: bytes) -> str:
    [signature] = json.loads(envelope)["signatures"]
    return str(signature["keyid"])


def _paper(key: str, lang: str) -> str:
    return word(PAPER[key], lang)


def _lacks(text: str) -> bool:
    return any(ord(char) not in fonts.covered() for char in text)
