"""`make run`: seeds its world once, shows what it promises, stops whole, finds it again."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import psutil
import pytest

from calllist.embedded import ports
from demo import clock, stage
from demo.townsfolk import file, people

SEED_SECONDS = 240.0
EXPIRES_SECONDS = 4
CERTIFICATE_SECONDS = 60.0  # from upload to certificate: deadline, sweep, shred, erase, certify


class Running:
    """One `python -m demo.run`."""

    def __init__(self, home: Path, out: Path) -> None:
        self.port = ports.any_free()
        self.origin = f"http://localhost:{self.port}"
        self.out, self._clock = out, home / "demo" / "clock.json"
        environment = {"CALLLIST_HOME": str(home), "PORT": str(self.port), "PATH": "/usr/bin:/bin"}
        with out.open("w") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "demo.run"],
                stdout=stream,
                stderr=stream,
                env=environment,
                start_new_session=True,
            )

    def await_up(self) -> str:
        end = time.monotonic() + SEED_SECONDS
        while "Ctrl-C" not in self.out.read_text():
            assert self.process.poll() is None, self.out.read_text()
            assert time.monotonic() < end, self.out.read_text()
            time.sleep(0.1)
        return self.out.read_text()

    def now(self) -> datetime:
        """By the demonstration's clock."""
        offset = clock.kept(self._clock)
        assert offset is not None
        return stage.machine_time() + offset

    def stop(self) -> None:
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0
        _, left = psutil.wait_procs(family, timeout=10)
        assert not left


class Visitor:
    """A browser without eyes: the demonstration's sign-in, then pages."""

    def __init__(self, origin: str, login: str) -> None:
        self._origin = origin
        answer = httpx.post(f"{origin}/demo/sign-in", data={"login": login}, timeout=30)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/", answer.headers["location"]
        cookies = SimpleCookie("; ".join(answer.headers.get_list("set-cookie")))
        self._cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())

    def get(self, path: str) -> httpx.Response:
        answer = httpx.get(self._origin + path, headers={"Cookie": self._cookie}, timeout=30)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer

    def token(self, path: str) -> str:
        """What a page lets its visitor write with."""
        (found,) = set(re.findall(r'name="csrf" value="([^"]+)"', self.get(path).text))
        return str(found)

    def post(self, path: str, token: str) -> httpx.Response:
        headers = {"Cookie": self._cookie, "X-CSRF-Token": token}
        return httpx.post(self._origin + path, headers=headers, timeout=30)

    def hand_in(self, signed: bytes) -> httpx.Response:
        """The form of /statements, with a file chosen."""
        return httpx.post(
            f"{self._origin}/statements/file",
            headers={"Cookie": self._cookie},
            data={"csrf": self.token("/statements")},
            files={"file": ("request.signed", signed)},
            timeout=30,
        )

    def put(self, path: str, token: str, body: bytes, **query: str) -> httpx.Response:
        headers = {"Cookie": self._cookie, "X-CSRF-Token": token}
        return httpx.put(
            self._origin + path, headers=headers, content=body, params=query, timeout=30
        )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "data"


@pytest.fixture(scope="module")
def manager(running: Running) -> Visitor:
    return Visitor(running.origin, "hoshino")


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Running]:
    first = Running(home, home.parent / "first.log")
    first.await_up()
    yield first
    if first.process.poll() is None:
        first.stop()


def test_it_prints_where_to_go_and_what_time_it_is_there(running: Running) -> None:
    said = running.out.read_text()
    assert f"{running.origin}/demo" in said
    assert re.search(r"\(火\) 10:0\d", said)


def test_the_world_has_everything_that_it_should_show(manager: Visitor) -> None:
    jobs = {job["code"]: job for job in manager.get("/api/v1/jobs").json()}
    assert set(jobs) == {"KENSHIN-R07-04", "KENSHIN-R08-01", "HIKARI-01"}
    first, second = manager.get(f"/api/v1/jobs/{jobs['KENSHIN-R08-01']['id']}/lists").json()
    progress = manager.get(f"/api/v1/lists/{first['id']}").json()
    assert progress["done"] == progress["people"] * 55 // 100
    assert progress["due"] > 0
    page = manager.get(f"/jobs/{jobs['KENSHIN-R08-01']['id']}").text
    assert "架電する方がいなくなるのは" in page, "there are enough calls for a forecast"
    findings = manager.get(f"/api/v1/lists/{second['id']}/findings").json()
    assert {finding["code"] for finding in findings} >= {
        "no_phone", "no_phone_placeholder", "no_area_code", "invalid_number", "invalid_dummy",
        "damaged_number", "not_callable", "foreign_number", "ragged_row", "cell_too_long",
        "damaged_text", "duplicate", "zero_restored",
    }  # fmt: skip
    (short,) = manager.get(f"/api/v1/jobs/{jobs['HIKARI-01']['id']}/lists").json()
    assert manager.get(f"/api/v1/lists/{short['id']}").json()["people"] == 30


@pytest.fixture(scope="module")
def expiring(running: Running, manager: Visitor) -> str:
    """A list of the seeded world whose deadline is about to pass, as HIKARI-01's is."""
    (job,) = [job for job in manager.get("/api/v1/jobs").json() if job["code"] == "KENSHIN-R08-01"]
    (person,) = people(1, seed=9, subjects=["特定健診"], due="2099/1/1", prefix="Z")
    token = manager.token(f"/jobs/{job['id']}")
    until = running.now() + timedelta(seconds=EXPIRES_SECONDS)
    answer = manager.put(
        f"/api/v1/jobs/{job['id']}/lists", token, file([person.cells()]), expires=until.isoformat()
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["list"])


def test_a_list_can_be_given_a_deadline_that_is_near(expiring: str) -> None:
    assert expiring.startswith("lst_")  # what becomes of it is looked at below, seconds later


def test_the_entrustors_desk_has_certificate_forgery_key_and_results(
    running: Running, home: Path
) -> None:
    desk = home / "demo" / "entrustor"
    command = [sys.executable, "-m", "calllist.cli"]
    key = str(desk / "certificate.pub")

    def verify(name: str) -> int:
        arguments = [*command, "verify", str(desk / name), "--key", key]
        return subprocess.run(arguments, capture_output=True, check=False).returncode

    assert verify("certificate.json") == 0
    assert verify("certificate-one-bit-changed.json") == 1
    genuine = (desk / "certificate.json").read_bytes()
    changed = (desk / "certificate-one-bit-changed.json").read_bytes()
    bits = sum((a ^ b).bit_count() for a, b in zip(genuine, changed, strict=True))
    assert bits == 1
    secret = str(desk / "entrustor.key")
    opened = subprocess.run(
        [*command, "results", "open", str(desk / "results.json"), "--key", secret],
        capture_output=True,
        check=False,
    )
    assert opened.returncode == 0
    assert len(opened.stdout.splitlines()) > 40


def test_the_readmes_commands_for_a_pdf_work_as_typed_on_the_entrustors_desk(home: Path) -> None:
    desk = home / "demo" / "entrustor"
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    typed = re.findall(r"^ *(calllist .*\.pdf.*)$", readme, re.MULTILINE)
    assert typed
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    for command in typed:
        done = subprocess.run(
            ["sh", "-e", "-c", command],
            cwd=desk,
            capture_output=True,
            check=False,
            env={"PATH": path, "LANG": "C.UTF-8"},
        )
        assert done.returncode == 0, (command, done.stderr.decode())
        assert (desk / "certificate.pdf").name in done.stderr.decode()


def test_the_readmes_decision_by_signature_works_as_typed(running: Running, home: Path) -> None:
    """Drafted and approved on the entrustor's desk, handed in as a file, in force."""
    desk = home / "demo" / "entrustor"
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    typed = readme.split("## Decisions by signature")[1].split("\n## ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", typed, re.DOTALL)
    also = (
        "calllist ledger verify ledger --key ledger.pub",
        "calllist witness --new-key auditor.example --key witness.key",
        "calllist ledger pin-witness witness.pub",
    )
    assert all(command in readme for command in also)
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["sh", "-e", "-c", "\n".join([block, *also]) + " --run ../../run"],
        cwd=desk,
        input=b"y\n" * 10_000,  # a person would type it: more than one command reads ahead
        capture_output=True,
        check=False,
        env={"PATH": path, "LANG": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr.decode()
    (signed,) = desk.glob("*.signed")
    officer = Visitor(running.origin, "aoki")
    taken = officer.hand_in(signed.read_bytes())
    assert taken.headers["location"] == "/statements?accepted=budget"
    ids = dict(line.split("=") for line in (desk / "ids").read_text().split())
    page = officer.get("/statements").text
    for name in ("ENTRUSTOR", "CONTRACT", "LIST"):
        assert ids[name] in page, name


def test_a_card_beside_the_desk_says_what_the_callee_answers(running: Running) -> None:
    operator = Visitor(running.origin, "tanaka")
    jobs = {job["code"]: job["id"] for job in operator.get("/api/v1/jobs").json()}
    token = operator.token(f"/desk/{jobs['KENSHIN-R08-01']}")
    path = f"/api/v1/jobs/{jobs['KENSHIN-R08-01']}/leases"
    lease = operator.post(path, token).json()["lease"]
    desk = operator.get(f"/leases/{lease}").text
    assert "電話の相手（デモ）" in desk
    assert "結果の例" in desk


def test_a_deadline_that_passes_in_the_seeded_world_ends_in_a_certificate(
    running: Running, home: Path, expiring: str
) -> None:
    officer = Visitor(running.origin, "matsui")  # the auditor; the officer's code is used up
    end = time.monotonic() + CERTIFICATE_SECONDS
    while True:
        held = {row["list_id"]: row for row in officer.get("/api/v1/holdings").json()}[expiring]
        if held["state"] == "CERTIFIED":
            break
        assert held["failure"] is None, held["failure"]
        assert time.monotonic() < end, held["state"]
        time.sleep(0.2)
    assert held["trigger"] == "deadline"
    tiles = (home / "keeper" / "ledger").rglob("*")
    log = b"".join(tile.read_bytes() for tile in tiles if tile.is_file())
    assert b"clock_doubted" not in log  # the keeper has lived through the week in between


def test_a_second_run_finds_its_data_again(running: Running, home: Path) -> None:
    running.stop()
    second = Running(home, home.parent / "second.log")
    said = second.await_up()
    try:
        assert "Seeding" not in said
        jobs = Visitor(second.origin, "suzuki").get("/api/v1/jobs").json()
        assert {job["code"] for job in jobs} >= {"KENSHIN-R08-01"}
    finally:
        second.stop()
