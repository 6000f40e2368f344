"""The worker and its beat: Celery carries ids, the database is the truth.

    celery --app calllist.worker worker        celery --app calllist.worker beat

The default broker is a folder (kombu's filesystem transport): no server, one machine. The
messages carry ids of holdings and nothing else; no result backend, no events, no remote
control. A task that dies with its process is found again by the next sweep.
"""

import asyncio
import sys
from typing import Any

from celery import Celery
from celery.exceptions import WorkerShutdown
from celery.signals import worker_shutting_down
from celery.worker import state

from calllist.settings import Settings, SettingsError, load
from calllist.upkeep import upkeep

POLLING_SECONDS = 0.2  # between two looks: kombu's own second delays every destruction by two


def celery_app(settings: Settings) -> Celery:
    """The Celery application for these settings; makes the default broker's folders."""
    made = Celery("calllist", broker=settings.broker_url or "filesystem://")
    made.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_timer_precision=POLLING_SECONDS,  # its timer keeps a stopping worker so long
        broker_connection_retry_on_startup=True,
        beat_schedule={
            "sweep": {
                "task": "calllist.sweep",
                "schedule": settings.sweep,
                "options": {"expires": settings.sweep.total_seconds()},
            }
        },
    )
    if settings.broker_url is None:
        made.conf.broker_transport_options = _folders(settings)
    return made


def _folders(settings: Settings) -> dict[str, object]:
    """Both directions share one folder: who writes and who reads are one machine."""
    home = settings.broker_folder.absolute()
    messages, control = home / "messages", home / "control"
    for folder in (home, messages, control):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "store_processed": False,
        "polling_interval": POLLING_SECONDS,
    }


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
    for holding_id in asyncio.run(_sweep()):
        destroy.apply_async((holding_id,), expires=2 * settings.sweep.total_seconds())


@app.task(name="calllist.destroy")  # type: ignore[untyped-decorator]
def destroy(holding_id: str) -> None:
    """Freeze, shred, erase, verify, certify one holding."""
    asyncio.run(_destroy(holding_id))


async def _sweep() -> list[str]:
    async with upkeep(settings) as power:
        return await power.sweep()


async def _destroy(holding_id: str) -> None:
    async with upkeep(settings) as power:
        await power.destroy(holding_id)
