"""What was wrong with how a command was called: everything at once, in a sentence."""

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperArgument

from calllist.commands.console import Console

PROGRAM = "calllist"


def tell(speak: Console, usage: typer.TyperException, arguments: Sequence[str]) -> None:
    """Say what is missing, or not understood, and whose --help has more."""
    context: Any = getattr(usage, "ctx", None)
    words = [PROGRAM, *_words(context)]
    help_of = f"{' '.join(words)} --help"
    if not isinstance(usage, typer.BadParameter):
        speak.say("not_understood", detail=usage, help=help_of)
        return
    names = [_name(usage.param)] if usage.param is not None else [usage.message]
    if context is not None and type(usage) is not typer.BadParameter:  # missing: what else is?
        names = _missing(context, _after(arguments, words[1:])) or names
    speak.say("bad_argument", name=", ".join(names), help=help_of)


def _words(context: Any) -> list[str]:
    """The command's words after the program's name."""
    words: list[str] = []
    while context is not None and context.parent is not None:
        words.insert(0, context.info_name or "")
        context = context.parent
    return words


def _after(arguments: Sequence[str], words: Sequence[str]) -> list[str]:
    """What was given to the command itself."""
    rest = list(arguments)
    for word in words:
        rest = rest[rest.index(word) + 1 :]
    return rest


def _missing(context: Any, given: list[str]) -> list[str]:
    command = context.command
    found, _, _ = command.make_parser(context).parse_args(args=given)
    return [
        _name(parameter)
        for parameter in command.params
        if parameter.required and not found.get(parameter.name or "")
    ]


def _name(parameter: object) -> str:
    """As the person would type it: FILE, --key."""
    options = getattr(parameter, "opts", [])
    if isinstance(parameter, TyperArgument):
        return (parameter.name or "").upper()
    return max((option for option in options if option.startswith("-")), key=len, default="")
