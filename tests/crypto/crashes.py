"""Deaths at a chosen step, for crash tables: `before` it, or `after` it."""

from collections.abc import Callable
from typing import Any

import pytest

from crypto.keys.roots.file import FileRoots
from crypto.keys.roots.pkcs11 import TokenRoots

Crashing = Callable[[pytest.MonkeyPatch], None]


class Crash(Exception):
    """The process dies here."""


def before(*places: tuple[type, str]) -> Crashing:
    def crash(*_: Any, **__: Any) -> None:
        raise Crash

    return lambda patch: [patch.setattr(owner, name, crash) for owner, name in places] and None


def after(*places: tuple[type, str]) -> Crashing:
    def dying(step: Callable[..., Any]) -> Callable[..., Any]:
        def crash(*args: Any, **kwargs: Any) -> None:
            step(*args, **kwargs)
            raise Crash

        return crash

    return lambda patch: (
        [patch.setattr(owner, name, dying(getattr(owner, name))) for owner, name in places] and None
    )


def both(name: str) -> tuple[tuple[type, str], ...]:
    return (FileRoots, name), (TokenRoots, name)
