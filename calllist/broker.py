"""Where nudges wait until a worker takes them: a folder, RabbitMQ, or Redis (Valkey).

    folder      one machine, no server. A message is gone when it is read: a killed worker loses it
    RabbitMQ    quorum queues: on disk and on most nodes before `publish` returns; a message that
                comes back `DELIVERIES` times is dropped
    Redis       a message that nobody confirms within `VISIBILITY` is given to another worker

Whatever a broker does with a message (loses it, delivers it twice, late, in another order), the
database decides what is due: the next sweep asks again, and a step that is done does nothing.
So every message expires, none is retried for long, and nothing is ever read from a broker but
the id of a holding.

Not promised: that a broker keeps to itself who talks to it. `amqps://` and `rediss://` check its
certificate and its name; `amqp://` and `redis://` are for a network that nobody else is on.
"""

import ssl
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from kombu.entity import Exchange, Queue

from calllist.settings import Settings

SWEEPS = "calllist.sweeps"  # apart: a thousand destructions do not keep a sweep waiting
DESTRUCTIONS = "calllist.destructions"
PAPERS = "calllist.papers"  # apart: a slow timestamping authority keeps neither waiting
DELIVERIES = 5  # what has ended its worker so often is no nudge but a poison
VISIBILITY = timedelta(minutes=5)  # a task that takes longer runs twice at once, which does nothing
CONNECT_SECONDS = 4.0
HEARTBEAT_SECONDS = 30  # a broker that is gone without a word is missed after two
POLLING_SECONDS = 0.2  # between two looks: kombu's own second delays every destruction by two


def options(settings: Settings) -> dict[str, Any]:
    """Celery's settings for this broker; makes the folder's folders."""
    scheme = urlsplit(settings.broker or "folder:").scheme
    made: dict[str, Any] = {
        "broker_url": settings.broker or "filesystem://",
        "broker_connection_timeout": CONNECT_SECONDS,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # for ever: an hour's outage needs nobody
        "task_queues": _queues(quorum=scheme in ("amqp", "amqps")),
        "task_default_queue": DESTRUCTIONS,
    }
    if scheme in ("amqp", "amqps"):
        made["broker_transport_options"] = {"confirm_publish": True}
        made["broker_heartbeat"] = HEARTBEAT_SECONDS
    elif scheme in ("redis", "rediss"):
        made["broker_transport_options"] = {
            "visibility_timeout": VISIBILITY.total_seconds(),
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_keepalive": True,
            "health_check_interval": HEARTBEAT_SECONDS,
        }
    else:
        made["broker_transport_options"] = _folders(settings)
    if scheme == "amqps":
        made["broker_use_ssl"] = {
            "cert_reqs": ssl.CERT_REQUIRED,
            "server_hostname": urlsplit(settings.broker or "").hostname,
            "ca_certs": settings.broker_ca and str(settings.broker_ca),
        }
    elif scheme == "rediss":
        made["broker_use_ssl"] = {
            "ssl_cert_reqs": ssl.CERT_REQUIRED,
            "ssl_check_hostname": True,
            "ssl_ca_certs": settings.broker_ca and str(settings.broker_ca),
        }
    return made


def _queues(*, quorum: bool) -> tuple[Queue, ...]:
    """Celery asks of quorum queues only what they can do (no QoS of a whole channel)."""
    kind = {"x-queue-type": "quorum", "x-delivery-limit": DELIVERIES} if quorum else None
    return tuple(
        Queue(name, Exchange(name), routing_key=name, queue_arguments=kind)  # type: ignore[no-untyped-call]
        for name in (SWEEPS, DESTRUCTIONS, PAPERS)
    )


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
