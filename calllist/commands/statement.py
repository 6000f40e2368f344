"""`calllist statement ...`: write down a decision that somebody is asked to sign.

Needs no database and no keeper: whoever asks writes the file, the approver reads and signs it
with `calllist approve`, and it is handed in on the screen.
"""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, cast

import msgspec
import typer

from calllist.clock import JST
from calllist.commands import keys
from calllist.commands.console import CommandFailed, console, write
from crypto.signed import statements
from crypto.signed.orders import (
    BudgetRaise,
    CertificateRevocation,
    Corrections,
    Extension,
    Hold,
    Order,
    PartyDecision,
    RecipientChange,
    Reissue,
    ReissueReason,
    RevocationReason,
    ShredOrder,
)

TIME_TO_SIGN = timedelta(days=14)

app = typer.Typer(help="署名を求める決定 / Decisions that need a signature")

Issuer = Annotated[str, typer.Option(help="申請者 per_... / who asks (not who approves)")]
Entrustor = Annotated[str, typer.Option(help="ent_...")]
Contract = Annotated[str, typer.Option(help="ctr_...")]
List = Annotated[str, typer.Argument(help="lst_...")]
Certificate = Annotated[str, typer.Argument(help="証明書番号 / certificate no.")]
Reason = Annotated[str, typer.Option(help="理由 / reason, for those who sign")]
Until = Annotated[str, typer.Option(help="2027-03-31: 最終日 / last day")]
Output = Annotated[Path, typer.Option("-o", "--output", help="FILE")]
People = Annotated[int, typer.Option(help="人数 / people; 0: as the contract says")]


@app.callback()
def _group() -> None:
    """署名を求める決定 / Decisions that need a signature

    識別子(ent_ ctr_ lst_ pty_ per_)は画面に表示されます: 「署名済みの決定」(/statements)、業務の
    画面の「申請に使う識別子」 / The ids are shown on the screens: "Signed decisions"
    (/statements), and "Ids for drafting" of each job.
    """


@app.command("budget")
def budget(
    *,
    context: typer.Context,
    entrustor: Entrustor,
    contract: Contract,
    until: Until,
    issuer: Issuer,
    output: Output,
    person: Annotated[str | None, typer.Option(help="per_...")] = None,
    role: Annotated[str | None, typer.Option(help="operator")] = None,
    hour: People = 0,
    day: People = 0,
    days_30: People = 0,
    job: People = 0,
    of_list: Annotated[int, typer.Option("--list", help="人数 / people")] = 0,
    entrustor_day: People = 0,
) -> None:
    """人数の上限の引上げ / Raise how many people somebody may see."""
    body = BudgetRaise(
        entrustor=entrustor,
        contract=contract,
        until=_end_of(until),
        person=person,
        role=role,
        people_per_hour=hour,
        people_per_day=day,
        people_per_30_days=days_30,
        people_per_job=job,
        people_per_list=of_list,
        people_per_entrustor_day=entrustor_day,
    )
    _draft(context, body, issuer, output)


@app.command("party")
def party(
    context: typer.Context,
    party: Annotated[str, typer.Argument(help="pty_...")],
    entrustor: Entrustor,
    contract: Contract,
    issuer: Issuer,
    output: Output,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="取消し / withdraw")] = False,
) -> None:
    """事業者の承認・取消し / Approve a party for a contract, or withdraw it."""
    _draft(context, PartyDecision(entrustor, contract, party, not withdraw), issuer, output)


@app.command("hold")
def hold(
    context: typer.Context,
    list_id: List,
    entrustor: Entrustor,
    reason: Reason,
    issuer: Issuer,
    output: Output,
    release: Annotated[bool, typer.Option("--release", help="解除 / end it")] = False,
) -> None:
    """消去の法的保留・解除(2者の署名) / Legal hold or its release; two must sign."""
    _draft(context, Hold(entrustor, list_id, not release, reason), issuer, output)


@app.command("extension")
def extension(
    context: typer.Context,
    list_id: List,
    entrustor: Entrustor,
    until: Until,
    issuer: Issuer,
    output: Output,
) -> None:
    """リストの期限の延長 / Let a list live longer, within its contract."""
    _draft(context, Extension(entrustor, list_id, _end_of(until)), issuer, output)


@app.command("shred")
def shred(
    context: typer.Context,
    lists: Annotated[list[str], typer.Argument(help="lst_... (繰返し可 / repeatable)")],
    entrustor: Annotated[str, typer.Option(help="ent_... または centre / or centre")],
    issuer: Issuer,
    output: Output,
) -> None:
    """鍵の消去の許可 / Leave to destroy the keys of lists."""
    _draft(context, ShredOrder(entrustor, tuple(lists)), issuer, output)


@app.command("reissue")
def reissue(
    *,
    context: typer.Context,
    certificate: Certificate,
    list_id: Annotated[str, typer.Option("--list", help="lst_...")],
    entrustor: Entrustor,
    reason: Annotated[str, typer.Option(help="name, number, claim")],
    issuer: Issuer,
    output: Output,
    name: Annotated[str | None, typer.Option(help="委託元の名称 / entrustor's name")] = None,
    number: Annotated[str | None, typer.Option(help="契約番号 / contract number")] = None,
    purpose: Annotated[str | None, typer.Option(help="health_check")] = None,
    party: Annotated[list[str] | None, typer.Option(help="取扱者(全員) / all parties")] = None,
    rows: Annotated[int | None, typer.Option(help="受領行数 / rows received")] = None,
    rejected: Annotated[int | None, typer.Option(help="取込不可 / rows rejected")] = None,
    duplicates: Annotated[int | None, typer.Option(help="重複 / duplicate rows")] = None,
    not_to_be_called: Annotated[
        int | None, typer.Option(help="架電しない方 / not to be called")
    ] = None,
) -> None:
    """消去証明書の差替(2者の署名) / Replace a certificate; two must sign."""
    corrected = Corrections(
        name, number, purpose, tuple(party or ()), rows, rejected, duplicates, not_to_be_called
    )
    body = Reissue(entrustor, list_id, certificate, cast("ReissueReason", reason), corrected)
    _draft(context, body, issuer, output)


@app.command("revoke-certificate")
def revoke_certificate(
    context: typer.Context,
    certificate: Certificate,
    list_id: Annotated[str, typer.Option("--list", help="lst_...")],
    entrustor: Entrustor,
    reason: Annotated[str, typer.Option(help="in_error, wrong_list, wrong_claim, key_compromised")],
    issuer: Issuer,
    output: Output,
) -> None:
    """消去証明書の失効(2者の署名) / Revoke a certificate; two must sign."""
    why = cast("RevocationReason", reason)
    _draft(context, CertificateRevocation(entrustor, list_id, certificate, why), issuer, output)


@app.command("recipient")
def recipient(
    context: typer.Context,
    public: Annotated[Path, typer.Argument(help="新しい公開鍵 / new public key file (.pub)")],
    entrustor: Entrustor,
    issuer: Issuer,
    output: Output,
) -> None:
    """受取り用の鍵の変更 / Receive with another key from the next list on."""
    held = keys.public(public)
    _draft(context, RecipientChange(entrustor, held.recipient.data), issuer, output)


def _draft(context: typer.Context, body: Order, issuer: str, output: Path) -> None:
    """Write the request file; what could not be signed is not written."""
    now = datetime.now(UTC)  # noqa: TID251 - the asker's own machine is an edge
    statement = statements.prepare(body, issuer=issuer, now=now, valid_for=TIME_TO_SIGN)
    request = statements.dump_request(statement)
    try:
        msgspec.json.decode(msgspec.json.encode(body), type=type(body))  # ids as they must be
    except msgspec.ValidationError as fault:
        raise CommandFailed("statement_malformed", detail=fault) from None
    write(output, request)
    console(context).say("statement_drafted", file=output)


def _end_of(text: str) -> datetime:
    """Midnight that ends this day in Japan."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=JST)
    except ValueError:
        raise CommandFailed("bad_date", text=text) from None
    return datetime.combine(day.date(), time.max, JST)
