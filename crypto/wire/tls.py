"""TLS 1.3 between hosts: both sides show a certificate of one private authority.

The caller class is what the certificate says, `URI:calllist:web` as its one subject
alternative name of that scheme, never what a message says. The administrator's class does not
travel: whoever administrates the keeper is on its host (crypto D40).

One folder a host, made by `calllist certificates`:

    ca.crt  keeper.crt  keeper.key  [revoked]       the keeper's host
    ca.crt  web.crt  web.key  intake.crt ...        a caller's host

Not promised: OpenSSL before 3.5 has no hybrid key exchange. Who records the wire today and
has a quantum computer one day reads the masked views of that day; chunk keys and results are
sealed to the list and to the entrustor by the hybrid suite besides.
"""

import hashlib
import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from crypto.errors.base import KeyFileRefused
from crypto.host.secretfile import read_secret
from crypto.wire.base import Caller

SCHEME = "calllist"  # of the name that carries the caller class
KEEPER = "keeper"  # name of the keeper's own certificate
REMOTE_CALLERS = frozenset({Caller.WEB, Caller.INTAKE, Caller.WORKER})


class Files(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one side's certificate lies, and the authority it trusts. Paths."""

    ca: str
    certificate: str
    key: str

    @classmethod
    def of(cls, folder: Path, name: str) -> "Files":
        """The files of one name. Raises KeyFileRefused if one is missing or the key is open."""
        files = cls(*(str(folder / part) for part in ("ca.crt", f"{name}.crt", f"{name}.key")))
        read_secret(Path(files.key))
        for path in (files.ca, files.certificate):
            if not os.access(path, os.R_OK):
                raise KeyFileRefused(f"{path} is missing or unreadable")
        return files


class Remote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A keeper on another host, and what we show it."""

    host: str
    port: int
    files: Files

    @classmethod
    def of(cls, url: str, folder: Path, caller: Caller) -> "Remote":
        """`tls://host:port` and the folder with this caller's certificate.

        Raises ValueError on another address; KeyFileRefused.
        """
        return cls(*host_and_port(url), Files.of(folder, caller))


def host_and_port(url: str) -> tuple[str, int]:
    """Of `tls://host:port`, and nothing else. Raises ValueError, which quotes nothing."""
    parts = urlsplit(url)
    bare = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme != "tls" or not parts.hostname or not parts.port or not bare:
        raise ValueError("an address on another host is tls://host:port")
    return parts.hostname, parts.port


def server_context(files: Files) -> ssl.SSLContext:
    """TLS 1.3, a caller's certificate or nothing, no resumption: each connection proves anew.

    Raises KeyFileRefused.
    """
    context = _context(ssl.PROTOCOL_TLS_SERVER, files)
    context.num_tickets = 0
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(files: Files) -> ssl.SSLContext:
    """TLS 1.3 to the host that was named, under our authority and no other.

    Raises KeyFileRefused.
    """
    context = _context(ssl.PROTOCOL_TLS_CLIENT, files)
    context.hostname_checks_common_name = False
    return context


def _context(side: int, files: Files) -> ssl.SSLContext:
    read_secret(Path(files.key))
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        context.load_verify_locations(files.ca)
        context.load_cert_chain(files.certificate, files.key)
    except OSError as error:
        said = getattr(error, "reason", None) or error.strerror
        raise KeyFileRefused(f"{files.certificate}: {said}") from None
    return context


def caller_of(certificate: Mapping[str, Any]) -> Caller | None:
    """The one class that a verified certificate names; None if that is none, or not just one.

    certificate: as `ssl.SSLSocket.getpeercert` gives it.
    """
    names = certificate.get("subjectAltName", ())
    said = [value for kind, value in names if kind == "URI" and value.split(":", 1)[0] == SCHEME]
    if len(said) != 1:
        return None
    return {f"{SCHEME}:{caller}": caller for caller in REMOTE_CALLERS}.get(said[0])


def expires_at(certificate: Mapping[str, Any]) -> float:
    """The last second of a verified certificate, since 1970; 0 if it says none.

    certificate: as `ssl.SSLSocket.getpeercert` gives it.
    """
    said = certificate.get("notAfter")
    return float(ssl.cert_time_to_seconds(said)) if said else 0.0


class Revoked:
    """Certificates that are dropped before they expire: one SHA-256 fingerprint a line (hex).

    Read again whenever the file changes, before the next request. A file that cannot be read
    any more revokes everything; one that never was there, nothing.
    """

    def __init__(self, path: Path) -> None:
        """Raises KeyFileRefused if a line is no fingerprint."""
        self._path = path
        self._expected = path.exists()
        self._version: tuple[int, int, int] | None = None
        self._prints: frozenset[str] = frozenset()
        if self._expected and self._read() is None:
            raise KeyFileRefused(f"{path}: one SHA-256 fingerprint (64 hex digits) a line")

    def holds(self, certificate: bytes) -> bool:
        """Whether this certificate (DER) is no longer let in."""
        prints = self._read()
        return self._expected if prints is None else fingerprint(certificate) in prints

    def _read(self) -> frozenset[str] | None:
        try:
            found = self._path.stat()
            self._expected = True
            version = (found.st_ino, found.st_mtime_ns, found.st_size)
            if version != self._version:
                self._prints = _fingerprints(self._path.read_text())
                self._version = version
        except (OSError, ValueError):
            return None
        return self._prints


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of the DER certificate, hex: `openssl x509 -fingerprint -sha256` without colons."""
    return hashlib.sha256(certificate).hexdigest()


def _fingerprints(text: str) -> frozenset[str]:
    lines = (line.split("#")[0].replace(":", "").strip().lower() for line in text.splitlines())
    prints = frozenset(filter(None, lines))
    if any(len(bytes.fromhex(one)) != hashlib.sha256().digest_size for one in prints):
        raise ValueError("not a fingerprint")
    return prints
