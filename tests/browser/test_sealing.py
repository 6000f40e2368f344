"""A file encrypted on the page: age format, a recipient that is checked, the same receipt."""

from __future__ import annotations

import base64
import secrets
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page, expect

from calllist.people.roles import Role
from calllist.web import assets
from crypto.standards.age.stream import CHUNK_BYTES
from demo.townsfolk import Townsperson, file
from tests.browser.backstage import Backstage, townsfolk_apart, troubled
from tests.browser.conftest import OpenBrowser, Visit
from tests.browser.onlooker import told

FOLK = 6
SIZES = (0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES)
ENCRYPT = """async ([static, recipient, sizes]) => {
  const { Encrypter } = await import(`${static}/age.js`);
  const pieces = [];
  for (const size of sizes) {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const plain = new Blob([new Uint8Array(size).fill(7)]);
    const blob = await new Response(await encrypter.encrypt(plain.stream())).blob();
    const url = await new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.readAsDataURL(blob);
    });
    pieces.push(url.split(",")[1]);
  }
  return pieces;
}"""


def public_key_file(key: bytes) -> str:
    return f"certificate-key {base64.urlsafe_b64encode(key).decode()}\n"


def choose(page: Page, content: bytes) -> None:
    page.get_by_label("名簿、または断った方の一覧").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": content}
    )


def counts(page: Page) -> str:
    page.wait_for_url("**/lists/*")
    return page.locator(".tiles").inner_text()


def receipt_of(manager: Visit, job: str, name: str, content: bytes) -> str:
    """What the ordinary way ends in."""
    page = manager.page
    page.goto(f"/jobs/{job}/upload")
    page.locator("input[name=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    go = page.get_by_role("button", name="取り込む", exact=True)
    expect(go).to_be_enabled()
    go.click()
    return counts(page)


def test_what_the_pages_library_encrypts_debians_age_decrypts(
    backstage: Backstage, visit: OpenBrowser, tmp_path: Path
) -> None:
    """Also at the borders of its 64 KiB chunks; and under our own security policy."""
    identity = tmp_path / "identity"
    made = subprocess.run(
        ["age-keygen", "-o", identity], check=True, capture_output=True, text=True
    )
    recipient = made.stderr.split()[-1]
    manager = visit(backstage.member(Role.MANAGER))
    manager.page.goto(f"/jobs/{backstage.job('SEAL-00')}/seal")
    for size, text in zip(
        SIZES, manager.page.evaluate(ENCRYPT, [assets.BASE, recipient, SIZES]), strict=True
    ):
        opened = subprocess.run(
            ["age", "--decrypt", "--identity", identity],
            input=base64.b64decode(text),
            capture_output=True,
            check=True,
        )
        assert opened.stdout == b"\x07" * size


def test_a_file_encrypted_on_the_page_ends_in_the_same_receipt_by_hand_and_at_once(
    backstage: Backstage, visit: OpenBrowser, everyone: list[Townsperson]
) -> None:
    folk = townsfolk_apart(FOLK, seed=83)
    everyone.extend(folk)
    content = troubled(folk[:3], folk[3:])
    officer = visit(backstage.member(Role.ENTRUSTOR))
    manager = visit(backstage.member(Role.MANAGER))
    in_clear = receipt_of(manager, backstage.job("SEAL-01"), "list.csv", content)

    job = backstage.job("SEAL-02")
    page = officer.page
    page.goto(f"/jobs/{job}/withdrawals")
    page.get_by_role("link", name="ブラウザで暗号化").click()
    expect(page.get_by_role("note")).to_contain_text("私たちのサーバーからは守りません")
    choose(page, content)
    go = page.get_by_role("button", name="暗号化する")
    expect(page.locator("[data-verdict]")).to_contain_text("宛先は確かめていません")
    expect(go).to_be_disabled()
    page.get_by_label("受け取った公開鍵").set_input_files(backstage.certificate_key)
    expect(page.locator("[data-verdict]")).to_contain_text("金庫が署名したもの")
    expect(page.get_by_text("確かめずに暗号化する")).to_be_hidden()
    go.click()
    expect(page.get_by_role("button", name="このまま取り込む")).to_have_count(0)
    with page.expect_download() as kept:
        page.get_by_role("link", name=".ageファイルを保存").click()
    assert kept.value.suggested_filename == "list.csv.age"
    sealed = Path(kept.value.path()).read_bytes()
    assert sealed.startswith(b"age-encryption.org/v1\n-> X25519 ")
    assert told(officer.look(), folk) == []
    assert receipt_of(manager, job, "list.csv.age", sealed) == in_clear

    page = manager.page
    third = backstage.job("SEAL-03")
    page.goto(f"/jobs/{third}/seal")
    page.get_by_label("または貼り付ける").fill(backstage.certificate_key.read_text())
    expect(page.locator("[data-verdict]")).to_contain_text("金庫が署名したもの")
    choose(page, content)
    page.get_by_role("button", name="暗号化する").click()
    page.get_by_role("button", name="このまま取り込む").click()
    assert counts(page) == in_clear
    assert told(manager.look(), folk) == []

    page.goto(f"/jobs/{third}/seal")
    page.get_by_label("または貼り付ける").fill(backstage.certificate_key.read_text())
    expect(page.locator("[data-verdict]")).to_contain_text("金庫が署名したもの")
    choose(page, content)
    page.get_by_role("button", name="暗号化する").click()
    meant = page.get_by_label("同じファイルでも、別のリストとして")
    expect(meant).to_be_hidden()
    manager.onlooker.expect(422)  # the same file
    page.get_by_role("button", name="このまま取り込む").click()
    meant.check()
    page.get_by_role("button", name="このまま取り込む").click()
    assert counts(page) == in_clear


def test_a_recipient_that_the_pinned_key_did_not_sign_is_not_encrypted_to(
    backstage: Backstage, visit: OpenBrowser, tmp_path: Path
) -> None:
    """Another key, an altered statement, another job's; unchecked only if somebody says so."""
    officer = visit(backstage.member(Role.ENTRUSTOR))
    page, verdict = officer.page, officer.page.locator("[data-verdict]")
    job, other = backstage.job("SEAL-04"), backstage.job("SEAL-05")
    page.goto(f"/jobs/{job}/seal")
    choose(page, file([]))
    go = page.get_by_role("button", name="暗号化する")
    pin = page.get_by_label("または貼り付ける")
    expect(verdict).to_contain_text("宛先は確かめていません")
    page.get_by_label("確かめずに暗号化する").check()
    expect(go).to_be_enabled()
    stranger = Ed25519PrivateKey.from_private_bytes(secrets.token_bytes(32)).public_key()
    pin.fill(public_key_file(stranger.public_bytes_raw()))
    expect(verdict).to_contain_text("差し替えられたおそれ")
    expect(go).to_be_disabled()
    expect(page.get_by_label("確かめずに暗号化する")).to_be_hidden()
    pin.fill("ssh-ed25519 AAAA")
    expect(verdict).to_contain_text("公開鍵のファイル")
    expect(go).to_be_disabled()

    pin.fill(backstage.certificate_key.read_text())
    expect(verdict).to_contain_text("金庫が署名したもの")
    expect(go).to_be_enabled()
    page.get_by_text("宛先証明を自分のファイルから開く").click()
    mine = page.request.get(f"/jobs/{job}/recipient").body()
    anothers = page.request.get(f"/jobs/{other}/recipient").body()
    place = mine.index(b'"payload":"') + 40
    altered = mine[:place] + (b"A" if mine[place : place + 1] != b"A" else b"B") + mine[place + 1 :]
    for wrong in (anothers, altered, mine + b"\n", b"{}"):
        page.get_by_label("宛先証明（recipient").set_input_files(
            {"name": "recipient.json", "mimeType": "application/json", "buffer": wrong}
        )
        expect(verdict).to_contain_text("宛先証明ではありません")
        expect(go).to_be_disabled()
        page.get_by_label("宛先証明（recipient").set_input_files(
            {"name": "recipient.json", "mimeType": "application/json", "buffer": mine}
        )
        expect(verdict).to_contain_text("金庫が署名したもの")
    forged = tmp_path / "forged.json"
    forged.write_bytes(_signature_of(anothers, mine))
    page.get_by_label("宛先証明（recipient").set_input_files(forged)
    expect(verdict).to_contain_text("差し替えられたおそれ")
    expect(go).to_be_disabled()


def _signature_of(one: bytes, other: bytes) -> bytes:
    """`other` under the signature of `one`: every spelling right, and not signed."""
    at = b'"sig":"'
    return other[: other.index(at)] + one[one.index(at) :]
