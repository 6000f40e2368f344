"""What a statement decides, said in words: nobody signs what they were not shown.

Every value that the signature covers appears, in Japanese and in English; a test walks all
kinds of statement and looks for each.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from crypto.signed.orders import (
    BudgetRaise,
    Canaries,
    CertificateRevocation,
    Extension,
    Hold,
    Order,
    PartyDecision,
    RecipientChange,
    Reissue,
    ShredOrder,
)
from crypto.signed.statements import fingerprint
from crypto.signed.terms import ContractTerms, RosterEntry, Statement
from crypto.signed.vocabulary import WORDS

Words = Mapping[str, str]


def in_words(statement: Statement, lang: str = "ja") -> str:
    """Everything the signature would cover, for the approver to read. lang: "ja" or "en"."""
    words = WORDS[lang]
    envelope = words["envelope"].format(
        issuer=statement.issuer,
        issued=statement.issued.isoformat(),
        valid=statement.valid_until.isoformat(),
        nonce=statement.nonce,
    )
    return "\n".join([*_body(statement.body, words), envelope])


def _body(body: ContractTerms | RosterEntry | Order, words: Words) -> list[str]:
    match body:
        case ContractTerms():
            return _contract(body, words)
        case RosterEntry():
            return [
                words["roster"].format_map(_values(body)),
                words["until"].format_map(_values(body)),
                *([words["new_factor"]] if body.new_factor else []),
            ]
        case BudgetRaise():
            return _budget(body, words)
        case RecipientChange():
            return [
                words["recipient"].format(
                    entrustor=body.entrustor, fingerprint=fingerprint(body.recipient)
                )
            ]
        case PartyDecision():
            return [words["approve" if body.approved else "withdraw"].format_map(_values(body))]
        case Hold():
            return [words["hold_on" if body.held else "hold_off"].format_map(_values(body))]
        case Extension():
            return [words["extension"].format_map(_values(body))]
        case Canaries():
            return [
                words["canaries"].format(
                    entrustor=body.entrustor,
                    contract=body.contract,
                    fingerprint=fingerprint(body.sealed),
                )
            ]
        case Reissue():
            return _reissue(body, words)
        case CertificateRevocation():
            why = words[f"revoked_{body.reason}"]
            return [
                words["revocation"].format_map(_values(body)),
                words["why"].format(why=why, code=body.reason),
            ]
        case ShredOrder():
            return [
                words["shred"].format(entrustor=body.entrustor),
                *(words["shred_list"].format(list=list_id) for list_id in body.lists),
            ]


def _reissue(body: Reissue, words: Words) -> list[str]:
    corrected = msgspec.to_builtins(body.corrected)
    return [
        words["reissue"].format_map(_values(body)),
        words["why"].format(why=words[f"reissued_{body.reason}"], code=body.reason),
        *(
            words[f"correct_{name}"].format(
                value=" / ".join(value) if isinstance(value, list) else value
            )
            for name, value in corrected.items()
        ),
        words["reissue_keeps"],
    ]


def _budget(body: BudgetRaise, words: Words) -> list[str]:
    who = words["person"].format(person=body.person) if body.person is not None else ""
    role = words["role"].format(role=body.role) if body.role is not None else ""
    return [
        words["raise"].format(who=who + role, entrustor=body.entrustor, contract=body.contract),
        *(words[name].format(count=getattr(body, name)) for name in _caps(body)),
        words["raise_until"].format_map(_values(body)),
    ]


def _contract(terms: ContractTerms, words: Words) -> list[str]:
    identity = terms.identity
    extras = {
        kind: (words["match"] if rule.match else "")
        + (words["reveal"].format(seconds=terms.reveal_seconds) if rule.reveal else "")
        for kind, rule in terms.fields.items()
    }
    return [
        words["contract"].format_map(_values(terms)),
        words["purpose"].format_map(_values(terms)),
        words["expires"].format_map(_values(terms)),
        *(
            words["field"].format(
                kind=kind,
                s1=words.get(rule.s1, rule.s1),
                s2=words.get(rule.s2, rule.s2),
                s3=words.get(rule.s3, rule.s3),
                extra=extras[kind],
            )
            for kind, rule in terms.fields.items()
        ),
        words["identity"].format(
            kinds=", ".join(identity.of),
            count=identity.count,
            tries=identity.tries,
            day=identity.tries_per_day,
        ),
        words["codes"].format(
            final=", ".join(str(code) for code, final in terms.codes.items() if final),
            open=", ".join(str(code) for code, final in terms.codes.items() if not final),
        ),
        words["hands"].format(
            parties=", ".join(terms.parties), sites=", ".join(terms.sites) or words["any"]
        ),
        words["home" if terms.home else "no_home"],
        words["budget"],
        *(words[name].format(count=getattr(terms, name)) for name in _caps(terms)),
        words["reveals"].format_map(_values(terms)),
        words["inbound" if terms.inbound else "no_inbound"],
        *(
            [words["call_back"].format(days=terms.conduct.days_to_call_back)]
            if terms.inbound
            else []
        ),
        words["hold"].format_map(_values(terms)),
        *([words["notes"].format(stage=terms.notes)] if terms.notes else []),
        *([words["slips"].format(kinds=", ".join(terms.slips))] if terms.slips else []),
        *_conduct(terms, words),
    ]


def _conduct(terms: ContractTerms, words: Words) -> list[str]:
    conduct = terms.conduct
    return [
        words["hours"].format(
            w0=conduct.weekday[0],
            w1=conduct.weekday[1],
            h0=conduct.weekend[0],
            h1=conduct.weekend[1],
            attempts=conduct.attempts,
            day=conduct.calls_a_day,
            retry=conduct.retry_minutes,
        ),
        words["end"].format(grace=conduct.grace_hours, duplicates=conduct.duplicates),
        words["results_first" if conduct.results_first else "erase_at_once"],
        *(
            [words["unanswered_per_unit"].format(calls=conduct.unanswered_per_unit)]
            if conduct.unanswered_per_unit
            else []
        ),
        *([words["handover_test"]] if conduct.handover_test else []),
        words["sealed_only" if conduct.sealed_only else "plain_too"],
        words["segments" if conduct.segments else "no_segments"].format(
            columns=", ".join(conduct.segments or ())
        ),
    ]


def _caps(body: ContractTerms | BudgetRaise) -> list[str]:
    """The budgets that the body sets."""
    fields = body.__struct_fields__
    return [name for name in fields if name.startswith("people_per_") and getattr(body, name)]


def _values(body: msgspec.Struct) -> dict[str, object]:
    """The body's fields for a sentence; times as they are signed."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in msgspec.structs.asdict(body).items()
    }
