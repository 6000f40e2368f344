"""`calllist ledger`: the log as an auditor holds it: verify all of it, prove, check a proof.

All but `mirror` and `pin-witness` run anywhere, offline, on a copy of the keeper's folder
`ledger`, with the key that was received by another way.
"""

from pathlib import Path
from typing import Annotated

import typer

from calllist.commands import ledger_mirror
from calllist.commands.console import NO, CommandFailed, Console, console, read, write
from calllist.commands.hosts import ask_keeper
from calllist.commands.keeper import DEFAULT_RUN, Run
from crypto.ledger import proven
from crypto.ledger.checkpoint import (
    ED25519_NOTE,
    NOTE_BYTES,
    BadCheckpoint,
    Checkpoint,
    Witness,
    read_key,
)
from crypto.ledger.checkpoint import (
    verify as verified_note,
)
from crypto.ledger.proofs import BadProof
from crypto.ledger.reading import Finding, Verified, confront, read_note, verify_log
from crypto.ledger.tiles import BadTile
from crypto.wire.base import Caller
from crypto.wire.ledger import PinWitness

app = typer.Typer(help="記録台帳 / The ledger")
SHOWN = 50  # findings that are said one by one

Folder = Annotated[Path, typer.Argument(help="台帳のフォルダー / the log folder")]
Key = Annotated[Path, typer.Option(help="台帳の公開鍵 / the ledger's public key (ledger.pub)")]


@app.callback()
def _group() -> None:
    """記録台帳 / The ledger"""


@app.command("verify")
def verify(
    context: typer.Context,
    folder: Folder,
    key: Key,
    jobs: Annotated[int, typer.Option(help="並列数 / processes", min=1, max=64)] = 1,
    heads: Annotated[
        Path | None, typer.Option(help="控えのフォルダー / heads that a witness has kept")
    ] = None,
    mirror: Annotated[
        bool, typer.Option("--mirror", help="DB の写しと比べる / compare the mirror")
    ] = False,
) -> None:
    """台帳全体を検証する / Verify the whole log."""
    speak, public_key = console(context), ledger_key(key)
    try:
        found = verify_log(folder, public_key, jobs=jobs)
    except OSError:
        raise CommandFailed("not_a_log", file=folder) from None
    if heads is not None:
        found.findings += confront(folder, kept_heads(heads, public_key))
    if mirror:
        found.findings += ledger_mirror.compared(folder, found, public_key)
    _tell(speak, found)
    if not found.sound:
        raise CommandFailed("ledger_wrong", NO, count=len(found.findings))
    speak.say("ledger_right" if heads else "ledger_right_as_far_as_it_goes")


def _tell(speak: Console, found: Verified) -> None:
    for head, first in zip(found.heads, found.firsts, strict=True):
        last, root = first + head.size - 1, head.root.hex()
        speak.answer(
            speak.words(
                "ledger_month", month=head.month, first=first, last=last, size=head.size, root=root
            )
        )
    speak.answer(speak.words("ledger_counts", lines=found.lines, lists=len(found.lists)))
    for finding in found.findings[:SHOWN]:
        speak.answer(_words(speak, finding))


def _words(speak: Console, finding: Finding) -> str:
    at = "" if finding.at is None else f" {finding.at}"
    return speak.words(f"ledger_{finding.code}", where=finding.where, at=at)


@app.command("prove")
def prove(
    context: typer.Context,
    folder: Folder,
    key: Key,
    output: Annotated[Path, typer.Option("-o", "--output", help="証明の書出し先 / proof file")],
    line: Annotated[int | None, typer.Option(help="行番号 / number of a line", min=0)] = None,
    since: Annotated[
        Path | None, typer.Option(help="以前の控え / a head that was kept before")
    ] = None,
) -> None:
    """行が台帳にあること、または台帳が増えただけであることの証明を作る / Make a proof."""
    speak, public_key = console(context), ledger_key(key)
    if (line is None) == (since is None):
        raise CommandFailed("prove_what")
    try:
        if line is not None:
            proof: proven.Proof = proven.of_line(folder, line, public_key)
        else:
            assert since is not None  # noqa: S101  # one of both
            proof = proven.of_growth(folder, read_note(since), public_key)
    except (OSError, BadTile, BadCheckpoint, UnicodeDecodeError):
        raise CommandFailed("not_a_log", file=folder) from None
    except BadProof as error:
        raise CommandFailed("not_provable", NO, why=error) from None
    write(output, proven.written(proof))
    speak.say("proof_written", file=output)


@app.command("check-proof")
def check_proof(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="証明のファイル / proof file")],
    key: Key,
) -> None:
    """証明を確かめる / Check a proof."""
    speak = console(context)
    try:
        proof = proven.read(read(file))
        if isinstance(proof, proven.Inclusion):
            said, head = proof.check(ledger_key(key))
            speak.answer(proof.entry[proven.SALT_BYTES :].decode())
            speak.say("proof_of_line", seq=said.seq, month=head.month, size=head.size)
        else:
            old, new = proof.check(ledger_key(key))
            speak.say("proof_of_growth", month=new.month, old=old.size, new=new.size)
    except BadProof as error:
        raise CommandFailed("proof_refused", NO, file=file, why=error) from None


@app.command("pin-witness")
def pin_witness(
    context: typer.Context,
    public: Annotated[Path, typer.Argument(help="証人の公開鍵 / the witness's key (.pub)")],
    run: Run = DEFAULT_RUN,
) -> None:
    """証人の鍵を金庫に登録する / Pin a witness's key in the keeper."""
    speak = console(context)
    try:
        witness = Witness.read(read(public, limit=NOTE_BYTES).decode())
    except (BadCheckpoint, UnicodeDecodeError):
        raise CommandFailed("not_a_witness_key", file=public) from None
    speak.confirm("pin_witness_ask", name=witness.name, key=witness.written)
    done = ask_keeper(run / Caller.ADMIN / "keeper.sock", PinWitness(witness.written))
    speak.say("pinned", seq=done.seq)


app.command("mirror")(ledger_mirror.mirror)


def ledger_key(path: Path) -> bytes:
    """The 32 bytes of a ledger's public key. Fails with a sentence."""
    try:
        return read_key(read(path, limit=NOTE_BYTES).decode().strip(), ED25519_NOTE)[1]
    except (BadCheckpoint, UnicodeDecodeError):
        raise CommandFailed("not_a_ledger_key", file=path) from None


def kept_heads(folder: Path, public_key: bytes) -> list[Checkpoint]:
    """Every signed head in a folder. Fails with a sentence."""
    heads = []
    try:
        for file in sorted(folder.iterdir()):
            heads.append(verified_note(read_note(file), public_key))
    except (OSError, BadCheckpoint, UnicodeDecodeError):
        raise CommandFailed("not_kept_heads", file=folder) from None
    return heads
