"""Every alarm of the platform: when it stands, and what is said of it wherever somebody looks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from calllist.commands.health_words import HEALTH_MESSAGES
from calllist.oversight import figures
from calllist.oversight.clocks import TOLD, Clocks
from calllist.oversight.kept import Kept
from calllist.oversight.lag import Due
from calllist.oversight.mail import Failing
from calllist.oversight.sweeps import Sweep
from calllist.oversight.watch import OVERDUE, SILENT, Standing

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
WELL: Mapping[str, Any] = {
    "clocks": Clocks(NOW, NOW, NOW, NOW),
    "due": (),
    "sweep": Sweep(NOW),
    "since": NOW,
}


def due(since: datetime) -> Due:
    return Due("lst_1", "ent_1", since, None)


WRONG: Mapping[str, Mapping[str, Any]] = {
    "overdue": {"due": (due(NOW - OVERDUE),)},
    "keys_remain": {"kept": Kept(1, ["lst_1"], timedelta(seconds=77))},
    "uncertified": {"uncertified": (due(NOW),)},
    "worker_silent": {"sweep": Sweep(NOW - SILENT), "since": NOW - SILENT},
    "clocks_disagree": {"clocks": Clocks(NOW, NOW, NOW - TOLD - MOMENT, NOW)},
    "mail_failing": {"mails": (Failing("manager", None, "mail_refused", 1, NOW, NOW),)},
}
ALMOST: Mapping[str, Mapping[str, Any]] = {
    "overdue": {"due": (due(NOW - OVERDUE + MOMENT),)},
    "worker_silent": {"sweep": Sweep(NOW - SILENT + MOMENT), "since": NOW - SILENT},
    "never swept, but just begun": {"sweep": None, "since": NOW - SILENT + MOMENT},
    "clocks_disagree": {"clocks": Clocks(NOW, NOW, NOW - TOLD, NOW)},
}
FIGURES = {  # what of each a monitor sees
    "overdue": ("calllist_holdings_overdue 1.0", "calllist_oldest_due_seconds 45.0"),
    "keys_remain": ("calllist_keys_remaining 1.0", "calllist_keys_remaining_seconds 77.0"),
    "uncertified": ("calllist_holdings_uncertified 1.0",),
    "worker_silent": ("calllist_sweep_age_seconds 90.0",),
    "clocks_disagree": ('calllist_clock_ahead_seconds{clock="keeper"} -60.000001',),
}


def standing(**changed: Any) -> Standing:
    return Standing(**{**WELL, **changed})


def test_nothing_is_told_while_all_is_well() -> None:
    assert standing().alarms == []


@pytest.mark.parametrize("code", WRONG)
def test_each_alarm_stands_alone_for_its_own_reason(code: str) -> None:
    assert standing(**WRONG[code]).alarms == [code]


@pytest.mark.parametrize("almost", ALMOST)
def test_a_moment_earlier_it_does_not_stand(almost: str) -> None:
    assert standing(**ALMOST[almost]).alarms == []


def test_the_keepers_clock_that_has_jumped_is_an_alarm_though_it_agrees() -> None:
    assert standing(clocks=Clocks(NOW, NOW, NOW, NOW, doubted=True)).alarms == ["clocks_disagree"]


def test_all_of_them_at_once_are_all_told_and_health_has_words_for_each() -> None:
    everything = {name: value for wrong in WRONG.values() for name, value in wrong.items()}
    alarms = standing(**everything).alarms
    assert set(alarms) == set(WRONG)
    for code in alarms:
        assert all(HEALTH_MESSAGES[f"unhealthy_{code}"])


@pytest.mark.parametrize("code", FIGURES)
def test_a_monitor_sees_each_as_figures(code: str) -> None:
    lines = figures.page(figures.of(standing(**WRONG[code]))).decode().splitlines()
    quiet = figures.page(figures.of(standing())).decode().splitlines()
    for line in FIGURES[code]:
        assert line in lines
        assert line not in quiet
