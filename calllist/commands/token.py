"""`calllist token import`: hand hardware tokens to people, on the keeper's own host.

Seeds go from the maker's file into the keeper and nowhere else; the platform never sees them.
"""

from pathlib import Path
from typing import Annotated

import typer

from calllist.commands import tokenfiles
from calllist.commands.console import CommandFailed, Console, console
from calllist.commands.hosts import ask_keeper
from calllist.commands.keeper import DEFAULT_RUN, Run
from calllist.commands.tokenfiles import WORD, Token, TokenFileRefused
from crypto.errors.base import KeyFileRefused
from crypto.host.secretfile import read_secret
from crypto.wire.base import Caller
from crypto.wire.people import HandToken

app = typer.Typer(help="ハードウェアトークン / Hardware tokens")


@app.callback()
def _group() -> None:
    """ハードウェアトークン / Hardware tokens"""


@app.command("import")
def import_tokens(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="PSKC または CSV / the maker's seed file")],
    person: Annotated[
        list[str],
        typer.Option(
            help="従事者ID、または 製造番号=従事者ID（繰り返し可）/ [SERIAL=]person id; repeat"
        ),
    ],
    run: Run = DEFAULT_RUN,
) -> None:
    """トークンを従事者に割り当てる / Hand tokens to people.

    名簿の署名が先に要ります。終わったらファイルを消去してください / Each person must be on the
    signed roster. Destroy the file afterwards.
    """
    speak = console(context)
    tokens = _tokens(file)
    chosen = [_chosen(tokens, given) for given in person]
    for token, whose in chosen:
        _hand_over(speak, run, token, whose)
    speak.say("tokens_handed_over", file=file)


def _tokens(file: Path) -> dict[str, Token]:
    try:
        return tokenfiles.read(read_secret(file))
    except KeyFileRefused as refused:
        raise CommandFailed("seed_file_refused", why=refused) from None
    except TokenFileRefused as refused:
        raise CommandFailed(
            "token_file_refused", file=file, place=refused.place, what=refused.what
        ) from None


def _chosen(tokens: dict[str, Token], given: str) -> tuple[Token, str]:
    """Which token goes to whom."""
    serial, _, whose = given.rpartition("=")
    if not serial and len(tokens) == 1:
        (serial,) = tokens
    if not WORD.fullmatch(whose):
        raise CommandFailed("bad_argument", name="--person", help="calllist token import --help")
    if serial not in tokens:
        raise CommandFailed("no_such_token", given=serial or whose, count=len(tokens))
    return tokens[serial], whose


def _hand_over(speak: Console, run: Path, token: Token, whose: str) -> None:
    done = ask_keeper(
        run / Caller.ADMIN / "keeper.sock",
        HandToken(
            person=whose,
            serial=token.serial,
            seed=token.seed,
            generator=token.generator,
            counter=token.counter,
        ),
    )
    speak.say("token_handed_over", serial=token.serial, person=whose, seq=done.seq)
