"""The rows of one upload in one transaction: all of them, or none.

The list's records go into a table of their own, which nobody else sees before the commit: it
is filled by binary COPY (frozen: no row has to be looked at again), indexed when it is full,
and then becomes a partition of `records` (`calllist.migrations.routines`).

The database role behind this connection may have that done for the one list that is being
received, insert chunks and findings, and read nothing. An advisory lock of the transaction
tells the sweep that the upload still lives.
"""

import struct
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain, repeat
from types import TracebackType
from typing import Any, NamedTuple, Self

import asyncpg

from calllist.intake.messages import Found
from calllist.intake.problems import IntakeError, Problem

CONNECT_SECONDS = 10

RECORD_COLUMNS = ("chunk", "index", "line", "sealed", "token")
SEGMENT_COLUMNS = ("segment1", "segment2")
FINDING_COLUMNS = ("list_id", "line", "code", "column", "repeats")
CHUNK_COLUMNS = ("list_id", "chunk", "sealed_key", "references")

# PostgreSQL's binary COPY: signature, flags, no header extension; a row is a 16-bit number of
# fields, each with a 32-bit length (documentation of COPY, "Binary Format").
_BEGINNING = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_row = struct.Struct(">hiiihiii").pack  # fields; chunk, index, line; length of what is sealed
_small = struct.Struct(">ih").pack


class Chunk(NamedTuple):
    """Records sealed under one key, by index: their lines, and the tokens of their numbers.

    segments: for each segment column of the list the code of every record. references: how
    each record's reference number is filed, if the file has any.
    """

    number: int
    sealed_key: bytes
    lines: Sequence[int]
    sealed: Sequence[bytes]
    tokens: Sequence[bytes]
    segments: Sequence[Sequence[int]] = ()
    references: bytes | None = None

    def __repr__(self) -> str:
        return f"Chunk({self.number}, {len(self.lines)} records)"

    def rows(self) -> bytes:
        """The records as rows of a binary COPY."""
        heads = map(
            _row,
            repeat(len(RECORD_COLUMNS) + len(self.segments)),
            *(repeat(4), repeat(self.number), repeat(2), range(len(self.lines))),
            *(repeat(4), self.lines, map(len, self.sealed)),
        )
        head_of_token = struct.pack(">i", len(self.tokens[0]))  # all are of one length
        codes = (map(_small, repeat(2), column) for column in self.segments)
        pieces = zip(heads, self.sealed, repeat(head_of_token), self.tokens, *codes, strict=False)
        return b"".join(chain.from_iterable(pieces))


def upload_lock(list_id: str) -> int:
    """The key of the advisory lock that an upload holds while its transaction is open."""
    digest = sha256(b"calllist/upload/1" + list_id.encode()).digest()
    key: int = struct.unpack(">q", digest[:8])[0]
    return key


class Store:
    """One transaction. Leaving it without `commit` rolls everything back.

    Every failure of the database is IntakeError STORE_UNAVAILABLE with the SQLSTATE as its
    reason: a driver's own message could quote what it was given.
    """

    def __init__(self, database_url: str, list_id: str) -> None:
        self._url = database_url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._list = list_id

    async def __aenter__(self) -> Self:
        with named():
            self._connection = await asyncpg.connect(self._url, timeout=CONNECT_SECONDS)
            self._transaction = self._connection.transaction()
            await self._transaction.start()
            await self._connection.execute(
                "select pg_advisory_xact_lock($1)", upload_lock(self._list)
            )
            await self._connection.execute("select public.begin_list($1)", self._list)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.terminate()  # without a commit before, the server rolls back

    async def fill(self, chunks: AsyncIterator[Chunk], *, segments: int = 0) -> None:
        """Records, chunk after chunk until there is none for now; then their sealed keys.

        segments: how many segment columns every chunk has.
        """
        keys: list[tuple[str, int, bytes, bytes | None]] = []

        async def rows() -> AsyncIterator[bytes]:
            yield _BEGINNING
            async for chunk in chunks:
                keys.append((self._list, chunk.number, chunk.sealed_key, chunk.references))
                yield chunk.rows()
                if self._connection.is_closed():  # otherwise noticed when all has been read
                    raise IntakeError(Problem.STORE_UNAVAILABLE, reason="connection")
            yield _END

        with named():
            await self._connection.copy_to_table(
                f"records_{self._list}",
                schema_name="public",
                source=rows(),
                columns=RECORD_COLUMNS + SEGMENT_COLUMNS[:segments],
                format="binary",
                freeze=True,
            )
        await self._copy("chunks", CHUNK_COLUMNS, keys)

    async def findings(self, findings: Iterable[Found]) -> None:
        """Lines of the receipt."""
        rows = [(self._list, one.line, one.code, one.column, one.repeats) for one in findings]
        await self._copy("findings", FINDING_COLUMNS, rows)

    async def finish(self, rare: Sequence[Sequence[int]] | None = None) -> None:
        """Index the list's table and join it to the others. Nothing can be added from here on.

        rare: of each segment column the codes that become 0 (その他); None without segments.
        """
        codes = None if rare is None else [*map(list, rare), [], []][:2]
        with named():
            await self._connection.execute(
                "select public.finish_list($1, $2, $3)", self._list, *(codes or (None, None))
            )

    async def commit(self) -> None:
        """All of it, at once."""
        with named():
            await self._transaction.commit()

    async def _copy(self, table: str, columns: tuple[str, ...], rows: list[Any]) -> None:
        if rows:
            with named():
                await self._connection.copy_records_to_table(table, columns=columns, records=rows)


@contextmanager
def named() -> Iterator[None]:
    """Failures of the database by their SQLSTATE alone."""
    try:
        yield
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        state = getattr(error, "sqlstate", None) or type(error).__name__
        refused = IntakeError(Problem.STORE_UNAVAILABLE, reason=str(state))
    else:
        return
    raise refused
