"""Seed files as makers of hardware tokens deliver them: PSKC (RFC 6030), or a simple CSV.

Read on the keeper's own host by its administrator, never by the keeper and never by the
platform. PSKC: keys in plain values only; a file whose keys are encrypted is opened with the
maker's own tool first. CSV: a header row with `serial` and `seed` (hexadecimal) or
`seed_base32`, and where they differ from an ordinary TOTP token `kind` (totp, hotp), `digest`
(sha1, sha256, sha512), `digits` (6, 8), `seconds` (30, 60), `counter`.

What is wrong is named by place and column, never by value: a seed is a secret.
"""

import base64
import binascii
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element  # only the type: defusedxml does the reading

import msgspec
from defusedxml import DefusedXmlException, ElementTree

from crypto.standards.oath import COUNTERS, SEED_BYTES_LEAST, SEED_BYTES_MOST, Generator

PSKC = "{urn:ietf:params:xml:ns:keyprov:pskc}"
WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")  # as every id that the keeper takes
TOKENS = 10_000  # of one file
KNOWN = frozenset(
    {"serial", "seed", "seed_base32", "kind", "digest", "digits", "seconds", "counter"}
)


class TokenFileRefused(Exception):
    """`place` is a line, or a KeyPackage counted from 1; `what` the column or element at fault."""

    def __init__(self, place: int, what: str) -> None:
        super().__init__(f"{place}: {what}")
        self.place = place
        self.what = what


@dataclass(frozen=True)
class Token:
    """One hardware token."""

    serial: str
    seed: bytes = field(repr=False)
    generator: Generator
    counter: int = 0  # HOTP: of the next code


def read(data: bytes) -> dict[str, Token]:
    """Every token in a file, by serial number. Raises TokenFileRefused."""
    tokens = _pskc(data) if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else _csv(data)
    found: dict[str, Token] = {}
    for place, token in tokens:
        if token.serial in found or len(found) >= TOKENS:
            raise TokenFileRefused(place, "serial")
        found[token.serial] = token
    return found


# -- CSV -----------------------------------------------------------------------------------


def _csv(data: bytes) -> Iterator[tuple[int, Token]]:
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        names = [name.strip().casefold() for name in rows.fieldnames or ()]
    except (UnicodeDecodeError, csv.Error):
        raise TokenFileRefused(1, "CSV") from None
    if "serial" not in names or len({"seed", "seed_base32"} & set(names)) != 1:
        raise TokenFileRefused(1, "serial,seed")
    if unknown := [name for name in names if name not in KNOWN]:
        raise TokenFileRefused(1, f"#{names.index(unknown[0]) + 1}")
    rows.fieldnames = names
    try:
        for row in rows:
            if None in row:  # more cells than columns
                raise TokenFileRefused(rows.line_num, "CSV")
            given = {name: (value or "").strip() for name, value in row.items()}
            yield rows.line_num, _token(rows.line_num, given)
    except csv.Error:
        raise TokenFileRefused(rows.reader.line_num, "CSV") from None


# -- PSKC ----------------------------------------------------------------------------------


def _pskc(data: bytes) -> Iterator[tuple[int, Token]]:
    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        raise TokenFileRefused(1, "XML") from None
    if root.tag != f"{PSKC}KeyContainer":
        raise TokenFileRefused(1, "KeyContainer")
    for place, package in enumerate(root.iter(f"{PSKC}KeyPackage"), start=1):
        yield place, _token(place, _package(place, package))


def _package(place: int, package: Element) -> dict[str, str]:
    """As a row of CSV, with a seed in base64."""
    key = package.find(f"{PSKC}Key")
    if key is None:
        raise TokenFileRefused(place, "Key")
    if key.find(f".//{PSKC}EncryptedValue") is not None:
        raise TokenFileRefused(place, "EncryptedValue")
    shape = key.find(f"{PSKC}AlgorithmParameters/{PSKC}ResponseFormat")
    if shape is not None and shape.get("Encoding") != "DECIMAL":
        raise TokenFileRefused(place, "ResponseFormat")
    suite = _text(key, "AlgorithmParameters", "Suite").upper().replace("-", "")
    return {
        "serial": _text(package, "DeviceInfo", "SerialNo") or key.get("Id", ""),
        "seed_base64": _text(key, "Data", "Secret", "PlainValue"),
        "kind": re.split(r"[:#]", key.get("Algorithm", ""))[-1].lower(),
        "digest": suite.removeprefix("HMAC").lower(),
        "digits": shape.get("Length", "") if shape is not None else "",
        "seconds": _text(key, "Data", "TimeInterval", "PlainValue"),
        "counter": _text(key, "Data", "Counter", "PlainValue"),
    }


def _text(element: Element, *path: str) -> str:
    found = element.findtext("/".join(PSKC + name for name in path))
    return (found or "").strip()


# -- both ----------------------------------------------------------------------------------


def _token(place: int, given: Mapping[str, str]) -> Token:
    if not WORD.fullmatch(given["serial"]):
        raise TokenFileRefused(place, "serial")
    counter = given.get("counter") or "0"
    if not counter.isdecimal() or int(counter) >= COUNTERS:
        raise TokenFileRefused(place, "counter")
    return Token(given["serial"], _seed(place, given), _generator(place, given), int(counter))


def _seed(place: int, given: Mapping[str, str]) -> bytes:
    try:
        if "seed_base64" in given:
            seed = base64.b64decode("".join(given["seed_base64"].split()), validate=True)
        elif "seed_base32" in given:
            text = given["seed_base32"].replace(" ", "").upper().rstrip("=")
            seed = base64.b32decode(text + "=" * (-len(text) % 8))
        else:
            seed = bytes.fromhex(given["seed"])
    except (ValueError, binascii.Error):
        raise TokenFileRefused(place, "seed") from None
    if not SEED_BYTES_LEAST <= len(seed) <= SEED_BYTES_MOST:
        raise TokenFileRefused(place, "seed")
    return seed


def _generator(place: int, given: Mapping[str, str]) -> Generator:
    """What is left out is as ordinary tokens have it."""
    for name, numeric in (("kind", False), ("digest", False), ("digits", True), ("seconds", True)):
        value = given.get(name, "").lower().replace("sha-", "sha")
        if not value:
            continue
        try:
            msgspec.convert({name: int(value) if numeric else value}, Generator)
        except ValueError:
            raise TokenFileRefused(place, name) from None
    parts = {
        "kind": given.get("kind", "").lower() or "totp",
        "digest": given.get("digest", "").lower().replace("sha-", "sha") or "sha1",
        "digits": int(given.get("digits") or 6),
        "seconds": int(given.get("seconds") or 30),
    }
    return msgspec.convert(parts, Generator)
