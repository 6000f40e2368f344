"""What the platform is told from outside: environment variables, read once, frozen.

Every variable is `CALLLIST_` and the field's name, except `DATABASE_URL` (and
`INTAKE_DATABASE_URL`, of the role that may only insert). There are no default secrets:
without `DATABASE_URL` nothing starts. A key of the keeper is never a setting; where it is on
another host, `CALLLIST_KEEPER_CERTIFICATES` names the folder that says who we are.

What is in no variable is looked for in a folder of files named like the variables, if
`CALLLIST_SECRETS` names one (systemd's `LoadCredential=`, secrets of a container): addresses
with passwords need to be in no environment.
"""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from calllist import mailboxes
from crypto.errors.base import KeyFileRefused
from crypto.wire.base import Caller
from crypto.wire.client import Address
from crypto.wire.tls import Remote, host_and_port

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")  # a name or an address; no URL
PORTS = 65536  # of TCP
SECRETS = "CALLLIST_SECRETS"
SWEEP_AT_MOST = timedelta(seconds=30)  # what is due for longer counts as overdue (I83)
ADDRESS_CHARACTERS = 200  # of a URL that a QR code still shows at 25 mm
TOKEN_CHARACTERS = 32  # 128 bits in hexadecimal
BROKERS = frozenset({"amqp", "amqps", "redis", "rediss"})
SOCKET_PATH_BYTES = 107  # sockaddr_un.sun_path of Linux without its final zero, unix(7)


def _seconds(given: object) -> object:
    """The environment has only text: read a bare number as seconds."""
    try:
        return timedelta(seconds=float(given)) if isinstance(given, str) else given
    except ValueError:
        return given  # pydantic says what is wrong, without the value


Seconds = Annotated[timedelta, BeforeValidator(_seconds)]
DaysKept = Annotated[int, Field(ge=1, le=36_500)]


class SettingsError(Exception):
    """A setting is missing or wrong. The text names variables and never a value.

    `missing`: the variables that are not set, if that is all.
    """

    def __init__(self, text: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.missing = missing


class Settings(BaseSettings):
    """Everything configurable, typed in units. Times are seconds in the environment."""

    model_config = SettingsConfigDict(
        env_prefix="CALLLIST_",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    database_url: SecretStr = Field(validation_alias="DATABASE_URL")
    intake_database_url: SecretStr | None = Field(None, validation_alias="INTAKE_DATABASE_URL")
    home: Path = Path(".calllist")  # broker folder, logs; the embedded platform lives there
    keeper_run: Path | None = None  # folder of the keeper's sockets; default: home/run
    keeper: str | None = None  # tls://host:port of a keeper on another host; None: keeper_run
    keeper_certificates: Path | None = None  # our folder of `calllist certificates`, with keeper
    broker_url: SecretStr | None = None  # RabbitMQ or Redis; default: a folder in home, no server
    broker_ca: Path | None = None  # who signed the broker's certificate; None: the system's list
    metrics_token: SecretStr | None = None  # opens /metrics; None: there is no such page
    clock_offset: Seconds = timedelta(0)  # demonstration only
    synthetic_numbers: bool = False  # lets numbers pass that cannot be dialled: tests, demo
    stores: dict[str, Path] = {}  # further places that are searched after a destruction, by name
    wal_days: DaysKept | None = None  # how long archived WAL is kept; None: not known
    backup_days: DaysKept | None = None  # the same of backups of the database
    max_rows: int = 2_000_000  # of one uploaded file
    tsa_url: str | None = None  # RFC 3161: who timestamps the PDFs of certificates; None: nobody
    tsa_roots: Path | None = None  # PEM: the roots that may vouch for it, with tsa_url
    check_page: str | None = None  # URL in the QR code of those PDFs; None: they have none
    mail_host: str | None = None  # SMTP server that notices are handed to; None: no mail
    mail_port: int = 587
    mail_tls: Literal["starttls", "tls", "none"] = "starttls"  # none: on this host only
    mail_ca: Path | None = None  # PEM: who vouches for the server; None: the system's list
    mail_user: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_from: str = ""  # with mail_host
    mail_auditor: str = ""  # mailbox of the privacy officer
    mail_centre: str = ""  # mailbox of the managers
    origin: str = "http://localhost:8000"  # what browsers see; no trailing slash
    lease_grace: Seconds = timedelta(minutes=5)  # a lease outlives the keeper's hold by this
    idle_lock: Seconds = timedelta(minutes=5)  # an operator's screen, without key or pointer
    sweep: Seconds = timedelta(seconds=30)  # how often what is due is looked for (I83)
    upload_silence: Seconds = timedelta(minutes=2)  # an upload unheard of for so long is dead
    database_pool: int = 16  # connections of one web process
    keeper_pool: int = 8  # connections of one web process

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        url = self.database_url.get_secret_value()
        if not url.startswith(("postgresql://", "postgresql+asyncpg://")):
            raise ValueError("DATABASE_URL must begin with postgresql://")
        if len(bytes(self.socket(Caller.WORKER).absolute())) > SOCKET_PATH_BYTES:
            raise ValueError("CALLLIST_KEEPER_RUN: the path is too long for a UNIX socket")
        if bool(self.keeper) != bool(self.keeper_certificates):
            raise ValueError("CALLLIST_KEEPER and CALLLIST_KEEPER_CERTIFICATES go together")
        if self.keeper and self.keeper_run:
            raise ValueError("CALLLIST_KEEPER and CALLLIST_KEEPER_RUN exclude each other")
        if not timedelta(0) < self.sweep <= SWEEP_AT_MOST:
            raise ValueError("CALLLIST_SWEEP: more than 0 and at most 30 seconds")
        _check_broker(self.broker_url)
        if self.mail_host:
            _check_host("CALLLIST_MAIL_HOST", self.mail_host, self.mail_port)
            _check_mailbox("CALLLIST_MAIL_FROM", self.mail_from)
            if self.mail_tls == "none" and self.mail_host not in LOOPBACK:
                raise ValueError("CALLLIST_MAIL_TLS: none is for a server on this host")
        for name in ("auditor", "centre"):
            if address := getattr(self, f"mail_{name}"):
                _check_mailbox(f"CALLLIST_MAIL_{name.upper()}", address)
        if bool(self.tsa_url) != bool(self.tsa_roots):
            raise ValueError("CALLLIST_TSA_URL and CALLLIST_TSA_ROOTS go together")
        _check_address("CALLLIST_TSA_URL", self.tsa_url, ("http", "https"))
        _check_address("CALLLIST_CHECK_PAGE", self.check_page, ("https",))
        if (
            self.metrics_token is not None
            and len(self.metrics_token.get_secret_value()) < TOKEN_CHARACTERS
        ):
            raise ValueError(f"CALLLIST_METRICS_TOKEN: at least {TOKEN_CHARACTERS} characters")
        try:
            host_and_port(self.keeper or "tls://none:1")
        except ValueError as error:
            raise ValueError(f"CALLLIST_KEEPER: {error}") from None
        return self

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which browsers find us: one; on the loopback, each of its names."""
        host = urlsplit(self.origin).hostname or ""
        return LOOPBACK if host in LOOPBACK else frozenset({host})

    @property
    def origins(self) -> frozenset[str]:
        """`origin`, as each of `hosts` would have it."""
        parts = urlsplit(self.origin)
        names = {f"[{name}]" if ":" in name else name for name in self.hosts}
        ending = f":{parts.port}" if parts.port else ""
        return frozenset({self.origin, *(f"{parts.scheme}://{name}{ending}" for name in names)})

    @property
    def database(self) -> str:
        """The database's address for SQLAlchemy's asyncpg driver. Secret."""
        url = self.database_url.get_secret_value()
        return url.replace("postgresql://", "postgresql+asyncpg://", 1)

    @property
    def intake_database(self) -> str:
        """The database's address for the intake process. Secret."""
        url = self.intake_database_url or self.database_url
        return url.get_secret_value()

    def socket(self, caller: Caller) -> Path:
        """Where the keeper listens for this class of caller."""
        return (self.keeper_run or self.home / "run") / caller.value / "keeper.sock"

    def keeper_at(self, caller: Caller) -> Address:
        """Where this class of caller finds the keeper. Raises SettingsError."""
        if self.keeper is None or self.keeper_certificates is None:
            return self.socket(caller)
        try:
            return Remote.of(self.keeper, self.keeper_certificates.absolute(), caller)
        except KeyFileRefused as refused:
            raise SettingsError(f"CALLLIST_KEEPER_CERTIFICATES: {refused}") from None

    @property
    def broker(self) -> str | None:
        """The broker's address; None: the folder. Secret."""
        return None if self.broker_url is None else self.broker_url.get_secret_value()

    @property
    def broker_folder(self) -> Path:
        """Where the default broker keeps its messages (ids only)."""
        return self.home / "broker"


def load() -> Settings:
    """Read the environment. Raises SettingsError naming every variable at fault."""
    secrets = os.environ.get(SECRETS)
    if secrets and not Path(secrets).is_dir():
        raise SettingsError(f"{SECRETS}: there is no such folder")
    try:
        return Settings(_secrets_dir=secrets)  # type: ignore[call-arg]
    except ValidationError as error:
        faults, missing = _faults(error), _missing(error)
        everything = len(missing) == len(faults)
        raise SettingsError("; ".join(faults), missing if everything else ()) from None


def _check_address(name: str, given: str | None, schemes: tuple[str, ...]) -> None:
    """A URL of one of the schemes, short enough for a QR code, with nothing behind a "#"."""
    parts = urlsplit(given or f"{schemes[0]}://none")
    if parts.scheme not in schemes or not parts.hostname or "#" in (given or ""):
        raise ValueError(f"{name} must begin with {schemes[0]}:// and have no #")
    if len(given or "") > ADDRESS_CHARACTERS:
        raise ValueError(f"{name}: at most {ADDRESS_CHARACTERS} characters")


def _check_host(name: str, given: str, port: int) -> None:
    if not HOST.fullmatch(given) or not 0 < port < PORTS:
        raise ValueError(f"{name}: a host's name without scheme or path; its _PORT: a number")


def _check_mailbox(name: str, given: str) -> None:
    if not mailboxes.plausible(given):
        raise ValueError(f"{name}: one mail address")


def _check_broker(given: SecretStr | None) -> None:
    """One address, and nothing in it that could switch off what it is checked by."""
    if given is None:
        return
    try:
        parts = urlsplit(given.get_secret_value())
        plain = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        raise ValueError("CALLLIST_BROKER_URL is no address") from None
    if parts.scheme not in BROKERS or not plain:
        raise ValueError(
            "CALLLIST_BROKER_URL must begin with amqps://, rediss://, amqp:// or redis://"
        )
    if parts.query or parts.fragment or ";" in given.get_secret_value():
        raise ValueError("CALLLIST_BROKER_URL: one address, without options")


def _missing(error: ValidationError) -> tuple[str, ...]:
    faults = error.errors(include_input=False, include_url=False)
    return tuple(str(fault["loc"][0]) for fault in faults if fault["type"] == "missing")


def _faults(error: ValidationError) -> list[str]:
    faults = []
    for fault in error.errors(include_input=False, include_url=False):
        name = "_".join(str(part) for part in fault["loc"])
        variable = name if name.isupper() or not name else f"CALLLIST_{name.upper()}"
        if fault["type"] == "missing":
            faults.append(f"{variable} is missing")
        else:
            faults.append(f"{variable}: {fault['msg']}" if variable else str(fault["msg"]))
    return faults
