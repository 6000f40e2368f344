"""One-time codes: the vectors of both RFCs, the windows, and that nothing is accepted twice."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.standards.oath import (
    AHEAD,
    AHEAD_TWO,
    DRIFT_TWO,
    Digest,
    Generator,
    Oath,
    Position,
    Seed,
)
from crypto.standards.oath import accepted as accept
from crypto.standards.oath import resynchronised as resync
from tests.crypto.codes import shown

SEED = b"12345678901234567890"  # RFC 4226, appendix D
BUTTON = Generator(Oath.HOTP)
CLOCK = Generator(Oath.TOTP)
NOW = 2_000_000_000  # seconds after 1970


@pytest.mark.parametrize(
    ("counter", "code"),
    [(0, "755224"), (1, "287082"), (2, "359152"), (3, "969429"), (9, "520489")],
)
def test_rfc_4226_appendix_d(counter: int, code: str) -> None:
    assert accept(SEED, BUTTON, code, Position(counter - 1), 0) == Position(counter)


@pytest.mark.parametrize(
    ("seconds", "digest", "code"),
    [
        (59, Digest.SHA1, "94287082"),
        (59, Digest.SHA256, "46119246"),
        (59, Digest.SHA512, "90693936"),
        (1111111109, Digest.SHA1, "07081804"),
        (1111111109, Digest.SHA256, "68084774"),
        (1111111109, Digest.SHA512, "25091201"),
        (20000000000, Digest.SHA1, "65353130"),
        (20000000000, Digest.SHA256, "77737706"),
        (20000000000, Digest.SHA512, "47863826"),
    ],
)
def test_rfc_6238_appendix_b(seconds: int, digest: Digest, code: str) -> None:
    size = {Digest.SHA1: 20, Digest.SHA256: 32, Digest.SHA512: 64}[digest]
    seed = (SEED * 4)[:size]
    generator = Generator(Oath.TOTP, digest, 8)
    assert accept(seed, generator, code, Position(0), seconds) == Position(seconds // 30)
    assert accept(seed, generator, code[2:], Position(0), seconds) is None


@settings(max_examples=40)
@given(
    used=st.integers(0, 10_000),
    offset=st.integers(-AHEAD_TWO - 5, AHEAD_TWO + 5),
    kind=st.sampled_from(Oath),
    step=st.sampled_from([30, 60]),
)
def test_no_window_reaches_back_to_what_was_used(
    used: int, offset: int, kind: Oath, step: int
) -> None:
    """Whatever is accepted lies beyond it, and exactly as far as the windows say."""
    generator = Generator(kind, seconds=step)  # type: ignore[arg-type]
    here = used + 2 * DRIFT_TWO  # the step of now; the last one used is an hour ago
    position = max(0, (used if kind is Oath.HOTP else here) + offset)
    at, seconds = Position(used), here * step
    one, two = (shown(SEED, generator, position + n) for n in (0, 1))
    if (found := accept(SEED, generator, one, at, seconds)) is not None:
        assert found.used > used
    if (found := resync(SEED, generator, (one, two), at, seconds)) is not None:
        assert found.used > used + 1
    reach = range(used + 1, used + 1 + AHEAD) if kind is Oath.HOTP else range(here - 1, here + 2)
    if position in reach:
        assert accept(SEED, generator, one, at, seconds) is not None


def test_a_step_of_the_clock_is_used_up_with_all_before_it() -> None:
    step = NOW // 30
    at = accept(SEED, CLOCK, shown(SEED, CLOCK, step), Position(0), NOW)
    assert at == Position(step)
    for used in (step, step - 1):
        assert accept(SEED, CLOCK, shown(SEED, CLOCK, used), at, NOW) is None
        two = shown(SEED, CLOCK, used - 1), shown(SEED, CLOCK, used)
        assert resync(SEED, CLOCK, two, at, NOW) is None
    assert accept(SEED, CLOCK, shown(SEED, CLOCK, step + 1), at, NOW) == Position(step + 1, 1)


def test_a_button_pressed_in_a_pocket_is_found_within_the_window_only() -> None:
    inside, outside = shown(SEED, BUTTON, AHEAD), shown(SEED, BUTTON, AHEAD + 1)
    assert accept(SEED, BUTTON, inside, Position(0), NOW) == Position(AHEAD)
    assert accept(SEED, BUTTON, outside, Position(0), NOW) is None


@pytest.mark.parametrize(
    ("generator", "far", "too_far"),
    [(BUTTON, AHEAD_TWO, AHEAD_TWO + 1), (CLOCK, NOW // 30 + DRIFT_TWO - 1, NOW // 30 + DRIFT_TWO)],
)
def test_two_codes_in_a_row_find_a_token_far_away_and_no_farther(
    generator: Generator, far: int, too_far: int
) -> None:
    def two(position: int) -> tuple[str, str]:
        return shown(SEED, generator, position), shown(SEED, generator, position + 1)

    found = resync(SEED, generator, two(far), Position(0), NOW)
    assert found is not None
    assert found.used == far + 1
    assert resync(SEED, generator, two(too_far), Position(0), NOW) is None
    for wrong in (two(far)[::-1], (two(far)[0], two(far)[0]), (two(far)[0], "000000")):
        assert resync(SEED, generator, wrong, Position(0), NOW) is None


def test_a_clock_that_drifts_is_followed() -> None:
    at = Position(0)
    for day in range(1, 20):  # one step further each time: in the end nineteen steps ahead
        step = (NOW + day * 86400) // 30
        found = accept(SEED, CLOCK, shown(SEED, CLOCK, step + day), at, NOW + day * 86400)
        assert found == Position(step + day, day)
        at = found
    assert accept(SEED, CLOCK, shown(SEED, CLOCK, NOW // 30 + 86400), at, NOW + 30 * 86400) is None


@pytest.mark.parametrize("code", ["", "0", "75522", "7552244", "755224 ", "７５５２２４", "\x00"])
def test_only_the_digits_themselves_count(code: str) -> None:
    assert accept(SEED, BUTTON, code, Position(-1), NOW) is None


@pytest.mark.parametrize(
    ("generator", "last"), [(BUTTON, 10), (CLOCK, NOW // 30 + 1)], ids=["button", "clock"]
)
def test_one_code_is_looked_for_ten_presses_or_one_step_away(
    generator: Generator, last: int
) -> None:
    for position, found in ((last, True), (last + 1, False)):
        code = shown(SEED, generator, position)
        assert (accept(SEED, generator, code, Position(0), NOW) is not None) is found


def test_a_counter_ends_where_it_can_no_longer_be_written_down() -> None:
    for position, found in ((2**62 - 1, True), (2**62, False)):
        code = shown(SEED, BUTTON, position)
        assert (accept(SEED, BUTTON, code, Position(position - 1), NOW) is not None) is found


@pytest.mark.parametrize(("size", "taken"), [(15, False), (16, True), (128, True), (129, False)])
def test_a_seed_has_128_bits_at_least_and_one_block_at_most(size: int, taken: bool) -> None:
    if taken:
        assert msgspec.convert(bytes(size), Seed) == bytes(size)
    else:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(bytes(size), Seed)
