"""Small wrongs in the source of the key plane: one change each, of the kind a slip would make.

    guard       a condition negated, or never true; one part of `and`/`or` left out
    border      < for <=, == for !=, in for not in, is for is not
    number      one more, one less; True for False
    left out    a call, a raise, an assignment to a field: the line is not there
    arithmetic  + for -, * for //, & for |, min for max
    binding     one part left out of, or two exchanged in, what ties a ciphertext to its place
    member      one element left out of a set of ours, one case out of a match
    SQL         > for >=, IS NOT NULL for IS NULL, OR for AND
    label       another domain for what is signed, hashed or authenticated

A mutant is named by its function and by its text, never by its line: a name holds until that
very expression changes.
"""

from __future__ import annotations

import ast
import copy
import functools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

BINDING = frozenset(
    {
        "Binding",
        "bytes_eq",
        "chunk_context",
        "decrypt",
        "encrypt",
        "injective",
        "person_tag",
        "record_place",
    }
)
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
SQL = re.compile(r"^\s*(?:SELECT|UPDATE|DELETE|INSERT|WITH)\b|\bWHERE\b")
IN_SQL = {
    " > ": " >= ",
    " >= ": " > ",
    " < ": " <= ",
    " <= ": " < ",
    " IS NULL": " IS NOT NULL",
    " IS NOT NULL": " IS NULL",
    " AND ": " OR ",
    " OR ": " AND ",
}
LABEL = "calllist/"  # how the names of our domains begin
EXTREMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
CONSTANTS = ""  # the "function" of what a module says at its top
MODULE = "module"  # how its names call it

Functions = (ast.FunctionDef, ast.AsyncFunctionDef)
T = TypeVar("T")
Put = Callable[[ast.AST], None]


@dataclass(frozen=True)
class Mutant:
    """One change. `function`: its qualified name, or "" at the module's top."""

    module: str
    function: str
    before: str
    after: str
    nth: int  # the same change may stand in a function more than once
    lines: range  # where a test must have been to notice
    tree: ast.Module = field(repr=False, compare=False)
    change: Callable[[], None] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        again = f" (#{self.nth})" if self.nth > 1 else ""
        return f"`{self.function or MODULE}`: `{self.before}` → `{self.after}`{again}"

    def changed(self) -> ast.Module:
        """The module with the change in it, for good: only for a process that tries this one."""
        self.change()
        return ast.fix_missing_locations(self.tree)


def mutants(module: str, path: Path) -> list[Mutant]:
    """Every mutant of one module, in the order of its lines."""
    tree = ast.parse(path.read_text(), str(path))
    found: list[Mutant] = []
    seen: Counter[tuple[str, str, str]] = Counter()
    for function, root in _places(tree):
        for node, lines, put, changed in _changes(root, function):
            before, after = _text(node), _text(changed)
            seen[function, before, after] += 1
            nth, change = seen[function, before, after], functools.partial(put, changed)
            found.append(Mutant(module, function, before, after, nth, lines, tree, change))
    return found


def _places(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """The outermost functions with their qualified names, and the constants of the module."""
    for node in tree.body:
        if isinstance(node, Functions):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, Functions):
                    yield f"{node.name}.{inner.name}", inner
        elif _constant(node):
            yield CONSTANTS, node


def _constant(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return False
    target = node.targets[0]
    return isinstance(target, ast.Name) and target.id.isupper()


def _changes(root: ast.stmt, function: str) -> Iterator[tuple[ast.AST, range, Put, ast.AST]]:
    """Each node that can be changed: where a test notices, how it is put, what it becomes."""
    for parent, name, index, node, statement in _walk(root, root):
        put = _putter(parent, name, index)
        lines = _lines(statement)
        for changed in _variants(node, parent, name):
            yield node, lines, put, changed
        if function and isinstance(node, ast.stmt) and _can_be_left_out(node):
            yield node, lines, put, ast.copy_location(ast.Pass(), node)


def _walk(
    node: ast.AST, statement: ast.stmt
) -> Iterator[tuple[ast.AST, str, int | None, ast.AST, ast.stmt]]:
    """Every node below, with its place in its parent and the statement it stands in."""
    for name, value in ast.iter_fields(node):
        if name in {"decorator_list", "annotation", "returns", "args"} and isinstance(
            node, (*Functions, ast.AnnAssign, ast.arg, ast.Lambda)
        ):
            continue
        children = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if not isinstance(child, ast.AST):
                continue
            inside = child if isinstance(child, ast.stmt) else statement
            at = index if isinstance(value, list) else None
            yield node, name, at, child, inside
            yield from _walk(child, inside)


def _putter(parent: ast.AST, name: str, index: int | None) -> Put:
    def put(node: ast.AST) -> None:
        if index is None:
            setattr(parent, name, node)
        else:
            getattr(parent, name)[index] = node

    return put


def _lines(statement: ast.stmt) -> range:
    """The statement's own lines: of a compound one its head, of a short one all."""
    body = getattr(statement, "body", None)
    end = statement.end_lineno or statement.lineno
    if isinstance(body, list) and body:
        end = max(statement.lineno, body[0].lineno - 1)
    return range(statement.lineno, end + 1)


def _can_be_left_out(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call() | ast.Await() | ast.YieldFrom()):
            return True
        case ast.Raise() | ast.AugAssign() | ast.Delete():
            return True
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            return True
    return False


def _variants(node: ast.AST, parent: ast.AST, name: str) -> Iterator[ast.AST]:
    if name == "test" and isinstance(node, ast.expr):
        yield from _conditions(node, parent)
    match node:
        case ast.Compare():
            yield from _borders(node)
        case ast.Constant(value=value):
            yield from (ast.Constant(other) for other in _values(value))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in ARITHMETIC:
            yield ast.AugAssign(target, ARITHMETIC[type(op)](), value, lineno=node.lineno)
        case ast.Call(func=func, args=arguments):
            yield from _calls(node, func, arguments)
        case _:
            yield from _fewer(node)


def _fewer(node: ast.AST) -> Iterator[ast.AST]:
    """One part less."""
    match node:
        case ast.BoolOp(op=op, values=values):
            for left in _each_left_out(values):
                yield left[0] if len(left) == 1 else ast.BoolOp(op, left)
        case ast.Set(elts=elements) if len(elements) > 1:
            for left in _each_left_out(elements):
                yield ast.Set(left)
        case ast.Match(subject=subject, cases=[_, _, *_] as cases):
            for gone, others in zip(cases, _each_left_out(cases), strict=True):
                fewer = ast.Match(subject, others, lineno=node.lineno)
                fewer.told = f"no case {ast.unparse(gone.pattern)}"  # type: ignore[attr-defined]
                yield fewer
        case ast.comprehension(ifs=[_, *_] as ifs):
            for left in _each_left_out(ifs):
                yield ast.comprehension(node.target, node.iter, left, node.is_async)


def _values(value: object) -> Iterator[bool | int | str]:
    match value:
        case bool():
            yield not value
        case int():
            yield value + 1
            if value:
                yield value - 1
        case str() if SQL.search(value):
            for found in re.finditer("|".join(sorted(IN_SQL, key=len, reverse=True)), value):
                yield value[: found.start()] + IN_SQL[found[0]] + value[found.end() :]
        case str() if value.startswith(LABEL):
            yield LABEL + "another"


def _conditions(node: ast.expr, parent: ast.AST) -> Iterator[ast.expr]:
    if not isinstance(node, ast.Compare):  # a comparison has its opposite already
        yield ast.UnaryOp(ast.Not(), node)
    if isinstance(parent, ast.If) and not parent.orelse:
        yield ast.Constant(False)


def _borders(node: ast.Compare) -> Iterator[ast.Compare]:
    for index, operator in enumerate(node.ops):
        other = COMPARISONS[type(operator)]()
        operators = [*node.ops[:index], other, *node.ops[index + 1 :]]
        yield ast.Compare(node.left, operators, node.comparators)


def _calls(node: ast.Call, func: ast.expr, arguments: list[ast.expr]) -> Iterator[ast.Call]:
    called = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
    if called in EXTREMES and isinstance(func, ast.Name):
        yield ast.Call(ast.Name(EXTREMES[called], ast.Load()), arguments, node.keywords)
    if called not in BINDING:
        return
    if called == "injective":
        for left in _each_left_out(arguments):
            yield ast.Call(func, left, node.keywords)
    for at in range(len(arguments) - 1):
        swapped = [*arguments]
        swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
        yield ast.Call(func, swapped, node.keywords)


def _each_left_out(elements: list[T]) -> Iterator[list[T]]:
    for index in range(len(elements)):
        yield [*elements[:index], *elements[index + 1 :]]


def _text(node: ast.AST) -> str:
    """One line of source, or what a node says of itself."""
    if told := getattr(node, "told", None):
        return str(told)
    if isinstance(node, ast.comprehension):
        return ast.unparse(node).strip()
    first, *more = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).splitlines()
    return f"{first} ..." if more else first
