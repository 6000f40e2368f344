"""`calllist witness`: an entrustor's or auditor's own machine keeps the ledger's newest head.

Run it daily. It fetches the signed head, asks for the proof that the log has only grown since
the head it keeps, cosigns, keeps, and hands the cosignature back. If the proof fails, the log
was rolled back or rewritten: it says so, hands back what it has kept, and ends with 1.
"""

import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from calllist.commands.console import NO, CommandFailed, Console, console, write
from calllist.commands.ledger import ledger_key
from crypto.ledger.checkpoint import NAME, BadCheckpoint
from crypto.ledger.watching import Inconsistent, KeyRefused, Watch, WitnessKey

SECONDS = 30.0  # for one answer
ANSWER_BYTES = 1024 * 1024
LEDGER = "/api/v1/ledger/"


def witness(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="https://...")] = "",
    key: Annotated[Path, typer.Option(help="証人の秘密の鍵 / witness.key")] = Path("witness.key"),
    state: Annotated[Path, typer.Option(help="控えのフォルダー / kept heads")] = Path("witness"),
    log_key: Annotated[
        Path | None, typer.Option(help="台帳の公開鍵 / the ledger's public key (ledger.pub)")
    ] = None,
    new_key: Annotated[
        str, typer.Option(help="証人の名前: 鍵を作る / make a key under this name")
    ] = "",
) -> None:
    """台帳の証人になる / Witness the ledger: check that it only grows, cosign, keep."""
    speak = console(context)
    if new_key:
        _make_key(speak, key, new_key)
        return
    if urlsplit(url).scheme not in ("https", "http") or log_key is None:
        raise CommandFailed("witness_what")
    watch = Watch(state, ledger_key(log_key))
    try:
        _look(speak, watch, url.rstrip("/") + LEDGER, _load(key))
    except (BadCheckpoint, UnicodeDecodeError):
        raise CommandFailed("not_kept_heads", file=state) from None
    except urllib.error.URLError as error:
        raise CommandFailed("witness_unreachable", url=url, why=error.reason) from None
    except OSError as error:
        raise CommandFailed("witness_unreachable", url=url, why=error) from None


def _look(speak: Console, watch: Watch, base: str, key: WitnessKey) -> None:
    now = datetime.now(UTC)  # noqa: TID251  # the edge: a cosignature says when
    try:
        seen = watch.look(lambda path: _get(base + path), key, int(now.timestamp()))
    except Inconsistent as error:
        kept = watch.kept()
        if kept is not None:  # the keeper shall know what it has signed before
            _hand_back(base, kept[0])
        raise CommandFailed("witness_inconsistent", NO, why=error) from None
    if seen.before is None:
        speak.say("witness_first", month=seen.head.month, size=seen.head.size)
    else:
        before, head = seen.before, seen.head
        speak.say(
            "witness_grown",
            old_month=before.month,
            old=before.size,
            month=head.month,
            new=head.size,
        )
    if not _hand_back(base, seen.note):
        raise CommandFailed("witness_not_taken", NO)


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310  # http(s) only
        data: bytes = answer.read(ANSWER_BYTES)
        return data


def _hand_back(base: str, note: str) -> bool:
    request = urllib.request.Request(  # noqa: S310  # http(s) only, see above
        base + "cosignature", note.encode(), {"Content-Type": "text/plain"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
            return True
    except OSError:
        return False


def _make_key(speak: Console, path: Path, name: str) -> None:
    if not NAME.fullmatch(name):
        raise CommandFailed("witness_name", name=name)
    made = WitnessKey(name, Ed25519PrivateKey.generate())
    write(path, made.written().encode())
    write(path.with_suffix(".pub"), (made.public.written + "\n").encode())
    speak.say("witness_key_made", secret=path, public=path.with_suffix(".pub"))


def _load(path: Path) -> WitnessKey:
    try:
        return WitnessKey.load(path)
    except KeyRefused as refused:
        code = "key_open_to_others" if str(refused) == "mode" else "not_a_key_file"
        raise CommandFailed(code, file=path) from None
    except OSError as error:
        raise CommandFailed("cannot_read", file=path, why=error.strerror) from None
