"""A multipart form read as it comes: short fields, then perhaps a file of refusals, then the file.

A browser sends the fields in the order of the page. The files' bytes are handed on as they
come; nothing of the form is kept in memory or on a disk beyond one block.

    parts = Parts(content_type, stream, known=...)
    await parts.begin()              # parts.fields, parts.refusals
    async for block in parts.files() # an empty block stands between refusals and file
"""

from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from calllist.errors import CalllistError

FIELD_BYTES = 1024  # of a form field; headers of columns are far shorter
FIELDS_MOST = 400  # of a form: one for each column that was looked at
REFUSALS, FILE = "refusals", "file"


class FormUnreadable(CalllistError):
    """Not the form that our page sends: broken, or with fields that it does not have."""

    code = "form_unreadable"


class _Event(NamedTuple):
    """Of a file part: it begins (None), some of it, or it ends (empty)."""

    name: str
    data: bytes | None


class Parts:
    """`fields`: what stood before the files. `refusals`: whether such a file came, not empty."""

    def __init__(
        self,
        content_type: str,
        stream: AsyncIterator[bytes],
        *,
        known: Callable[[str], bool] = lambda _name: False,
    ) -> None:
        """known: whether a field of this name is one of the form's. Raises FormUnreadable."""
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise FormUnreadable
        self.fields: dict[str, str] = {}
        self.refusals = False
        self._known, self._stream = known, stream
        self._parser = self._made(options[b"boundary"])
        self._events: deque[_Event] = deque()
        self._header = self._value = b""
        self._name = ""
        self._in_file = self._over = False
        self._seen: set[str] = set()

    async def begin(self) -> None:
        """Read the fields, up to the first byte of the first file. Raises FormUnreadable."""
        while True:
            event = await self._next()
            if event is None or event.name == FILE:
                if event is not None:
                    self._events.appendleft(event)
                return
            if event.data:
                self.refusals = True
                self._events.appendleft(event)
                return

    async def files(self) -> AsyncIterator[bytes]:
        """The refusals, an empty block and the file; without refusals the file alone.

        Raises FormUnreadable, also if the form breaks off.
        """
        while (event := await self._next()) is not None:
            if event.data or (event.name == REFUSALS and self.refusals and event.data == b""):
                yield event.data
        if not self._over or FILE not in self._seen:
            raise FormUnreadable

    async def _next(self) -> _Event | None:
        while not self._events:
            block = await anext(self._stream, None)
            if block is None:
                return None
            try:
                self._parser.write(block)
            except FormParserError:
                raise FormUnreadable from None
        return self._events.popleft()

    # -- what the parser says ------------------------------------------------------------------

    def _made(self, boundary: bytes) -> MultipartParser:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_value": self._header_value,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_part_end": self._part_ends,
                "on_end": self._ends,
            },
        )

    def _part_begins(self) -> None:
        self._header, self._value, self._name, self._in_file = b"", b"", "", False

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header + b"\n" + data[start:end])[-FIELD_BYTES:]

    def _headers_end(self) -> None:
        """Raises FormUnreadable: a field that is none of ours, twice, or behind a file."""
        for line in self._header.split(b"\n"):
            kind, options = parse_options_header(line)
            if kind == b"form-data":
                self._name = options.get(b"name", b"").decode("utf-8", "replace")
                self._in_file = b"filename" in options
        is_file = self._name in (REFUSALS, FILE)
        if self._name in self._seen or len(self._seen) == FIELDS_MOST or FILE in self._seen:
            raise FormUnreadable
        if is_file != self._in_file or not (is_file or self._known(self._name)):
            raise FormUnreadable
        self._seen.add(self._name)
        if is_file:
            self._events.append(_Event(self._name, None))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._events.append(_Event(self._name, data[start:end]))
        elif len(self._value) + end - start > FIELD_BYTES:
            raise FormUnreadable
        else:
            self._value += data[start:end]

    def _part_ends(self) -> None:
        if self._in_file:
            self._events.append(_Event(self._name, b""))
        elif self._name:
            self.fields[self._name] = self._value.decode("utf-8", "replace")

    def _ends(self) -> None:
        self._over = True
