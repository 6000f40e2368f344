"""The kinds of field a record may have, and the masks a policy may name.

The vocabulary that the sealing floor, the contract's terms and the keeper share. What a
mask shows is decided in `crypto.disclosure.masks`; who may see it in the signed terms.
"""

from enum import StrEnum


class FieldKind(StrEnum):
    """What a column of a list means. The value is the key inside a sealed record."""

    PHONE = "phone"  # E.164, the number that is dialled
    PHONE_ALT = "phone_alt"  # further numbers, E.164, separated by spaces
    NAME = "name"  # 氏名 (kanji) as received, never normalised
    NAME_KANA = "name_kana"  # フリガナ as received
    ORGANISATION = "organisation"  # 団体名: not a person, shown in full
    REFERENCE = "reference"  # 整理番号: the only key that goes back to the entrustor
    BIRTH_DATE = "birth_date"  # as received; compared as a date
    SEX = "sex"
    POSTAL = "postal"
    ADDRESS = "address"
    SUBJECT = "subject"  # what the call is about: check, instalment, product
    AMOUNT = "amount"
    DUE_DATE = "due_date"
    SENSITIVE = "sensitive"  # 要配慮: findings of a check, illness, disability; never by default


KINDS = tuple(FieldKind)  # to walk over an enumeration costs five times as much
NAMES = (FieldKind.NAME_KANA, FieldKind.NAME)  # one person's name; the reading is asked for first


class Mask(StrEnum):
    """What of a field the eyes get. Masked parts have a fixed length: no length leaks."""

    HIDDEN = "hidden"  # the field is not mentioned at all
    FULL = "full"
    ASKABLE = "askable"  # a name in full, if it is the one to ask for: the reading, else the kanji
    LAST3 = "last3"  # ****123
    PHONE_LAST3 = "phone_last3"  # 090-****-*678
    FAMILY_NAME = "family_name"  # 山田**
    MUNICIPALITY = "municipality"  # 〇〇市****
    DECADE = "decade"  # 1950年代
    YEAR = "year"  # 1950年
    DOTS = "dots"  # ****: that the field exists, and nothing of it


class Stage(StrEnum):
    """How far the identity check of the record in hand has come. The keeper holds it."""

    DIALLING = "S1"  # leased, before or during dialling
    ANSWERED = "S2"  # somebody answered, not verified
    VERIFIED = "S3"  # verified as the person
    CLOSED = "S4"  # after the result: masked again
