"""Notices by mail: each once to each mailbox that must hear of it, however often we sweep.

    owed    what has not been sent: for every notice that stands, a row for every mailbox
    send    one of them: locked while it is sent, so that two workers never send the same
    failing what has been tried `TRIES_TOLD` times and has not gone out

A server that does not answer delays (`BACK_OFF`) and loses nothing. Between its answer and our
commit a crash may repeat one mail; it has the same Message-ID then. A mail says what a notice
says: codes, counts, times, the name of a list. Mailboxes are an organisation's, never a
person's; the row keeps which of them it was and a hash of the address.
"""

import asyncio
import hashlib
import smtplib
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.entrustors.tables import Entrustor
from calllist.oversight import notices
from calllist.oversight.tables import Mail, Notice
from calllist.parties.onboarding import PartyKind
from calllist.parties.tables import Party
from calllist.people.roles import Role

ANSWERS_IN = 10.0  # seconds that a server may take for each step
BACK_OFF = timedelta(minutes=1)  # doubled with each failure, up to
AT_MOST = timedelta(hours=1)
AT_ONCE = 50  # mails of one sweep
TOLD_AS = "mail_failing"  # the notice
UNWRITABLE = "unwritable"  # the failure of a mail that cannot even be written
THIS_MAIL = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)  # the server takes others
TRIES_TOLD = 3  # some three minutes: a server that starts anew is nobody's business

Words = Callable[[AsyncSession, Notice], Awaitable[tuple[str, str]]]  # subject, text


@dataclass(frozen=True)
class Server:
    """An SMTP server (submission, RFC 6409). `tls`: "starttls", "tls", or "none" (loopback)."""

    host: str
    port: int
    tls: str
    sender: str
    user: str = ""
    secret: str = ""
    authority: str | None = None  # PEM file of who vouches for it; None: the system's list

    def send(self, message: EmailMessage, to: str) -> None:
        """Blocks. Raises OSError, smtplib.SMTPException."""
        context = ssl.create_default_context(cafile=self.authority)
        with self._connected(context) as line:
            if self.tls == "starttls":
                line.starttls(context=context)  # refused: raises, nothing goes out in the clear
            if self.user:
                line.login(self.user, self.secret)
            line.send_message(message, parseaddr(self.sender)[1], [to])

    def _connected(self, context: ssl.SSLContext) -> smtplib.SMTP:
        if self.tls == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=ANSWERS_IN, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=ANSWERS_IN)


@dataclass(frozen=True)
class Failing:
    """Mails to one mailbox that do not go out. Nothing of what they say, and no address."""

    recipient: str  # whose mailbox: a role
    entrustor: str | None  # its legal name, where the mailbox is its office's
    failure: str  # code
    mails: int
    since: datetime  # of the oldest occasion
    next_at: datetime


async def failing(session: AsyncSession) -> list[Failing]:
    """What stands and was refused or not answered again and again, by mailbox and code."""
    office = case((Mail.recipient == Role.ENTRUSTOR.value, Entrustor.name))
    found = await session.execute(
        select(
            Mail.recipient,
            office,
            Mail.failure,
            func.count(),
            func.min(Notice.raised_at),
            func.min(Mail.next_at),
        )
        .join(Notice, Notice.id == Mail.notice_id)
        .join(Entrustor, Entrustor.id == Notice.entrustor_id, isouter=True)
        .where(
            Mail.sent_at.is_(None),
            Mail.failure.is_not(None),
            Mail.tries >= TRIES_TOLD,
            Notice.over_at.is_(None),
            Notice.code != TOLD_AS,  # else one mailbox would keep its own notice standing
        )
        .group_by(Mail.recipient, office, Mail.failure)
        .order_by(Mail.recipient, office, Mail.failure)
    )
    return [Failing(*row) for row in found.all()]


async def owed(session: AsyncSession, centre: Mapping[Role, str], now: datetime) -> list[str]:
    """Ids of the mails to send now, the oldest first.

    centre: the mailboxes of the auditor and of the managers; a role without one gets none.
    """
    standing = await session.execute(
        select(Notice, Entrustor.mail, Party.kind)
        .join(Entrustor, Entrustor.id == Notice.entrustor_id, isouter=True)
        .join(Party, Party.id == Notice.party_id, isouter=True)
        .where(Notice.over_at.is_(None))
    )
    for notice, own, of_party in standing.all():
        boxes = {**centre, Role.ENTRUSTOR: own}
        if of_party not in (None, PartyKind.CENTRE):  # its operators are none of the centre's
            boxes.pop(Role.MANAGER, None)
        kind = notices.KINDS.get(notice.code)  # None: a row that nobody of ours wrote
        for role in sorted(kind.audience) if kind else ():
            if address := boxes.get(role):
                await session.execute(
                    insert(Mail).values(_row(notice, role, address, now)).on_conflict_do_nothing()
                )
    found = await session.scalars(
        select(Mail.id)
        .join(Notice, Notice.id == Mail.notice_id)
        .where(Mail.sent_at.is_(None), Mail.next_at <= now, Notice.over_at.is_(None))
        .order_by(Mail.next_at, Mail.id)
        .limit(AT_ONCE)
    )
    return list(found)


async def send(
    session: AsyncSession,
    server: Server,
    words: Words,
    mail_id: str,
    centre: Mapping[Role, str],
    now: datetime,
) -> bool:
    """Send one. False: the server takes nothing now, and is best left alone; an address that it
    refuses is no reason to keep others waiting. Never raises for a server: what it was is in
    the row."""
    mail = await session.scalar(
        select(Mail).where(Mail.id == mail_id).with_for_update(skip_locked=True)
    )
    if mail is None or mail.sent_at is not None:
        return True
    notice = await session.get_one(Notice, mail.notice_id)
    own = await session.get(Entrustor, notice.entrustor_id) if notice.entrustor_id else None
    boxes = {**centre, Role.ENTRUSTOR: own.mail if own else None}
    address = boxes.get(Role(mail.recipient))
    if address is None or notice.over_at is not None:
        mail.failure = None  # nobody waits for it any more
        return True
    mail.tries += 1
    mail.next_at = now + min(BACK_OFF * 2 ** min(mail.tries - 1, 10), AT_MOST)
    try:
        subject, text = await words(session, notice)
        message = _message(server, mail, address, subject, text, now)
    except (LookupError, TypeError, ValueError):  # facts or an address that nobody of ours wrote
        mail.failure = UNWRITABLE
        return True
    try:
        await asyncio.to_thread(server.send, message, address)
    except (OSError, smtplib.SMTPException) as error:
        mail.failure = _failure(error)
        return isinstance(error, THIS_MAIL)
    mail.sent_at, mail.failure = now, None
    return True


def _row(notice: Notice, role: Role, address: str, now: datetime) -> dict[str, object]:
    """A notice that was over and stands again is another occasion."""
    occasion = "\x00".join((notice.id, notice.raised_at.isoformat(), role))
    return {
        "id": "mail_" + hashlib.sha256(occasion.encode()).hexdigest()[:32],
        "notice_id": notice.id,
        "recipient": role.value,
        "address": hashlib.sha256(address.encode()).hexdigest(),
        "tries": 0,
        "next_at": now,
    }


def _message(
    server: Server, mail: Mail, address: str, subject: str, text: str, now: datetime
) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = server.sender, address, subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.id}@{parseaddr(server.sender)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
    message.set_content(text, cte="base64")
    return message


def _failure(error: Exception) -> str:
    """A code: what servers say may quote addresses."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, _)] = error.recipients.values()  # one mail, one address
        return f"address:{code}"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "no_starttls_or_auth"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"smtp:{error.smtp_code}"
    return type(error).__name__
