"""`calllist keys new`: a person's own keys, made on the person's own machine."""

from pathlib import Path
from typing import Annotated

import typer

from calllist.commands.console import CommandFailed, console
from crypto.errors.base import KeyFileRefused
from crypto.signed import keyfile

app = typer.Typer(help="自分の鍵 / Your own keys")


@app.callback()
def _group() -> None:
    """自分の鍵 / Your own keys"""


@app.command("new")
def new(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="NAME.key", metavar="PATH")],
) -> None:
    """署名と受取りの鍵を作る / Make keys to sign with and to receive with."""
    speak = console(context)
    if path.with_suffix(".pub").exists():
        raise CommandFailed("exists_already", file=path.with_suffix(".pub"))
    try:
        pair = keyfile.generate(path)
    except FileExistsError:
        raise CommandFailed("exists_already", file=path) from None
    except OSError as error:
        raise CommandFailed("cannot_write", file=path, why=error.strerror) from None
    speak.say(
        "keys_made",
        secret=path,
        public=path.with_suffix(".pub"),
        fingerprint=pair.public.fingerprint,
    )


def secret(path: Path) -> keyfile.KeyPair:
    """The keys in a secret key file. Fails with a sentence."""
    try:
        return keyfile.load(path)
    except KeyFileRefused:
        pass
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise CommandFailed("cannot_read", file=path, why=error.strerror) from None
    code = "key_open_to_others" if mode & 0o077 else "not_a_key_file"
    raise CommandFailed(code, file=path)


def public(path: Path) -> keyfile.PublicKeys:
    """The keys in a public key file. Fails with a sentence."""
    try:
        return keyfile.load_public(path)
    except KeyFileRefused:
        code = "not_a_public_key_file" if path.exists() else "cannot_read"
        raise CommandFailed(code, file=path, why="-") from None
