"""Start a keeper: `python -m crypto --home DIR --run DIR [--allow web=UID,worker=UID]`.

Refuses to start when a precondition of its promises is missing, and says which. With `--allow`
or `--listen` the planes are apart: the keeper has a uid that no caller shares and that is not
root's. Without, as under `make run`, every caller is of the keeper's own uid, and it says so.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crypto.bookkeeping.archive import kept_heads
from crypto.bookkeeping.filing import LogDiverged
from crypto.bookkeeping.lines import JournalDamaged
from crypto.errors.base import KeyFileRefused
from crypto.errors.keeper import LedgerShorter
from crypto.host import hygiene
from crypto.keeper.home import Home, HomeRefused
from crypto.keeper.remote import PortRefused
from crypto.keeper.server import Server, SocketRefused
from crypto.keeper.verbs import Keeper
from crypto.keys.roots.kinds import FILE, RootRefused
from crypto.keys.vault import KeystoreRefused
from crypto.ledger.checkpoint import BadCheckpoint
from crypto.lists.authority import SHREDS_AN_HOUR
from crypto.people.securitykeys import OriginRefused, SecurityKeys
from crypto.wire.base import Caller
from crypto.wire.tls import host_and_port

ROOT = 0  # the uid that no lock holds back
REFUSALS = (
    BadCheckpoint,
    HomeRefused,
    JournalDamaged,
    KeyFileRefused,
    KeystoreRefused,
    LedgerShorter,
    LogDiverged,
    OriginRefused,
    PortRefused,
    RootRefused,
    SocketRefused,
    hygiene.NotHardened,
)


class StartRefused(Exception):
    """A precondition is missing."""


def main(argv: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT. Exit code 2: refused to start."""
    options = _options(argv)
    logging.basicConfig(level=logging.INFO, format="keeper: %(message)s")
    try:
        check_uid(options.allow, os.getuid(), apart=options.apart)
        hygiene.harden(options.keep.split(","))
        asyncio.run(_serve(options))
    except (StartRefused, *REFUSALS) as refusal:
        print(f"keeper: {refusal}", file=sys.stderr)  # noqa: T201  # before there is a log
        return 2
    return 0


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m crypto", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="keys and ledger, mode 0700")
    parser.add_argument("--run", type=Path, required=True, help="folder of the sockets")
    parser.add_argument(
        "--root", default=FILE, help="file, or a PKCS#11 URI: pkcs11:token=...?module-path=..."
    )
    parser.add_argument("--allow", default="", help="caller=UID[,caller=UID...]; default: own uid")
    parser.add_argument("--heads", type=Path, help="signed heads that witness or mirror have kept")
    parser.add_argument("--listen", default="", help="tls://host:port for callers elsewhere")
    parser.add_argument(
        "--certificates", type=Path, help="ca.crt, keeper.crt, keeper.key[, revoked] of --listen"
    )
    parser.add_argument("--keep", default="", help="environment variables for the HSM's module")
    parser.add_argument("--origin", default="", help="https://NAME in browsers: offers FIDO2")
    parser.add_argument(
        "--shreds-an-hour",
        type=int,
        default=SHREDS_AN_HOUR,
        metavar="K",
        help="an entrustor's lists shredded in an hour without a signature (default %(default)s)",
    )
    parser.add_argument("--demo", action="store_true", help="a demonstration: allows an offset")
    parser.add_argument("--clock-offset", type=float, default=0.0, help="seconds, with --demo only")
    options = parser.parse_args(argv)
    if options.clock_offset and not options.demo:
        parser.error("--clock-offset needs --demo: a real keeper does not shift its clock")
    if bool(options.listen) != bool(options.certificates):
        parser.error("--listen and --certificates go together")
    options.apart = bool(options.allow or options.listen)
    try:
        options.allow = allowed_uids(options.allow, apart=options.apart)
    except ValueError:
        parser.error("--allow takes caller=UID, for example web=1001,worker=1002")
    try:
        options.listen = host_and_port(options.listen) if options.listen else None
    except ValueError as error:
        parser.error(f"--listen: {error}")
    return options


def allowed_uids(text: str, *, apart: bool = False) -> dict[Caller, frozenset[int]]:
    """Who may speak at which socket. Raises ValueError.

    A class that is not named: the administrator's is our own uid's; the others' are nobody's
    if the planes are apart, else our own uid's too.
    """
    named: dict[Caller, set[int]] = {} if apart else {caller: {os.getuid()} for caller in Caller}
    named[Caller.ADMIN] = {os.getuid()}
    given: dict[Caller, set[int]] = {}
    for pair in filter(None, text.split(",")):
        caller, _, uid = pair.partition("=")
        given.setdefault(Caller(caller), set()).add(int(uid))
    return {caller: frozenset((named | given).get(caller, ())) for caller in Caller}


def check_uid(allowed: dict[Caller, frozenset[int]], ours: int, *, apart: bool) -> None:
    """Raises StartRefused if the planes are apart, and our uid is root's or another caller's."""
    if not apart:
        return
    if ours == ROOT:
        raise StartRefused("a keeper with --allow or --listen does not run as root")
    others = {caller for caller in Caller if caller is not Caller.ADMIN and ours in allowed[caller]}
    if others:
        raise StartRefused(f"uid {ours} is the keeper's own: {', '.join(sorted(others))} needs one")


def _say_what_holds(options: argparse.Namespace) -> None:
    holds = hygiene.reached()
    logging.info("holds: %s", ", ".join(holds))
    if "memory_locked" not in holds:
        logging.warning("memory is not locked: set RLIMIT_MEMLOCK to unlimited, or have no swap")
    if not options.apart:
        logging.info("every caller has the keeper's own uid: processes, not administrators, apart")


async def _serve(options: argparse.Namespace) -> None:
    offset = timedelta(seconds=options.clock_offset)
    heads = kept_heads(options.heads) if options.heads else ()
    home = Home.open(options.home, heads, options.root)
    try:
        keys = SecurityKeys(options.origin) if options.origin else None
        keeper = Keeper(
            home,
            lambda: datetime.now(UTC) + offset,  # noqa: TID251  # the edge
            keys,
            shreds_an_hour=options.shreds_an_hour,
        )
        remote = (options.listen, options.certificates) if options.listen else None
        server = Server(keeper, options.run, options.allow, remote=remote)
        await home.journal.start()
        await home.archive.start()
        await server.start()
        _say_what_holds(options)
        logging.info("ready at %s", options.run)
        await _until_told_to_stop()
        await server.close()
        await keeper.close()
    finally:
        await home.close()


async def _until_told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
