"""The original inside a PDF. Read only after its signature was checked: then the bytes are the
keeper's, and no reader of ours has to be proof against somebody else's."""

import io

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from retention.errors import NotAuthentic

ATTACHED = "certificate.json"
ORIGINAL_LIMIT = 1024 * 1024  # bytes, as of an envelope


def original(pdf: bytes) -> bytes:
    """The attached envelope: one file, under its name, associated as the source.

    Raises NotAuthentic: `pdf_attachment`.
    """
    try:
        root = PdfFileReader(io.BytesIO(pdf)).root
        names, associated = root["/Names"]["/EmbeddedFiles"]["/Names"], root["/AF"]
        one = len(names) == 2 and len(associated) == 1  # a name and a file
        if not one or names[0] != ATTACHED or names.raw_get(1) != associated.raw_get(0):
            raise NotAuthentic("pdf_attachment")
        held = names[1]
        if held["/AFRelationship"] != "/Source":
            raise NotAuthentic("pdf_attachment")
        content = bytes(held["/EF"]["/F"].data)
    except (PdfError, KeyError, ValueError, TypeError, IndexError, AttributeError):
        raise NotAuthentic("pdf_attachment") from None
    if len(content) > ORIGINAL_LIMIT:
        raise NotAuthentic("pdf_attachment")
    return content
