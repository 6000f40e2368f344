"""What the page between two calls says of a result that may still be changed; nothing of whom."""

from typing import Any

from calllist.dialing import provisional, revising
from calllist.dialing.desk import Desk
from calllist.dialing.hand import at_the_desk
from calllist.web import card, keyboard
from crypto.signed.terms import ContractTerms


async def facts(desk: Desk, job_id: str, terms: ContractTerms, lang: str) -> dict[str, Any] | None:
    """None: there is none of this job."""
    given = await provisional.standing(desk.session, desk.custody, desk.person)
    if given is None or given.job_id != job_id:
        return None
    return {
        "lease": given.lease_id,
        "sign": revising.sign(given.lease_id),
        "code": given.code,
        "result": card.result_word(str(given.code), terms.purpose, lang),
        "seconds": max(1, int((given.until - desk.now).total_seconds())),
        "groups": keyboard.groups(at_the_desk(terms), terms.purpose),
        **card.call_back(terms, desk.now),
    }
