"""The reader: parses one uploaded file and tells what it read. Hostile bytes end here.

It has no database, no keeper, no key, an empty environment and hard limits
(`calllist.intake.confinement`); whatever a file does to it, nothing is stored. The file comes
framed on standard input (`frames`), orders come and rows go on a socket (`messages`).
"""

import gc
import hashlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from calllist.clock import JST, Clock
from calllist.errors import place
from calllist.intake import frames, messages
from calllist.intake.fields.phones import PhoneRules
from calllist.intake.messages import (
    Found,
    Group,
    Header,
    Order,
    Part,
    Read,
    Referred,
    Refused,
    Rows,
)
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import previewing, references, refusals, sealed
from calllist.intake.reading.columns import Template, Wanted
from calllist.intake.reading.file import Batch, Reading
from calllist.intake.reading.tables import open_table
from crypto.records.fields import FieldKind
from crypto.records.recordform import Writer

COLLECT_AFTER = 200_000  # allocations: a block of rows holds no cycles, looking for them is dear


def main(descriptor: int) -> None:
    """One file. Ends the process."""
    gc.set_threshold(COLLECT_AFTER)
    with socket.socket(fileno=descriptor) as line:
        order = messages.decode_order(_received(line))
        try:
            MODES[order.mode](order, line)
        except IntakeError as error:
            refused = Refused(error.code, error.line, error.column, error.reason)
            line.sendall(messages.framed(refused))
        except MemoryError:
            line.sendall(messages.framed(Refused(Problem.TOO_LARGE.value, None, None, "memory")))
        except Exception as error:  # its text could quote a cell: the place only
            reason = f"{type(error).__name__} {Path(place(error)).name}"
            line.sendall(messages.framed(Refused(Problem.INTERNAL.value, None, None, reason)))
    os._exit(0)  # nothing is left to tidy up, and nothing may be written on the way out


def _read(order: Order, line: socket.socket) -> None:
    plain, salted = hashlib.sha256(), hashlib.sha256(order.salt)
    taken = 0  # bytes, as they came

    def counted(blocks: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal taken
        for block in blocks:
            taken += len(block)
            yield block

    def hashed(body: Iterator[bytes]) -> Iterator[bytes]:
        for block in body:
            plain.update(block)
            salted.update(block)
            yield block

    refused = _refusals(order, line) if order.refusals else None
    reading = Reading(
        hashed(_file(order, line, "list", counted(frames.blocks(sys.stdin.buffer)))),
        _wanted(order),
        by=order.by,
        max_rows=order.max_rows,
        encoding=order.encoding,
        sheet=order.sheet,
        area_code=order.area_code,
        today=Clock().now().astimezone(JST).date(),
        refusals=refused,
    )
    writers: dict[tuple[FieldKind, ...], Writer] = {}
    for batch in reading:
        read = int(taken * reading.share)
        for message in _told(batch, writers, reading.phone_column, read):
            line.sendall(messages.framed(message))
    receipt = reading.receipt(salted.hexdigest())
    found = [one for one in reading.segments if one is not None]
    groups = [Group(*group) for one in found for group in one.groups()]
    rare = [[] if one is None else sorted(one.rare()) for one in reading.segments]
    line.sendall(messages.framed(Read(receipt.facts(), plain.digest(), groups, rare)))


def _file(
    order: Order, line: socket.socket, part: Part, blocks: Iterator[bytes]
) -> Iterator[bytes]:
    """The file of these blocks, opened if it is encrypted."""

    def ask(header: bytes) -> bytes:
        line.sendall(messages.framed(Header(part, header)))
        return _received(line)

    return sealed.opened(blocks, ask, sealed_only=order.sealed_only)


def _refusals(order: Order, line: socket.socket) -> frozenset[str]:
    """Whom the entrustor wants nobody to call. Raises IntakeError REFUSALS_UNREADABLE."""
    body = _file(order, line, "refusals", frames.blocks(sys.stdin.buffer))
    rules = PhoneRules(area_code=order.area_code, synthetic=order.synthetic)
    found = refusals.read(body, rules)
    for _ in body:  # to its end: the list comes behind it
        pass
    return found


def _references(order: Order, line: socket.socket) -> None:
    """Whom the entrustor takes out: `references`."""
    body = sealed.opened(frames.blocks(sys.stdin.buffer), sealed.nobodys)
    for lines, texts in references.read(body, order.by_hand.get(FieldKind.REFERENCE, "")):
        line.sendall(messages.framed(Referred(lines, texts)))
    line.sendall(messages.framed(Read({}, b"")))


def _wanted(order: Order) -> Wanted:
    return Wanted(
        permitted=frozenset(order.permitted),
        by_hand=order.by_hand,
        segments=order.segments,
        templates=tuple(Template(one.id, one.key, one.places) for one in order.templates),
        header_line=order.header_line,
        entrustor=order.entrustor,
        synthetic=order.synthetic,
    )


def _preview(order: Order, line: socket.socket) -> None:
    """Shapes of the file's beginning: `previewing`."""
    body, whole = previewing.beginning(
        sealed.opened(frames.blocks(sys.stdin.buffer), sealed.nobodys)
    )
    table = open_table(body, encoding=order.encoding, sheet=order.sheet)
    rules = PhoneRules(area_code=order.area_code, synthetic=order.synthetic)

    def facts() -> previewing.Facts:
        return previewing.Facts(table.encoding, table.delimiter, table.sheet, table.sheets)

    told = previewing.preview(table, _wanted(order), rules, facts, whole=whole and order.whole)
    line.sendall(messages.framed(messages.Previewed(told)))


MODES = {"list": _read, "preview": _preview, "references": _references}


def _told(
    batch: Batch, writers: dict[tuple[FieldKind, ...], Writer], phone: int, taken: int
) -> Iterator[Rows]:
    """A batch as one message, or several if its cells are very long."""
    lines, columns = batch.accepted.lines, batch.accepted.columns
    kinds = tuple(columns)
    if (writer := writers.get(kinds)) is None:
        writer = writers[kinds] = Writer(kinds)
    records = writer.records(lines, columns)
    numbers = list(columns[FieldKind.PHONE])
    filed = list(batch.accepted.references)
    found = [Found(*one) for one in batch.findings]
    size = sum(map(len, records))
    step = len(records) if size <= messages.SPLIT_BYTES else _fitting(len(records), size)
    for start in range(0, max(len(records), 1), max(step, 1)):
        part = slice(start, start + step)
        segments = [codes[part] for codes in batch.segments]
        yield Rows(
            list(lines[part]),
            records[part],
            numbers[part],
            found,
            batch.rows,
            segments,
            filed[part],
            phone,
            taken,
        )
        found = []


def _fitting(rows: int, size: int) -> int:
    """How many rows of so many bytes go into one message."""
    return max(1, rows * messages.SPLIT_BYTES // (4 * size))


def _received(line: socket.socket) -> bytes:
    """The order. Raises EOFError if whoever gives it is gone."""
    size = int.from_bytes(_exactly(line, messages.LENGTH_BYTES), "big")
    return _exactly(line, size)


def _exactly(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = line.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data
