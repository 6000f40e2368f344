"""The gate between a broker and Celery: what is no nudge of ours is thrown away unread.

Celery 5.7 believes whatever has the name of a task in its headers. A message whose body is a
number ends the worker, and comes back when it has started again; one with a `chain` in it makes
the worker send what a stranger wrote; and what cannot be read is written to the log, whole. So a
message reaches Celery only as one of our tasks with at most one id; its headers and its body are
made anew from that, and of all others the log says that there was one.

Not held here: what is no message at all in a list of Redis. It ends the worker that takes it,
once: it is off the list by then.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from celery.utils.log import get_logger
from celery.worker.consumer import Consumer

OURS = "calllist."  # Celery has tasks of its own, and one runs any other

log = get_logger(__name__)

Id = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]
Nothing = Annotated[dict[str, msgspec.Raw], msgspec.Meta(max_length=0)]
Body = tuple[Annotated[list[Id], msgspec.Meta(max_length=1)], Nothing, msgspec.Raw]


class Headers(msgspec.Struct):
    """What Celery needs of them (message protocol 2); whatever else came is left behind."""

    task: str
    id: Id
    expires: str
    lang: str = "py"
    root_id: Id | None = None
    parent_id: Id | None = None


class OnlyNudges(Consumer):  # type: ignore[misc]
    """Celery's consumer behind the gate (setting `worker_consumer`)."""

    def create_task_handler(self, *given: Any, **more: Any) -> Callable[[Any], None]:
        handle = super().create_task_handler(*given, **more)

        def on_message(message: Any) -> None:
            if cleaned(message, self.app.tasks):
                handle(message)
            else:
                log.error("dropped a message that is no nudge of ours")
                message.reject_log_error(log, self.connection_errors)

        return on_message


def cleaned(message: Any, tasks: Any) -> bool:
    """Whether it is a nudge; if so it is nothing else any more.

    `message`: of kombu; `tasks`: names of those that this worker knows.
    """
    if not isinstance(message.delivery_info, dict) or message.content_type != "application/json":
        return False
    try:
        headers = msgspec.convert(message.headers, Headers)
        arguments, _, _ = msgspec.json.decode(message.body, type=Body)
        expires = datetime.fromisoformat(headers.expires)
    except (ValueError, TypeError, RecursionError):  # msgspec's are ValueErrors
        return False
    if not headers.task.startswith(OURS) or headers.task not in tasks or expires.tzinfo is None:
        return False
    message.headers = msgspec.to_builtins(headers)
    message.body = msgspec.json.encode((arguments, {}, {}))
    message.content_encoding = "utf-8"
    return True
