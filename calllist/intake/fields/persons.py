"""Who repeats whom, where the contract's rule is `person`: same number, and one more thing.

The same number and the same reference number or name. Couples share a landline, and the
second resident must be called too. Names and references are compared in their derived forms
(`crypto.records.forms`): 山田　花子 is 山田花子様, and ﾔﾏﾀﾞ ﾊﾅｺ is やまだはなこ. A row with a name
is compared by it; its reading counts only where there is none: 恵子 and 敬子 read alike.
"""

from collections.abc import Sequence

from crypto.records import forms


def likenesses(
    rows: int,
    references: Sequence[str] | None,
    names: Sequence[str] | None,
    kanas: Sequence[str] | None,
) -> tuple[list[int], list[int]]:
    """What so many rows are compared by besides their number: hashes of name and reference.

    references: in the form in which they are compared already. 0 where a row has none. Python's
    hash of strings: SipHash under a key that is new in every process; compared only between rows
    with the same number, so accidents do not occur.
    """
    said = list(map(hash, _names(names, kanas))) if names or kanas else [0] * rows
    filed = list(map(hash, references)) if references else [0] * rows
    return said, filed


def _names(names: Sequence[str] | None, kanas: Sequence[str] | None) -> Sequence[str]:
    if names is None:
        return forms.persons(kanas or ())
    said = forms.persons(names)
    if kanas is None or all(said):
        return said
    return [name or forms.person(kana) for name, kana in zip(said, kanas, strict=True)]
