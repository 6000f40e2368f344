"""The main job in three chapters, in this order: the manager's, the operator's, the entrustor's.

Each chapter begins where the one before has ended; run the file as a whole.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Download, expect

from calllist.people.roles import Role
from demo.onboarding import Member
from demo.townsfolk import Townsperson
from tests.browser.backstage import Backstage, townsfolk_apart, troubled
from tests.browser.conftest import OpenBrowser, Visit
from tests.browser.onlooker import told
from tests.browser.seats import Desk, calllist, sign_in

JOB = "KENSHIN-01"
PEOPLE = 6
A_WHILE = 60_000  # milliseconds: longer than the page waits before it looks again
LAST_LINE = PEOPLE + 5  # header, six people, three rows in trouble, one duplicate


@dataclass
class Story:
    """What one chapter leaves to the next."""

    folk: list[Townsperson]
    outsiders: list[Townsperson]
    operator: Member
    job: str
    list_id: str = ""
    called: list[tuple[str, int]] = field(default_factory=list)  # reference, result code


@pytest.fixture(scope="module")
def story(backstage: Backstage, everyone: list[Townsperson]) -> Story:
    """A contract, its people, an empty job nobody is assigned to, and a file."""
    folk = townsfolk_apart(PEOPLE + 3, seed=11)
    everyone.extend(folk)
    return Story(
        folk=folk[:PEOPLE],
        outsiders=folk[PEOPLE:],
        operator=backstage.member(Role.OPERATOR),
        job=backstage.job(JOB),
    )


def test_the_manager_uploads_reads_the_receipt_and_closes_the_intake(
    story: Story, backstage: Backstage, visit: OpenBrowser
) -> None:
    manager = visit()
    page = manager.page
    sign_in(manager, backstage.world.manager)
    page.get_by_role("link", name=JOB).click()
    page.get_by_role("link", name="ファイルを選ぶ").click()
    file = troubled(story.folk, story.outsiders)
    page.get_by_label("リストのファイル").set_input_files(
        {"name": "対象者リスト.csv", "mimeType": "text/csv", "buffer": file}
    )
    expect(page.get_by_label("7列目の意味")).to_have_value("phone")
    assert told(manager.look(), [*story.folk, *story.outsiders]) == []
    page.get_by_role("button", name="取り込む", exact=True).click()
    page.wait_for_url("**/lists/*")
    story.list_id = page.url.rsplit("/", 1)[1]

    assert read_receipt(manager) == {
        (PEOPLE + 2, "7", "no_phone", "不備"),
        (PEOPLE + 3, "7", "no_phone_placeholder", "不備"),
        (PEOPLE + 4, "5", "ragged_row", "不備"),
        (LAST_LINE, "7", "duplicate", "2行目と同じ"),
    }
    assert "備考" in page.locator("tr", has_text="読まずに除外").inner_text()
    assert told(manager.look(), [*story.folk, *story.outsiders]) == []

    page.get_by_role("link", name=JOB).click()
    page.get_by_label("オペレーター", exact=True).select_option(story.operator.person)
    page.get_by_role("button", name="割り当て").click()
    expect(page.locator("ul.people")).to_contain_text(story.operator.name)
    manager.look()
    page.get_by_role("link", name="受領書").click()
    page.get_by_role("button", name="取込を締め切る").click()
    expect(page.get_by_role("button", name="取込を締め切る")).to_have_count(0)
    manager.look()


def read_receipt(manager: Visit) -> set[tuple[int, str, str, str]]:
    """Line, column, code, treatment of every finding on the screen."""
    page = manager.page
    for label, count in (
        ("ファイルの行", PEOPLE + 4),
        ("受け入れ", PEOPLE),
        ("重複", 1),
        ("不備", 3),
    ):
        tile = page.locator(".tile", has=page.get_by_text(label, exact=True))
        assert re.sub(r"\D", "", tile.locator("dd").inner_text()) == str(count)
    findings = set()
    for row in page.locator("table", has_text="扱い").locator("tbody tr").all():
        line, column, _words, treatment = row.locator("td").all_inner_texts()
        code = row.locator(".mono").inner_text()
        number = re.sub(r"\D.*", "", column)  # the header's own words follow
        findings.add((int(line), number, code, re.sub("（.*", "", treatment)))
    return findings


@pytest.fixture
def desk(story: Story, visit: OpenBrowser) -> Desk:
    """The operator, signed in, with a job to do."""
    assert story.list_id, "the chapter before has not ended"
    operator = visit()
    sign_in(operator, story.operator)
    return Desk(operator, [*story.folk, *story.outsiders])


def test_the_operator_calls_everybody_by_keyboard_alone(
    story: Story, desk: Desk, backstage: Backstage
) -> None:
    page = desk.page
    desk.press("Enter")  # the job
    page.wait_for_url("**/desk/*")
    desk.press("Enter")  # the first person
    first = desk.person()
    assert first == story.folk[0]  # in the order of the file
    identify(desk, first)
    finish(story, desk, first, "5", 10)

    second = desk.next_than(first)
    there_is_no_way_back(desk, first, second)
    finish(story, desk, second, "1", 30)  # 不在 and next: two keystrokes

    third = desk.next_than(second)
    reveal(desk, third)
    finish(story, desk, third, "7", 12)  # call back, at the time that is proposed

    fourth = desk.next_than(third)
    the_same_again(desk, fourth)
    finish(story, desk, fourth, "w", 41)

    before = fourth
    for _ in story.folk[4:]:
        before = desk.next_than(before)
        finish(story, desk, before, "5", 10)
    expect(page.get_by_role("alert")).to_contain_text("いま架電する方はいません")
    expect(page.locator(".rest")).to_contain_text("次に架電できるのは")
    assert told(desk.visit.look(), story.folk) == []

    backstage.hours_pass()
    desk.press("Enter")
    again = desk.person()
    expect(page.locator(".person-top")).to_contain_text("2回目の架電")
    finish(story, desk, again, "5", 10)
    last = desk.next_than(again)
    assert {again.reference, last.reference} == {second.reference, third.reference}
    finish(story, desk, last, "9", 14)
    expect(page.locator(".rest")).to_contain_text("この業務は終了しました")
    assert told(desk.visit.look(), story.folk) == []


def identify(desk: Desk, person: Townsperson) -> None:
    """A wrong answer, then the right one: only 一致 and 不一致 are ever said."""
    verdict = desk.page.locator(".check .card-head .verdict")
    desk.says("1900/1/1")
    expect(verdict).to_contain_text("不一致")
    expect(desk.page.locator(".check")).to_contain_text("残り2回")
    assert desk.person() == person
    born = person.born
    desk.says(f"{born.year}年{born.month}月{born.day}日")
    expect(verdict).to_have_text(re.compile("：一致"))
    assert desk.person(known=True) == person
    details = desk.page.locator(".details .fresh")
    expect(details.filter(has_text=person.subject)).to_be_visible()
    expect(desk.page.locator(".under-name")).to_have_text(person.name)


def reveal(desk: Desk, person: Townsperson) -> None:
    """The number in full for a manual call: only on this page, gone when it is looked at again."""
    desk.press("v")
    number = desk.page.locator(".phone .number.shown")
    expect(number).to_have_text(re.compile(r"[0-9]"))
    assert re.sub(r"\D", "", number.inner_text()) == person.phone.replace("-", "")
    expect(desk.page.locator(".phone .countdown")).to_contain_text("秒で隠します")
    assert told(desk.visit.look(), desk.others(person)) == []
    desk.page.reload()
    assert desk.person() == person


def finish(story: Story, desk: Desk, person: Townsperson, key: str, code: int) -> None:
    """A result by its key, and Enter."""
    desk.press(key, "Enter")
    story.called.append((person.reference, code))


def there_is_no_way_back(desk: Desk, gone: Townsperson, here: Townsperson) -> None:
    """The browser's own "back" brings nobody back whose result is recorded."""
    desk.visit.onlooker.expect(404)
    there = desk.page.url
    desk.page.go_back()
    assert told(desk.visit.look(), [gone]) == []
    desk.page.goto(there)
    assert desk.person() == here


def the_same_again(desk: Desk, person: Townsperson) -> None:
    """Reloading, a second tab, asking for the next: always the person in hand, in one tab."""
    desk.page.reload()
    assert desk.person() == person
    here, there = desk.page, desk.page.url
    desk.page = desk.visit.page = desk.visit.context.new_page()
    desk.page.goto("/desk")
    desk.page.keyboard.press("Tab")
    desk.page.get_by_role("link", name="架電をはじめる").press("Enter")
    assert desk.person() == person
    assert desk.page.url.split("?")[0] == there.split("?")[0]
    expect(here.get_by_role("heading", name="別のタブで架電中です")).to_be_visible()
    desk.page.close()
    desk.page = desk.visit.page = here
    assert told(desk.visit.look(), [person]) == []
    desk.press("Enter")
    assert desk.person() == person


def test_the_entrustor_watches_the_destruction_and_verifies_it_offline(
    story: Story, backstage: Backstage, visit: OpenBrowser, tmp_path: Path
) -> None:
    assert len(story.called) == PEOPLE + 2, "the chapter before has not ended"
    officer = visit()
    page = officer.page
    page.clock.install()
    sign_in(officer, backstage.world.officer)
    row = page.locator("tr", has_text=JOB)
    backstage.await_certificate(story.list_id)
    page.clock.fast_forward(A_WHILE)
    expect(row.get_by_role("link", name="証明書")).to_be_visible()  # by itself
    expect(row).to_contain_text(f"{PEOPLE}名")
    assert told(officer.look(), story.folk) == []
    row.get_by_role("link", name="証明書").click()
    expect(page.locator(".deed")).to_contain_text("架空市 御中")
    assert told(officer.look(), story.folk) == []

    with page.expect_download() as certificate:
        page.get_by_role("link", name="正本をダウンロード").click()
    kept = save(certificate.value, tmp_path)
    said = calllist("verify", kept, "--key", backstage.certificate_key, folder=tmp_path)
    assert story.list_id in said
    page.get_by_role("button", name="受領", exact=True).click()
    expect(page.locator(".side")).to_contain_text("受領済み")
    officer.look()

    take_results(officer, story, backstage, tmp_path)


def take_results(officer: Visit, story: Story, backstage: Backstage, folder: Path) -> None:
    """Fetch what the calls brought, open it with the entrustor's own key, acknowledge it."""
    page = officer.page
    page.get_by_role("link", name="架電結果の受取り").click()
    officer.look()
    with page.expect_download() as results:
        page.get_by_role("link", name="結果ファイルをダウンロード").click()
    world = backstage.world
    key = world.keys / f"{world.entrustor}.key"
    calllist(
        *("results", "open", save(results.value, folder), "--key", key, "-o", "opened.csv"),
        folder=folder,
    )
    text = (folder / "opened.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    opened = [
        (row["整理番号"], int(row["結果コード"])) for row in rows if row["リスト"] == story.list_id
    ]
    assert sorted(opened) == sorted(story.called)
    page.get_by_role("button", name="受領を登録").click()
    expect(page.get_by_role("status")).to_contain_text("受領を登録しました")
    expect(page.locator(".side")).to_contain_text("未受領の結果はありません")
    officer.look()


def save(download: Download, folder: Path) -> Path:
    """Where the entrustor keeps a downloaded file."""
    path = folder / download.suggested_filename
    download.save_as(path)
    return path
