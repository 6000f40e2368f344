"""What a later document says of a certificate, and what a certificate says beyond our reach."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from retention import claims, vocabulary, wording
from retention.certificates import document, plain, revoked
from retention.editions import IN_FORCE, UNKNOWN, Standing, Status, standing
from retention.errors import NotAuthentic
from retention.facts import Check, Named, Revocation
from retention.states import Outcome
from retention.verify import REVOCATION_TYPE, concerns, is_revocation, revocation, verify
from tests.retention.kit import CLAIMS, FACTS, NOW, PUBLIC, certificate, envelope, facts

ORIGINAL = certificate()
DIGEST = hashlib.sha256(ORIGINAL).hexdigest()
BEFORE = Named("ent_01-000003", 1, DIGEST, "name", "ab" * 16)
REVOKED = Revocation(
    *("ent_01-000003", 1, DIGEST, "wrong_claim", "ab" * 16), "lst_01", "ent_01", NOW
)
SIGNED = envelope(msgspec.json.encode(REVOKED, order="sorted"), payload_type=REVOCATION_TYPE)
replace = msgspec.structs.replace


def test_an_edition_names_the_original_that_it_replaces_to_the_byte() -> None:
    later = verify(certificate(edition=2, replaces=BEFORE), PUBLIC)
    assert concerns(later.replaces, ORIGINAL)
    assert not concerns(later.replaces, certificate(opens=1))
    assert not concerns(verify(ORIGINAL, PUBLIC).replaces, ORIGINAL)


def test_a_revocation_is_no_certificate_and_a_certificate_no_revocation() -> None:
    assert revocation(SIGNED, PUBLIC) == REVOKED
    assert (is_revocation(SIGNED), is_revocation(ORIGINAL)) == (True, False)
    for check, given in ((verify, SIGNED), (revocation, ORIGINAL)):
        with pytest.raises(NotAuthentic, match="payload_type"):
            check(given, PUBLIC)


def test_a_changed_revocation_is_refused() -> None:
    outer = json.loads(SIGNED)
    said = base64.b64decode(outer["payload"]).replace(b"wrong_claim", b"wrong_lists")
    outer["payload"] = base64.b64encode(said).decode()
    changed = json.dumps(outer, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(NotAuthentic, match="signature"):
        revocation(changed, PUBLIC)


@pytest.mark.parametrize("lang", vocabulary.LANGUAGES)
def test_an_edition_and_a_revocation_say_what_they_are_about_and_why(lang: str) -> None:
    words = vocabulary.CHANGES
    page = plain(document(facts(edition=2, replaces=BEFORE), lang))
    assert vocabulary.word(words["name"], lang) in page
    said = plain(revoked(REVOKED, lang))
    for stated in ("ent_01-000003", DIGEST, "ab" * 16, vocabulary.word(words["wrong_claim"], lang)):
        assert stated in said


@pytest.mark.parametrize("lang", vocabulary.LANGUAGES)
def test_until_when_backups_stay_is_said_where_it_is_known(lang: str) -> None:
    unknown = vocabulary.word(wording.PHRASES["backups"], lang)
    assert unknown in plain(document(FACTS, lang))
    wal, backups = (
        Check(store, Outcome.OUTSIDE, "not_reached", days=35, until=NOW + timedelta(days=35))
        for store in ("wal", "backups")
    )
    only_wal = plain(document(facts(claims=replace(CLAIMS, checks=(wal,))), lang))
    both = plain(document(facts(claims=replace(CLAIMS, checks=(wal, backups))), lang))
    assert "2026-05-12" in both
    assert (unknown in only_wal, unknown in both) == (True, False)


@pytest.mark.parametrize("lang", vocabulary.LANGUAGES)
@pytest.mark.parametrize("ending", vocabulary.ENDINGS)
def test_it_is_said_whether_the_results_were_waited_for(ending: str, lang: str) -> None:
    said = vocabulary.word(vocabulary.ENDINGS[ending], lang)
    assert said in plain(document(facts(claims=replace(CLAIMS, ending=ending)), lang))
    assert said not in plain(document(FACTS, lang))


def test_the_number_of_a_later_edition_is_its_certificates() -> None:
    assert claims.number_of("ent_01-000003.2") == claims.number_of("ent_01-000003") == 3


def test_only_a_genuine_document_about_this_original_changes_its_status() -> None:
    def later(**changes: Any) -> Standing:
        successor = {"certificate": "ent_01-000003.2", "edition": 2, "replaces": BEFORE}
        return standing(ORIGINAL, PUBLIC, later=[certificate(**successor | changes)])

    assert standing(ORIGINAL, PUBLIC) == IN_FORCE
    assert (later().status, later().reason) == (Status.REPLACED, "name")
    assert later().successor == "ent_01-000003.2"
    for changes in (
        {"replaces": None},
        {"replaces": replace(BEFORE, digest="0" * 64)},
        {"list": "lst_02"},
        {"entrustor": "ent_02"},
    ):
        assert later(**changes) == UNKNOWN, changes
    assert standing(certificate(opens=1), PUBLIC, revoked=SIGNED) == UNKNOWN
    assert standing(ORIGINAL, PUBLIC, revoked=SIGNED).status == Status.REVOKED
    assert standing(ORIGINAL, PUBLIC, revoked=ORIGINAL) == UNKNOWN
    assert standing(ORIGINAL, bytes(32), revoked=SIGNED) == UNKNOWN
    other = msgspec.json.encode(replace(REVOKED, certificate="ent_01-000004"), order="sorted")
    moved = envelope(other, payload_type=REVOCATION_TYPE)
    assert standing(ORIGINAL, PUBLIC, revoked=moved) == UNKNOWN
