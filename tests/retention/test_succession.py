"""Of a certificate's later documents the last one counts; what does not fit is refused."""

import itertools

import pytest

from retention.errors import AboutAnother
from retention.facts import CertificateFacts
from retention.succession import Signed, Since, since
from retention.verify import is_revocation, revocation, verify
from tests.retention.kit import PUBLIC
from tests.retention.lineage import AT, FIRST, NAME, SECOND, THIRD, edition, revocation_of

FOURTH = edition(4, THIRD)


def signed(envelope: bytes) -> Signed:
    read = revocation if is_revocation(envelope) else verify
    return Signed(read(envelope, PUBLIC), envelope)


def told(original: bytes, *later: bytes) -> Since:
    return since(verify(original, PUBLIC), original, [signed(one) for one in later])


def newest(found: Since) -> str:
    assert isinstance(found.newest, CertificateFacts)
    return found.newest.certificate


@pytest.mark.parametrize("later", [*itertools.permutations((SECOND, THIRD, FOURTH))])
def test_the_newest_counts_in_whatever_order_they_are_given(later: tuple[bytes, ...]) -> None:
    found = told(FIRST, *later)
    assert (newest(found), found.revoked, found.whole) == (f"{NAME}.4", None, True)
    assert newest(told(SECOND, THIRD, FOURTH)) == f"{NAME}.4"


def test_with_nothing_later_nothing_has_become_of_it() -> None:
    assert told(FIRST) == Since(None, None, whole=True)


@pytest.mark.parametrize("later", [(THIRD,), (FOURTH, SECOND), (FOURTH, THIRD)])
def test_a_gap_is_told_wherever_it_is(later: tuple[bytes, ...]) -> None:
    assert not told(FIRST, *later).whole


def test_a_revocation_is_of_the_last_one() -> None:
    over = revocation_of(THIRD)
    for later, whole in (((over, THIRD, SECOND), True), ((THIRD, over), False), ((over,), False)):
        found = told(FIRST, *later)
        assert found.revoked
        assert (found.revoked.certificate, found.whole) == (f"{NAME}.3", whole)
    assert told(THIRD, over, over) == Since(None, revocation(over, PUBLIC), whole=True)


STRANGERS = {
    "itself": FIRST,
    "another's name": edition(3, SECOND, certificate="ent_01-000004.3"),
    "another list": edition(3, SECOND, list="lst_02"),
    "another entrustor": edition(3, SECOND, entrustor="ent_02"),
    "a number that is not its name's": edition(3, SECOND, edition=4),
    "one that replaces another original": edition(2, edition(1, FIRST, opens=9)),
    "one that replaces nothing": edition(2, FIRST, replaces=None),
    "a revocation of another original": revocation_of(FIRST, digest="0" * 64),
    "a revocation of another list": revocation_of(FIRST, list="lst_02"),
    "a revocation of another's name": revocation_of(THIRD, certificate="ent_01-000004.3"),
    "a revocation for another entrustor": revocation_of(FIRST, entrustor="ent_02"),
}


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
def test_what_is_about_another_certificate_says_nothing_of_this_one(stranger: bytes) -> None:
    with pytest.raises(AboutAnother) as refused:
        told(FIRST, stranger)
    assert refused.value.place == 0


CONTRADICTIONS = {
    "two of one edition": (SECOND, edition(2, FIRST, opens=9)),
    "a link that does not fit": (SECOND, edition(3, edition(2, FIRST, opens=9))),
    "revoked, though replaced": (SECOND, revocation_of(FIRST)),
    "revoked twice": (revocation_of(FIRST), revocation_of(FIRST, reason="name", revoked_at=AT)),
    "two revoked": (revocation_of(SECOND), revocation_of(THIRD)),
}


@pytest.mark.parametrize("later", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_documents_that_contradict_each_other_are_not_relied_on(later: tuple[bytes, ...]) -> None:
    with pytest.raises(AboutAnother) as refused:
        told(FIRST, *later)
    assert refused.value.place == 1


def test_an_earlier_edition_does_not_replace_a_later_one() -> None:
    for earlier in (FIRST, SECOND):
        with pytest.raises(AboutAnother):
            told(THIRD, earlier)
