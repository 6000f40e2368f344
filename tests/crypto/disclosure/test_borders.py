"""Where a comparison, a mask, a key begins and ends: found by mutants that nobody noticed."""

import pytest

from crypto.disclosure.masks import in_full, masked
from crypto.disclosure.matching import matchable, same
from crypto.errors.records import DoesNotOpen, NotUnderstood
from crypto.records.fields import FieldKind, Mask
from crypto.records.forms import person, persons, reference
from crypto.records.sealing import (
    CANARY_PAD_BYTES,
    MLKEM_PUBLIC_BYTES,
    Recipient,
    RecipientKey,
    _canaries_context,
    open_canaries,
    pad,
)

PHONE = FieldKind.PHONE


@pytest.mark.parametrize(("held", "said"), [("ぁあ", "ァア"), ("ゖけ", "ヶケ")])
def test_the_first_and_the_last_hiragana_have_their_katakana(held: str, said: str) -> None:
    assert same(FieldKind.NAME_KANA, held, said)


@pytest.mark.parametrize("digits", ["090000000", "090000000001"])
def test_a_phone_number_has_ten_or_eleven_digits(digits: str) -> None:
    assert not matchable(PHONE, digits)
    with pytest.raises(NotUnderstood):
        same(PHONE, "+819000000001", digits)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [("十番", "10"), ("二十番", "20"), ("三十五番", "35"), ("十二番", "12"), ("二〇番", "20")],
)
def test_the_number_of_a_block_is_read_from_its_kanji(written: str, spoken: str) -> None:
    assert same(FieldKind.ADDRESS, f"みなと野市東町{written}", f"みなと野市東町{spoken}")
    assert not same(FieldKind.ADDRESS, f"みなと野市東町{written}", "みなと野市東町11")


def test_what_is_not_there_cannot_be_compared() -> None:
    assert not matchable(PHONE, None)
    assert not matchable(PHONE, "")


def test_a_foreign_number_of_eleven_characters_is_not_taken_for_a_mobile() -> None:
    foreign = "+6500000678"
    assert in_full(PHONE, foreign) == foreign
    assert masked(PHONE, Mask.PHONE_LAST3, foreign) == "0***-**-*678"


@pytest.mark.parametrize(("number", "seen"), [("012345", "0***-**-*345"), ("01234", "****")])
def test_at_most_half_of_a_number_is_seen(number: str, seen: str) -> None:
    assert masked(PHONE, Mask.PHONE_LAST3, number) == seen


def test_a_public_key_that_is_none_is_refused() -> None:
    """ML-KEM-768: a coefficient is below 3329 (FIPS 203, 7.2)."""
    genuine = RecipientKey.generate().public.data
    with pytest.raises(ValueError, match="key"):
        Recipient(b"\xff" * MLKEM_PUBLIC_BYTES + genuine[MLKEM_PUBLIC_BYTES:])


def test_canaries_that_are_no_list_of_numbers_do_not_open() -> None:
    key, place = RecipientKey.generate(), {"entrustor": "ent_1", "contract": "ctr_1"}
    sealed = key.public.seal(_canaries_context(**place), pad(b"\x05", CANARY_PAD_BYTES))
    with pytest.raises(DoesNotOpen):
        open_canaries(key, **place, sealed=sealed)


@pytest.mark.parametrize(
    ("written", "meant"), [("0012.0", "12"), ("00", "0"), ("-", ""), ("1-23", "1-23")]
)
def test_a_reference_is_what_was_meant_before_a_spreadsheet_had_it(
    written: str, meant: str
) -> None:
    assert reference(written) == meant


@pytest.mark.parametrize("last", ["様", "殿", "サマ", "サン", "様\u3000"])
def test_an_honorific_in_a_column_is_no_part_of_the_name(last: str) -> None:
    column = [f"ヤマダ{last}", "スズキ"]
    assert persons(column) == [person(text) for text in column] == ["ヤマダ", "スズキ"]


@pytest.mark.parametrize("text", ["ヤ\0マ", "ヤ\0マ\0ダ"])
def test_what_parts_the_texts_of_a_column_parts_no_text_of_it(text: str) -> None:
    assert persons([text, "スズキ"]) == [person(text), "スズキ"]
