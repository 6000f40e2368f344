"""Rows per second that an intake process seals: one process, one core, rows of six fields."""

import time

from crypto.records.sealing import ChunkSealer, RecipientKey
from tests.crypto.world import townsfolk

ROWS = 20_000
CHUNK_ROWS = 1000


def measure() -> dict[str, float]:
    """Chunk keys included."""
    recipient, people = RecipientKey.generate().public, townsfolk(ROWS)
    began = time.perf_counter()
    for chunk, first in enumerate(range(0, ROWS, CHUNK_ROWS)):
        sealer = ChunkSealer(recipient, entrustor="ent_1", list_id="lst_bench", chunk=chunk)
        for line, person in enumerate(people[first : first + CHUNK_ROWS], start=first + 2):
            sealer.seal(line, person)
    return {"seal_rows_per_s": round(ROWS / (time.perf_counter() - began))}
