"""The header of an age file is read strictly: what is cut, too long or of another shape is refused
before any key is tried (age.md, "Header"; the vectors of `test_age.py` say the rest)."""

from collections.abc import Iterator

import pytest

from crypto.standards.age import header
from crypto.standards.age.header import HEADER_BYTES, SIGNATURE, HeaderRefused, NotForThisKey
from crypto.standards.age.keys import AgeIdentity

MAC = b"A" * 43  # 32 bytes, in base64 without padding
END = b"--- " + MAC + b"\n"
STANZA = b"-> x\n\n"  # of a kind that we do not know: to be passed over


def of_size(size: int) -> bytes:
    """A proper header with one long argument."""
    room = size - len(SIGNATURE + STANZA + END) - 1
    return SIGNATURE + b"-> x " + b"a" * room + b"\n\n" + END


def test_a_header_of_the_greatest_length_is_read_and_one_byte_more_is_refused() -> None:
    most = of_size(HEADER_BYTES)
    assert header.split([most])[0] == most
    assert len(header.parse(most).stanzas) == 1
    more = of_size(HEADER_BYTES + 1)
    for read in (lambda: header.split([more]), lambda: header.parse(more)):
        with pytest.raises(HeaderRefused):
            read()


def test_no_more_of_a_file_is_read_than_a_header_may_have() -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while read < 2 * HEADER_BYTES:
            read += 1024
            yield SIGNATURE.ljust(1024, b"a")

    with pytest.raises(HeaderRefused):
        header.split(endless())
    assert read == HEADER_BYTES


@pytest.mark.parametrize(
    "wrong",
    [
        SIGNATURE.replace(b"v1", b"v2") + STANZA + END,
        SIGNATURE[1:] + STANZA + END,
        SIGNATURE + STANZA + END.removesuffix(b"\n") + b"A",
        SIGNATURE + STANZA + END.replace(b"--- ", b"-=- "),
        SIGNATURE + STANZA + b"--- " + MAC[1:] + b"\n",
        SIGNATURE + STANZA + b"--- " + b"A" * 44 + b"\n",
        SIGNATURE + END,
        SIGNATURE + b"-> scrypt a 1\n\n" + STANZA + END,
    ],
    ids=[
        "another version",
        "no beginning",
        "no line end",
        "no end mark",
        "a short MAC",
        "a long MAC",
        "no recipient",
        "a password beside a recipient",
    ],
)
def test_what_has_another_shape_is_no_header(wrong: bytes) -> None:
    assert len(header.parse(SIGNATURE + STANZA + END).stanzas) == 1
    with pytest.raises(HeaderRefused):
        header.parse(wrong)


def test_a_file_under_a_password_is_a_proper_file_and_not_for_our_key() -> None:
    parsed = header.parse(SIGNATURE + b"-> scrypt a 1\n\n" + END)
    with pytest.raises(NotForThisKey):
        header.file_key(parsed, AgeIdentity.generate())
