"""What a test does to the key plane: which lines it passes, which processes it starts."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any


@contextlib.contextmanager
def watching(lines: set[tuple[str, int]]) -> Iterator[None]:
    """Note every line of crypto/ that is passed, in whatever thread."""
    ours = str(Path("crypto").absolute()) + os.sep

    def local(frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return local

    def calls(frame: FrameType, _event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(ours):
            return None
        lines.add((frame.f_code.co_filename, frame.f_lineno))
        return local

    sys.settrace(calls)
    threading.settrace(calls)
    try:
        yield
    finally:
        sys.settrace(None)
        threading.settrace(None)


@functools.cache
def _listeners() -> list[tuple[str, list[str]]]:
    """Who hears of audit events; a hook cannot be removed, so there is one for ever."""
    listening: list[tuple[str, list[str]]] = []

    def hook(event: str, _arguments: Any) -> None:
        for wanted, heard in listening:
            if event == wanted:
                heard.append(event)

    sys.addaudithook(hook)
    return listening


@contextlib.contextmanager
def hearing(event: str, heard: list[str]) -> Iterator[None]:
    """Note each event of this name (Python's audit events)."""
    _listeners().append((event, heard))
    try:
        yield
    finally:
        _listeners().clear()
