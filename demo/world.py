"""The demonstration's world and how it comes about: through the real verbs, in two sittings.

last week    entrustors, contracts, people; a small job called to its end, destroyed and
             certified; the health-check list called to 55 %, call-backs asked for
today        those call-backs are due; a second file whose receipt has every kind of
             rejection; a sales list that reaches its deadline in three minutes; what
             the entrustor fetched: certificate and its PDF, a copy with one bit changed,
             results
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from calllist.entrustors.onboarding import EntrustorKind
from calllist.entrustors.purposes import Purpose
from calllist.people.roles import Role
from crypto.records.slips import SlipKind
from crypto.signed.terms import Conduct
from demo import callee
from demo.callee import Callee
from demo.onboarding import Member, Onboarding, keep_members, kept_members
from demo.seat import Refused, Seat
from demo.townsfolk import DISTRICT, Nature, Townsperson, file, household, people, troubled_rows

LAST_WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
SHORT = timedelta(minutes=3)  # what is left of the sales list
CITY, TELECOM = "みなと野市", "ほしぞら通信株式会社"
CENTRE = "ことのはコンタクト株式会社"
NORTH, SOUTH = "札幌センター", "那覇センター"
CHECKS = ("特定健診", "胃がん検診", "大腸がん検診", "歯周病検診")
PRODUCTS = ("光回線のご案内", "スマホ割引のご案内")
# Nobody of these asks to be called back: there are three minutes.
PROSPECTS = (Nature.SELF, Nature.REFUSES, Nature.NOBODY, Nature.SELF, Nature.WRONG)
OLD_JOB, HEALTH_JOB, SALES_JOB = "KENSHIN-R07-04", "KENSHIN-R08-01", "HIKARI-01"
FINAL_SHARE = 0.55  # of sixty: enough for a forecast
CERTIFICATE_SECONDS = 90  # for sweep, shred, erase, verify, certify

OpenSeat = Callable[[Member], Seat]


class Folder:
    """Where the demonstration keeps what people of this world would keep themselves."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.keys = root / "keys"
        self.members = root / "members.json"
        self.callees = root / "callees.json"
        self.facts = root / "world.json"
        self.entrustor = root / "entrustor"  # the municipality's own desk


class Facts(msgspec.Struct):
    """What the second sitting, the guide and the tests need to know of the first."""

    city: str
    telecom: str
    health_contract: str
    sales_contract: str
    complete: bool = False


async def last_week(
    onboarding: Onboarding, open_seat: OpenSeat, folder: Folder, now: datetime
) -> None:
    """The first sitting."""
    facts, members = await _take_on(onboarding, now)
    keep_members(folder.members, members)
    folder.facts.write_bytes(msgspec.json.encode(facts))
    callers = [members[name] for name in ("sato", "suzuki")]
    async with open_seat(members["hoshino"]) as manager:
        old = await _job(manager, facts.health_contract, OLD_JOB, callers)
        finished = people(12, seed=1, subjects=CHECKS, due="2026/6/30", prefix="K")
        await _upload(manager, folder, old, finished)
        health = await _job(
            manager, facts.health_contract, HEALTH_JOB, [m for m in members.values() if _calls(m)]
        )
        await _upload(manager, folder, health, _with_household(), districts=True)
        seats = [open_seat(member) for member in callers]
        for seat in seats:
            await seat.sign_in()
        await _call(seats, folder, old, until=lambda _: False, patient=False)
        await manager.post(f"/jobs/{old}/close")
        wanted = int(len(_with_household()) * FINAL_SHARE)
        await _call(seats, folder, health, until=lambda final: final >= wanted, patient=True)
        for seat in seats:
            await seat.__aexit__()
    async with open_seat(members["aoki"]) as officer:
        await _await(lambda: officer.get("/certificates"))


async def today(
    open_seat: OpenSeat, folder: Folder, keeper_public: Path, now: Callable[[], datetime]
) -> None:
    """The second sitting."""
    facts = known(folder)
    assert facts  # noqa: S101 - the first sitting wrote it
    members = kept_members(folder.members)
    async with open_seat(members["hoshino"]) as manager:
        jobs = {job["code"]: job["id"] for job in await manager.get("/jobs")}
        healthy = people(60, seed=3, subjects=CHECKS, due="2026/12/25", prefix="M")
        content = file(troubled_rows(healthy), encoding="utf-8-sig", districts=True)
        receipt = await manager.upload(jobs[HEALTH_JOB], content)
        _remember(folder, receipt["list"], healthy)
        sellers = [members[name] for name in ("takahashi", "tanaka")]
        sales = await _job(manager, facts.sales_contract, SALES_JOB, sellers)
        prospects = people(30, seed=4, subjects=PRODUCTS, due="", prefix="H", natures=PROSPECTS)
        await _upload(manager, folder, sales, prospects, expires=now() + SHORT)
        async with open_seat(sellers[0]) as seller:
            await _call([seller], folder, sales, until=lambda final: final >= 4, patient=True)
    async with open_seat(members["aoki"]) as officer:
        await _fetch(officer, folder, keeper_public, members["hoshino"], now())
    keep_members(folder.members, members)
    folder.facts.write_bytes(msgspec.json.encode(msgspec.structs.replace(facts, complete=True)))


def known(folder: Folder) -> Facts | None:
    """The facts of a world that was begun here, or None."""
    if not folder.facts.exists():
        return None
    return msgspec.json.decode(folder.facts.read_bytes(), type=Facts)


# -- last week -----------------------------------------------------------------------------


async def _take_on(onboarding: Onboarding, now: datetime) -> tuple[Facts, dict[str, Member]]:
    await onboarding.centre()
    city = await onboarding.entrustor(CITY, EntrustorKind.PUBLIC)
    telecom = await onboarding.entrustor(TELECOM, EntrustorKind.PRIVATE)
    centre = await onboarding.party(CENTRE)
    north, south = [await onboarding.site(centre, name) for name in (NORTH, SOUTH)]
    health = await onboarding.contract(
        city,
        "みな健委-2026-014",
        Purpose.HEALTH_CHECK,
        parties=(centre,),
        expires=now + timedelta(days=180),
        conduct=Conduct(segments=(DISTRICT,), handover_test=True),
        change=lambda terms: msgspec.structs.replace(terms, notes="S1", slips=tuple(SlipKind)),
    )
    sales = await onboarding.contract(
        telecom,
        "HZ-2026-07",
        Purpose.SALES,
        parties=(centre,),
        expires=now + timedelta(days=90),
        conduct=Conduct(duplicates="phone", handover_test=True),
    )
    cast: Sequence[tuple[str, str, Role, str | None, str | None, str | None, str]] = (
        ("hoshino", "星野 誠", Role.MANAGER, centre, north, None, NORTH),
        ("ota", "太田 恵", Role.SUPERVISOR, centre, north, None, NORTH),
        ("sato", "佐藤 由美", Role.OPERATOR, centre, north, None, NORTH),
        ("suzuki", "鈴木 健一", Role.OPERATOR, centre, north, None, NORTH),
        ("takahashi", "髙橋 恵子", Role.OPERATOR, centre, south, None, SOUTH),
        ("tanaka", "田中 博", Role.OPERATOR, centre, south, None, SOUTH),
        ("aoki", "青木 清", Role.ENTRUSTOR, None, None, city, f"{CITY} 健康づくり課"),
        ("nishimura", "西村 進", Role.ENTRUSTOR, None, None, telecom, f"{TELECOM} 営業企画部"),
        ("matsui", "松井 京子", Role.AUDITOR, centre, None, None, "内部監査室"),
        ("onodera", "小野寺 豊", Role.ADMINISTRATOR, centre, None, None, "総務課"),
    )
    members = {}
    for login, name, role, party, site, entrustor, place in cast:
        members[login] = await onboarding.member(
            login, name, role, party=party, site=site, entrustor=entrustor
        )
        members[login].place = place
    return Facts(city, telecom, health, sales), members


def _with_household() -> list[Townsperson]:
    """Sixty people; two who have not been called yet live together and share a number."""
    folk = people(60, seed=2, subjects=CHECKS, due="2027/2/28", prefix="M")
    return [*folk[:56], household(folk[55], folk[56]), *folk[57:]]


def _calls(member: Member) -> bool:
    return member.role == Role.OPERATOR


# -- what people do ------------------------------------------------------------------------


async def _job(manager: Seat, contract: str, code: str, operators: Sequence[Member]) -> str:
    job: str = (await manager.post("/jobs", {"contract": contract, "code": code}))["id"]
    for operator in operators:
        await manager.put(f"/jobs/{job}/operators/{operator.person}")
    return job


async def _upload(
    manager: Seat,
    folder: Folder,
    job: str,
    folk: Sequence[Townsperson],
    expires: datetime | None = None,
    *,
    districts: bool = False,
) -> None:
    """Upload the file and remember who would answer the telephone, by line."""
    content = file((person.cells() for person in folk), districts=districts)
    until = expires.isoformat() if expires else None
    receipt = await manager.upload(job, content, expires=until)
    _remember(folder, receipt["list"], folk)
    if expires is None:
        await manager.post(f"/lists/{receipt['list']}/close-intake")


def _remember(folder: Folder, list_id: str, folk: Sequence[Townsperson]) -> None:
    lines = {line: Callee.of(person) for line, person in enumerate(folk, 2)}
    callee.remember(folder.callees, list_id, lines)


async def _call(
    seats: Sequence[Seat],
    folder: Folder,
    job: str,
    *,
    until: Callable[[int], bool],
    patient: bool,
) -> None:
    """Call one after the other, in turns. Not `patient`: everybody is done with at once."""
    final = turn = 0
    while not until(final):
        seat = seats[turn % len(seats)]
        turn += 1
        try:
            lease = (await seat.post(f"/jobs/{job}/leases"))["lease"]
        except Refused as refused:
            if refused.code in ("nobody_left", "job_over"):
                return
            raise
        shown = await seat.get(f"/leases/{lease}")
        code = _fitting(folder, shown) if patient else 10
        back = {"call_back_at": shown["expires_at"]} if code == 12 else {}
        result = await seat.post(f"/leases/{lease}/result", {"code": code, **back})
        final += result["final"]


def _fitting(folder: Folder, shown: dict[str, object]) -> int:
    """The result that fits how this telephone would be answered.

    The seat sees a masked person only; the scenery knows it by the reading of the name.
    """
    fields = {field["kind"]: field["text"] for field in shown["fields"]}  # type: ignore[attr-defined]
    found = callee.by_reference(folder.callees, fields.get("reference", ""))
    codes = shown["codes"]
    assert isinstance(codes, list)  # noqa: S101 - the API's shape
    return found.result if found is not None and found.result in codes else 10


async def _await(look: Callable[[], Awaitable[list[Any]]]) -> None:
    """Until the worker has made what is due."""
    async with asyncio.timeout(CERTIFICATE_SECONDS):
        while not await look():
            await asyncio.sleep(0.5)


async def _fetch(
    officer: Seat, folder: Folder, keeper_public: Path, issuer: Member, now: datetime
) -> None:
    """What the municipality's officer saves on its own computer."""
    desk = folder.entrustor
    desk.mkdir(mode=0o700, exist_ok=True)
    oldest = (await officer.get("/certificates"))[-1]
    certificate = await officer.fetch(f"/certificates/{oldest['id']}")
    (desk / "certificate.json").write_bytes(certificate)

    async def on_paper() -> list[Any]:
        issued = await officer.get("/certificates")
        return [one for one in issued if one["id"] == oldest["id"] and one["pdf"]]

    await _await(on_paper)
    (desk / "certificate.pdf").write_bytes(await officer.fetch(f"/certificates/{oldest['id']}.pdf"))
    middle = len(certificate) // 2
    changed = bytearray(certificate)
    changed[middle] ^= 1
    (desk / "certificate-one-bit-changed.json").write_bytes(changed)
    facts = known(folder)
    assert facts  # noqa: S101 - the first sitting wrote it
    key = desk / "entrustor.key"
    key.write_bytes((folder.keys / f"{facts.city}.key").read_bytes())
    key.chmod(0o600)
    for name in ("certificate.pub", "document.pem", "ledger.pub"):
        (desk / name).write_bytes((keeper_public / name).read_bytes())
    (desk / "ledger").symlink_to("../../keeper/ledger")  # an auditor would be given a copy
    (desk / "results.json").write_bytes(await officer.fetch("/results/file"))
    (desk / "ids").write_text(_ids(facts, await officer.get("/holdings"), issuer, now))


def _ids(facts: Facts, held: list[dict[str, str]], issuer: Member, now: datetime) -> str:
    """What a statement is drafted with, as the screens show it, for a shell to read."""
    return (
        f"ENTRUSTOR={facts.city}\nCONTRACT={facts.health_contract}\n"
        f"LIST={held[0]['list_id']}\nISSUER={issuer.person}\nUNTIL={now + MONTH:%Y-%m-%d}\n"
    )
