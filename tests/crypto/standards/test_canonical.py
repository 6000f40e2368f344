"""One value, one sequence of bytes; times as integers and back."""

from datetime import UTC, datetime, timedelta, timezone

from crypto.standards.canonical import injective, iso, micros, moment, time_of

JAPAN = timezone(timedelta(hours=9))
AT = datetime(2026, 4, 7, 10, 0, 0, 1, tzinfo=JAPAN)


def test_a_time_goes_into_a_column_and_comes_back_in_utc() -> None:
    assert time_of(micros(AT)) == moment(micros(AT)) == AT
    assert moment(micros(AT)).tzinfo is UTC
    assert micros(AT) == 1_775_523_600_000_001  # date -d 2026-04-07T01:00Z +%s
    assert iso(micros(AT)) == "2026-04-07T01:00:00.000001+00:00"


def test_no_time_in_a_column_is_no_time() -> None:
    assert time_of(None) is None
    assert iso(None) is None


def test_a_part_is_its_kind_its_length_and_its_bytes() -> None:
    assert injective("é", 258, b"\0") == (
        b"s\0\0\0\x02\xc3\xa9" + b"i\0\0\0\x08\0\0\0\0\0\0\x01\x02" + b"b\0\0\0\x01\0"
    )
    assert injective() == b""
