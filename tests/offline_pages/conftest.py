"""A browser without a network, and the papers of an entrustor."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, sync_playwright

from crypto.records.sealing import CallResult, ListKeys, file_salt, seal_list_keys, seal_result
from crypto.records.slips import Slip
from crypto.signed import keyfile
from tests.browser.conftest import QUIET, WINDOWLESS
from tests.retention.kit import CLAIMS, FACTS, PUBLIC, certificate

KEYS = ListKeys(b"r" * 32, b"t" * 32)
SLIPS = (
    *(None, Slip(phone="090-0000-1234"), Slip(address="=1+1"), Slip(address="𠮷野 髙﨑,1")),
    *(Slip(date="2026-05-01", amount=99_999_999), Slip(address="あ" * 200, amount=1), None),
)
LIST = b"name,phone\r\n" * 1000
PINNED = "certificate-key " + base64.urlsafe_b64encode(PUBLIC).decode()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=WINDOWLESS, args=[*QUIET])
        context = browser.new_context(offline=True, viewport={"width": 1366, "height": 900})
        yield context.new_page()
        browser.close()


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an entrustor holds: key, list, certificate, results."""
    folder = tmp_path_factory.mktemp("papers")
    pair = keyfile.generate(folder / "own.key")
    salt = file_salt(KEYS.trace_key, FACTS.list)
    said = {**CLAIMS.received, "file_hash": hashlib.sha256(salt + LIST).hexdigest()}
    claims = msgspec.structs.replace(CLAIMS, received=said)
    (folder / "certificate.json").write_bytes(certificate(claims=claims))
    (folder / "list.csv").write_bytes(LIST)
    (folder / "other.csv").write_bytes(LIST + b"x")
    sealed = seal_list_keys(
        pair.public.recipient, entrustor=FACTS.entrustor, list_id=FACTS.list, keys=KEYS
    )
    references = ("A-1", "=1+1", "𠮷野", 'é,"\n', "髙﨑", "－5", "")
    results = [
        {
            "list": FACTS.list,
            "attempt": f"att_{at}",
            "sealed": base64.b64encode(
                seal_result(
                    KEYS.result_key,
                    list_id=FACTS.list,
                    attempt=f"att_{at}",
                    result=CallResult(
                        *(70_000 * at, text, 10 + at, "2026-04-07T16:00:05.123456+00:00"),
                        SLIPS[at],
                    ),
                )
            ).decode(),
        }
        for at, text in enumerate(references)
    ]
    lists = {FACTS.list: {"keys": base64.b64encode(sealed).decode()}}
    body = {"format": "calllist-results/1", "entrustor": FACTS.entrustor, "lists": lists}
    (folder / "results.json").write_text(json.dumps({**body, "results": results}))
    return folder
