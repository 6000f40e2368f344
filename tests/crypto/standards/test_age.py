"""age files: ours open with the real tool, the tool's open with ours, and every vector of
C2SP/CCTV ends as it should. (`age` of Debian is what an entrustor would use.)"""

import hashlib
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.standards.age import header, keys, stream
from crypto.standards.age.header import HeaderRefused, NotForThisKey
from crypto.standards.age.keys import AgeIdentity, AgeRecipient
from crypto.standards.age.stream import CHUNK_BYTES, PayloadDamaged

VECTORS = Path(__file__).parents[2] / "vectors" / "age"
FAILURES = {
    "header failure": HeaderRefused,
    "HMAC failure": HeaderRefused,
    "no match": NotForThisKey,
    "payload failure": PayloadDamaged,
}
NONCES = {"stream_no_nonce", "stream_short_nonce"}


def vectors() -> list[Path]:
    return sorted(path for path in VECTORS.iterdir() if path.suffix != ".md")


def read(path: Path) -> tuple[dict[str, str], bytes]:
    said, _, data = path.read_bytes().partition(b"\n\n")
    facts = dict(line.split(": ", 1) for line in said.decode().splitlines())
    return facts, zlib.decompress(data) if facts.get("compressed") == "zlib" else data


def blocks(data: bytes, size: int = 1000) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def opened(data: bytes, identity: AgeIdentity) -> bytes:
    head, payload = header.split(blocks(data))
    key = header.file_key(header.parse(head), identity)
    return b"".join(stream.opened(key, payload))


def sealed(data: bytes, *recipients: AgeRecipient) -> bytes:
    key = header.new_file_key()
    return header.make(key, recipients) + b"".join(stream.seal(key, blocks(data)))


@pytest.mark.parametrize("path", vectors(), ids=lambda path: path.name)
def test_a_vector_of_the_format_ends_as_it_should(path: Path) -> None:
    facts, data = read(path)
    identity = AgeIdentity.read(facts.get("identity", AgeIdentity.generate().written()))
    if facts["expect"] == "success":
        assert hashlib.sha256(opened(data, identity)).hexdigest() == facts["payload"]
        return
    failure = FAILURES[facts["expect"]]
    if path.name in NONCES:  # to the vectors a part of the header, to us of the payload
        failure = PayloadDamaged
    with pytest.raises(failure) as refused:
        opened(data, identity)
    assert not refused.value.args, "a refusal quotes nothing"


def test_there_are_vectors_of_every_kind() -> None:
    kinds = {read(path)[0]["expect"] for path in vectors()}
    assert kinds == {"success", *FAILURES}


@given(st.binary(max_size=300), st.sampled_from([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES]))
def test_what_is_sealed_opens(tail: bytes, zeros: int) -> None:
    identity = AgeIdentity.generate()
    data = bytes(zeros) + tail
    assert opened(sealed(data, AgeIdentity.generate().recipient, identity.recipient), identity) == (
        data
    )


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_the_tool_reads_what_we_make_and_we_read_what_it_makes(size: int, tmp_path: Path) -> None:
    identity, data = AgeIdentity.generate(), bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    keys, ours, theirs = tmp_path / "key", tmp_path / "ours.age", tmp_path / "theirs.age"
    keys.write_text(identity.written() + "\n")
    ours.write_bytes(sealed(data, identity.recipient))
    done = subprocess.run(
        ["age", "--decrypt", "--identity", keys, ours], capture_output=True, check=True
    )
    assert done.stdout == data
    subprocess.run(
        ["age", "--recipient", str(identity.recipient), "--output", theirs],
        input=data,
        check=True,
    )
    assert opened(theirs.read_bytes(), identity) == data


def test_a_key_is_written_as_the_tool_writes_it() -> None:
    made = subprocess.run(["age-keygen"], capture_output=True, check=True, text=True)
    said = dict(line.split(": ") for line in made.stdout.splitlines() if ": " in line)
    identity = AgeIdentity.read(made.stdout.splitlines()[-1])
    assert str(identity.recipient) == said["# public key"]
    assert AgeRecipient.read(said["# public key"]) == identity.recipient


def test_a_key_with_a_typing_error_is_refused() -> None:
    text = str(AgeIdentity.generate().recipient)
    other = "q" if text[-1] != "q" else "p"
    for wrong in (text[:-1] + other, text[:-1], text.replace("age1", "agf1"), text[:9], "age1"):
        with pytest.raises(
            ValueError, match=r"^(not a key|checksum|mixed|padding|not an)"
        ) as refused:
            AgeRecipient.read(wrong)
        assert text[4:] not in str(refused.value)
    with pytest.raises(ValueError, match="shared key"):
        AgeRecipient(bytes(32))  # a point of low order


def test_a_key_is_in_one_case_and_of_one_length() -> None:
    identity = AgeIdentity.generate()
    for read, text in (
        (AgeRecipient.read, str(identity.recipient)),
        (AgeIdentity.read, identity.written()),
    ):
        assert read(text.lower()) == read(text.upper())
        with pytest.raises(ValueError, match="mixed case"):
            read(text[:10].lower() + text[10:].upper())
    for length in (0, 31, 33):
        with pytest.raises(ValueError, match="not an X25519 key"):
            AgeIdentity(bytes(length))
        with pytest.raises(ValueError, match="not an X25519 key"):
            AgeRecipient(bytes(length))


def test_no_bit_is_left_over_where_a_key_ends() -> None:
    """Bech32: what fills up the last character is less than one, and zero."""
    assert keys._regroup([0, 0], 5, 8, pad=False) == [0]
    assert keys._regroup(bytes(5), 8, 5, pad=True) == [0] * 8
    for values in ([0, 1], [0], [0, 0, 0]):
        with pytest.raises(ValueError, match="padding"):
            keys._regroup(values, 5, 8, pad=False)


def test_a_payload_cut_off_anywhere_does_not_open() -> None:
    identity = AgeIdentity.generate()
    data = sealed(bytes(2 * CHUNK_BYTES), identity.recipient)
    head, _ = header.split([data])
    for left in (len(head), len(head) + 16, len(data) - CHUNK_BYTES - 16, len(data) - 1):
        with pytest.raises(PayloadDamaged):
            opened(data[:left], identity)


def test_a_header_has_an_end() -> None:
    endless = header.SIGNATURE + b"-> X25519 " + b"a" * header.HEADER_BYTES
    with pytest.raises(HeaderRefused):
        header.split(blocks(endless))
    with pytest.raises(HeaderRefused):
        header.split([header.SIGNATURE])
    with pytest.raises(HeaderRefused):
        header.parse(endless + b"\n")
