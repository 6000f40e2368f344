"""「本当に市からの電話ですか」: the entrustor's officer checks the code that a callee was given.

Genuine or not, of which job and when; never who was called. The keeper knows the codes, counts
the wrong ones and says so in the ledger (crypto D110).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.errors import CalllistError
from calllist.jobs.scope import job_of
from calllist.people.tables import Person
from crypto.wire.calls import CheckCode
from crypto.wire.client import KeeperClient

_BETWEEN = re.compile(r"[\s\-‐‑–—−ー]")
_CODE = re.compile(r"[0-9]{6}")


class CodeUnreadable(CalllistError):
    """What was typed is no six-digit code. It is not repeated, and nothing was asked."""

    code = "call_code_unreadable"


@dataclass(frozen=True)
class Answer:
    """Not genuine has one form, whatever the reason."""

    genuine: bool
    job: str = ""  # its code
    at: datetime | None = None


def read(typed: str) -> str:
    """The six digits of what was typed. Raises CodeUnreadable."""
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed))
    if not _CODE.fullmatch(plain):
        raise CodeUnreadable
    return plain


async def check(
    session: AsyncSession, keeper: KeeperClient, person: Person, typed: str, *, grant: str
) -> Answer:
    """Whether a call for this officer's entrustor gave this code within a day.

    Raises CodeUnreadable, and the keeper's codes_used, not_authorised, grant_over.
    """
    told = await keeper.call(CheckCode(grant, read(typed)))
    if not told.genuine:
        return Answer(genuine=False)
    return Answer(True, (await job_of(session, person, told.job)).code, told.at)
