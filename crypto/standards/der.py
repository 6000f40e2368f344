"""The little of DER (X.690) that signatures are put together of, and taken apart, strictly."""

from typing import NamedTuple

SEQUENCE, SET, OCTETS = 0x30, 0x31, 0x04  # X.690, 8
LENGTH_OCTETS = 3  # elements here are under 16 MB


class Element(NamedTuple):
    """One element: its tag, what is in it, and the whole as it is spelled."""

    tag: int
    body: bytes
    spelled: bytes


def element(tag: int, *parts: bytes) -> bytes:
    """One element with its definite length (X.690, 10.1)."""
    body = b"".join(parts)
    size = len(body).to_bytes(LENGTH_OCTETS, "big").lstrip(b"\0") or b"\0"
    length = size if len(body) < 0x80 else bytes([0x80 | len(size)]) + size
    return bytes([tag]) + length + body


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE."""
    return element(SEQUENCE, *parts)


def set_of(*parts: bytes, tag: int = SET) -> bytes:
    """SET OF, in DER's order (X.690, 11.6)."""
    return element(tag, *sorted(parts))


def elements(data: bytes) -> list[Element]:
    """All elements in a row, each in the one spelling of its length. Raises ValueError."""
    found, at = [], 0
    while at < len(data):
        size, begins = _length(data, at)
        one = Element(data[at], data[begins : begins + size], data[at : begins + size])
        if element(one.tag, one.body) != one.spelled:
            raise ValueError("length")
        found.append(one)
        at = begins + size
    return found


def inside(data: bytes, tag: int = SEQUENCE) -> list[Element]:
    """What is in the one element that `data` is. Raises ValueError."""
    [one] = elements(data)
    if one.tag != tag:
        raise ValueError("tag")
    return elements(one.body)


def _length(data: bytes, at: int) -> tuple[int, int]:
    """How long the body of the element at `at` is, and where it begins."""
    if at + 2 > len(data):
        raise ValueError("length")
    first = data[at + 1]
    octets = first & 0x7F if first & 0x80 else 0
    begins = at + 2 + octets
    if first == 0x80 or octets > LENGTH_OCTETS or begins > len(data):
        raise ValueError("length")
    size = int.from_bytes(data[at + 2 : begins], "big") if octets else first
    if begins + size > len(data):
        raise ValueError("length")
    return size, begins
