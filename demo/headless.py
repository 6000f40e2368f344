"""`make demo FILE=list.csv`: the main job on that file, from upload to certificate.

Real processes, real HTTP: a manager uploads, two operators take turns until nobody is left,
the job completes by itself, the worker destroys and certifies, the entrustor verifies
offline, and every store is searched for the file's names and numbers. The last line is one
JSON object. Nobody is called.
"""

import argparse
import asyncio
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from calllist.embedded import ports
from calllist.embedded.processes import CannotStart, Plan, Platform
from crypto.records.fields import FieldKind
from demo import clock, stage
from demo.evidence import Evidence, Unread
from demo.one_job import NotAsPromised, OneJob, Upload
from demo.run import TROUBLES, interrupt
from demo.seat import Refused

SWEEP = timedelta(seconds=1)
COLUMNS = {
    "phone": FieldKind.PHONE,
    "name": FieldKind.NAME,
    "kana": FieldKind.NAME_KANA,
    "reference": FieldKind.REFERENCE,
}


def main(argv: list[str] | None = None) -> int:
    """Exit code 0 if everything came out as promised; 1 with a sentence if not."""
    signal.signal(signal.SIGTERM, interrupt)
    options = _options(argv)
    try:
        told = _perform(options, Console(stderr=True))
    except Refused as refused:
        return _refuse(options.file, refused.problem)
    except (*TROUBLES, NotAsPromised, Unread, OSError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(json.dumps(told, ensure_ascii=False))
    clean = not told["residue"] and not told["full_numbers_in_http"]
    return 0 if told["verified"] and told["residue_before"] and clean else 1


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("file", type=Path)
    for name in COLUMNS:
        parser.add_argument(f"--{name}", help=f"header of the {name} column")
    parser.add_argument("--synthetic", action="store_true", help="numbers that cannot be dialled")
    parser.add_argument("--home", type=Path, default=Path(".calllist-demo"))
    return parser.parse_args(argv)


def _perform(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    started = time.monotonic()
    home, upload = options.home.absolute(), _upload(options)
    _require_file(upload.file)
    _forget(home)
    here = stage.machine_time()
    plan = Plan(
        home=home,
        port=ports.any_free(),
        clock_offset=clock.next_tuesday(here) - here,
        sweep=SWEEP,
        synthetic_numbers=options.synthetic,
    )
    platform = Platform(plan)
    with console.status("starting the platform ..."):
        platform.start()
    try:
        evidence = Evidence.of(upload.file, upload.by_hand, synthetic=options.synthetic)
        outcome = asyncio.run(OneJob(platform, upload, evidence, console).perform())
        with console.status("searching every store ..."):
            before, after = evidence.in_file(upload.file), evidence.in_platform(home)
    finally:
        platform.stop()
    counts = {name: outcome.receipt[name] for name in ("rows", "accepted", "duplicates")}
    return {
        **counts,
        "rejected": outcome.receipt["rejected"],
        "called": outcome.called,
        "certificate": str(outcome.certificate),
        "verified": _verified(outcome.certificate),
        "residue_before": before,
        "residue": after,
        "ledger_opens": outcome.opens,
        "full_numbers_in_http": evidence.full_numbers_heard,
        "seconds": round(time.monotonic() - started, 1),
    }


def _upload(options: argparse.Namespace) -> Upload:
    given = {kind: getattr(options, name) for name, kind in COLUMNS.items()}
    return Upload(options.file, {kind: header for kind, header in given.items() if header})


def _require_file(file: Path) -> None:
    """Said before anything starts."""
    if not file.is_file():
        raise CannotStart(f"There is no file {file}.")


def _forget(home: Path) -> None:
    """An earlier demonstration's home: only if it is one, never another folder."""
    if home.exists() and any(home.iterdir()) and not (home / "demo").is_dir():
        raise CannotStart(f"{home} is not a demonstration's folder; choose another --home")
    shutil.rmtree(home, ignore_errors=True)
    (home / "demo").mkdir(mode=0o700, parents=True)


def _verified(certificate: Path) -> bool:
    """Offline, by the entrustor's own tool, with the key it pinned."""
    key = certificate.with_name("certificate.pub")
    command = [sys.executable, "-m", "calllist.cli", "verify", str(certificate), "--key", str(key)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _refuse(file: Path, problem: Mapping[str, Any]) -> int:
    """A clear error: line, column, code, and never a value."""
    facts = {name: problem.get(name) for name in ("code", "line", "column")}
    place = "".join(f", {name} {facts[name]}" for name in ("line", "column") if facts[name])
    print(f"{file.name}: {facts['code']}{place}. {problem.get('detail', '')}", file=sys.stderr)
    print(json.dumps({"error": facts}, ensure_ascii=False))
    return 1


if __name__ == "__main__":
    sys.exit(main())
