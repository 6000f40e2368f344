"""What an approver reads, word for word: a yes is a yes, a number stands where it belongs."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from crypto.records.slips import SlipKind
from crypto.signed.orders import BudgetRaise, Hold, PartyDecision
from crypto.signed.statements import prepare
from crypto.signed.terms import StatementBody
from crypto.signed.words import in_words
from tests.crypto.world import START, TERMS

replace = msgspec.structs.replace
ASKABLE = "askable (the one name to ask for: the reading, else the kanji)"
PLAIN = f"""\
Contract terms ctr_1, version 1 (entrustor ent_1)
Purpose: health_check
Nothing opens after: 2026-05-07T01:00:00+00:00
  phone: dialling phone_last3 · answered phone_last3 · verified phone_last3 \
· may be revealed in full (90 s)
  name: dialling {ASKABLE} · answered {ASKABLE} · verified full
  name_kana: dialling {ASKABLE} · answered {ASKABLE} · verified full
  reference: dialling last3 · answered last3 · verified last3 · may be matched
  birth_date: dialling hidden · answered hidden · verified decade · may be matched
  subject: dialling hidden · answered hidden · verified full
Identity check: 1 of birth_date, reference, 3 mismatches at most (60 a day per person who asks)
Result codes that end a record: 10, 50 / that do not: 30
Approved parties: pty_1 · sites: sit_1, sit_2
Work from home: not permitted
People one operator may see, at most:
  120 an hour
  600 in 24 hours
  13200 in 30 days
  13200 in all of one job
  6000 in all of one list
  600 of one entrustor in 24 hours
Fields one operator may have revealed: 120 an hour
Search by number when somebody calls back: not permitted
A record stays in hand for at most 1200 s
Calling hours: weekdays 9-20, weekends and holidays 9-17 · 3 calls per person and number, 2 a day \
· 120 min apart
From completion to destruction: 0 h · duplicates by: person
After completion: erased, without waiting for the results to be received
Files: plain ones are received too
Columns kept as groups: none"""
CONDUCT = replace(
    TERMS.conduct,
    weekday=(8, 21),
    weekend=(10, 16),
    results_first=True,
    handover_test=True,
    sealed_only=True,
    segments=("年代",),
    unanswered_per_unit=4,
)
GENEROUS = replace(
    TERMS, sites=(), home=True, inbound=True, notes="S2", slips=(SlipKind.DATE,), conduct=CONDUCT
)
SAID_OTHERWISE = {  # what the plain terms say, and what the generous ones say in its place
    "sites: sit_1, sit_2": "sites: any",
    "Work from home: not permitted": "Work from home: permitted",
    "somebody calls back: not permitted": "somebody calls back: permitted, one at a time\n"
    "Whoever was never reached may call back until the end of 1 business day(s)",
    "for at most 1200 s": "for at most 1200 s\nNotes for the next call (up to 100 characters): "
    "kept, shown from S2 on, gone with the record\nHanded over to the entrustor on a slip: date",
    "weekdays 9-20, weekends and holidays 9-17": "weekdays 8-21, weekends and holidays 10-16",
    "erased, without waiting for the results to be received": "erased once the results are "
    "received, or at the deadline\nBilled: one unit for 4 unanswered calls, and one for each "
    "person finished otherwise\nCalls begin once the entrustor has opened a test file of results",
    "Files: plain ones are received too": "Files: only those that the entrustor has encrypted "
    "(age) are received",
    "Columns kept as groups: none": "Columns kept as groups, by a code: 年代 (at most 50 values "
    "each, only those that 20 people share; for the order of calls and for counts)",
}


def said(body: StatementBody) -> str:
    """Without the envelope."""
    statement = prepare(body, issuer="iss_1", now=START, valid_for=timedelta(days=1))
    words, _, envelope = in_words(statement, "en").rpartition("\n")
    assert envelope.startswith("Asked for by iss_1 on ")
    return words


def test_a_contract_reads_as_it_is_signed() -> None:
    assert said(TERMS) == PLAIN


def test_each_permission_of_a_contract_is_said_where_its_refusal_would_be() -> None:
    expected = PLAIN
    for refusal, permission in SAID_OTHERWISE.items():
        assert expected.count(refusal) == 1
        expected = expected.replace(refusal, permission)
    assert said(GENEROUS) == expected


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            BudgetRaise("ent_1", "ctr_1", START, role="operator", people_per_hour=50),
            (
                "More people may be seen by everybody in the role operator (contract ctr_1, "
                "entrustor ent_1)\n  50 an hour\nUntil: 2026-04-07T01:00:00+00:00"
            ),
        ),
        (
            BudgetRaise("ent_1", "ctr_1", START, "per_1", people_per_job=7),
            (
                "More people may be seen by person per_1 (contract ctr_1, entrustor ent_1)\n"
                "  7 in all of one job\nUntil: 2026-04-07T01:00:00+00:00"
            ),
        ),
        (
            PartyDecision("ent_1", "ctr_1", "pty_9", approved=True),
            (
                "Party pty_9 is approved for contract ctr_1 (entrustor ent_1), for lists received "
                "from now on"
            ),
        ),
        (
            PartyDecision("ent_1", "ctr_1", "pty_9", approved=False),
            (
                "The approval of party pty_9 for contract ctr_1 (entrustor ent_1) is withdrawn; "
                "nothing opens for its people from now on"
            ),
        ),
        (
            Hold("ent_1", "lst_1", held=True, reason="R8-1"),
            (
                "List lst_1 (entrustor ent_1) is kept from destruction; nobody opens it meanwhile\n"
                "  Reason: R8-1"
            ),
        ),
        (
            Hold("ent_1", "lst_1", held=False, reason="R8-1"),
            "List lst_1 (entrustor ent_1) is no longer kept from destruction\n  Reason: R8-1",
        ),
    ],
)
def test_an_order_reads_as_it_is_signed(body: Any, words: str) -> None:
    assert said(body) == words
