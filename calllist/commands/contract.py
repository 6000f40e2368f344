"""`calllist contract draft`: write down the terms that an entrustor is asked to sign."""

from datetime import datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import JST, Clock
from calllist.commands.console import CommandFailed, console, write
from calllist.commands.hosts import in_transaction
from calllist.entrustors import contracts
from calllist.entrustors.purposes import Purpose
from calllist.entrustors.tables import Contract
from calllist.settings import Settings
from crypto.records.slips import SlipKind
from crypto.signed.terms import Conduct, ContractTerms

app = typer.Typer(help="契約条件 / Contract terms")


class NotesFrom(StrEnum):
    """From which stage the note of an earlier call is read."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"


Unanswered = Annotated[
    int | None,
    typer.Option(min=1, max=100, help="不応答何回で1請求単位か / calls of one unit"),
]
Notes = Annotated[
    NotesFrom | None,
    typer.Option(help="メモを残し、この段階から見せる / keep notes, shown from this stage"),
]
Slips = Annotated[
    list[SlipKind] | None,
    typer.Option(help="申し送り票の項目(繰返し可) / handed over on a slip (repeatable)"),
]


@app.callback()
def _group() -> None:
    """契約条件 / Contract terms"""


@app.command("draft")
def draft(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="契約番号 / contract number")],
    entrustor: Annotated[str, typer.Option(help="ent_...")],
    purpose: Annotated[Purpose, typer.Option(help="利用目的 / purpose")],
    party: Annotated[list[str], typer.Option(help="pty_...(繰返し可 / repeatable)")],
    until: Annotated[str, typer.Option(help="2027-03-31: 最終日 / last day")],
    site: Annotated[list[str] | None, typer.Option(help="sit_...")] = None,
    segment: Annotated[
        list[str] | None, typer.Option(help="区分として残す列の見出し(2列まで) / a grouping column")
    ] = None,
    sealed_only: Annotated[
        bool,
        typer.Option(
            "--sealed-only", help="暗号化したファイルだけを受け取る / encrypted files only"
        ),
    ] = False,
    home: Annotated[
        bool, typer.Option("--home", help="在宅での取扱いを認める / permit work from home")
    ] = False,
    results_first: Annotated[
        bool, typer.Option("--results-first", help="返還後消去 / erase once results are received")
    ] = False,
    unanswered_per_unit: Unanswered = None,
    notes: Notes = None,
    slip: Slips = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="FILE")] = None,
) -> None:
    """契約条件の次の版の案を作る / Draft the next version of a contract's terms."""
    speak = console(context)
    expires = _end_of(until)

    async def work(session: AsyncSession, chosen: Settings) -> tuple[bytes, str, int]:
        now = Clock(chosen.clock_offset).now()
        contract = await _contract(session, code, entrustor, now)
        version = await contracts.next_version(session, contract.id)
        terms = contracts.terms_for(
            purpose,
            entrustor_id=entrustor,
            contract_id=contract.id,
            version=version,
            parties=tuple(party),
            sites=tuple(site or ()),
            expires=expires,
            conduct=_conduct(
                segment,
                sealed_only=sealed_only,
                results_first=results_first,
                unanswered_per_unit=unanswered_per_unit,
            ),
        )
        terms = _with(terms, home=home, notes=notes, slip=slip)
        return contracts.draft(terms, issuer=party[0], now=now), contract.id, version

    request, contract_id, version = in_transaction(work)
    file = output or Path(f"contract-{contract_id}-{version}.json")
    write(file, request)
    speak.say("contract_drafted", file=file, contract=code, version=version)


def _conduct(
    segment: list[str] | None,
    *,
    sealed_only: bool,
    results_first: bool,
    unanswered_per_unit: int | None,
) -> Conduct:
    """What was chosen, and that nobody is called before the entrustor opens what it receives."""
    return Conduct(
        handover_test=True,
        segments=tuple(segment) if segment else msgspec.UNSET,
        sealed_only=sealed_only or msgspec.UNSET,
        results_first=results_first or msgspec.UNSET,
        unanswered_per_unit=unanswered_per_unit or msgspec.UNSET,
    )


def _with(
    terms: ContractTerms, *, home: bool, notes: NotesFrom | None, slip: list[SlipKind] | None
) -> ContractTerms:
    """The terms, and what was chosen beyond the usual."""
    return msgspec.structs.replace(
        terms,
        home=home or msgspec.UNSET,
        notes=notes.value if notes else msgspec.UNSET,
        slips=tuple(slip) if slip else msgspec.UNSET,
    )


async def _contract(session: AsyncSession, code: str, entrustor: str, now: datetime) -> Contract:
    found = await session.scalar(
        select(Contract).where(Contract.code == code, Contract.entrustor_id == entrustor)
    )
    if found is not None:
        return found
    return await contracts.open_contract(session, entrustor_id=entrustor, code=code, now=now)


def _end_of(text: str) -> datetime:
    """Midnight that ends this day in Japan."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=JST)
    except ValueError:
        raise CommandFailed("bad_date", text=text) from None
    return datetime.combine(day.date(), time.max, JST)
