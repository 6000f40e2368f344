"""A real SMTP server, with STARTTLS and AUTH, and the mailboxes that it knows."""

import socket
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from calllist.oversight import mail
from calllist.people.roles import Role

ORIGIN = "https://calllist.test"
OFFICE, AUDITOR, MANAGERS = "office@city.example", "privacy@centre.example", "desk@centre.example"
CENTRE = {Role.AUDITOR: AUDITOR, Role.MANAGER: MANAGERS}


@dataclass
class Post:
    """What an SMTP server with STARTTLS and AUTH received."""

    certificate: Path
    got: list[tuple[str, EmailMessage]] = field(default_factory=list)
    port: int = 0
    running: bool = False
    refuses: str = ""  # an address
    offers_tls: bool = True
    _server: Any = None

    def start(self) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate)
        self._server = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            tls_context=context if self.offers_tls else None,
            require_starttls=self.offers_tls,
            auth_required=self.offers_tls,
            authenticator=self._known,
        )
        self._server.start()
        self.running = True

    def stop(self) -> None:
        self._server.stop()
        self.running = False

    def _known(self, *told: Any) -> AuthResult:
        data = told[-1]
        assert isinstance(data, LoginPassword)
        return AuthResult(
            success=(data.login, data.password) == (b"calllist", b"secret"), handled=False
        )

    async def handle_RCPT(  # noqa: N802
        self, _smtp: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address == self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, _smtp: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=default)
        self.got += [(to, message) for to in envelope.rcpt_tos]
        return "250 taken"


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server(post: Post) -> mail.Server:
    return mail.Server(
        "127.0.0.1",
        post.port,
        "starttls",
        "calllist@centre.example",
        user="calllist",
        secret="secret",
        authority=f"{post.certificate}.crt",
    )
