"""DER in one spelling: what is made has the shortest length, and nothing else is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.standards.der import OCTETS, SEQUENCE, SET, element, elements, inside, sequence, set_of

SPELLED = {  # X.690, 8.1.3 and 10.1
    0: "04 00",
    1: "04 01",
    127: "04 7f",
    128: "04 81 80",
    129: "04 81 81",
    255: "04 81 ff",
    256: "04 82 01 00",
    0xFFFF: "04 82 ff ff",
    0x10000: "04 83 01 00 00",
    0xFFFFFF: "04 83 ff ff ff",
}


@pytest.mark.parametrize(("size", "spelled"), SPELLED.items())
def test_an_element_has_the_shortest_length_and_is_read_back(size: int, spelled: str) -> None:
    body = bytes(size)
    made = element(OCTETS, body)
    assert made == bytes.fromhex(spelled) + body
    assert elements(made) == [(OCTETS, body, made)]
    with pytest.raises(ValueError, match="length"):
        elements(made[:-1])


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_elements_in_a_row_are_read_one_by_one(bodies: list[bytes]) -> None:
    spelled = [element(OCTETS, body) for body in bodies]
    found = elements(b"".join(spelled))
    assert [one.body for one in found] == bodies
    assert [one.spelled for one in found] == spelled
    assert inside(sequence(*spelled)) == found
    assert inside(set_of(*spelled), SET) == elements(b"".join(sorted(spelled)))


@pytest.mark.parametrize(
    "spelled",
    [
        "04",  # no length
        "04 81",
        "04 82 01",
        "04 05 00",  # cut off
        "04 81 05 0000000000",  # a length that is longer than it has to be
        "04 82 00 81" + "00" * 0x81,
        "04 80 00 00",  # the indefinite length of BER
        "04 80" + "00" * 0x80,
        "04 ff" + "00" * 0x80,
        "04 01 00 04",  # the second one has no length
    ],
)
def test_what_is_cut_off_or_spelled_otherwise_is_not_read(spelled: str) -> None:
    with pytest.raises(ValueError, match="length"):
        elements(bytes.fromhex(spelled))


def test_what_has_16_megabytes_is_neither_made_nor_read() -> None:
    body = bytes(0x1000000)
    with pytest.raises(OverflowError):
        element(OCTETS, body)
    with pytest.raises(ValueError, match="length"):
        elements(bytes.fromhex("04 84 01 00 00 00") + body)


def test_what_is_looked_into_is_one_element_of_the_expected_kind() -> None:
    octets = element(OCTETS, b"x")
    assert inside(sequence(octets)) == [(OCTETS, b"x", octets)]
    for wrong in (set_of(octets), octets):
        with pytest.raises(ValueError, match="tag"):
            inside(wrong, SEQUENCE)
    for wrong in (sequence() + sequence(), b""):
        with pytest.raises(ValueError, match="unpack"):
            inside(wrong)
