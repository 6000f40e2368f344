"""How a record is written before it is sealed: MessagePack, a map of its line and its fields.

The process that parses what anybody may have uploaded writes records and seals none: it
imports no cipher. Padding and sealing are `crypto.records.sealing`, reading is
`crypto.keys.opening`.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from crypto.records.fields import FieldKind

LINE = "line"  # the key beside the field kinds inside a record


def record(line: int, fields: Mapping[FieldKind, str]) -> bytes:
    """One record. line: number of its line in the file, what receipts and results name."""
    return msgspec.msgpack.encode({LINE: line} | {str(kind): text for kind, text in fields.items()})


class Writer:
    """Writes many records of the same kinds of fields, a third of the cost of `record`."""

    def __init__(self, kinds: Iterable[FieldKind]) -> None:
        self._kinds = tuple(kinds)
        fields = [(kind.value, str, "") for kind in self._kinds]
        # An empty text is what no cell had: fields that equal their default are left out.
        self._form = msgspec.defstruct("Record", [(LINE, int), *fields], omit_defaults=True)
        self._encoder = msgspec.msgpack.Encoder()

    def records(
        self, lines: Sequence[int], columns: Mapping[FieldKind, Sequence[str]]
    ) -> list[bytes]:
        """`columns[kind][i]` is a field of the record on `lines[i]`; empty: it has none such."""
        cells = (columns[kind] for kind in self._kinds)
        return list(map(self._encoder.encode, map(self._form, lines, *cells)))
