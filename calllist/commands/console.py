"""How commands speak: one language per run, answers on stdout, everything else on stderr."""

import re
from collections.abc import Mapping
from pathlib import Path

import typer

from calllist.commands.words import MESSAGES

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NO = 1  # checked, and the answer is no
WRONG = 2  # wrong file, key, option or setting
AWAY = 3  # the platform cannot be reached
ENDED = 130  # by Ctrl-C: 128 and SIGINT's number, as shells say it


class CommandFailed(Exception):
    """A command ends here: a sentence (a code of `calllist.commands.words`), an exit code."""

    def __init__(self, code: str, exit_code: int = WRONG, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.exit_code = exit_code
        self.values = values


class Console:
    """Says messages in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def words(self, code: str, **values: object) -> str:
        """The sentence for a code."""
        japanese, english = MESSAGES[code]
        return (english if self.lang == "en" else japanese).format(**values)

    def say(self, code: str, **values: object) -> None:
        """Tell the person (stderr: stdout is for what a program may read)."""
        typer.echo(visible(self.words(code, **values)), err=True)

    def answer(self, text: str) -> None:
        """The command's result."""
        typer.echo(visible(text))

    def confirm(self, code: str, **values: object) -> None:
        """Ask; anything but yes ends the command."""
        if not typer.confirm(self.words(code, **values), err=True):
            raise CommandFailed("not_confirmed", NO)


def console(context: typer.Context) -> Console:
    """The console of this run."""
    found: Console = context.obj
    return found


def visible(text: str) -> str:
    """What a terminal shows as it stands: of others' words, no character may move the cursor,
    colour, hide or turn round what was written (controls, bidirectional marks)."""
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def language(environment: Mapping[str, str]) -> str:
    """English if the locale says so; otherwise Japanese."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "en" if value.lower().startswith("en") else "ja"
    return "ja"


def read(path: Path, *, limit: int = 64 * 1024 * 1024) -> bytes:
    """The bytes of a file that a person named. Fails with a sentence."""
    try:
        if path.stat().st_size > limit:
            raise CommandFailed("file_too_large", file=path)
        return path.read_bytes()
    except OSError as error:
        raise CommandFailed("cannot_read", file=path, why=error.strerror) from None


def write(path: Path, data: bytes) -> None:
    """Write a new file for the owner's eyes; an existing one is never overwritten."""
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(data)
    except FileExistsError:
        raise CommandFailed("exists_already", file=path) from None
    except OSError as error:
        raise CommandFailed("cannot_write", file=path, why=error.strerror) from None
