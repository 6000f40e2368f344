"""The gate: a message is a nudge of ours, and made anew, or it never reaches Celery."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from kombu.message import Message

from calllist.nudges import cleaned

TASKS = ("calllist.sweep", "calllist.destroy", "celery.map")
HEADERS = {
    "lang": "py",
    "task": "calllist.destroy",
    "id": "8f14e45f-ceea-467f-a0e6-1d2c3b4a5968",
    "expires": "2099-01-01T00:00:00+00:00",
}
BODY = b'[["lst_1"],{},{"callbacks":null,"chain":null}]'
WRONG: dict[str, dict[str, Any]] = {
    "another task": {"headers": {"task": "calllist.burn"}},
    "a task of Celery's own": {"headers": {"task": "celery.map"}},
    "a task that is no name": {"headers": {"task": ["calllist.destroy"]}},
    "an id that is none": {"headers": {"id": "x y"}},
    "no id": {"headers": {"id": None}},
    "no end": {"headers": {"expires": None}},
    "an end in words": {"headers": {"expires": "tomorrow"}},
    "an end somewhere": {"headers": {"expires": "2099-01-01T00:00:00"}},
    "no JSON": {"content_type": "application/x-python-serialize"},
    "a number": {"body": b"7"},
    "words": {"body": "架空太郎".encode()},
    "bytes": {"body": b"\xff\xfe"},
    "nothing": {"body": None},
    "a tower": {"body": b"[[],{}," + b"[" * 100_000},
    "too short": {"body": b'[["lst_1"],{}]'},
    "two ids": {"body": b'[["lst_1","lst_2"],{},{}]'},
    "no id in the list": {"body": b'[["lst 1"],{},{}]'},
    "an id and a line": {"body": b'[["lst_1\\n"],{},{}]'},
    "a thing for an id": {"body": b'[[{"a":1}],{},{}]'},
    "an argument by name": {"body": b'[[],{"holding_id":"lst_1"},{}]'},
    "delivered nowhere": {"delivery_info": ["x"]},
}


def message(**changes: Any) -> Message:
    headers = HEADERS | changes.pop("headers", {})
    given = {"body": BODY, "content_type": "application/json", "content_encoding": "utf-8"}
    return Message(**(given | changes), headers=headers)


def test_a_nudge_passes_with_nothing_but_its_task_its_id_its_end_and_one_argument() -> None:
    more = {"timelimit": "x", "eta": "x", "stamps": 7, "retries": "x", "argsrepr": "x"}
    body = b'[["lst_1"],{},{"chain":[{"task":"x"}],"callbacks":[7]}]'
    made = message(headers=more, body=body, content_encoding="binary")
    assert cleaned(made, TASKS)
    assert made.headers == HEADERS | {"root_id": None, "parent_id": None}
    assert msgspec.json.decode(made.body) == [["lst_1"], {}, {}]
    assert made.content_encoding == "utf-8"


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_nudge_does_not_pass(wrong: str) -> None:
    assert cleaned(message(), TASKS)
    assert not cleaned(message(**WRONG[wrong]), TASKS)


def test_headers_that_are_none_do_not_pass() -> None:
    for headers in (None, [1]):
        made = message()
        made.headers = headers
        assert not cleaned(made, TASKS)
