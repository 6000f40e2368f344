"""What a purpose of calling needs to see, and how its calls may end: the defaults of terms.

Fields and masks: reference table of staged disclosure (S1 before dialling, S2 somebody
answered, S3 verified). One form of the name is there to ask for: the reading, or the kanji
where the list has none; the other form comes with verification. 要配慮 is in no default. A
contract may narrow or change any of this before it is signed, within what `crypto.signed.policy`
lets anybody sign; nothing changes it afterwards.
"""

from dataclasses import dataclass
from enum import StrEnum

from calllist.entrustors.codes import CODES
from crypto.records.fields import FieldKind, Mask
from crypto.signed.terms import FieldRule, IdentityRule


class Purpose(StrEnum):
    """What people are called for."""

    SALES = "sales"
    HEALTH_CHECK = "health_check"
    PAYMENT_NOTICE = "payment_notice"
    INBOUND = "inbound"  # they call us; nobody is rung up but those who asked to be


@dataclass(frozen=True)
class Defaults:
    """The part of terms that follows from the purpose."""

    fields: dict[FieldKind, FieldRule]
    identity: IdentityRule
    codes: dict[int, bool]


_PHONE = FieldRule(Mask.PHONE_LAST3, Mask.PHONE_LAST3, Mask.PHONE_LAST3, reveal=True)
_FURTHER = FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.HIDDEN)  # rung in PHONE's place, under its rule
_NAME = FieldRule(Mask.ASKABLE, Mask.ASKABLE, Mask.FULL)
_ORGANISATION = FieldRule(Mask.FULL, Mask.FULL, Mask.FULL)
_BIRTH = FieldRule(Mask.HIDDEN, Mask.DOTS, Mask.HIDDEN, match=True)
_ADDRESS = FieldRule(Mask.MUNICIPALITY, Mask.MUNICIPALITY, Mask.MUNICIPALITY, match=True)
_POSTAL = FieldRule(Mask.HIDDEN, Mask.DOTS, Mask.HIDDEN, match=True)
_REFERENCE = FieldRule(Mask.LAST3, Mask.LAST3, Mask.LAST3, match=True)
_AFTER_VERIFYING = FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.FULL)

_COMMON = {
    FieldKind.PHONE: _PHONE,
    FieldKind.PHONE_ALT: _FURTHER,
    FieldKind.NAME: _NAME,
    FieldKind.NAME_KANA: _NAME,
    FieldKind.ORGANISATION: _ORGANISATION,
    FieldKind.REFERENCE: _REFERENCE,
}

_FIELDS: dict[Purpose, dict[FieldKind, FieldRule]] = {
    Purpose.SALES: {
        **_COMMON,
        FieldKind.ADDRESS: _ADDRESS,
        FieldKind.SUBJECT: FieldRule(Mask.FULL, Mask.FULL, Mask.FULL),
    },
    Purpose.HEALTH_CHECK: {
        **_COMMON,
        FieldKind.BIRTH_DATE: FieldRule(Mask.HIDDEN, Mask.DOTS, Mask.DECADE, match=True),
        FieldKind.POSTAL: _POSTAL,
        FieldKind.ADDRESS: _ADDRESS,
        FieldKind.SUBJECT: _AFTER_VERIFYING,
        FieldKind.DUE_DATE: _AFTER_VERIFYING,
    },
    Purpose.PAYMENT_NOTICE: {
        **_COMMON,
        FieldKind.REFERENCE: FieldRule(  # read out for the payment, once verified
            Mask.LAST3, Mask.LAST3, Mask.LAST3, match=True, reveal=True
        ),
        FieldKind.BIRTH_DATE: _BIRTH,
        FieldKind.POSTAL: _POSTAL,
        FieldKind.ADDRESS: _ADDRESS,
        FieldKind.SUBJECT: _AFTER_VERIFYING,
        FieldKind.AMOUNT: _AFTER_VERIFYING,
        FieldKind.DUE_DATE: _AFTER_VERIFYING,
    },
    Purpose.INBOUND: {
        **_COMMON,
        FieldKind.BIRTH_DATE: _BIRTH,
        FieldKind.POSTAL: _POSTAL,
        FieldKind.ADDRESS: _ADDRESS,
        FieldKind.SUBJECT: _AFTER_VERIFYING,
        FieldKind.DUE_DATE: _AFTER_VERIFYING,
    },
}

_IDENTITY = {
    Purpose.SALES: IdentityRule(1, (FieldKind.REFERENCE, FieldKind.ADDRESS)),
    Purpose.HEALTH_CHECK: IdentityRule(
        1, (FieldKind.BIRTH_DATE, FieldKind.ADDRESS, FieldKind.REFERENCE)
    ),
    Purpose.PAYMENT_NOTICE: IdentityRule(
        2, (FieldKind.BIRTH_DATE, FieldKind.ADDRESS, FieldKind.REFERENCE)
    ),
    Purpose.INBOUND: IdentityRule(  # whoever calls has chosen whom to be
        2, (FieldKind.BIRTH_DATE, FieldKind.ADDRESS, FieldKind.REFERENCE)
    ),
}


def defaults(purpose: Purpose) -> Defaults:
    """What terms of this purpose start from."""
    return Defaults(
        fields=dict(_FIELDS[purpose]),
        identity=_IDENTITY[purpose],
        codes={rule.code: rule.final for rule in CODES.values() if purpose in rule.purposes},
    )
