"""Start a keeper: `python -m crypto --home DIR --run DIR [--allow web=UID,worker=UID]`.

Refuses to start when a precondition of its promises is missing, and says which.
"""

import argparse
import asyncio
import ctypes
import logging
import os
import resource
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crypto.errors import KeyFileRefused
from crypto.home import Home, HomeRefused
from crypto.journal import JournalDamaged
from crypto.keeper import Keeper
from crypto.keystore import KeystoreRefused
from crypto.roots.file import RootRefused
from crypto.server import Server, SocketRefused
from crypto.wire.base import Caller

PR_SET_DUMPABLE = 4  # prctl(2): no core files, no ptrace by other processes of the same uid
REFUSALS = (
    HomeRefused,
    JournalDamaged,
    KeyFileRefused,
    KeystoreRefused,
    RootRefused,
    SocketRefused,
)


class StartRefused(Exception):
    """A precondition is missing."""


def main(argv: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT. Exit code 2: refused to start."""
    options = _options(argv)
    logging.basicConfig(level=logging.INFO, format="keeper: %(message)s")
    try:
        harden()
        asyncio.run(_serve(options))
    except (StartRefused, *REFUSALS) as refusal:
        print(f"keeper: {refusal}", file=sys.stderr)  # noqa: T201  # before there is a log
        return 2
    return 0


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m crypto", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="keys and ledger, mode 0700")
    parser.add_argument("--run", type=Path, required=True, help="folder of the sockets")
    parser.add_argument("--allow", default="", help="caller=UID[,caller=UID...]; default: own uid")
    parser.add_argument("--demo", action="store_true", help="a demonstration: allows an offset")
    parser.add_argument("--clock-offset", type=float, default=0.0, help="seconds, with --demo only")
    options = parser.parse_args(argv)
    if options.clock_offset and not options.demo:
        parser.error("--clock-offset needs --demo: a real keeper does not shift its clock")
    try:
        options.allow = allowed_uids(options.allow)
    except ValueError:
        parser.error("--allow takes caller=UID, for example web=1001,worker=1002")
    return options


def allowed_uids(text: str) -> dict[Caller, frozenset[int]]:
    """Who may speak at which socket. Raises ValueError."""
    named: dict[Caller, set[int]] = {}
    for pair in filter(None, text.split(",")):
        caller, _, uid = pair.partition("=")
        named.setdefault(Caller(caller), set()).add(int(uid))
    return {caller: frozenset(named.get(caller, {os.getuid()})) for caller in Caller}


def harden() -> None:
    """No core files, no tracing, no files that others can read."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise StartRefused("prctl(PR_SET_DUMPABLE) failed")


async def _serve(options: argparse.Namespace) -> None:
    offset = timedelta(seconds=options.clock_offset)
    home = Home.open(options.home)
    try:
        keeper = Keeper(home, lambda: datetime.now(UTC) + offset)  # noqa: TID251  # the edge
        server = Server(keeper, options.run, options.allow)
        await home.journal.start()
        await server.start()
        logging.info("ready at %s", options.run)
        await _until_told_to_stop()
        await server.close()
    finally:
        await home.close()


async def _until_told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
