"""XML of a workbook's parts, read as a stream and within bounds.

No document type, hence no entities and nothing from elsewhere; always UTF-8, as every program
writes it. Depth and the size of a single token are bounded, so memory stays flat.
"""

from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from calllist.intake.reading.package import broken

DEPTH = 64  # of elements; a sheet has 7
TOKEN_BYTES = 1 << 20  # of one tag, comment or the like

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]

# Strict and transitional documents name the same elements differently (ECMA-376, ISO 29500).
_SPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main ",
    "http://purl.oclc.org/ooxml/spreadsheetml/main ",
)
_LINKS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships ",
    "http://purl.oclc.org/ooxml/officeDocument/relationships ",
)


def known(names: Iterable[str]) -> dict[str, str]:
    """Full names of a workbook's elements to the short ones."""
    return {space + name: name for name in names for space in _SPACES}


def link(attributes: dict[str, str]) -> str:
    """The relationship that an element names, or empty."""
    return next((attributes[one + "id"] for one in _LINKS if one + "id" in attributes), "")


def parse(blocks: Iterable[bytes], start: Start, end: End, text: Text | None) -> Iterator[None]:
    """Parse a part, calling what is given; pauses after each block, so that what was found can
    be handed on. `start` and `end` get full names; `start` bounds the depth (`Depth`).

    Raises IntakeError WORKBOOK_BROKEN, and what the callbacks raise.
    """
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _doctype
    fed = 0
    try:
        for block in blocks:
            parser.Parse(block, False)
            fed += len(block)
            if fed - max(parser.CurrentByteIndex, 0) > TOKEN_BYTES:
                raise broken("token")
            yield
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise broken("xml") from None
    yield


def _doctype(*_: object) -> None:
    raise broken("doctype")
