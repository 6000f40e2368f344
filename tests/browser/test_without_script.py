"""The main job without script: forms and links do it, only the keyboard's shortcuts are missing."""

from __future__ import annotations

from playwright.sync_api import expect

from calllist.people.roles import Role
from demo.townsfolk import Townsperson, file
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import OpenBrowser, Visit
from tests.browser.onlooker import told
from tests.browser.seats import Desk

JOB = "PLAIN-01"
PEOPLE = 2


def test_upload_call_and_destruction_work_without_script(
    backstage: Backstage, visit: OpenBrowser, everyone: list[Townsperson]
) -> None:
    folk = townsfolk_apart(PEOPLE, seed=31)
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    job = backstage.job(JOB, operator)
    upload(visit(backstage.member(Role.MANAGER), script=False), job, folk)

    desk = Desk(visit(operator, script=False), folk)
    page = desk.page
    page.goto("/desk")
    page.get_by_role("link", name="架電をはじめる").click()
    page.get_by_role("button", name="次の方へ").click()
    first = desk.person()
    born = first.born
    page.get_by_label("生年月日").fill(f"{born.year}/{born.month}/{born.day}")
    page.get_by_label("生年月日").press("Enter")
    expect(page.locator(".under-name")).to_have_text(first.name)
    assert desk.person(known=True) == first
    record(desk, 10)
    second = desk.next_than(first)
    record(desk, 10)
    expect(page.locator(".rest")).to_contain_text("この業務は終了しました")
    assert told(desk.visit.look(), [first, second]) == []

    officer = visit(backstage.member(Role.ENTRUSTOR), script=False)
    officer.page.goto("/held")
    gone = officer.page.locator("tr", has_text=JOB).get_by_role("link", name="証明書")
    expect(gone).to_be_visible(timeout=40_000)
    gone.click()
    officer.page.get_by_role("button", name="受領", exact=True).click()
    expect(officer.page.locator(".side")).to_contain_text("受領済み")
    officer.look()


def test_a_file_that_cannot_be_read_is_refused_with_its_place(
    backstage: Backstage, visit: OpenBrowser
) -> None:
    manager = visit(backstage.member(Role.MANAGER), script=False)
    manager.onlooker.expect(422)
    page = manager.page
    page.goto(f"/jobs/{backstage.job('PLAIN-02')}/upload")
    hand_in(manager, "氏名,住所\r\n架空花子,みなと野市\r\n".encode("cp932"))
    expect(page.locator("main")).to_contain_text("no_phone_column")
    assert "架空花子" not in manager.look()


def upload(manager: Visit, job: str, folk: list[Townsperson]) -> None:
    """The manager hands in a file and closes the intake."""
    page = manager.page
    page.goto(f"/jobs/{job}/upload")
    hand_in(manager, file(person.cells() for person in folk))
    page.wait_for_url("**/lists/*")
    expect(page.locator(".tiles")).to_contain_text(str(len(folk)))
    assert told(manager.look(), folk) == []
    page.get_by_role("button", name="取込を締め切る").click()
    expect(page.get_by_role("button", name="取込を締め切る")).to_have_count(0)


def hand_in(manager: Visit, content: bytes) -> None:
    """The form of the job's page."""
    page = manager.page
    page.get_by_label("リストのファイル").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="取り込む", exact=True).click()


def record(desk: Desk, code: int) -> None:
    """Choose a result and go on."""
    desk.page.locator(f"label:has(input[name='code'][value='{code}'])").click()
    desk.page.get_by_role("button", name="結果登録して次へ").click()
