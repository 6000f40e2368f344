"""The worker and its beat: Celery carries ids, the database is the truth.

    celery --app calllist.worker worker        celery --app calllist.worker beat

Several of each may run. The messages carry ids of holdings and nothing else, and expire; no
result backend, no events, no remote control, JSON only: whoever writes to the broker can nudge
and nothing else (`calllist.nudges`). A task that dies with its process is found again by the
next sweep. Which broker, and what each does with a message: `calllist.broker`.
"""

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

from celery import Celery
from celery.exceptions import WorkerShutdown
from celery.signals import worker_shutting_down
from celery.utils.log import get_task_logger
from celery.worker import state
from kombu.exceptions import OperationalError

from calllist import broker
from calllist.settings import Settings, SettingsError, load
from calllist.upkeep import upkeep

PUBLISH_TRIES = 2  # then the next sweep says it again

log = get_task_logger(__name__)


def celery_app(settings: Settings) -> Celery:
    """The Celery application for these settings; makes the default broker's folders."""
    made = Celery("calllist")
    made.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_routes={
            "calllist.sweep": {"queue": broker.SWEEPS, "routing_key": broker.SWEEPS},
            "calllist.destroy": {"queue": broker.DESTRUCTIONS, "routing_key": broker.DESTRUCTIONS},
            "calllist.paper": {"queue": broker.PAPERS, "routing_key": broker.PAPERS},
        },
        task_publish_retry_policy={
            "max_retries": PUBLISH_TRIES,
            "interval_start": 0,
            "interval_max": 1,
        },
        worker_prefetch_multiplier=1,
        worker_consumer="calllist.nudges:OnlyNudges",
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # a double does nothing
        worker_timer_precision=broker.POLLING_SECONDS,  # its timer keeps a stopping worker so long
        beat_schedule={
            "sweep": {
                "task": "calllist.sweep",
                "schedule": settings.sweep,
                "options": {"expires": settings.sweep.total_seconds()},
            }
        },
        **broker.options(settings),
    )
    return made


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def leave_at_once(exitcode: int, **_: Any) -> None:
    """Told to stop with nothing in hand: do not wait for messages first (Celery: 2 to 4 s).

    A task in hand is finished, as ever.
    """
    if not state.active_requests:
        raise WorkerShutdown(exitcode)


def _settings() -> Settings:
    try:
        return load()
    except SettingsError as error:
        print(f"calllist: {error}", file=sys.stderr)  # noqa: T201 - the one sentence
        raise SystemExit(2) from None


settings = _settings()
app = celery_app(settings)


@app.task(name="calllist.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Look for what is due, and nudge its destruction."""
    expires = 2 * settings.sweep.total_seconds()
    try:
        for holding_id in asyncio.run(_sweep(_waiting())):
            destroy.apply_async((holding_id,), expires=expires)
        for certificate_id in asyncio.run(_papers()):
            paper.apply_async((certificate_id,), expires=expires)
        if settings.mail_host:
            letters.apply_async((), expires=expires)
    except OperationalError:  # its text quotes the broker's address
        log.warning("the broker takes no message; the next sweep says it again")


@app.task(name="calllist.destroy")  # type: ignore[untyped-decorator]
def destroy(holding_id: str) -> None:
    """Freeze, shred, erase, verify, certify one holding."""
    asyncio.run(_destroy(holding_id))


@app.task(name="calllist.paper")  # type: ignore[untyped-decorator]
def paper(certificate_id: str) -> None:
    """The PDF of one certificate, and its timestamp."""
    asyncio.run(_paper(certificate_id))


@app.task(name="calllist.letters")  # type: ignore[untyped-decorator]
def letters() -> None:
    """Notices by mail: a task of its own, so that a slow server holds up nothing else."""
    asyncio.run(_letters())


def _waiting() -> Mapping[str, int]:
    """How many messages wait in each queue; nothing is worth failing for it."""
    found: dict[str, int] = {}
    try:
        with app.connection_for_read() as line:
            for queue in app.conf.task_queues:
                there = queue(line.default_channel).queue_declare()  # Redis has no empty queues
                found[queue.name] = there.message_count
    except Exception as error:
        log.warning("queues not counted: %s", type(error).__name__)
    return found


async def _sweep(waiting: Mapping[str, int]) -> list[str]:
    async with upkeep(settings) as power:
        return await power.sweep(waiting)


async def _papers() -> list[str]:
    async with upkeep(settings) as power:
        return await power.papers()


async def _letters() -> None:
    async with upkeep(settings) as power:
        await power.letters()


async def _paper(certificate_id: str) -> None:
    async with upkeep(settings) as power:
        await power.paper(certificate_id)


async def _destroy(holding_id: str) -> None:
    async with upkeep(settings) as power:
        await power.destroy(holding_id)
