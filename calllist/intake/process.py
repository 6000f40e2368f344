"""The intake process: one upload, then it ends. Run as `python -m calllist.intake`.

It reads the control and the framed file from standard input (`frames`), seals chunk by
chunk, copies ciphertext to the database, and answers in JSON lines on standard output.
Clear text exists in this process's memory only: no file, no log, no core dump.

    mint (keys in the keeper's memory) ► rows (one transaction) ► manifest (keys durable) ► commit

If it dies before the manifest, the keeper forgets the keys and the database the rows. If it
dies between manifest and commit, there are keys without rows: the sweep abandons them.
"""

import asyncio
import hashlib
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from calllist.errors import place
from calllist.intake import frames
from calllist.intake.frames import Completed, Control, Failed, Progress, Report
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import Batch, Reading
from calllist.intake.recognition import ClosedLines, recognition, same_file
from calllist.intake.store import Store
from crypto import sealing
from crypto.client import Connection, KeeperClient
from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.terms import ContractTerms
from crypto.wire.lists import Manifest, Mint

SALT_BYTES = 16
DATABASE_VARIABLES = ("INTAKE_DATABASE_URL", "DATABASE_URL")

Say = Callable[[Report], None]


class _Chunk(NamedTuple):
    sealer: sealing.ChunkSealer
    rows: list[tuple[int, bytes, bytes]]  # line, sealed, token


class Upload:
    """One upload from mint to commit. `settled` turns false when keys may be durable."""

    def __init__(self, control: Control, database_url: str, body: Iterator[bytes]) -> None:
        self.settled = True
        self._control = control
        self._database_url = database_url
        self._salt = secrets.token_bytes(SALT_BYTES)
        self._hash = hashlib.sha256(self._salt)
        self._plain = hashlib.sha256()  # of the bytes alone; never leaves this process
        self._closed = {lost.list: ClosedLines(lost.done) for lost in control.lost}
        self._body = self._hashed(body)
        self._index_key = sealing.new_index_key()
        self._commitments: list[bytes] = []
        self._rows: list[int] = []

    async def run(self, say: Say) -> Completed:
        """Raises IntakeError; a refusal of the keeper keeps its code as the reason."""
        at = self._control.keeper
        keeper = KeeperClient(Path(at) if isinstance(at, str) else at, pool=1)
        try:
            async with (
                keeper.session() as session,
                Store(self._database_url, self._control.list) as store,
            ):
                return await self._run(session, store, say)
        except Refusal as refusal:
            raise IntakeError(Problem.KEEPER_REFUSED, reason=refusal.code) from None
        except KeeperUnavailable:
            raise IntakeError(Problem.KEEPER_REFUSED, reason="keeper_unavailable") from None

    async def _run(self, session: Connection, store: Store, say: Say) -> Completed:
        control = self._control
        minted = await session.call(
            Mint(control.list, control.contract, control.version, control.expires, control.job)
        )
        if minted.entrustor != control.entrustor:
            raise IntakeError(Problem.KEEPER_REFUSED, reason="unknown_contract")
        reading = self._reading(msgspec.json.decode(minted.terms, type=ContractTerms))
        recipient = sealing.Recipient(minted.recipient)
        batches = iter(reading)
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            await self._store(batch, recipient, store)
            say(Progress(batch.rows))
        continues = await asyncio.to_thread(self._continues)
        await self._manifest(session, recipient, continues)
        await store.commit()
        receipt = reading.receipt(self._hash.hexdigest())
        kept = await asyncio.to_thread(recognition, self._plain.digest(), receipt.accepted)
        return Completed(receipt.facts(), self._salt.hex(), minted.for_entrustor, kept, continues)

    def _reading(self, terms: ContractTerms) -> Reading:
        return Reading(
            self._body,
            permitted=terms.fields.keys(),
            by_hand=self._control.by_hand,
            by=terms.conduct.duplicates,
            synthetic=self._control.synthetic,
            max_rows=self._control.max_rows,
        )

    async def _store(self, batch: Batch, recipient: sealing.Recipient, store: Store) -> None:
        if batch.accepted:
            chunk = await asyncio.to_thread(self._sealed, batch, recipient)
            await store.chunk(len(self._rows), chunk.sealer.sealed_key, chunk.rows)
            self._commitments.append(chunk.sealer.commitment)
            self._rows.append(len(chunk.rows))
            for closed in self._closed.values():
                closed.chunk([line for line, _, _ in chunk.rows])
        await store.findings(batch.findings)

    def _sealed(self, batch: Batch, recipient: sealing.Recipient) -> _Chunk:
        """A whole chunk at a time, under a key of its own that ends with it."""
        control, key = self._control, self._index_key
        sealer = sealing.ChunkSealer(
            recipient, entrustor=control.entrustor, list_id=control.list, chunk=len(self._rows)
        )
        rows = [
            (line, sealer.seal(line, fields), sealing.token(key, control.list, phone))
            for line, phone, fields in batch.accepted
        ]
        return _Chunk(sealer, rows)

    def _continues(self) -> str | None:
        """The lost list whose file this is, if any."""
        digest = self._plain.digest()
        found = (lost.list for lost in self._control.lost if same_file(digest, lost.recognition))
        return next(found, None)

    async def _manifest(
        self, session: Connection, recipient: sealing.Recipient, continues: str | None
    ) -> None:
        control = self._control
        sealed_index_key = sealing.seal_index_key(
            recipient, entrustor=control.entrustor, list_id=control.list, key=self._index_key
        )
        self.settled = False
        await session.call(
            Manifest(
                list=control.list,
                commitments=tuple(self._commitments),
                rows=tuple(self._rows),
                file_hash=self._hash.digest(),
                index_key=sealed_index_key,
                closed=self._closed[continues].chunks if continues else (),
            )
        )

    def _hashed(self, body: Iterator[bytes]) -> Iterator[bytes]:
        for block in body:
            self._hash.update(block)
            self._plain.update(block)
            yield block


def main() -> int:
    """One upload on standard input; the exit code is 0 if it is stored."""
    source, target = sys.stdin.buffer, sys.stdout.buffer

    def say(report: Report) -> None:
        target.write(msgspec.json.encode(report) + b"\n")
        target.flush()

    report = asyncio.run(_report(source, say))
    say(report)
    return 0 if isinstance(report, Completed) else 1


async def _report(source: BinaryIO, say: Say) -> Completed | Failed:
    upload: Upload | None = None
    try:
        control = msgspec.json.decode(source.readline(), type=Control)
        upload = Upload(control, _database_url(), frames.blocks(source))
        return await upload.run(say)
    except IntakeError as error:
        refused = error
    except Exception as error:  # its text could quote a cell: the place only
        refused = IntakeError(Problem.INTERNAL, reason=_where(error))
    return Failed(
        refused.code,
        refused.line,
        refused.column,
        refused.reason,
        settled=upload is None or upload.settled,
    )


def _database_url() -> str:
    for name in DATABASE_VARIABLES:
        if url := os.environ.get(name):
            return url
    raise IntakeError(Problem.STORE_UNAVAILABLE, reason="DATABASE_URL is missing")


def _where(error: Exception) -> str:
    """Type, file and line of an unexpected error, never its text."""
    return f"{type(error).__name__} {Path(place(error)).name}"
