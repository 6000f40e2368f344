"""Frames by the schema itself: whatever verb it has, with values that mostly exist.

    grammar = Grammar(stock)          # values by the name of their field: ids, grants, records
    body = grammar.request(rng)       # one of the verbs, valid by the schema
    body = mutated(body, rng)         # and no longer

A verb that is added to the schema is fuzzed from then on without a line here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, get_args

import msgspec
from msgspec import inspect

from crypto.wire.frames import AnyRequest

VERBS: tuple[type[msgspec.Struct], ...] = get_args(AnyRequest)
ID_LETTERS = "ABCXYZabcxyz0189_.:-"
FORMS = (
    "+819000000678",
    "2026-04",
    "000678",
    "",
    "090-0000-0678",
    "2026-05-31",
)  # where no id will do
LONG = "a" * 5000
TEXTS = ("", "昭和50年1月2日", "山田 花子", "\0", "９", LONG, "%s{}'\";--", "٠" * 64, "\U0010ffff")
NUMBERS = (0, 1, 2, 3, 10, 30, 127, 128, 255, 2**31 - 1, 2**31, 2**63 - 1, -1, -(2**63))
MOMENTS = (
    datetime.min.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
)
BOMB = 3000  # levels: deeper than Python's stack
Stock = Mapping[str, Sequence[Any]]


class Grammar:
    """Requests of every verb. `stock`: values that exist, by field name."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._verbs = [inspect.type_info(verb) for verb in VERBS]
        self._of_records = [
            inspect.type_info(verb) for verb in VERBS if "record" in verb.__struct_fields__
        ]

    def request(self, rng: Random) -> bytes:
        """The body of one frame, valid by the schema."""
        verb = rng.choice(self._of_records if rng.random() < 0.4 else self._verbs)
        assert isinstance(verb, inspect.StructType)
        return msgspec.msgpack.encode(self._struct(verb, rng))

    def _struct(self, kind: inspect.StructType, rng: Random) -> dict[str, Any]:
        made: dict[str, Any] = {kind.tag_field: kind.tag} if kind.tag_field else {}
        for field in kind.fields:
            if field.required or rng.random() < 0.5:
                made[field.encode_name] = self._value(field.type, field.name, rng)
        return made

    def _value(self, kind: inspect.Type, name: str, rng: Random) -> Any:
        held = [value for value in self._stock.get(name, ()) if _is_of(kind, value)]
        if held and rng.random() < 0.85:
            return rng.choice(held)
        return self._made(kind, name, rng)

    def _made(self, kind: inspect.Type, name: str, rng: Random) -> Any:
        match kind:
            case inspect.StructType():
                return self._struct(kind, rng)
            case inspect.UnionType():
                return self._value(rng.choice(kind.types), name, rng)
            case inspect.EnumType():
                return rng.choice([member.value for member in kind.cls])
            case inspect.LiteralType():
                return rng.choice(kind.values)
            case inspect.TupleType():
                return [self._value(item, name, rng) for item in kind.item_types]
            case inspect.CollectionType():
                low, high = kind.min_length or 0, kind.max_length or 70
                count = rng.choice([n for n in (0, 1, 1, 2, 3, 70) if low <= n <= high])
                return [self._value(kind.item_type, name, rng) for _ in range(count)]
            case inspect.DictType():
                return {
                    self._value(kind.key_type, name, rng): self._value(kind.value_type, name, rng)
                    for _ in range(rng.choice((0, 1, 2, 13)))
                }
        return _plain(kind, rng)


def _is_of(kind: inspect.Type, value: Any) -> bool:
    """Whether a value of the stock could stand here: one name has other types elsewhere."""
    match kind:
        case inspect.StructType():
            return isinstance(value, dict)
        case inspect.StrType():
            return isinstance(value, str)
        case inspect.LiteralType():
            return value in kind.values
        case inspect.EnumType():
            return value in [member.value for member in kind.cls]
        case inspect.BytesType():
            return isinstance(value, bytes)
        case inspect.IntType():
            return isinstance(value, int)
        case inspect.DateTimeType():
            return isinstance(value, datetime)
    return False


def _plain(kind: inspect.Type, rng: Random) -> Any:
    match kind:
        case inspect.StrType(pattern=None):
            low, high = kind.min_length or 0, kind.max_length or 10**6
            return rng.choice([text for text in TEXTS if low <= len(text) <= high])
        case inspect.StrType():
            made = "".join(rng.choices(ID_LETTERS, k=rng.choice((1, 8, 64))))
            fitting = [text for text in (made, *FORMS) if re.search(kind.pattern, text)]
            if not fitting:
                raise NotImplementedError(f"teach the grammar a text like {kind.pattern}")
            return rng.choice(fitting)
        case inspect.BytesType():
            low, high = kind.min_length or 0, kind.max_length or 4000
            return rng.randbytes(rng.choice((low, high, min(max(low, 60), high))))
        case inspect.IntType():
            low = next((end for end in (kind.ge, kind.gt) if end is not None), -(2**63))
            high = next((end for end in (kind.le, kind.lt) if end is not None), 2**64)
            within = [number for number in NUMBERS if low <= number <= high]
            return rng.choice([one for one in within if one not in (kind.gt, kind.lt)])
        case inspect.FloatType():
            return rng.choice((0.0, -1.5, 1e308, float("inf"), float("nan")))
        case inspect.BoolType():
            return rng.random() < 0.5
        case inspect.DateTimeType():
            near = datetime(2026, 4, 7, 2, tzinfo=UTC) + timedelta(minutes=rng.randrange(-90, 9000))
            return rng.choice((near, near, near, *MOMENTS))
        case inspect.NoneType():
            return None
    raise NotImplementedError(f"teach the grammar {kind!r}")


# -- no longer by the schema ---------------------------------------------------------------


def mutated(body: bytes, rng: Random) -> bytes:
    """The same with one thing wrong."""
    return rng.choice(MUTATIONS)(body, rng)


def _bytes_flipped(body: bytes, rng: Random) -> bytes:
    wrong = bytearray(body)
    for _ in range(rng.choice((1, 1, 2, 8)) if wrong else 0):
        wrong[rng.randrange(len(wrong))] = rng.randrange(256)
    return bytes(wrong)


def _cut(body: bytes, rng: Random) -> bytes:
    return body[: rng.randrange(len(body) + 1)]


def _grown(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body) + 1)
    return body[:at] + rng.randbytes(rng.choice((1, 4, 300))) + body[at:]


def _oversized(body: bytes, rng: Random) -> bytes:
    """A length inside the body that promises more than there is."""
    at = rng.randrange(len(body) + 1)
    return body[:at] + rng.choice(b"\xdd\xdf\xc6\xdb\xc9").to_bytes() + b"\xff" * 4 + body[at:]


def _node_replaced(body: bytes, rng: Random) -> bytes:
    try:
        tree = msgspec.msgpack.decode(body)
    except (ValueError, RecursionError):
        return _bytes_flipped(body, rng)
    if not isinstance(tree, dict) or not tree:
        return _grown(body, rng)
    junk: Any = rng.choice((None, True, 0, -1, 2.5, "", "x" * 70, b"", b"\xff", [], {}, [[]]))
    match rng.randrange(4):
        case 0:
            tree[rng.choice(list(tree))] = junk
        case 1:
            del tree[rng.choice(list(tree))]
        case 2:
            tree[rng.choice(("stage", "caller", "limit", "verb", "records", ""))] = junk
        case _:
            for value in tree.values():
                if isinstance(value, dict) and value:
                    value[rng.choice(list(value))] = junk
    return msgspec.msgpack.encode(tree)


def _bomb(body: bytes, rng: Random) -> bytes:
    """Nesting without end, before or inside the message."""
    layer = rng.choice((b"\x91", b"\x81\xa1a", b"\x81\xa4verb", b"\xdc\x00\x01"))
    return b"\x82\xa1x" + layer * BOMB + b"\xc0" + body[1:]


MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    _bytes_flipped,
    _cut,
    _grown,
    _oversized,
    _node_replaced,
    _node_replaced,
    _bomb,
)
