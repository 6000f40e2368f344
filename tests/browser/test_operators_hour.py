"""An hour at the desk: calls by the keyboard alone, and what happens between them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from playwright.sync_api import expect

from calllist.people.roles import Role
from demo.onboarding import Member
from demo.townsfolk import Townsperson, file
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import OpenBrowser, Visit
from tests.browser.onlooker import told
from tests.browser.seats import Desk, enter_code

USUAL = ("1", "1", "2", "1", "5", "3", "1", "q", "5", "t")  # ten calls as they mostly end
CALLS = 60
IDLE = 5 * 60_000 + 2_000  # milliseconds; the platform locks after five minutes
HEARD = "1900/1/1"  # a birth date that is nobody's


def test_the_calls_of_an_hour_by_keyboard_alone(
    backstage: Backstage, everyone: list[Townsperson], visit: OpenBrowser
) -> None:
    folk = townsfolk_apart(CALLS - 6, seed=CALLS)
    folk[1] = replace(folk[1], phone=folk[0].phone)  # a couple
    everyone.extend(folk)
    operator, supervisor = backstage.member(Role.OPERATOR), backstage.member(Role.SUPERVISOR)
    job = backstage.job("ICHIJIKAN-60", operator)
    backstage.receive(job, file([person.cells() for person in folk]))
    visited, floor = visit(operator), visit(supervisor)
    floor.page.goto("/floor")
    visited.page.clock.install()
    visited.page.goto(f"/desk/{job}")
    hour = Hour(Desk(visited, folk), folk)

    hour.a_pause()
    hour.desk.press("Enter")
    hour.a_household()
    hour.somebody_who_is_not_whom_they_say()
    hour.a_number_that_was_misdialled()
    hour.a_call_back_that_is_promised()
    hour.a_call_from_outside(folk[10])
    hour.a_transfer(floor, supervisor)
    hour.nobody_at_the_desk(operator, job)
    while hour.calls < len(folk):
        hour.call(USUAL[hour.calls % len(USUAL)])
    hour.the_promise(backstage)
    while hour.calls < CALLS:
        hour.call("1")
    hour.nobody_was_lost(backstage, job)


class Hour:
    """One operator's: who was called, and how it ended."""

    def __init__(self, desk: Desk, folk: list[Townsperson]) -> None:
        self.desk, self.folk = desk, folk
        self.ended: Counter[str] = Counter()  # keys of results
        self.promised: Townsperson
        self._before: Townsperson | None = None

    @property
    def calls(self) -> int:
        """Calls that have a result."""
        return self.ended.total()

    def here(self) -> Townsperson:
        """Who is in hand."""
        return self.desk.person() if self._before is None else self.desk.next_than(self._before)

    def call(self, key: str, *, here: Townsperson | None = None, then: str = "Enter") -> None:
        """A result by its key, and the next person."""
        self._before = here or self.here()
        self.desk.press(key, then)
        self.ended[key] += 1

    def a_pause(self) -> None:
        """A meal, and back."""
        page = self.desk.page
        self.desk.press("2")
        expect(page.locator(".rest")).to_contain_text("食事")
        expect(page.get_by_role("button", name="次の方へ")).to_have_count(0)
        self.desk.press("Enter")
        expect(page.get_by_role("button", name="次の方へ")).to_be_visible()

    def a_household(self) -> None:
        """The other one at this number, in the same call."""
        first = self.here()
        assert first == self.folk[0]
        expect(self.desk.page.locator(".person-top")).to_contain_text("同じ番号に、ほか1名")
        self.call("5", here=first, then="x")
        assert self.here() == self.folk[1]
        self.call("5", here=self.folk[1])

    def somebody_who_is_not_whom_they_say(self) -> None:
        """Three wrong answers: no further one can be given, and the call ends as such."""
        person, page = self.here(), self.desk.page
        for left in (2, 1):
            self.desk.says(HEARD)
            expect(page.locator(".check")).to_contain_text(f"残り{left}回")
        self.desk.says(HEARD)
        expect(page.locator(".check")).to_contain_text("照合の回数を使い切りました")
        assert self.desk.person() == person
        expect(page.locator(".check form")).to_have_count(0)
        self.call("o", here=person)

    def a_number_that_was_misdialled(self) -> None:
        """Asked for before a wrong number is for ever; the same person is called again."""
        person, page = self.here(), self.desk.page
        self.desk.press("w")
        expect(page.locator(".misdialled")).to_be_visible()
        lease = page.url
        self.desk.press("-", "Enter")
        self.ended["-"] += 1
        page.wait_for_url(lambda url: "/leases/" in url and url.split("?")[0] != lease)
        assert self.desk.person() == person
        self.call("1", here=person)

    def a_call_back_that_is_promised(self) -> None:
        """At the time that is proposed, by this operator."""
        self.promised = self.here()
        self.call("7", here=self.promised)

    def a_call_from_outside(self, caller: Townsperson) -> None:
        """While somebody is in hand whose number was not dialled yet."""
        waits, page = self.here(), self.desk.page
        self.desk.press("b")
        expect(page.locator("#number")).to_be_focused()
        page.keyboard.type(caller.phone)
        self.desk.press("Enter")
        self._before = waits
        assert self.here() == caller
        expect(page.locator(".stages [aria-current]")).to_have_text("応答・確認前")
        self.call("5", here=caller)
        assert self.here() == waits, "who was put aside is back"

    def a_transfer(self, floor: Visit, supervisor: Member) -> None:
        """The supervisor ends the call; the operator goes on with the next person."""
        person, page = self.here(), self.desk.page
        self.desk.press(",")
        page.get_by_role("button", name=f"{supervisor.name}さんに依頼する").press("Enter")
        expect(page.locator(".asked")).to_be_visible()
        self.desk.visit.onlooker.expect(404)
        floor.page.get_by_role("button", name="引き受ける").press("Enter")
        expect(floor.page.locator(".big-name")).to_contain_text(person.kana)
        expect(page).to_have_url(re.compile(r"handed=1$"))
        assert told(self.desk.visit.look(), self.folk) == []
        floor.page.keyboard.press("5")
        floor.page.keyboard.press("Enter")
        expect(floor.page).to_have_url(re.compile("/floor"))
        self.ended["5"] += 1
        self.desk.press("Enter")
        self._before = person

    def nobody_at_the_desk(self, operator: Member, job: str) -> None:
        """The screen locks itself; with a code it goes on, with the same person."""
        waits, page = self.here(), self.desk.page
        page.clock.fast_forward(IDLE)
        page.wait_for_url(re.compile("/sign-in/code"))
        assert told(self.desk.visit.look(), self.folk) == []
        enter_code(self.desk.visit, operator)
        page.goto(f"/desk/{job}")
        self.desk.press("Enter")
        expect(page.get_by_role("button", name="次の方へ")).to_be_visible()
        self.desk.press("Enter")
        self._before = None
        assert self.here() == waits, "the first of those who wait"

    def the_promise(self, backstage: Backstage) -> None:
        """When its time has come it is before everybody else, after the one in hand."""
        waits = self.here()  # taken before the time passes
        backstage.hours_pass()
        self.call("1", here=waits)
        assert self.here() == self.promised
        self.call("5", here=self.promised)

    def nobody_was_lost(self, backstage: Backstage, job: str) -> None:
        """Every call has one result, and the screen between calls tells of nobody."""
        self.here()  # the last result is recorded
        assert backstage.count(f"results where job_id = '{job}'") == self.calls == CALLS
        leases = f"leases where job_id = '{job}'"
        assert backstage.count(leases) == 1  # the one in hand
        self.desk.page.goto("/desk")
        assert told(self.desk.visit.look(), self.folk) == []
