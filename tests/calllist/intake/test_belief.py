"""A reader that a file has taken over says what it likes: only words of ours are believed."""

import asyncio
import socket
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

import msgspec
import pytest

from calllist.intake import belief, messages, previews, process
from calllist.intake.fields.phones import PhoneRules
from calllist.intake.messages import Found, Group, Kept, Order, Previewed, Read, Refused, Rows
from calllist.intake.preview import Preview, Trouble
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reader import Reader
from calllist.intake.reading.columns import Wanted
from calllist.intake.reading.file import Reading
from calllist.intake.reading.previewing import Facts, preview
from calllist.intake.reading.tables import open_table
from calllist.intake.receipt import Receipt
from crypto.records.fields import FieldKind

VALUE = "架空花子09000010001"
ORDER = Order(
    permitted=tuple(FieldKind),
    synthetic=True,
    segments=("年代",),
    templates=(Kept("tpl_1", "", {}),),
)
FILE = "氏名,電話番号,年代\n架空花子,090-0001-0001,60代\n幻次郎,9000010002,\n".encode()
WANTED = Wanted(frozenset(FieldKind), synthetic=True, segments=("年代",))

replace = msgspec.structs.replace


def receipt() -> Receipt:
    reading = Reading(iter([FILE]), WANTED, by="phone", max_rows=9)
    for _ in reading:
        pass
    return reading.receipt("0" * 64)


def shapes() -> Preview:
    table = open_table(iter([FILE]))
    facts = Facts(table.encoding, table.delimiter)
    return preview(table, WANTED, PhoneRules(synthetic=True), lambda: facts, whole=True)


def test_a_receipt_holds_no_word_that_is_not_ours() -> None:
    told = receipt()
    (column, *_) = told.columns
    assert belief.receipt(told, ORDER)
    assert belief.receipt(replace(told, template="tpl_1"), ORDER)
    for lie in (
        {"codes": {VALUE: 1}},
        {"phones": {VALUE: 1}},
        {"kinds": {VALUE: 1}},
        {"encoding": VALUE},
        {"delimiter": VALUE},
        {"duplicates_by": VALUE},
        {"header_key": VALUE},
        {"template": VALUE},
        {"corrects": VALUE},
        {"columns": (replace(column, header=VALUE),)},
        {"columns": (replace(column, kind=VALUE),)},
        {"columns": (replace(column, how=VALUE),)},
    ):
        assert not belief.receipt(replace(told, **lie), ORDER), lie


def test_a_receipt_with_another_word_is_not_stored() -> None:
    facts = receipt().facts()
    assert process._checked(Read(facts, bytes(32)), ORDER) == receipt()
    with pytest.raises(IntakeError):
        process._checked(Read(facts | {"encoding": VALUE}, bytes(32)), ORDER)


def test_a_preview_holds_no_word_that_is_not_ours() -> None:
    told = shapes()
    (column, *_) = told.columns
    assert belief.preview(told, ORDER)
    digits = VALUE[-11:]
    for lie in (
        {"encoding": digits},
        {"delimiter": digits[-8:]},
        {"template": VALUE},
        {"trouble": Trouble(digits)},
        {"trouble": Trouble(Problem.NO_PHONE_COLUMN, reason=digits)},
        {"trouble": Trouble(Problem.SEVERAL_SHEETS, reason="90 1 1")},
        {"columns": (replace(column, header="架空花子"),)},
        {"columns": (replace(column, how=digits),)},
        {"columns": (replace(column, parsed={digits: 1}),)},
    ):
        assert not belief.preview(replace(told, **lie), ORDER), lie


def test_a_reason_holds_no_number_that_could_be_rung() -> None:
    def reason(code: str, text: str) -> str:
        return belief.refusal(Refused(code, 1, 2, text)).reason

    assert reason("several_sheets", "1 3 12") == "1 3 12"
    assert reason("unknown_encoding", "cp932_as_latin1") == "cp932_as_latin1"
    assert reason("internal", "TypeError rows.py:120") == "TypeError rows.py:120"
    for code in ("several_sheets", "internal"):
        for text in ("09000010001", "090 0001 0001", "0 9 0 0 0 0 1 0 0 0 1", VALUE, "x" * 81):
            assert reason(code, text) == ""
    assert belief.refusal(Refused(VALUE, None, None, "")).code == Problem.READER_FAILED


def test_groups_are_what_the_rows_say() -> None:
    counted = [Counter({0: 3, 1: 20, 2: 19})]
    right = [Group(1, 1, "60代", 20), Group(1, 0, "", 22)]
    assert belief.groups(right, [[2]], counted)
    assert belief.groups([], [], [])
    for told, rare in (
        ([*right, Group(1, 2, "架空花子", 19)], [[]]),  # a label that few people share
        ([Group(1, 1, "60代", 20), Group(1, 2, "架空花子", 20)], [[]]),
        ([Group(1, 1, "60代", 20), Group(1, 0, "架空花子", 22)], [[2]]),
        ([*right, Group(2, 0, "", 1)], [[2]]),
        ([*right, Group(1, 1, "架空花子", 20)], [[2]]),
        (right, [[]]),  # the code of few people would stay
        (right, []),
    ):
        assert not belief.groups(told, rare, counted)


@pytest.fixture
def taken_over() -> Iterator[tuple[Reader, socket.socket]]:
    """A reader, and the line on which somebody else speaks for it."""
    ours, theirs = socket.socketpair()
    reader = Reader(subprocess.Popen(["/bin/true"]), ours)
    yield reader, theirs
    reader.end()


async def lying(reader: Reader, line: socket.socket, *said: msgspec.Struct) -> None:
    await reader.order(ORDER)
    for message in said:
        line.sendall(messages.framed(message))
    async for _ in reader:
        pass


ROWS = Rows([2], [b"x"], ["+819000010001"], [], 1, [b"\x01"])
END = Read({}, b"", [Group(1, 0, "", 1)], [[1]])  # as it should be


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "said",
    [
        (replace(ROWS, found=[Found(2, VALUE, None, None)]), END),
        (ROWS, Read({}, b"", [Group(1, 1, VALUE, 1)], [[]])),
    ],
    ids=["finding", "group"],
)
async def test_a_reader_that_says_anything_else_has_failed(
    said: tuple[msgspec.Struct, ...], taken_over: tuple[Reader, socket.socket]
) -> None:
    reader, theirs = taken_over
    with theirs, pytest.raises(IntakeError) as refused:
        await lying(reader, theirs, *said)
    assert refused.value.code == Problem.READER_FAILED


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("said", "problem", "reason"),
    [
        (Previewed(replace(shapes(), template=VALUE)), Problem.READER_FAILED, ""),
        (Refused("internal", None, None, VALUE), Problem.INTERNAL, ""),
    ],
    ids=["preview", "refusal"],
)
async def test_a_preview_of_a_reader_that_was_taken_over_is_not_shown(
    said: msgspec.Struct, problem: Problem, reason: str
) -> None:
    source = asyncio.StreamReader()
    source.feed_data(messages.framed(said))
    answered: Callable[..., Awaitable[Preview]] = previews._answer
    with pytest.raises(IntakeError) as refused:
        await answered(source, ORDER)
    assert (refused.value.code, refused.value.reason) == (problem, reason)
