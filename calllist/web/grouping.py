"""A telephone number in groups, as people read and dial it."""

import re

import phonenumbers

_COMMON = (
    (re.compile(r"(0[5-9]0)(\d{4})(\d{4})"), r"\1-\2-\3"),  # mobile, IP
    (re.compile(r"(0800)(\d{3})(\d{4})"), r"\1-\2-\3"),
    (re.compile(r"(0[12579]\d0)(\d{3})(\d{3})"), r"\1-\2-\3"),  # 0120, 0570
    (re.compile(r"(0[36])(\d{4})(\d{4})"), r"\1-\2-\3"),  # Tokyo, Osaka
)


def grouped(number: str) -> str:
    """03-0000-1234 for 0300001234; anything that is not plain digits stays as it is."""
    if not (number.isascii() and number.isdigit()):
        return number
    for shape, groups in _COMMON:
        if shape.fullmatch(number):
            return shape.sub(groups, number)
    try:
        parsed = phonenumbers.parse(number, "JP")
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
