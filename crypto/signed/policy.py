"""Whose hands terms approve, and what they may not say about disclosure, whoever signs them
(reference: staged disclosure).

- One name to ask for: before the identity check at most one form of a person's name is shown.
- Knowing more never shows less: what S1 shows, S2 and S3 show too.
- A mask is for the kinds it was made for: another kind's text would leak through it.
- A number in full is never on the card: it is revealed, with a reason, or not at all.
- 要配慮 is nobody's business before the person is verified, and is never asked for.
- Groups of people (segments) are two at most, named by short headers that differ.
"""

from collections.abc import Iterator

from crypto.errors.records import PartyNotApproved, SiteNotApproved
from crypto.records.fields import NAMES, FieldKind, Mask
from crypto.signed.terms import ContractTerms, FieldRule

OPERATOR = "operator"  # opens whoever is next
SUPERVISOR = "supervisor"  # has in hand what an operator has handed over, and opens nothing else
OPERATORS, SUPERVISORS = frozenset({OPERATOR}), frozenset({SUPERVISOR})
AT_DESK = OPERATORS | SUPERVISORS
MOST_SEGMENTS = 2  # two groupings together must not point at one person
SEGMENT_CHARACTERS = 40  # of a header

_EVERY = frozenset({Mask.HIDDEN, Mask.DOTS})  # show nothing of the text: good for every kind
_NUMBERS = frozenset({FieldKind.PHONE, FieldKind.PHONE_ALT})
_DATES = frozenset({FieldKind.BIRTH_DATE, FieldKind.DUE_DATE})
_KINDS: dict[Mask, frozenset[FieldKind]] = {
    Mask.FULL: frozenset(FieldKind) - _NUMBERS,
    Mask.ASKABLE: frozenset(NAMES),
    Mask.FAMILY_NAME: frozenset(NAMES),
    Mask.LAST3: frozenset({FieldKind.REFERENCE, *_NUMBERS}),
    Mask.PHONE_LAST3: _NUMBERS,
    Mask.MUNICIPALITY: frozenset({FieldKind.ADDRESS}),
    Mask.DECADE: _DATES,
    Mask.YEAR: _DATES,
}
_SHOWS_LESS: dict[Mask, frozenset[Mask]] = {  # what a mask includes, besides nothing and itself
    Mask.FULL: frozenset(Mask),
    Mask.ASKABLE: frozenset({Mask.FAMILY_NAME}),
    Mask.YEAR: frozenset({Mask.DECADE}),
    Mask.PHONE_LAST3: frozenset({Mask.LAST3}),
}


def check_hands(party: str, site: str, terms: ContractTerms, *, approved: bool) -> None:
    """approved: the party, by the contract and what was decided since (`Lists.approves`).

    Raises PartyNotApproved, SiteNotApproved.
    """
    if not approved:
        raise PartyNotApproved(party)
    if not terms.permits_site(site):
        raise SiteNotApproved(site)


def contradictions(terms: ContractTerms) -> list[str]:
    """Which rules the terms break, as `kind.place`; empty if none. Never a value."""
    found = [*_two_names(terms)]
    for kind, rule in terms.fields.items():
        found += [f"{kind}.{name}" for name, wrong in _of_one(kind, rule) if wrong]
    if not _are_segments(terms.conduct.segments or ()):
        found.append("segments")
    return found


def covers(later: Mask, earlier: Mask) -> bool:
    """Whether `later` shows at least what `earlier` does."""
    return earlier in _EVERY or later is earlier or earlier in _SHOWS_LESS.get(later, ())


def _are_segments(names: tuple[str, ...]) -> bool:
    return len(names) == len(set(names)) <= MOST_SEGMENTS and all(
        name.strip() == name and name.isprintable() and 0 < len(name) <= SEGMENT_CHARACTERS
        for name in names
    )


def _two_names(terms: ContractTerms) -> Iterator[str]:
    """S1 and S2 show one form of the name; two may only say that either can be the one."""
    for stage in ("s1", "s2"):
        shown = [
            mask
            for kind in NAMES
            if kind in terms.fields and (mask := getattr(terms.fields[kind], stage)) not in _EVERY
        ]
        if len(shown) > 1 and set(shown) != {Mask.ASKABLE}:
            yield f"two names at {stage}"


def _of_one(kind: FieldKind, rule: FieldRule) -> tuple[tuple[str, bool], ...]:
    masks = (rule.s1, rule.s2, rule.s3)
    sensitive = kind is FieldKind.SENSITIVE
    return (
        ("mask", any(mask not in _EVERY and kind not in _KINDS[mask] for mask in masks)),
        ("stages", not (covers(rule.s2, rule.s1) and covers(rule.s3, rule.s2))),
        ("before verification", sensitive and {rule.s1, rule.s2} != {Mask.HIDDEN}),
        ("match", sensitive and rule.match),
        ("reveal", sensitive and rule.reveal),
    )
