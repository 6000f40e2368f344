"""RabbitMQ and Redis as Debian ships them, each a server of the test's own.

    with RabbitMQ(folder) as rabbit:
        rabbit.url, rabbit.tls_url     # with a password; `rabbit.ca` signed its certificate
        rabbit.kill(); rabbit.start()  # as a power cut would

On loopback, on free ports, with every file below `folder`; as `nobody` if we are root.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from calllist.embedded import nobody, ports

START_SECONDS = 60.0  # RabbitMQ on two busy cores takes ten
TICK = 0.05
RABBIT = "/usr/lib/rabbitmq/bin/rabbitmq-server"  # without the wrapper that wants to be root
NAME = "localhost"  # for which the certificates are


class Server:
    """One server with its data in `folder`: a stop by force loses what it has not stored."""

    scheme: str

    def __init__(self, ca: Authority) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="clb-"))
        self.port, self.tls_port = ports.any_free(), ports.any_free()
        self.password = secrets.token_hex(16)
        self.ca = ca.file(self.folder)
        ca.issue(self.folder)
        nobody.give(self.folder)
        for path in self.folder.iterdir():
            nobody.give(path)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://calllist:{self.password}@127.0.0.1:{self.port}/{self.place}"

    @property
    def tls_url(self) -> str:
        return f"{self.scheme}s://calllist:{self.password}@{NAME}:{self.tls_port}/{self.place}"

    place = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start and wait until it takes connections."""
        self.begin()
        self.ready()

    def begin(self) -> None:
        """Start, and do not wait."""
        self._process = self._run(*self.command(), environment=self.environment())

    def ready(self) -> None:
        """Wait until it takes connections."""
        assert self._process
        for port in (self.port, self.tls_port):
            self._await(port, self._process)

    def kill(self) -> None:
        """As a power cut."""
        if self._process is None:
            return
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(self._process.pid)
            every = [first, *first.children(recursive=True)]  # RabbitMQ's first is a shell
            for process in every:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(every[1:], START_SECONDS)
        self._process.wait()

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {}

    def _run(self, *command: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with (self.folder / "out.log").open("ab") as log:
            return subprocess.Popen(
                [*nobody.prefix(), "--pdeathsig=KILL", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **environment},
                start_new_session=True,
            )

    def _await(self, port: int, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as knock:
                knock.settimeout(1)
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    return
            with suppress(subprocess.TimeoutExpired):
                process.wait(TICK)
        raise AssertionError((self.folder / "out.log").read_text(errors="replace")[-2000:])


class Redis(Server):
    """Debian's redis-server; Valkey speaks the same."""

    scheme = "redis"
    place = "0"

    def command(self) -> list[str]:
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "tls-port": str(self.tls_port),
            "tls-cert-file": "server.pem",
            "tls-key-file": "server.key",
            "tls-ca-cert-file": "ca.pem",
            "tls-auth-clients": "no",
            "appendonly": "yes",
            "save": "",
        }
        lines = [f"{name} {value or chr(34) * 2}" for name, value in options.items()]
        lines += [f"user calllist on >{self.password} ~* &* +@all", "user default off"]
        (self.folder / "redis.conf").write_text("\n".join(lines))
        nobody.give(self.folder / "redis.conf")
        return ["redis-server", "redis.conf"]


class RabbitMQ(Server):
    """Debian's rabbitmq-server, a cluster of one."""

    scheme = "amqp"

    def __init__(self, ca: Authority) -> None:
        super().__init__(ca)
        self._mapper_port, self._node_port = ports.any_free(), ports.any_free()
        self._mapper: subprocess.Popen[bytes] | None = None

    def __exit__(self, *told: object) -> None:
        if self._mapper is not None:
            self._mapper.kill()
            self._mapper.wait()
        super().__exit__(*told)

    def begin(self) -> None:
        """Its port mapper stays, as on any host."""
        if self._mapper is None:
            self._mapper = self._run("epmd", environment=self.environment())
            self._await(self._mapper_port, self._mapper)
        super().begin()

    def command(self) -> list[str]:
        (self.folder / "plugins").write_text("[].")
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}\n"
            f"ssl_options.cacertfile = {self.folder}/ca.pem\n"
            f"ssl_options.certfile = {self.folder}/server.pem\n"
            f"ssl_options.keyfile = {self.folder}/server.key\n"
            "ssl_options.verify = verify_none\n"
            "default_user = calllist\n"
            f"default_pass = {self.password}\n"
            "log.console = true\nlog.console.level = warning\nlog.file = false\n"
        )
        return [RABBIT]

    def environment(self) -> dict[str, str]:
        folder = self.folder
        return {
            "ERL_EPMD_PORT": str(self._mapper_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"calllist{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._node_port),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_FEATURE_FLAGS_FILE": str(folder / "flags"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"
                " -kernel inet_dist_use_interface {127,0,0,1}"
            ),
        }


class Authority:
    """Signs certificates of servers."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, secrets.token_hex(4))])
        self._own = self._certificate(self._name, self._key.public_key(), ca=True)

    def file(self, folder: Path) -> Path:
        """Its own certificate, to be trusted."""
        (folder / "ca.pem").write_bytes(_pem(self._own))
        return folder / "ca.pem"

    def issue(self, folder: Path) -> None:
        """`server.pem` and `server.key`, for NAME and no address in figures."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
        (folder / "server.pem").write_bytes(_pem(self._certificate(name, key.public_key())))
        (folder / "server.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def _certificate(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool = False
    ) -> x509.Certificate:
        now, day = datetime.now(UTC), timedelta(days=1)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
            .sign(self._key, hashes.SHA256())
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
