"""The rows of one upload in one transaction: all of them, or none.

The database role behind this connection may insert records, chunks and findings, and read
nothing. An advisory lock of the transaction tells the sweep that the upload still lives.
"""

import struct
from collections.abc import Iterable
from hashlib import sha256
from types import TracebackType
from typing import Any, Self

import asyncpg

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.receipt import Finding
from calllist.jobs.states import RecordState

CONNECT_SECONDS = 10

RECORD_COLUMNS = ("list_id", "chunk", "index", "line", "sealed", "token", "state", "attempts")
FINDING_COLUMNS = ("list_id", "line", "code", "column", "repeats")
CHUNK_COLUMNS = ("list_id", "chunk", "sealed_key")


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
        try:
            self._connection = await asyncpg.connect(self._url, timeout=CONNECT_SECONDS)
            self._transaction = self._connection.transaction()
            await self._transaction.start()
            await self._connection.execute(
                "select pg_advisory_xact_lock($1)", upload_lock(self._list)
            )
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise _unavailable(error) from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.terminate()  # without a commit before, the server rolls back

    async def chunk(
        self, chunk: int, sealed_key: bytes, rows: Iterable[tuple[int, bytes, bytes]]
    ) -> None:
        """One chunk: its sealed key and its records as (line, sealed, token), by index."""
        await self._copy("chunks", CHUNK_COLUMNS, [(self._list, chunk, sealed_key)])
        waiting = RecordState.WAITING.value
        records = [
            (self._list, chunk, index, line, sealed, token, waiting, 0)
            for index, (line, sealed, token) in enumerate(rows)
        ]
        await self._copy("records", RECORD_COLUMNS, records)

    async def findings(self, findings: Iterable[Finding]) -> None:
        """Lines of the receipt."""
        rows = [(self._list, one.line, one.code.value, one.column, one.repeats) for one in findings]
        if rows:
            await self._copy("findings", FINDING_COLUMNS, rows)

    async def commit(self) -> None:
        """All of it, at once."""
        try:
            await self._transaction.commit()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise _unavailable(error) from None

    async def _copy(self, table: str, columns: tuple[str, ...], rows: list[Any]) -> None:
        try:
            await self._connection.copy_records_to_table(table, columns=columns, records=rows)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise _unavailable(error) from None


def _unavailable(error: BaseException) -> IntakeError:
    state = getattr(error, "sqlstate", None) or type(error).__name__
    return IntakeError(Problem.STORE_UNAVAILABLE, reason=str(state))
