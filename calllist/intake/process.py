"""The intake process: one upload, then it ends. Run as `python -m calllist.intake`.

It reads the control from standard input, leaves the rest of it (the file) to a reader
(`reader`), seals what that has read chunk by chunk, copies ciphertext to the database, and
answers in JSON lines on standard output. Clear text exists in these two processes' memory
only: no file, no log, no core dump.

    mint (keys in the keeper's memory) ► rows (one transaction) ► manifest (keys durable) ► commit

If it dies before the manifest, the keeper forgets the keys and the database the rows. If it
dies between manifest and commit, there are keys without rows: the sweep abandons them.
"""

import asyncio
import functools
import gc
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from calllist.errors import place
from calllist.intake import belief, frames
from calllist.intake.chunks import Sealing
from calllist.intake.corrections import Earlier
from calllist.intake.frames import Completed, Control, Failed, Progress, Report
from calllist.intake.messages import Found, Order, Part, Read
from calllist.intake.problems import Code, IntakeError, Problem
from calllist.intake.reader import Reader
from calllist.intake.receipt import Receipt, of_facts
from calllist.intake.recognition import ClosedLines, recognition, same_file, taken_twice
from calllist.intake.store import Chunk, Store
from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.signed.terms import ContractTerms
from crypto.wire.client import Connection, KeeperClient
from crypto.wire.lists import Manifest, Mint, Minted
from crypto.wire.uploads import Unwrap

DATABASE_VARIABLES = ("INTAKE_DATABASE_URL", "DATABASE_URL")
FINDINGS_AT_ONCE = 5000
CHUNKS_AT_ONCE = 64  # of one COPY: what goes wrong in it is noticed at its end
FILE_HASH_BYTES = 32  # SHA-256
COLLECT_AFTER = 100_000  # allocations: rows hold no cycles, and looking for them is dear
BEHIND_THE_READER = 5  # niceness: an upload takes as long as its reader, on two cores too

ABOUT_THE_FILE = frozenset(  # refusals of the keeper that are problems of the same name
    {
        *("sealed_header", "sealed_elsewhere", "sealed_only", "taken_in_before"),
        "too_many_corrections",
    }
)

Say = Callable[[Report], None]


class Upload:
    """One upload from mint to commit. `settled` turns false when keys may be durable."""

    def __init__(self, control: Control, database_url: str, reader: Reader) -> None:
        self.settled = True
        self._control = control
        self._database_url = database_url
        self._reader = reader
        self._closed = {lost.list: ClosedLines(lost.done) for lost in control.lost}
        self._found: list[Found] = []
        self._earlier: Earlier | None = None

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
            raise _refused(refusal) from None
        except KeeperUnavailable:
            raise IntakeError(Problem.KEEPER_REFUSED, reason="keeper_unavailable") from None

    async def _run(self, session: Connection, store: Store, say: Say) -> Completed:
        control = self._control
        minted = await session.call(
            Mint(control.list, control.contract, control.version, control.expires, control.job)
        )
        if minted.entrustor != control.entrustor:
            raise IntakeError(Problem.KEEPER_REFUSED, reason="unknown_contract")
        sealing = Sealing(minted.recipient, entrustor=control.entrustor, list_id=control.list)
        order = self._order(minted)
        segments = len(order.segments)
        if control.corrects is not None:
            self._earlier = Earlier(
                session,
                self._database_url,
                list_id=control.list,
                corrects=control.corrects,
                by=order.by,
            )
        await self._reader.order(order, functools.partial(self._unwrap, session))
        while self._reader.read is None:
            await store.fill(self._chunks(sealing, say), segments=segments)
            await store.findings(self._found)
            self._found = []
        receipt = self._receipt(_checked(self._reader.read, order), sealing.rows)
        digest = self._reader.read.digest
        _, continues, twice, kept = await asyncio.gather(  # slow hashes while the database indexes
            store.finish(self._reader.read.rare if segments else None),
            asyncio.to_thread(self._continues, digest),
            asyncio.to_thread(taken_twice, digest, receipt, control.known),
            asyncio.to_thread(recognition, digest, receipt.accepted),
        )
        if continues is None and twice is not None:
            raise IntakeError(Problem.SAME_FILE, reason=str(twice))
        await self._manifest(session, sealing, receipt, continues)
        await store.commit()
        groups = tuple(self._reader.read.groups)
        return Completed(receipt.facts(), minted.for_entrustor, digest, kept, continues, groups)

    def _order(self, minted: Minted) -> Order:
        """What the reader is told: the terms are those that the keeper minted under."""
        control = self._control
        terms = msgspec.json.decode(minted.terms, type=ContractTerms)
        return Order(
            permitted=tuple(terms.fields),
            by_hand=control.by_hand,
            by=terms.conduct.duplicates,
            synthetic=control.synthetic,
            max_rows=control.max_rows,
            salt=minted.file_salt,
            entrustor=control.entrustor,
            encoding=control.encoding,
            sheet=control.sheet,
            segments=terms.conduct.segments or (),
            templates=control.templates,
            header_line=control.header_line,
            area_code=control.area_code,
            refusals=control.refusals,
            sealed_only=bool(terms.conduct.sealed_only),
        )

    async def _unwrap(self, session: Connection, part: Part, header: bytes) -> bytes:
        """The file key of an encrypted file, for the reader. Raises the keeper's refusal."""
        return (await session.call(Unwrap(self._control.list, part, header))).file_key

    async def _chunks(self, sealing: Sealing, say: Say) -> AsyncIterator[Chunk]:
        """The next chunks, until the file ends or enough has gathered to be noted."""
        first = len(sealing.rows)
        async for rows in self._reader:
            if self._earlier is not None:
                rows = await self._earlier.without_repeated(rows)  # noqa: PLW2901
            self._found += rows.found
            if rows.lines:
                for closed in self._closed.values():
                    closed.chunk(rows.lines)
                yield sealing.sealed(rows)
            say(Progress(rows.seen, rows.taken))
            if len(self._found) >= FINDINGS_AT_ONCE or len(sealing.rows) - first >= CHUNKS_AT_ONCE:
                return

    def _receipt(self, told: Receipt, rows: list[int]) -> Receipt:
        """As the reader tells, but for what repeats the list that is corrected.

        Raises IntakeError READER_FAILED if it does not say what was sealed.
        """
        dropped = self._earlier.dropped if self._earlier is not None else 0
        if told.accepted != sum(rows) + dropped:
            raise IntakeError(Problem.READER_FAILED)
        codes = told.codes | ({Code.REPEATS_EARLIER.value: dropped} if dropped else {})
        return msgspec.structs.replace(
            told,
            accepted=told.accepted - dropped,
            duplicates=told.duplicates + dropped,
            codes=codes,
            corrects=self._control.corrects,
        )

    def _continues(self, digest: bytes) -> str | None:
        """The lost list whose file this is, if any."""
        found = (lost.list for lost in self._control.lost if same_file(digest, lost.recognition))
        return next(found, None)

    async def _manifest(
        self, session: Connection, sealing: Sealing, receipt: Receipt, continues: str | None
    ) -> None:
        self.settled = False
        await session.call(
            Manifest(
                list=self._control.list,
                commitments=tuple(sealing.commitments),
                rows=tuple(sealing.rows),
                file_hash=bytes.fromhex(receipt.file_hash),
                index_key=sealing.index_key(),
                closed=self._closed[continues].chunks if continues else (),
                rejected=receipt.rejected,
            )
        )


def _refused(refusal: Refusal) -> IntakeError:
    """The keeper's no, in words of ours where the file is to blame."""
    if refusal.code in ABOUT_THE_FILE:
        return IntakeError(Problem(refusal.code), reason=refusal.detail)
    return IntakeError(Problem.KEEPER_REFUSED, reason=refusal.code)


def _checked(read: Read, order: Order) -> Receipt:
    """The receipt. Raises IntakeError READER_FAILED if it makes no sense."""
    try:
        receipt = of_facts(read.receipt)
        sound = len(bytes.fromhex(receipt.file_hash)) == len(read.digest) == FILE_HASH_BYTES
        sound = sound and belief.receipt(receipt, order)
    except (msgspec.ValidationError, ValueError):
        sound = False
    if not sound:
        raise IntakeError(Problem.READER_FAILED)
    return receipt


def main(reader: Reader) -> int:
    """One upload on standard input; the exit code is 0 if it is stored."""
    gc.set_threshold(COLLECT_AFTER)
    os.nice(BEHIND_THE_READER)
    target = sys.stdout.buffer

    def say(report: Report) -> None:
        target.write(msgspec.json.encode(report) + b"\n")
        target.flush()

    try:
        report = asyncio.run(_report(reader, say))
    finally:
        reader.end()
    say(report)
    return 0 if isinstance(report, Completed) else 1


async def _report(reader: Reader, say: Say) -> Completed | Failed:
    upload: Upload | None = None
    try:
        control = msgspec.json.decode(frames.control(sys.stdin.fileno()), type=Control)
        upload = Upload(control, _database_url(), reader)
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
