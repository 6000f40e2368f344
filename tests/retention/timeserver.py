"""A real timestamping authority for tests: `openssl ts -reply` behind a small HTTP server.

    with TimeServer.running(tmp_path) as server:
        Authority(server.url, (server.root,))

`server.broken` may say what goes wrong: "down" (503), "garbage", "other" (signs another's).
"""

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/{certs}
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
[stamper]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
"""


@dataclass
class TimeServer:
    """One authority with a root of its own."""

    folder: Path
    url: str = ""
    broken: str = ""
    asked: int = 0
    root: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._config("root.pem")
        (self.folder / "serial").write_text("01\n")
        config = ("-config", "tsa.cnf")
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        root = ("-x509", *new, "-days", "30", "-subj", "/CN=Root of time", "-extensions", "root")
        self._openssl("req", *root, *config, "-keyout", "root.key", "-out", "root.pem")
        self._openssl(
            *("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Clock of tests", *config),
            *("-keyout", "tsa.key", "-out", "tsa.csr"),
        )
        self._openssl(
            *("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key"),
            *("-days", "30", "-extfile", "tsa.cnf", "-extensions", "stamper", "-out", "tsa.pem"),
        )
        certificate = x509.load_pem_x509_certificate((self.folder / "root.pem").read_bytes())
        self.root = certificate.public_bytes(serialization.Encoding.DER)

    @classmethod
    @contextlib.contextmanager
    def running(cls, folder: Path) -> Iterator["TimeServer"]:
        authority = cls(folder)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(authority))
        authority.url = f"http://127.0.0.1:{server.server_port}/tsa"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield authority
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def reply(self, query: bytes) -> bytes:
        """What `openssl ts` answers."""
        (self.folder / "query").write_bytes(query)
        self._openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def _config(self, certs: str) -> None:
        (self.folder / "tsa.cnf").write_text(CONFIG.format(folder=self.folder, certs=certs))

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


def _handler(authority: TimeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            authority.asked += 1
            status, answer = 200, b"\0"
            match authority.broken:
                case "down":
                    status = 503
                case "garbage":
                    pass
                case "other":
                    answer = authority.reply(bytes(query[:-60]) + query[-60:])
                case _:
                    answer = authority.reply(query)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
