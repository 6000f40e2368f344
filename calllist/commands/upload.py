"""`calllist upload`: a file from the manager's machine, with a progress bar, to the end.

The file is read in small blocks and nothing of it is kept. A broken line is mended by itself;
Ctrl-C ends the upload on both sides. Rows that nobody can be called by are in the receipt and
no failure: exit 0 means that the list is stored, and the receipt says what of it.

    0 stored   1 refused: nothing stored   2 option, file, session   3 platform away   130 Ctrl-C
"""

import json
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from calllist.commands import bodies, previewing, progress, receipt
from calllist.commands.console import AWAY, ENDED, NO, CommandFailed, Console, console
from calllist.commands.platform import Declined, job_of, sentences, signed_in
from calllist.commands.sending import Cancelled, GivenUp, Sending
from calllist.intake.problems import Problem
from calllist.intake.reading.vocabulary import ENCODINGS
from crypto.records.fields import FieldKind

LOOK_SECONDS = 0.2  # how often the bar moves
KINDS = tuple(kind.value for kind in FieldKind if kind is not FieldKind.SENSITIVE)
ASK_EVERY = 4  # looks: how often the platform is asked how many rows it has read


def upload(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="リストのファイル / the list")],
    job: Annotated[str, typer.Option(help="業務コードかID / the job's code or id")],
    url: Annotated[str, typer.Option(help="https://...(省略可 / if signed in elsewhere)")] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(help="種類=見出し: phone=携帯, name=#2 / kind=header", metavar="KIND=HEADER"),
    ] = None,
    refusals: Annotated[
        Path | None, typer.Option(help="再勧誘禁止のファイル / people not to be called")
    ] = None,
    corrects: Annotated[
        str, typer.Option(help="不備を直したリスト / the list whose rejected rows these are")
    ] = "",
    sheet: Annotated[str, typer.Option(help="シートの名前か番号 / sheet of a workbook")] = "",
    encoding: Annotated[str, typer.Option(help="文字コード(cp932、utf-8など) / encoding")] = "",
    header_line: Annotated[
        int | None,
        typer.Option(help="見出しの行。0: 見出しなし / line of the header row; 0: none", min=0),
    ] = None,
    area_code: Annotated[str, typer.Option(help="市外局番の補完 / default area code")] = "",
    expires: Annotated[str, typer.Option(help="2027-03-31T18:00:00+09:00")] = "",
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="業務に同じファイルがあっても送る / even if the job has this very file"
        ),
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="取り込まずに列を確かめる / look at its columns first")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="受領書をJSONで / as JSON")] = False,
) -> None:
    """リストを送信して取り込む / Send a list in. A broken line is mended by itself."""
    speak = console(context)
    given = {"sheet": sheet, "area_code": area_code}
    query = _columns(column or []) | _said(given, encoding, header_line, expires)
    platform = signed_in(url)
    with sentences(speak, platform.url), bodies.body(file, refusals) as body:
        at = job_of(platform, job)
        if preview:
            previewing.show(speak, platform, at, file, query, as_json=as_json)
            return
        query |= {"corrects": corrects} if corrects else {}
        query |= {"again": "true"} if again else {}
        sending = Sending(platform, at, body, query)
        told = _sent(speak, sending, platform.url, file)
    if as_json:
        speak.answer(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        speak.answer(receipt.in_words(speak, told))
    anybody = bool(told["receipt"]["accepted"])
    speak.say("upload_stored" if anybody else "upload_nobody", list=told["list"])


def _columns(given: list[str]) -> dict[str, str]:
    """Columns named by hand, kind to header. Fails with a sentence."""
    query: dict[str, str] = {}
    for one in given:
        kind, mark, header = one.partition("=")
        if not mark or not kind.strip() or not header.strip() or kind.strip() in query:
            raise CommandFailed("column_malformed", text=one)
        if kind.strip() not in KINDS:  # the platform would pass over a misspelt one
            raise CommandFailed("column_unknown", kind=kind.strip(), known=", ".join(KINDS))
        query[kind.strip()] = header.strip()
    return query


def _said(
    given: dict[str, str], encoding: str, header_line: int | None, expires: str
) -> dict[str, str]:
    """What else is said of the file. Fails with a sentence."""
    if encoding and encoding.lower() not in ENCODINGS:
        raise CommandFailed("encoding_unknown", text=encoding, known=", ".join(ENCODINGS))
    zone = None
    with suppress(ValueError):
        zone = datetime.fromisoformat(expires).tzinfo
    if expires and zone is None:
        raise CommandFailed("moment_malformed", text=expires)
    query = given | {"encoding": encoding.lower(), "expires": expires}
    query |= {} if header_line is None else {"header_line": str(header_line)}
    return {name: one for name, one in query.items() if one}


def _sent(speak: Console, sending: Sending, url: str, file: Path) -> Mapping[str, Any]:
    """The receipt. What went wrong is raised here, out of the thread that sends."""
    outcome: list[Mapping[str, Any] | BaseException] = []

    def work() -> None:
        try:
            outcome.append(sending.run())
        except BaseException as error:  # raised below
            outcome.append(error)

    thread = threading.Thread(target=work, daemon=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    try:
        with progress.shown(speak, sending) as shown:
            thread.start()
            _watch(thread, sending, shown)
    except KeyboardInterrupt:
        _end(sending)
    (found,) = outcome
    if isinstance(found, GivenUp):
        code = "given_up_whole" if found.whole else "given_up"
        raise CommandFailed(code, AWAY, url=url)
    if isinstance(found, bodies.FileChanged):
        sending.cancel()
        raise CommandFailed("file_changed", NO, file=file)
    if isinstance(found, Declined) and found.code == Problem.SAME_FILE:
        raise CommandFailed("file_taken_twice", NO, number=found.told.get("reason"))
    if isinstance(found, BaseException):
        raise found
    return found


def _watch(thread: threading.Thread, sending: Sending, shown: progress.Shown) -> None:
    looks = 0
    while thread.is_alive():
        thread.join(LOOK_SECONDS)
        looks += 1
        if looks % ASK_EVERY == 0 and thread.is_alive():
            sending.ask()
        shown.look()


def _end(sending: Sending) -> NoReturn:
    """Ctrl-C: the platform is told at once, and what it says is what is said."""
    nothing = False
    with suppress(Cancelled):
        nothing = sending.cancel()
    raise CommandFailed("upload_ended" if nothing else "upload_ended_late", ENDED) from None
