"""`calllist`: the command line's front door. See `calllist.commands` for what it promises."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from calllist.commands import (
    administrator,
    approve,
    canaries,
    certificates,
    contract,
    health,
    keeper,
    keys,
    ledger,
    onboarding,
    receipt,
    residue,
    results,
    seal,
    sign_in,
    statement,
    token,
    trace,
    upload,
    usage,
    verify,
    withdraw,
    witness,
)
from calllist.commands.console import WRONG, CommandFailed, Console, language

app = typer.Typer(
    name="calllist",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="架電リストの受託・消去 / Call lists: entrusted, shown one by one, destroyed provably.",
)
app.add_typer(keys.app, name="keys")
app.command("approve")(approve.approve)
app.command("verify")(verify.verify)
app.command("seal")(seal.seal)
app.add_typer(results.app, name="results")
app.command("sign-in")(sign_in.sign_in)
app.command("sign-out")(sign_in.sign_out)
app.command("upload")(upload.upload)
app.add_typer(receipt.app, name="receipt")
app.command("withdraw")(withdraw.withdraw)
app.command("health")(health.health)
app.command("residue")(residue.residue)
app.add_typer(ledger.app, name="ledger")
app.command("witness")(witness.witness)
app.command("trace")(trace.trace)
app.command("pin")(keeper.pin)
app.command("submit")(keeper.submit)
app.command("resubmit")(keeper.resubmit)
app.command("certificates")(certificates.certificates)
app.add_typer(token.app, name="token")
app.add_typer(administrator.app, name="administrator")
app.add_typer(onboarding.entrustor, name="entrustor")
app.add_typer(onboarding.party, name="party")
app.add_typer(onboarding.site, name="site")
app.add_typer(contract.app, name="contract")
app.add_typer(statement.app, name="statement")
app.add_typer(canaries.app, name="canaries")


@app.callback()
def choose_language(
    context: typer.Context,
    lang: Annotated[str, typer.Option(help="ja / en", metavar="LANG")] = "",
) -> None:
    """架電リストの受託・消去 / Call lists: entrusted, shown one by one, destroyed provably."""
    if lang:
        context.obj.lang = "en" if lang == "en" else "ja"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit. Expected failures end in a sentence, never in a traceback."""
    console = Console(language(os.environ))
    sys.exit(_run(console, list(sys.argv[1:] if arguments is None else arguments)))


def _run(console: Console, arguments: list[str]) -> int:
    try:
        return app(arguments, obj=console, standalone_mode=False) or 0
    except CommandFailed as failed:
        console.say(failed.code, **failed.values)
        return failed.exit_code
    except (typer.Abort, KeyboardInterrupt):
        console.say("interrupted")
    except typer.TyperException as wrong:  # missing, or of another form
        usage.tell(console, wrong, arguments)
    return WRONG


if __name__ == "__main__":
    main()
