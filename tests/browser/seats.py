"""What a person at a browser does: signs in, sits at the desk with a keyboard, uses a command.

Labels are the Japanese ones: what a person reads is what a test presses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, expect

from demo.onboarding import Member
from demo.townsfolk import Townsperson
from tests.browser.conftest import Visit
from tests.browser.onlooker import beyond
from tests.calllist import command_line
from tests.keepers import now


def sign_in(visit: Visit, member: Member) -> None:
    """Password, then a code of the authenticator; ends at the place where the day begins."""
    page = visit.page
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.get_by_label("ログイン名").fill(member.login)
    page.get_by_label("パスワード").fill(member.password)
    page.get_by_role("button", name="次へ").click()
    expect(page).to_have_url(re.compile("/sign-in/code$"))
    visit.look()
    enter_code(visit, member)


def enter_code(visit: Visit, member: Member) -> None:
    """The second step alone."""
    page = visit.page
    while (code := member.code(now())) is None:  # used in this half minute: the next one
        page.wait_for_timeout(500)
    page.get_by_label("認証コード").fill(code)
    page.get_by_role("button", name="サインイン").click()
    expect(page.get_by_role("button", name="サインアウト")).to_be_visible()
    visit.look()


class Desk:
    """An operator's hands on the keyboard, and eyes on the one person shown."""

    def __init__(self, visit: Visit, folk: Sequence[Townsperson]) -> None:
        self.visit = visit
        self.page: Page = visit.page
        self._folk = folk

    def press(self, *keys: str) -> None:
        """Keys one after the other; nothing is ever clicked here."""
        for key in keys:
            self.page.keyboard.press(key)

    def person(self, *, known: bool = False) -> Townsperson:
        """Who is in hand. `known`: the identity check has succeeded. Sees to it that the page
        holds nothing beyond that stage, and nobody else."""
        name = self.page.locator(".big-name")
        expect(name).to_be_visible()
        self.page.wait_for_load_state()  # the keyboard's script is there
        shown = name.inner_text()
        found = [one for one in self._folk if one.kana in shown]
        assert len(found) == 1, shown
        (person,) = found
        send = self.page.get_by_role("button", name="結果登録して次へ")
        expect(send).to_be_in_viewport(ratio=1)  # nobody scrolls during a call
        masked = self.page.locator(".phone .number").inner_text()
        assert masked.endswith(f"*{person.phone[-3:]}")
        assert masked.count("*") >= 5
        assert beyond(self.visit.look(), person, self._folk, known=known) == []
        return person

    def next_than(self, before: Townsperson) -> Townsperson:
        """The person who comes after `before`."""
        expect(self.page.locator(".big-name")).not_to_contain_text(before.kana)
        return self.person()

    def others(self, person: Townsperson) -> list[Townsperson]:
        """Everybody else of the list."""
        return [one for one in self._folk if one is not person]

    def says(self, field_of_check: str) -> None:
        """Type what the callee says into the first field of the identity check."""
        self.press("/")
        self.page.keyboard.type(field_of_check)
        self.press("Enter")


def calllist(*words: str | Path, folder: Path) -> str:
    """The command as the entrustor runs it; it has to succeed."""
    done = command_line.run(*words, cwd=folder)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode() + done.stderr.decode()
