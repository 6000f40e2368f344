"""Puts a mutant into the living module: for a process that tries this one and ends."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from tests.mutation.mutants import Mutant


def put(mutant: Mutant) -> bool:
    """The living module has the change; False if that cannot be done."""
    name = mutant.module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    living = sys.modules[name]
    if not mutant.function:
        return _put_constant(living.__dict__, mutant)
    function = _living(living.__dict__, mutant.function)
    code = compile(mutant.changed(), str(Path(mutant.module).absolute()), "exec")
    old = None if function is None else function.__code__
    for new in _codes(code):
        if old and new.co_qualname == old.co_qualname and new.co_freevars == old.co_freevars:
            assert function is not None
            function.__code__ = new
            return True
    return False


def _put_constant(module: dict[str, Any], mutant: Mutant) -> bool:
    """Execute the changed statement, and give its value to everybody who has the old one."""
    statement = next(
        node for node in mutant.changed().body if getattr(node, "lineno", 0) == mutant.lines[0]
    )
    name = statement.targets[0].id  # type: ignore[attr-defined]
    old = module[name]
    exec(compile(ast.Module([statement], []), mutant.module, "exec"), module)  # noqa: S102 - ours
    for other in [*sys.modules.values()]:
        ours = getattr(other, "__name__", "").startswith(("crypto", "tests."))
        if ours and other.__dict__.get(name) is old:
            other.__dict__[name] = module[name]
    return True


def _living(namespace: dict[str, Any], qualified: str) -> FunctionType | None:
    """The function behind a name, through classes and decorators."""
    found: Any = None
    for part in qualified.split("."):
        found = namespace.get(part)
        namespace = getattr(found, "__dict__", {})
    if isinstance(found, property):
        found = found.fget
    elif isinstance(found, functools.cached_property):
        found = found.func
    found = getattr(found, "__func__", found)  # classmethod, staticmethod
    found = getattr(found, "__wrapped__", found)
    return found if isinstance(found, FunctionType) else None


def _codes(code: CodeType) -> Iterable[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)
