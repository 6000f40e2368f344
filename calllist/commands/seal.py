"""`calllist seal`: the entrustor encrypts a file to one job, on its own machine, before it leaves.

Whom to encrypt to is stated by the keeper and signed; it is checked here, offline, against the
key that was pinned at onboarding. Whoever carries the statement or the file, the call centre's
manager and our platform included, can read neither into it nor out of it. The result is an age
file (age-encryption.org/v1): `age -r age1...` would make one as good, unchecked.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from calllist.clock import JST
from calllist.commands.certificate_key import pinned
from calllist.commands.console import NO, CommandFailed, console, read
from crypto.certificates.dsse import ENVELOPE_BYTES, NotGenuine
from crypto.certificates.recipients import UploadRecipient, checked
from crypto.signed.statements import CLOCK_TOLERANCE, fingerprint
from crypto.standards.age import header, stream

BLOCK_BYTES = 256 * 1024


def seal(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="名簿 / the list, or the refusals")],
    job: Annotated[str, typer.Option(help="job_...")],
    recipient: Annotated[
        Path, typer.Option(help="業務の宛先証明(受託者から) / the job's recipient statement")
    ],
    pin: Annotated[
        Path,
        typer.Option(help="別の経路で受け取った公開鍵 certificate.pub / public key, pinned"),
    ],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="FILE.age")] = None,
) -> None:
    """名簿を業務の宛先に暗号化する / Encrypt a file to one job (age format)."""
    speak = console(context)
    key = pinned(pin)
    said = _stated(recipient, key, job)
    if said.issued > datetime.now(UTC) + CLOCK_TOLERANCE:  # noqa: TID251 - the entrustor's machine
        speak.say("recipient_from_the_future", issued=_moment(said.issued))
    target = output or file.with_name(file.name + ".age")
    _write(target, _sealed(file, said))
    speak.say(
        "sealed_file",
        file=target,
        job=said.job,
        contract=said.contract,
        entrustor=said.entrustor,
        issued=_moment(said.issued),
        recipient=said.recipient,
        fingerprint=fingerprint(key),
    )


def _stated(path: Path, key: bytes, job: str) -> UploadRecipient:
    """Whom to encrypt to. Fails with a sentence."""
    try:
        said = checked(read(path, limit=ENVELOPE_BYTES), key)
    except NotGenuine:
        raise CommandFailed("recipient_not_genuine", NO, file=path) from None
    if said.job != job:
        raise CommandFailed("recipient_of_another_job", NO, file=path, job=said.job)
    return said


def _moment(at: datetime) -> str:
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M}"


def _sealed(file: Path, said: UploadRecipient) -> Iterator[bytes]:
    """Header and payload, block by block: the file is never in memory as a whole."""
    file_key = header.new_file_key()
    blocks = _blocks(file)
    first = next(blocks, b"")
    if header.sealed_file(first):
        raise CommandFailed("sealed_already", file=file)
    yield header.make(file_key, [said.key])
    yield from stream.seal(file_key, _from(first, blocks))


def _blocks(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as source:
            while block := source.read(BLOCK_BYTES):
                yield block
    except OSError as error:
        raise CommandFailed("cannot_read", file=file, why=error.strerror) from None


def _from(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _write(target: Path, blocks: Iterator[bytes]) -> None:
    """All of it or no file; an existing one is never overwritten."""
    try:
        with target.open("xb") as out:
            try:
                target.chmod(0o600)
                out.writelines(blocks)
            except BaseException:
                target.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise CommandFailed("exists_already", file=target) from None
    except OSError as error:
        raise CommandFailed("cannot_write", file=target, why=error.strerror) from None
