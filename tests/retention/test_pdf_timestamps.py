"""A timestamp is another's word (RFC 3161), from a real authority: `openssl ts`."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from crypto.standards.der import inside
from crypto.standards.pades import DATA
from retention.errors import NotAuthentic, NotStamped
from retention.pdf import checking, cms, timestamps
from retention.pdf.hole import taken_apart
from retention.pdf.issuing import Authority
from retention.vocabulary import REASONS
from tests.retention import tokens
from tests.retention.kit import PUBLIC
from tests.retention.paper import genuine, signer, stamped
from tests.retention.timeserver import TimeServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimeServer]:
    with TimeServer.running(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture
def value() -> bytes:
    return cms.values_of(taken_apart(genuine()).content)[0]


@pytest_asyncio.fixture
async def token(server: TimeServer, value: bytes) -> bytes:
    server.broken = ""
    return (await Authority(server.url, (server.root,)).stamp(value))[0]


pytestmark = pytest.mark.asyncio


async def test_a_stamped_pdf_verifies_and_says_when_and_by_whom(
    server: TimeServer, token: bytes
) -> None:
    pdf = stamped(genuine(), token)
    found = checking.check(pdf, PUBLIC, signer().chain, (server.root,))
    assert found.stamp is not None
    assert abs(found.stamp.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert found.stamp.authority == "CN=Clock of tests"
    assert taken_apart(pdf).digest == taken_apart(genuine()).digest
    assert checking.check(pdf, PUBLIC, signer().chain).stamp == found.stamp
    with pytest.raises(NotAuthentic) as refused:
        checking.check(pdf, PUBLIC, signer().chain, ())
    assert refused.value.reason == "stamp_root"


# ruff: noqa: ASYNC221  # nobody else runs on this loop
async def test_openssl_and_poppler_find_it_in_order(
    server: TimeServer, token: bytes, value: bytes, tmp_path: Path
) -> None:
    (tmp_path / "value").write_bytes(value)
    (tmp_path / "token").write_bytes(token)
    root = x509.load_der_x509_certificate(server.root)
    (tmp_path / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    command = ("openssl", "ts", "-verify", "-data", "value", "-in", "token", "-token_in")
    done = subprocess.run(
        [*command, "-CAfile", "root.pem"], cwd=tmp_path, capture_output=True, check=False
    )
    assert b"Verification: OK" in done.stdout, done.stderr
    (tmp_path / "c.pdf").write_bytes(stamped(genuine(), token))
    said = subprocess.run(["pdfsig", tmp_path / "c.pdf"], capture_output=True, check=True).stdout
    assert b"Signature is Valid" in said


async def test_a_changed_bit_in_each_byte_of_a_timestamp_is_refused(
    token: bytes, value: bytes
) -> None:
    assert timestamps.check(token, value, None)
    for at in range(len(token)):
        spoilt = bytearray(token)
        spoilt[at] ^= 1 << at % 8
        with pytest.raises(NotAuthentic) as refused:
            timestamps.check(bytes(spoilt), value, None)
        assert refused.value.reason in REASONS


async def test_a_timestamp_of_something_else_is_refused(token: bytes) -> None:
    with pytest.raises(NotAuthentic) as refused:
        timestamps.check(token, b"another signature", None)
    assert refused.value.reason == "stamp"


@pytest.mark.parametrize("broken", ["down", "garbage"])
async def test_an_authority_that_fails_stamps_nothing(
    server: TimeServer, value: bytes, broken: str
) -> None:
    server.broken = broken
    with pytest.raises(NotStamped):
        await Authority(server.url, (server.root,)).stamp(value)
    with pytest.raises(NotStamped):
        await Authority("http://127.0.0.1:9/", (server.root,)).stamp(value)


async def test_an_authority_that_nobody_vouches_for_stamps_nothing(
    server: TimeServer, value: bytes, tmp_path: Path
) -> None:
    server.broken = ""
    other = TimeServer(tmp_path / "other")
    for roots in ((), (other.root,), (signer().chain[0],)):
        with pytest.raises(NotStamped):
            await Authority(server.url, roots).stamp(value)


STRANGER = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    "wrong",
    [
        {"use": ExtendedKeyUsageOID.SERVER_AUTH},
        {"critical": False},
        {"ca": False},
        {"at": tokens.AT + 2 * tokens.DAY},
        {"at": tokens.AT - 2 * tokens.DAY},
        {"said": DATA},
        {"beside": (tokens.root_of(STRANGER),)},
        {"spoil_root": True},
    ],
    ids="".join,
)
async def test_a_token_that_is_wrong_in_one_thing_is_refused(wrong: Any) -> None:
    assert timestamps.check(tokens.token(b"value"), b"value", None).at == tokens.AT
    with pytest.raises(NotAuthentic) as refused:
        timestamps.check(tokens.token(b"value", **wrong), b"value", None)
    assert refused.value.reason == "stamp"


async def test_a_certificate_with_a_negative_serial_number_is_refused(
    token: bytes, value: bytes
) -> None:
    """The library would load it, and warn."""
    for one in cms.chain_of(token):
        _, serial = inside(cms.issuer_and_serial(one))
        start = one.index(serial.spelled) + 2
        spoilt = one[:start] + bytes([one[start] | 0x80]) + one[start + 1 :]
        with pytest.raises(NotAuthentic):
            timestamps.check(token.replace(one, spoilt), value, None)
