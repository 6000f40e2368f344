"""The ledger at scale: verify all of it, and find out who opened these numbers.

    python -m tests.bench.ledger [--entries 10000000] [--folder DIR] [--jobs 2]

Ten million disclosures are a day of 4,000 seats. The log is written as the keeper writes it
(tiles, entries, signed head; 50 lists, 4,000 principals), in a folder of its own, and deleted
afterwards. The last line is one JSON object.
"""

import argparse
import contextlib
import hashlib
import hmac
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.bookkeeping import signing
from crypto.ledger.reading import verify_log
from crypto.ledger.tiles import CHECKPOINT, TILE, Frontier, bundle, folded, tile_path
from crypto.ledger.tracing import in_log, trace
from crypto.ledger.tree import HASH_BYTES, leaf_hash
from crypto.records.sealing import person_tag

ENTRIES = 10_000_000
NUMBERS = 1000  # looked for
LISTS, PRINCIPALS = 50, 4_000
MONTH, START = "2026-04", 1_775_523_600_000_000  # microseconds
PART = 256  # bundles that one process writes at a time
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
T = TypeVar("T")


def trace_key(number: int) -> bytes:
    return hashlib.sha256(b"trace %d" % number).digest()


def tag_of(seq: int) -> str:
    """Of one line in a thousand the real one, by a number that can be looked for."""
    if seq % 9973 == 0:
        name = seq % LISTS
        return person_tag(trace_key(name), f"lst_{name:016}", f"+8190000{seq // 9973 % 100000:05}")
    return hmac.digest(b"tags", b"%d" % seq, "sha256")[:16].hex()


def entry(seq: int) -> bytes:
    """Salt and canonical leaf of an `open`, as the keeper writes it."""
    salt = hashlib.sha256(b"salt %d" % seq).digest()[:16]
    name, n = seq % LISTS, seq // LISTS + 1
    return salt + (
        b'{"at":%d,"kind":"open","list":"lst_%016d","n":%d,"principal":"per_%016d","seq":%d,'
        b'"site":"sit_0000000000000001","stage":1,"tag":"%b","v":1}'
        % (START + seq * 8640, name, n, seq % PRINCIPALS, seq, tag_of(seq).encode())
    )


def write_part(folder: Path, start: int, size: int) -> tuple[list[bytes], bytes]:
    """Bundles and level 0 of a part; the roots, and the hashes of a bundle that is not full."""
    roots, rest = [], b""
    for number in range(start, min(start + PART, -(-size // TILE))):
        entries = [entry(seq) for seq in range(number * TILE, min((number + 1) * TILE, size))]
        hashes = b"".join(map(leaf_hash, entries))
        _write(folder / tile_path("entries", number, len(entries)), bundle(entries))
        _write(folder / tile_path(0, number, len(entries)), hashes)
        if len(entries) == TILE:
            roots.append(folded(hashes))
        else:
            rest = hashes
    return roots, rest


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def write_log(folder: Path, size: int, jobs: int) -> None:
    """A month of `size` lines, published."""
    month, edge = folder / MONTH, Frontier([b""], [0])
    starts = range(0, -(-size // TILE), PART)
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        count = len(starts)
        for roots, rest in pool.map(write_part, [month] * count, starts, [size] * count):
            for root in roots:
                for tile in edge.add(root, level=1):
                    _write(month / tile_path(*tile[:2]), tile[2])
            edge.rows[0] = rest
    for level, number, row in edge.partial():
        if level:
            _write(month / tile_path(level, number, len(row) // HASH_BYTES), row)
    _write(month / CHECKPOINT, signing.sign(MONTH, size, edge.root(), KEY).encode())


@contextlib.contextmanager
def a_log(size: int, jobs: int, within: Path | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ledger-", dir=within))
    try:
        write_log(folder, size, jobs)
        yield folder
    finally:
        shutil.rmtree(folder)


def measure(entries: int = ENTRIES, jobs: int = 2, within: Path | None = None) -> dict[str, Any]:
    """Seconds, for the number of entries given; `within`: where the log may lie meanwhile."""
    with a_log(entries, jobs, within) as folder:
        public = KEY.public_key().public_bytes_raw()
        found, verify_s, verify_cpu = _timed(lambda: verify_log(folder, public, jobs=jobs))
        assert found.sound, found.findings[:3]
        assert found.lines == entries
        lines, trace_s, trace_cpu = _timed(lambda: trace(in_log(folder), tags(), jobs))
        expected = {seq for seq in range(0, entries, 9973) if seq // 9973 < NUMBERS}
        assert {line.seq for line in lines} == expected
        on_disk = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    return {
        "verify_10m_s": round(verify_s, 1),
        "trace_1000_in_10m_s": round(trace_s, 1),
        "verify_cpu_s": round(verify_cpu, 1),
        "trace_cpu_s": round(trace_cpu, 1),
        "ledger_entries": entries,
        "ledger_gb": round(on_disk / 1e9, 2),
        "cores": os.cpu_count(),
    }


def tags() -> list[str]:
    """The tags of the numbers looked for, in every list: what `calllist trace` computes."""
    numbers = [f"+8190000{n:05}" for n in range(NUMBERS)]
    return [
        person_tag(key, name, number)
        for name, key in ((f"lst_{n:016}", trace_key(n)) for n in range(LISTS))
        for number in numbers
    ]


def _timed(work: Callable[[], T]) -> tuple[T, float, float]:
    """What it gives, seconds, and seconds of all cores: what a busy machine does not blur."""
    began, cpu = time.perf_counter(), _cpu()
    done = work()
    return done, time.perf_counter() - began, _cpu() - cpu


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    print(json.dumps(measure(options.entries, options.jobs, options.folder)))


if __name__ == "__main__":
    main()
