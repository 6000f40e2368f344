"""What the offline pages say is what the Python tools say, byte for byte; nothing leaves them."""

import base64
import hashlib
import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect

from calllist.commands.results import HEADERS, decoded, encoded, opened
from calllist.entrustors.codes import REVISED
from calllist.web.offline import FOLDER, PAGES, assembled, built
from crypto.records.sealing import CallResult, ListKeys, Revision, seal_list_keys, seal_result
from crypto.signed import keyfile
from retention.errors import NotAuthentic
from retention.verify import verify
from tests.offline_pages.conftest import PINNED
from tests.retention.kit import PUBLIC, certificate
from tests.retention.test_verify import LEDGER, anchor

NOBLE = "04da8da340daacae62bd6de2c7b9f7f0d3a659e1413a59541a2aac0e43c2924a"
BUDGET = 400_000  # bytes of a page
MUTATIONS = 300
ANCHORED = """async ([facts, key]) => { try {
  return String((await checking.anchored(facts, Uint8Array.from(key))).size);
} catch (error) { return error.code; } }"""
VERIFY = """async ([key, all]) => { const out = []; for (const one of all) {
  const raw = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  try { await checking.verify(raw(one), raw(key)); out.push("genuine"); }
  catch (error) { out.push(error.code); } } return out; }"""


@pytest.mark.parametrize("name", PAGES)
def test_what_is_committed_is_what_the_sources_make(name: str) -> None:
    assert built(name) == assembled(name)
    assert len(built(name)) < BUDGET


def test_the_vendored_script_is_the_one_that_was_built() -> None:
    assert hashlib.sha256((FOLDER / "noble.js").read_bytes()).hexdigest() == NOBLE


def handed_over(
    pair: keyfile.KeyPair,
    list_id: str,
    references: list[str],
    revised: Revision | None = None,
    **more: object,
) -> dict[str, object]:
    """A results file with these, sealed to this key."""
    keys = ListKeys(b"r" * 32, b"t" * 32)
    sealed = seal_list_keys(pair.public.recipient, entrustor="ent_1", list_id=list_id, keys=keys)
    results = []
    for line, reference in enumerate(references, 1):
        said = CallResult(line, reference, 10, "2026-04-07T01:00:00Z", revised=revised)
        attempt = f"att_{line}"
        content = seal_result(keys.result_key, list_id=list_id, attempt=attempt, result=said)
        results.append(
            {"list": list_id, "attempt": attempt, "sealed": base64.b64encode(content).decode()}
        )
    lists = {list_id: {"keys": base64.b64encode(sealed).decode(), **more}}
    return {
        "format": "calllist-results/1",
        "entrustor": "ent_1",
        "lists": lists,
        "results": results,
    }


def _python(data: bytes) -> str:
    try:
        verify(data, PUBLIC)
    except NotAuthentic as refused:
        return refused.reason
    return "genuine"


def _mutated(genuine: bytes, chance: random.Random) -> bytes:
    at, other = sorted(chance.sample(range(len(genuine)), 2))
    flipped = bytearray(genuine)
    flipped[at] ^= 1 << chance.randrange(8)
    kinds = (
        bytes(flipped), bytes(flipped), genuine[:at] + genuine[other:],
        genuine[:at] + chance.choice([b" ", b"\\u0041", b'"', b"\x7f", b"=", b"\n"]) + genuine[at:],
        json.dumps({**json.loads(genuine), chance.choice("abc"): 1}).encode(),
    )  # fmt: skip
    return chance.choice(kinds)


def test_the_page_refuses_what_python_refuses_and_for_the_same_reason(page: Page) -> None:
    page.goto((FOLDER / "check.html").as_uri())
    chance, genuine = random.Random(5), certificate()
    all_ = [genuine, b"{}", b" " * (1 << 20) + b"x"]
    all_ += [_mutated(genuine, chance) for _ in range(MUTATIONS)]
    given = [base64.b64encode(PUBLIC).decode(), [base64.b64encode(one).decode() for one in all_]]
    assert page.evaluate(VERIFY, given) == [_python(one) for one in all_]


@pytest.mark.parametrize(
    ("file", "says"), [("list.csv", "に消去されました"), ("other.csv", "リストではありません")]
)
def test_the_page_knows_the_list_from_another(
    page: Page, papers: Path, file: str, says: str
) -> None:
    page.goto((FOLDER / "check.html").as_uri())
    page.fill("#key", PINNED)
    given = {
        "certificate": "certificate.json",
        "list": file,
        "secret": "own.key",
        "paper": "results.json",
    }
    for field, name in given.items():
        page.set_input_files(f"#{field}", papers / name)
    page.click("#go")
    expect(page.locator("#found")).to_contain_text("本物の証明書です", timeout=15_000)
    expect(page.locator("#found")).to_contain_text(says)


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_table_is_that_of_the_command(
    page: Page, papers: Path, encoding: str, lang: str
) -> None:
    rows, damaged = opened(
        decoded((papers / "results.json").read_bytes()), keyfile.load(papers / "own.key"), lang
    )
    expected, unmapped = encoded([HEADERS[lang], *rows], encoding)
    assert rows
    assert not damaged
    page.goto((FOLDER / "open.html").as_uri())
    page.click(f"[data-to={lang}]")
    page.set_input_files("#results", papers / "results.json")
    page.set_input_files("#secret", papers / "own.key")
    page.click("#go")
    page.select_option("#encoding", encoding)
    with page.expect_download() as download:
        page.click("#download")
    assert download.value.path().read_bytes() == expected
    for line in unmapped:
        expect(page.locator("#found")).to_contain_text(str(line))


@pytest.mark.parametrize("reason", [*REVISED, "another"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_result_that_was_given_another_code_later_says_so_with_both(
    page: Page, tmp_path: Path, reason: str, lang: str
) -> None:
    pair = keyfile.generate(tmp_path / "own.key")
    revised = Revision(30, "2026-04-07T05:00:00+00:00", reason)
    (tmp_path / "results.json").write_text(json.dumps(handed_over(pair, "lst_1", ["A"], revised)))
    rows, _ = opened(decoded((tmp_path / "results.json").read_bytes()), pair, lang)
    word = REVISED.get(reason, (reason, reason))[lang == "en"]
    assert [row[3:4] + row[-3:] for row in rows] == [(10, 30, "2026-04-07 14:00:00+09:00", word)]
    page.goto((FOLDER / "open.html").as_uri())
    page.click(f"[data-to={lang}]")
    page.set_input_files("#results", tmp_path / "results.json")
    page.set_input_files("#secret", tmp_path / "own.key")
    page.click("#go")
    says = {"ja": "うち 1 件は、あとから結果コードが訂正", "en": "1 of them were given"}
    expect(page.locator("#found")).to_contain_text(says[lang])
    with page.expect_download() as download:
        page.click("#download")
    assert download.value.path().read_bytes() == encoded([HEADERS[lang], *rows], "utf-8")[0]


def test_the_page_tells_the_code_of_a_test_file_and_keeps_it_apart_from_results(
    page: Page, tmp_path: Path
) -> None:
    pair = keyfile.generate(tmp_path / "own.key")
    (tmp_path / "test.json").write_text(json.dumps(handed_over(pair, "test_1", ["7K2MHQ9X4TBD"])))
    (tmp_path / "last.json").write_text(json.dumps(handed_over(pair, "lst_7", ["A-1"], final=True)))
    page.goto((FOLDER / "open.html").as_uri())
    page.set_input_files("#secret", tmp_path / "own.key")
    for lang, opens, last in (
        ("ja", "試験ファイルを開けました", "終了したリストの最後の結果を含みます: lst_7"),
        ("en", "The test file opens", "With the last results of lists that have ended: lst_7"),
    ):
        page.click(f"[data-to={lang}]")
        page.set_input_files("#results", tmp_path / "test.json")
        page.click("#go")
        expect(page.locator("#found")).to_contain_text(opens)
        expect(page.locator("#found")).to_contain_text("7K2MHQ9X4TBD")
        expect(page.locator("#download")).to_be_hidden()
        page.set_input_files("#results", [tmp_path / "test.json", tmp_path / "last.json"])
        page.click("#go")
        expect(page.locator("#found")).to_contain_text(last)
        expect(page.locator("#found")).not_to_contain_text("7K2MHQ9X4TBD")
        expect(page.locator("#download")).to_be_visible()


@pytest.mark.parametrize(
    ("line", "says"), [({}, "2"), ({"epoch": 4}, "anchor"), ({"list": "lst_02"}, "anchor")]
)
def test_the_page_finds_the_line_in_the_ledger_that_was_signed(
    page: Page, line: dict[str, Any], says: str
) -> None:
    page.goto((FOLDER / "check.html").as_uri())
    facts = json.loads(msgspec.json.encode(anchor(**line)))
    key = list(LEDGER.public_key().public_bytes_raw())
    assert page.evaluate(ANCHORED, [facts, key]) == says
