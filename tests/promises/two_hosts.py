"""Two hosts on one wire, each a network namespace; run by `test_two_hosts` inside the first.

    python -m tests.promises.two_hosts keeper DIR     the keeper's host; says what happened (JSON)
    python -m tests.promises.two_hosts caller DIR     web and intake, on the other host

Every byte on the wire between them is recorded, by a packet socket on the keeper's end.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyotp

from crypto.errors.base import KeeperUnavailable
from crypto.signed.statements import approve, prepare
from crypto.signed.terms import RosterEntry, StatementBody
from crypto.wire.approvals import Pin, Submit
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head
from crypto.wire.lists import Mint
from crypto.wire.people import Enrol, Grant
from crypto.wire.records import Close, Open
from crypto.wire.tls import Remote
from tests.crypto.world import TERMS, YAMADA, World, sealed

KEEPER, CALLER, PORT = "10.77.0.1", "10.77.0.2", 7443
URL = f"tls://{KEEPER}:{PORT}"
WIRE = ("keeper0", "caller0")  # the two ends of the wire
MARKER = b"this goes over the wire in clear text"  # so that silence of the recorder is no proof
PATIENCE = 30.0  # seconds
COMMAND = "from calllist.cli import main; main()"
ETH_P_ALL = 3  # linux/if_ether.h
# A uid of its own: root in the namespace is not, and a keeper with --listen is not root.
OWN_USER = ("unshare", "--user", "--map-user=10000", "--map-group=10000")


# -- the keeper's host -----------------------------------------------------------------------


def on_the_keepers_host(folder: Path) -> dict[str, Any]:
    """Wire the hosts, start the keeper, let the caller do its work; what was seen."""
    with contextlib.ExitStack() as stack:
        other = stack.enter_context(other_host())
        command = [sys.executable, "-c", COMMAND, "certificates", str(folder / "c")]
        subprocess.run([*command, "--host", KEEPER], check=True, stdout=sys.stderr)
        stack.enter_context(keeper(folder))
        recorded = stack.enter_context(recorder())
        command = ["nsenter", f"--net=/proc/{other}/ns/net", sys.executable]
        caller = subprocess.Popen(
            [*command, "-m", "tests.promises.two_hosts", "caller", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with caller:
            assert caller.stdout
            keys = json.loads(caller.stdout.readline())
            asyncio.run(pin(folder, keys))
            said, _ = caller.communicate("pinned\n", timeout=PATIENCE)
        saw = json.loads(said)
        wire = b"".join(recorded)
        return {
            **saw,
            "marker_on_wire": MARKER in wire,
            "tls_records": wire.count(b"\x17\x03\x03"),
            "bytes_on_wire": len(wire),
            "clear_on_wire": [text for text in saw["canaries"] if text.encode() in wire],
        }


@contextlib.contextmanager
def other_host() -> Iterator[int]:
    """Another network namespace with a wire to ours; a process that is on it."""
    anchor = subprocess.Popen(
        ["setpriv", "--pdeathsig=KILL", "unshare", "--net", "sh", "-c", "echo up; exec sleep 600"],
        stdout=subprocess.PIPE,
    )
    try:
        assert anchor.stdout
        anchor.stdout.readline()
        there = ["nsenter", f"--net=/proc/{anchor.pid}/ns/net"]
        ours, theirs = WIRE
        for command in (
            ["ip", "link", "add", ours, "type", "veth", "peer", "name", theirs],
            ["ip", "link", "set", theirs, "netns", str(anchor.pid)],
            ["ip", "addr", "add", f"{KEEPER}/30", "dev", ours],
            ["ip", "link", "set", ours, "up"],
            [*there, "ip", "addr", "add", f"{CALLER}/30", "dev", theirs],
            [*there, "ip", "link", "set", theirs, "up"],
        ):
            subprocess.run(command, check=True)
        yield anchor.pid
    finally:
        anchor.kill()
        anchor.communicate()


@contextlib.contextmanager
def keeper(folder: Path) -> Iterator[None]:
    """A keeper that listens on the wire; under its own uid."""
    where = ["--home", str(folder / "h"), "--run", str(folder / "r")]
    listen = ["--listen", URL, "--certificates", str(folder / "c" / "keeper")]
    process = subprocess.Popen(
        [*OWN_USER, sys.executable, "-m", "crypto", *where, *listen],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        for line in process.stderr:
            sys.stderr.write(line)
            if "ready" in line:
                break
        yield
    finally:
        process.terminate()
        process.communicate()


@contextlib.contextmanager
def recorder() -> Iterator[list[bytes]]:
    """Every frame on our end of the wire, both ways."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as tap:
        tap.bind((WIRE[0], 0))
        tap.settimeout(0.1)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    heard.append(tap.recv(65536))

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield heard
        finally:
            over.set()
            thread.join()


async def pin(folder: Path, keys: dict[str, str]) -> None:
    """The administrator's verb: on the keeper's host only."""
    async with KeeperClient(folder / "r" / "admin" / "keeper.sock") as admin:
        entrustor, centre = bytes.fromhex(keys["entrustor"]), bytes.fromhex(keys["centre"])
        await admin.call(Pin("ent_1", entrustor, bytes.fromhex(keys["recipient"])))
        await admin.call(Pin("centre", centre, b""))


# -- the callers' host -----------------------------------------------------------------------


async def on_the_callers_host(folder: Path) -> dict[str, Any]:
    """Contract, roster, shift, upload, one call: all over the wire."""
    world = World(folder)  # only its keys
    keys = {
        "entrustor": world.entrustor.public.hex(),
        "centre": world.centre.public.hex(),
        "recipient": world.entrustor_recipient.public.data.hex(),
    }
    print(json.dumps(keys), flush=True)
    assert sys.stdin.readline() == "pinned\n"
    await in_clear()
    now = datetime.now(UTC)
    expires = now + timedelta(days=1)
    web, intake = (
        KeeperClient(Remote.of(URL, folder / "c" / "web", caller))
        for caller in (Caller.WEB, Caller.INTAKE)
    )

    async def sign(body: StatementBody) -> None:
        key = world.centre if isinstance(body, RosterEntry) else world.entrustor
        signed = approve(prepare(body, issuer="iss_1", now=now, valid_for=timedelta(days=1)), key)
        await web.call(Submit(signed.payload, signed.key, signed.signature))

    async with web, intake, intake.session() as session:
        await sign(msgspec.structs.replace(TERMS, expires=expires))
        await sign(RosterEntry("per_1", "pty_1", "sit_1", "operator", expires))
        totp = pyotp.TOTP((await web.call(Enrol("per_1"))).secret)
        grant = (await web.call(Grant("per_1", totp.now()))).secret
        minted = await session.call(Mint("lst_1", "ctr_1", 1, expires, "job_1"))
        [record], manifest = sealed(minted, "lst_1", [YAMADA])
        await session.call(manifest)
        view = await web.call(Open(grant, record))
        closed = await web.call(Close(grant, record, "att_1", 10))
    return {
        "shown": [field.text for field in view.fields],
        "final": closed.final,
        "by_socket": await by_socket(folder),
        "canaries": [grant, "per_1", "lst_1", "verb", *(field.text for field in view.fields)],
    }


async def in_clear() -> None:
    """Something that the recorder must hear; the keeper hangs up on it."""
    reader, writer = await asyncio.open_connection(KEEPER, PORT)
    writer.write(MARKER)
    with contextlib.suppress(ConnectionError):
        await reader.read()
    writer.close()


async def by_socket(folder: Path) -> str:
    """Whether somebody of the keeper's own uid may still be the web through a socket."""
    async with KeeperClient(folder / "r" / "web" / "keeper.sock") as web:
        try:
            await web.call(Head())
        except KeeperUnavailable:
            return "dropped"
        return "answered"


if __name__ == "__main__":
    place = Path(sys.argv[2])
    if sys.argv[1] == "keeper":
        print(json.dumps(on_the_keepers_host(place)))
    else:
        print(json.dumps(asyncio.run(on_the_callers_host(place))))
