"""`calllist certificates`: who may speak to a keeper on another host, as certificates.

Run by the keeper's administrator. The authority it makes is private to one keeper: whoever
holds its key can let in anybody as any class of caller, so it stays on no host of either plane.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from calllist.commands.console import CommandFailed, console
from crypto.errors.base import KeyFileRefused
from crypto.wire.private_ca import LIFE, certify


def certificates(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="出力先フォルダ / folder to write to")],
    host: Annotated[
        str, typer.Option(help="金庫のホスト名か住所 / the keeper's host, as callers write it")
    ],
    days: Annotated[int, typer.Option(min=1, max=LIFE.days, help="有効日数 / valid for")] = 365,
) -> None:
    """別ホストの金庫につなぐ証明書を作る / Certificates for a keeper on another host.

    同じフォルダでもう一度実行すると、同じ認証局で鍵と証明書を作り直す / Run again in the same
    folder: fresh keys and certificates under the same authority.
    """
    speak = console(context)
    now = datetime.now(UTC)  # noqa: TID251  # the edge
    try:
        issued = certify(folder, host, now, timedelta(days=days))
    except KeyFileRefused as refused:
        raise CommandFailed("authority_refused", detail=refused) from None
    except OSError as error:
        raise CommandFailed("cannot_write", file=folder, why=error.strerror) from None
    for one in issued:
        speak.answer(f"{one.fingerprint}  {one.name}")
    speak.say("certificates_made", folder=folder, host=host, days=days)
