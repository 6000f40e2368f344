"""The platform in figures, as Prometheus reads them: counts, seconds and codes; no id, nobody.

Measured by the web, from the database and the keeper, in the moment of asking: they are right
when the worker is what is dead. Labels are states, steps and codes of ours.

    calllist_oldest_due_seconds > 60        somebody's list is overdue for destruction
    calllist_keys_remaining > 0             keys that should be gone, kept from the database
    calllist_holdings_uncertified > 0       destroyed, and no certificate comes
    calllist_sweep_age_seconds > 120        nobody sweeps (absent: nobody ever has)
    calllist_clock_doubted == 1 or abs(calllist_clock_ahead_seconds) > 60
    calllist_keeper_up == 0
"""

from collections.abc import Iterable
from datetime import timedelta

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist import db
from calllist.mirror.tables import LedgerHead as Mirrored
from calllist.oversight import clocks
from calllist.oversight.watch import Standing, Watch
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import LedgerHead
from retention.states import State
from retention.tables import Holding

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4


async def text(
    sessions: async_sessionmaker[AsyncSession], keeper: KeeperClient, watch: Watch
) -> bytes:
    """The page. Raises DatabaseUnavailable."""
    head = await clocks.head_of(keeper)
    standing = await watch.look()
    async with db.transaction(sessions) as session:
        shown = [
            *of(standing),
            _one("calllist_keeper_up", "Whether the keeper answers.", head is not None),
            await _holdings(session),
            await _failing(session),
            *await _mirror(session, head),
        ]
    return page(shown)


def of(standing: Standing) -> list[Metric]:
    """What a standing says in figures."""
    return [*_lag(standing), *_clocks(standing.clocks), *_sweep(standing)]


def page(shown: Iterable[Metric]) -> bytes:
    """Metrics as Prometheus' text format writes them."""
    registry = CollectorRegistry()
    registry.register(_Page(shown))
    return generate_latest(registry)


class _Page(Collector):
    """What was measured already: the library only writes it down."""

    def __init__(self, shown: Iterable[Metric]) -> None:
        self._shown = list(shown)

    def collect(self) -> Iterable[Metric]:
        return self._shown


def _lag(standing: Standing) -> list[Metric]:
    return [
        _one(
            "calllist_oldest_due_seconds",
            "For how long the oldest holding that is due has still been readable.",
            standing.oldest_due,
        ),
        _one("calllist_holdings_due", "Holdings due and still readable.", len(standing.due)),
        _one(
            "calllist_holdings_overdue",
            "Those of them of which manager, auditor and entrustor are told.",
            len(standing.overdue),
        ),
        _one(
            "calllist_keys_remaining",
            "Lists that have ended and whose keys are there, against what the database says.",
            standing.kept.count,
        ),
        _one(
            "calllist_keys_remaining_seconds",
            "For how long the oldest of these has had its keys.",
            standing.kept.oldest,
        ),
        _one(
            "calllist_holdings_uncertified",
            "Holdings shredded for long that have no certificate.",
            len(standing.uncertified),
        ),
    ]


def _clocks(told: clocks.Clocks) -> list[Metric]:
    ahead = GaugeMetricFamily(
        "calllist_clock_ahead_seconds", "Ahead of this web's host.", labels=["clock"]
    )
    for name, at in (("database", told.database), ("keeper", told.keeper)):
        if at is not None:
            ahead.add_metric([name], (at - told.here).total_seconds())
    doubted = "Whether the keeper's clock has jumped: expiry alone shreds nothing."
    return [ahead, _one("calllist_clock_doubted", doubted, told.doubted)]


def _sweep(standing: Standing) -> list[Metric]:
    if standing.silence is None or standing.sweep is None:
        return []
    failures = CounterMetricFamily(
        "calllist_failures", "Steps of the worker that failed, by code.", labels=["code"]
    )
    for code, count in sorted(standing.sweep.failures.items()):
        failures.add_metric([code], count)
    waiting = GaugeMetricFamily(
        "calllist_queue_messages", "Nudges that waited when a sweep began.", labels=["queue"]
    )
    for queue, count in sorted(standing.sweep.waiting.items()):
        waiting.add_metric([queue], count)
    age = "Since the last sweep ended."
    return [_one("calllist_sweep_age_seconds", age, standing.silence), failures, waiting]


async def _holdings(session: AsyncSession) -> Metric:
    family = GaugeMetricFamily("calllist_holdings", "Holdings by state.", labels=["state"])
    rows = await session.execute(select(Holding.state, func.count()).group_by(Holding.state))
    counts: dict[str, int] = {state: count for state, count in rows}  # noqa: C416 - rows
    for state in State:
        family.add_metric([state], counts.get(state, 0))
    return family


async def _failing(session: AsyncSession) -> Metric:
    """A failure's code names what refuses or the store that is not empty."""
    family = GaugeMetricFamily(
        "calllist_holdings_failing", "Holdings whose destruction waits, by code.", labels=["code"]
    )
    rows = await session.execute(
        select(Holding.failure, func.count())
        .where(Holding.failure.is_not(None))
        .group_by(Holding.failure)
        .order_by(Holding.failure)
    )
    for code, count in rows:
        family.add_metric([code or ""], count)
    return family


async def _mirror(session: AsyncSession, head: LedgerHead | None) -> list[Metric]:
    """Lines of the ledger that the mirror has not taken yet."""
    if head is None:
        return []
    mirrored = await session.scalar(
        select(Mirrored.first + Mirrored.size)
        .order_by(Mirrored.seen_at.desc(), (Mirrored.first + Mirrored.size).desc())
        .limit(1)
    )
    lag = max(head.size - (mirrored or 0), 0)
    return [
        _one("calllist_ledger_lines", "Lines of the keeper's ledger.", head.size),
        _one("calllist_mirror_lag_lines", "Of these, not in the mirror yet.", lag),
    ]


def _one(name: str, what: str, value: float | timedelta) -> Metric:
    number = value.total_seconds() if isinstance(value, timedelta) else float(value)
    return GaugeMetricFamily(name, what, value=number)
