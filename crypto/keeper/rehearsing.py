"""A hand-over before there is anything to hand over: one invented result, sealed like the others.

Whoever opens it finds a code where results have the reference number. The platform is told the
code's hash only: naming the code shows that somebody opened the file with the entrustor's key.

What is invented is bound to a name that no list can have: nobody takes it for a result of one.
"""

import hashlib
import secrets
from datetime import datetime

from crypto.bookkeeping.journal import Act, Journal, Verbs
from crypto.bookkeeping.quotas import Quotas
from crypto.errors.keeper import BadFrame
from crypto.ids import TEST
from crypto.records.sealing import KEY_BYTES, CallResult, ListKeys, seal_list_keys, seal_result
from crypto.signed.approvals import Approvals
from crypto.signed.statements import fingerprint
from crypto.wire.lists import Rehearse, Rehearsed

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing looks alike
CODE = 12  # letters: 60 bits, so that the hash tells nobody
REHEARSED = 20  # an hour, of one entrustor
REACHED = 10  # the result that the file invents (本人応答)


class Rehearsals:
    """Files by which an entrustor shows that it can open its results."""

    def __init__(self, journal: Journal, approvals: Approvals, quotas: Quotas) -> None:
        self._journal, self._approvals, self._quotas = journal, approvals, quotas
        self.verbs: Verbs = {Rehearse: self.rehearse}

    def rehearse(self, request: Rehearse, now: datetime) -> Act:
        """Raises BadFrame: not the name of a test; UnpinnedEntrustor; LineQuota."""
        if not request.test.startswith(TEST):
            raise BadFrame("test")
        recipient = self._approvals.recipient(request.entrustor)
        over = self._quotas.spend(f"rehearse {request.entrustor}", REHEARSED, now)
        if over:
            return over
        key = fingerprint(recipient.data)
        self._journal.append(
            "rehearse", now, entrustor=request.entrustor, test=request.test, key=key
        )
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE))
        keys = ListKeys(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))
        sealed_keys = seal_list_keys(
            recipient, entrustor=request.entrustor, list_id=request.test, keys=keys
        )
        invented = CallResult(1, code, REACHED, now.isoformat())
        sealed = seal_result(
            keys.result_key, list_id=request.test, attempt=request.test, result=invented
        )
        proof = hashlib.sha256(code.encode()).digest()
        return lambda: Rehearsed(key, sealed_keys, sealed, proof)
