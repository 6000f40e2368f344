"""Bringing a file: dropped, looked at, mapped by hand, sent; refused with place and remedy."""

from __future__ import annotations

import csv
import io

from playwright.sync_api import expect

from calllist.people.roles import Role
from demo.townsfolk import Townsperson
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import OpenBrowser, Visit
from tests.browser.onlooker import told

DROP = """(zone, [name, text]) => {
  const dropped = new DataTransfer();
  dropped.items.add(new File([text], name, { type: "text/csv" }));
  const how = { dataTransfer: dropped, bubbles: true, cancelable: true };
  zone.dispatchEvent(new DragEvent("drop", how));
}"""
FEW, MANY = 8, 3000


def doubtful(folk: list[Townsperson]) -> str:
    """Two columns of numbers under headers that say nothing: somebody has to say which."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["氏名", "住所", "番号イ", "番号ロ"])
    for number, person in enumerate(folk):
        writer.writerow([person.name, person.address, f"03-0009-{number:04d}", person.phone])
    return target.getvalue()


def drop(manager: Visit, text: str) -> None:
    manager.page.locator("[data-drop]").evaluate(DROP, ["list.csv", text])


def test_a_file_is_dropped_looked_at_mapped_by_hand_and_its_mapping_kept(
    backstage: Backstage, visit: OpenBrowser, everyone: list[Townsperson]
) -> None:
    folk = townsfolk_apart(FEW, seed=71)
    everyone.extend(folk)
    manager = visit(backstage.member(Role.MANAGER))
    page = manager.page
    page.goto(f"/jobs/{backstage.job('DROP-01')}/upload")
    go = page.get_by_role("button", name="取り込む", exact=True)
    expect(go).to_be_disabled()

    manager.onlooker.expect(422)  # a look that the next one has overtaken
    drop(manager, doubtful(folk))
    expect(page.locator("[data-shapes]")).to_contain_text("two_columns_for")
    expect(go).to_be_disabled()
    assert told(manager.look(), folk) == []
    page.get_by_label("4列目の意味").select_option("phone")
    page.get_by_label("1列目の意味").select_option("name")
    expect(go).to_be_enabled()
    expect(page.locator("[data-shapes]")).to_contain_text("手で指定")
    assert told(manager.look(), folk) == []
    go.press("Enter")
    page.wait_for_url("**/lists/*")
    expect(page.locator(".tiles")).to_contain_text(str(FEW))
    page.get_by_role("button", name="この対応を保存").click()
    expect(page.locator(".side")).to_contain_text("この対応は保存済みです")
    assert told(manager.look(), folk) == []

    page.goto(f"/jobs/{backstage.job('DROP-02')}/upload")
    drop(manager, doubtful(folk))
    expect(page.get_by_role("status")).to_contain_text("前に保存した列の対応を使います")
    expect(page.get_by_label("4列目の意味")).to_have_value("phone")
    page.get_by_role("button", name="削除").click()
    expect(page.get_by_text("保存した列の対応")).to_have_count(0)


def test_a_file_that_breaks_in_its_middle_is_refused_with_its_place_and_what_to_do(
    backstage: Backstage, visit: OpenBrowser
) -> None:
    manager = visit(backstage.member(Role.MANAGER))
    manager.onlooker.expect(422)
    page = manager.page
    page.goto(f"/jobs/{backstage.job('DROP-03')}/upload")
    rows = [f"架空{n},090-0001-{n:04d}" for n in range(MANY)]
    drop(manager, "\n".join(["氏名,電話番号", *rows, '"架空,090-0002-0000']))
    expect(page.locator("[data-shapes-done]")).to_be_visible()
    page.get_by_role("button", name="取り込む", exact=True).click()
    page.wait_for_url("**/lists/*")
    main = page.locator("main")
    expect(main).to_contain_text("unclosed_quote")
    expect(main).to_contain_text(str(MANY + 2))
    expect(main).to_contain_text("直し方")
    manager.look()


def test_the_same_file_once_more_is_refused_until_its_sender_says_that_it_is_meant(
    backstage: Backstage, visit: OpenBrowser
) -> None:
    manager = visit(backstage.member(Role.MANAGER))
    manager.onlooker.expect(422)
    page, job = manager.page, backstage.job("DROP-04")
    rows = "\n".join(f"架空{n},090-0003-{n:04d}" for n in range(FEW))
    go = page.get_by_role("button", name="取り込む", exact=True)
    meant = page.get_by_role("checkbox", name="同じファイルでも")
    for _ in range(2):
        page.goto(f"/jobs/{job}/upload")
        drop(manager, f"氏名,電話番号\n{rows}")
        expect(go).to_be_enabled()
        expect(meant).to_be_hidden()
        go.click()
        expect(page.locator(".tiles, [data-twice]:visible").first).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("第1号と同じファイル")
    manager.look()
    meant.check()
    go.click()
    page.wait_for_url("**/lists/*")
    expect(page.locator(".tiles")).to_contain_text(str(FEW))
    page.goto(f"/jobs/{job}")
    expect(page.get_by_text("同じファイルです")).to_be_hidden()
    page.get_by_text("取り込めなかった送信").click()
    expect(page.get_by_text("第1号と同じファイルです")).to_be_visible()
