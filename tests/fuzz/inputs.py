"""Inputs of the fuzzer: a byte for the class of the caller, then frames.

Values that exist in one keeper only (grants, sealed records) stand in them as `$record:3`, so
an input means the same to every keeper and holds neither key nor ciphertext.
"""

from pathlib import Path
from typing import Any

import msgspec

from crypto.wire.base import Caller
from tests.fuzz.grammar import Stock
from tests.fuzz.handling import bodies, framed

CORPUS = Path(__file__).with_name("corpus")
CALLERS = tuple(Caller)
MARK = "$"


def spoken(data: bytes, stock: Stock) -> tuple[Caller, bytes]:
    """Who says it, and the bytes on the wire. `data` has at least one byte."""
    said = list(bodies(data[1:]))
    rest = data[1 + sum(len(framed(body)) for body in said) :]
    frames = b"".join(framed(concrete(body, stock)) for body in said)
    return CALLERS[data[0] % len(CALLERS)], frames + rest


def symbolic(body: bytes, stock: Stock) -> bytes:
    """Values of the stock by their name."""

    def named(name: str, value: Any) -> Any:
        held = stock.get(name, ())
        if value in held:
            return f"{MARK}{name}:{list(held).index(value)}"
        if isinstance(value, dict):
            return {key: named(key, inner) for key, inner in value.items()}
        return value

    return msgspec.msgpack.encode(named("", msgspec.msgpack.decode(body)))


def concrete(body: bytes, stock: Stock) -> bytes:
    """Names of the stock by their value. What is no message is left as it is."""

    def value(said: Any) -> Any:
        if isinstance(said, str) and said.startswith(MARK):
            name, _, index = said[1:].partition(":")
            held = stock.get(name, ())
            return held[int(index) % len(held)] if held and index.isdecimal() else said
        if isinstance(said, dict):
            return {key: value(inner) for key, inner in said.items()}
        return said

    if MARK.encode() not in body:
        return body
    try:
        return msgspec.msgpack.encode(value(msgspec.msgpack.decode(body)))
    except (ValueError, RecursionError, TypeError):
        return body
