"""What a reader is told, and what it says: frames of MessagePack on a socket of its own.

    order ──► reader                         (`Order`, once)
    rows, rows, … , read | refused ◄── reader
    header ◄── reader, file key ──► reader   (a sealed file, before its first row)

4-byte big-endian length, then the message. The reader parses what anybody may have uploaded,
so nothing it says is believed beyond its form: whoever listens checks counts and sizes, and a
reader that talks nonsense has failed (`reader_failed`). It is told no secret but the salt of
the file's hash.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from calllist.intake.preview import Preview
from crypto.records.fields import FieldKind

LENGTH_BYTES = 4
MESSAGE_BYTES = 16 << 20  # of one message; batches beyond SPLIT_BYTES are split
SPLIT_BYTES = 4 << 20
RECORD_BYTES = 1 << 17  # of one record: every kind of field, as long as a cell may be


Part = Literal["list", "refusals"]
"""Which file of an upload."""


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """A mapping that was confirmed before for a header row: see `columns.Template`."""

    id: str
    key: str
    places: dict[FieldKind, tuple[int, ...]]


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reader shall read, and how. It comes before the first byte of the file is read.

    salt: what the file's hash begins with. by: the contract's rule for duplicates.
    """

    mode: Literal["list", "preview", "references"] = "list"
    permitted: tuple[FieldKind, ...] = ()
    by_hand: Mapping[FieldKind, str] = {}
    by: str = "phone"
    synthetic: bool = False
    max_rows: int = 2_000_000
    salt: bytes = b""
    entrustor: str = ""
    encoding: str | None = None
    sheet: str | None = None
    segments: tuple[str, ...] = ()
    templates: tuple[Kept, ...] = ()
    header_line: int | None = None  # 0: none; None: to be found
    area_code: str = ""
    whole: bool = True  # a preview: the file and not only its beginning
    refusals: bool = False  # a file of numbers not to be called comes before the list
    sealed_only: bool = False  # the contract takes encrypted files only


class Found(msgspec.Struct, frozen=True, array_like=True):
    """One line of the receipt, as it is stored."""

    line: int
    code: str
    column: int | None
    repeats: int | None


class Rows(msgspec.Struct, frozen=True, array_like=True, tag="rows"):
    """Accepted rows, ready to be sealed; and what was found. `seen`: rows read so far, in all.

    records: as `recordform` writes them. numbers: E.164.
    """

    lines: list[int]
    records: list[bytes]
    numbers: list[str]
    found: list[Found]
    seen: int
    segments: list[bytes] = []  # of each segment column of the terms a code for every row
    references: list[str] = []  # in the form in which they are compared; none without a column
    phone: int = 1  # column of the number to dial, from 1
    taken: Annotated[int, msgspec.Meta(ge=0, lt=1 << 50)] = 0  # bytes of the file read so far

    def __repr__(self) -> str:
        return f"Rows({len(self.records)} rows, {len(self.found)} findings)"


class Group(msgspec.Struct, frozen=True, array_like=True):
    """People with the same value in segment column 1 or 2; code 0 is その他, without a label."""

    column: Annotated[int, msgspec.Meta(ge=1, le=2)]
    code: Annotated[int, msgspec.Meta(ge=0, le=50)]
    label: Annotated[str, msgspec.Meta(max_length=30)]
    people: Annotated[int, msgspec.Meta(ge=1)]


class Read(msgspec.Struct, frozen=True, array_like=True, tag="read"):
    """The file was read to its end. digest: SHA-256 of its bytes alone."""

    receipt: dict[str, object]
    digest: bytes
    groups: list[Group] = []
    rare: list[list[int]] = []  # of each segment column the codes that too few people share


class Header(msgspec.Struct, frozen=True, array_like=True, tag="header"):
    """The file is encrypted to the job: this is its header. Answered with the file key."""

    part: Part
    data: Annotated[bytes, msgspec.Meta(max_length=16 * 1024)]  # age.header.HEADER_BYTES


class Referred(msgspec.Struct, frozen=True, array_like=True, tag="referred"):
    """Rows of a file of reference numbers: lines of the file, and what stands there."""

    lines: list[int]
    references: list[str]

    def __repr__(self) -> str:
        return f"Referred({len(self.lines)} rows)"


class Previewed(msgspec.Struct, frozen=True, array_like=True, tag="previewed"):
    """What a file looks like: the only answer to an order for a preview."""

    preview: Preview


class Refused(msgspec.Struct, frozen=True, array_like=True, tag="refused"):
    """The file is refused as a whole."""

    code: str
    line: int | None
    column: int | None
    reason: str


Message = Rows | Read | Refused | Header | Referred | Previewed

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Message).decode
decode_order = msgspec.msgpack.Decoder(Order).decode


def framed(message: msgspec.Struct) -> bytes:
    """A message as it goes over the socket."""
    data = encode(message)
    return len(data).to_bytes(LENGTH_BYTES, "big") + data
