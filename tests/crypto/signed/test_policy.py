"""What nobody can sign: the keeper refuses terms that show too much, too early or two names."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from crypto.disclosure.masks import view
from crypto.errors.statements import BadStatement
from crypto.records.fields import NAMES, FieldKind, Mask, Stage
from crypto.signed.policy import contradictions, covers
from crypto.signed.terms import ContractTerms, FieldRule
from crypto.wire.lists import Mint
from crypto.wire.records import Open
from tests.crypto.world import TERMS, YAMADA, World

K, M = FieldKind, Mask
replace = msgspec.structs.replace
EVERYTHING = {kind: f"{kind}-1975-01-02-横浜市中区" for kind in FieldKind} | YAMADA


def rules(**changes: tuple[Mask, Mask, Mask]) -> ContractTerms:
    fields = {FieldKind(kind): FieldRule(*masks) for kind, masks in changes.items()}
    return replace(TERMS, fields=TERMS.fields | fields)


REFUSED = [
    (rules(name=(M.FULL, M.FULL, M.FULL)), "two names at s1"),
    (rules(name=(M.FAMILY_NAME, M.FAMILY_NAME, M.FULL)), "two names at s1"),
    (rules(name=(M.HIDDEN, M.FULL, M.FULL)), "two names at s2"),
    (rules(name=(M.HIDDEN, M.FAMILY_NAME, M.FULL)), "two names at s2"),
    (rules(subject=(M.FULL, M.HIDDEN, M.FULL)), "subject.stages"),
    (rules(subject=(M.HIDDEN, M.FULL, M.HIDDEN)), "subject.stages"),
    (rules(birth_date=(M.HIDDEN, M.YEAR, M.DECADE)), "birth_date.stages"),
    (rules(birth_date=(M.DECADE, M.DOTS, M.FULL)), "birth_date.stages"),
    (rules(phone=(M.FULL, M.FULL, M.FULL)), "phone.mask"),
    (rules(phone_alt=(M.HIDDEN, M.HIDDEN, M.FULL)), "phone_alt.mask"),
    (rules(name=(M.MUNICIPALITY, M.MUNICIPALITY, M.FULL)), "name.mask"),
    (rules(address=(M.LAST3, M.LAST3, M.LAST3)), "address.mask"),
    (rules(subject=(M.ASKABLE, M.ASKABLE, M.FULL)), "subject.mask"),
    (rules(sensitive=(M.FULL, M.FULL, M.FULL)), "sensitive.before verification"),
    (rules(sensitive=(M.HIDDEN, M.DOTS, M.FULL)), "sensitive.before verification"),
    *(
        (replace(TERMS, conduct=replace(TERMS.conduct, segments=names)), "segments")
        for names in [
            *[("年代", "地区", "校区"), ("年代", "年代"), (" 年代",), ("",), ("長" * 41,)],
            ("年\u202e代",),  # what turns a line round
        ]
    ),
    (rules(sensitive=(M.DOTS, M.HIDDEN, M.FULL)), "sensitive.before verification"),
]


@pytest.mark.parametrize(("terms", "rule"), REFUSED)
def test_terms_that_show_too_much_contradict_the_rules(terms: ContractTerms, rule: str) -> None:
    assert rule in contradictions(terms)


@pytest.mark.asyncio
async def test_they_are_refused_though_they_are_signed(world: World) -> None:
    for terms, rule in REFUSED:
        with pytest.raises(BadStatement, match=rule):
            await world.sign(replace(terms, version=2))


@pytest.mark.parametrize(
    "rule", [FieldRule(M.HIDDEN, M.HIDDEN, M.FULL, match=True, reveal=on) for on in (True, False)]
)
def test_sensitive_data_is_never_asked_for(rule: FieldRule) -> None:
    assert "sensitive.match" in contradictions(
        replace(TERMS, fields=TERMS.fields | {K.SENSITIVE: rule})
    )


@pytest.mark.parametrize(
    "terms",
    [
        TERMS,
        rules(name=(M.HIDDEN, M.HIDDEN, M.FULL), name_kana=(M.FULL, M.FULL, M.FULL)),
        rules(name=(M.FULL, M.FULL, M.FULL), name_kana=(M.HIDDEN, M.HIDDEN, M.HIDDEN)),
        rules(birth_date=(M.HIDDEN, M.DOTS, M.YEAR), postal=(M.HIDDEN, M.DOTS, M.HIDDEN)),
        rules(sensitive=(M.HIDDEN, M.HIDDEN, M.FULL)),
        rules(organisation=(M.FULL, M.FULL, M.FULL)),
        rules(phone_alt=(M.HIDDEN, M.PHONE_LAST3, M.PHONE_LAST3)),
        rules(due_date=(M.DECADE, M.YEAR, M.FULL)),
        *(
            replace(TERMS, conduct=replace(TERMS.conduct, segments=names))
            for names in [("年代", "地区"), ("年",), ("長" * 40,)]
        ),
    ],
)
def test_what_may_be_signed(terms: ContractTerms) -> None:
    assert contradictions(terms) == []


MASKS = st.builds(FieldRule, *[st.sampled_from(Mask)] * 3)


@given(st.dictionaries(st.sampled_from(FieldKind), MASKS))
def test_terms_that_pass_show_one_name_and_never_less_later(
    fields: dict[FieldKind, FieldRule],
) -> None:
    """Whatever is signed: what the rules let through keeps what they promise."""
    terms = replace(TERMS, fields=fields)
    if contradictions(terms):
        return
    before: set[FieldKind] = set()
    for stage in (Stage.DIALLING, Stage.ANSWERED, Stage.VERIFIED):
        shown = {each.kind: each.text for each in view(terms, stage, EVERYTHING)}
        kinds = {kind for kind, text in shown.items() if set(text) - set("*-年月日")}
        if stage is not Stage.VERIFIED:
            assert len(kinds & set(NAMES)) <= 1
            assert K.SENSITIVE not in shown
        assert before - set(NAMES) <= kinds
        before = kinds
        for kind in (K.PHONE, K.PHONE_ALT):
            assert "0000" not in shown.get(kind, "")


@given(st.sampled_from(Mask), st.sampled_from(Mask), st.sampled_from(Mask))
def test_showing_more_is_an_order(one: Mask, two: Mask, three: Mask) -> None:
    assert covers(one, one)
    if covers(three, two) and covers(two, one):
        assert covers(three, one) or one in (M.HIDDEN, M.DOTS)


@pytest.mark.asyncio
async def test_a_later_wider_version_changes_nothing_for_a_minted_list(world: World) -> None:
    grant = await world.shift("per_1")
    [record] = await world.upload("lst_1")
    before = await world.say(Open(grant, record))
    wider = rules(subject=(M.FULL, M.FULL, M.FULL), reference=(M.FULL, M.FULL, M.FULL))
    wider = replace(wider, identity=replace(TERMS.identity, of=(K.BIRTH_DATE,)))
    await world.sign(replace(wider, version=2, inbound=True, people_per_hour=600))
    again = await world.say(Open(grant, record))
    assert again.fields == before.fields
    assert K.SUBJECT not in {shown.kind for shown in again.fields}
    await world.restart()
    assert (await world.say(Open(grant, record))).fields == before.fields
    await world.say(Mint("lst_2", "ctr_1", 2, world.now.replace(day=20), "job_2"))


def test_what_terms_leave_unset_is_usual() -> None:
    """Any place of work but a home, one business day to call back, two calls a day."""
    anywhere = replace(TERMS, sites=())
    assert anywhere.permits_site("sit_9")
    assert not anywhere.permits_site("home_9")
    assert not replace(TERMS, sites=("sit_1",)).permits_site("sit_9")
    usual = replace(TERMS.conduct, call_back_days=UNSET, attempts_a_day=UNSET)
    assert (usual.days_to_call_back, usual.calls_a_day) == (1, 2)
    said = replace(TERMS.conduct, call_back_days=0, attempts_a_day=7)
    assert (said.days_to_call_back, said.calls_a_day) == (0, 7)
