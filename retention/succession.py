"""What later documents, together, say of a certificate: the newest edition, a revocation. Offline.

    X --replaced by--> X.2 --replaced by--> X.3 --> revoked, whichever is in force

Every document is genuine before it comes here. An edition names the one before it to the byte,
so a chain is proven link by link. Where a link was not given, the keeper's own numbering
speaks: it alone makes names with a dot, one after the other, each of one certificate (R44).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retention.errors import AboutAnother
from retention.facts import CertificateFacts, Revocation
from retention.verify import concerns

EDITION = "."  # between a certificate's name and its edition's number: the keeper's spelling


@dataclass(frozen=True)
class Signed:
    """A genuine document."""

    said: CertificateFacts | Revocation
    envelope: bytes  # the signed original


@dataclass(frozen=True)
class Since:
    """What has become of a certificate, as far as the documents go."""

    newest: CertificateFacts | None  # the last edition among them; None: no later one
    revoked: Revocation | None  # of that edition, or of one after it
    whole: bool  # no edition is missing between the certificate and the last that is named


def since(about: CertificateFacts, envelope: bytes, later: Sequence[Signed]) -> Since:
    """What these say of the certificate whose original is `envelope`, in whatever order.

    Raises AboutAnother with the place of a document that is about another certificate, or
    contradicts the others: two of one edition, a link that does not fit, a revocation of what
    was no longer in force.
    """
    chain = {about.edition: Signed(about, envelope)}
    for place, one in enumerate(later):
        if isinstance(one.said, CertificateFacts):
            first = chain.setdefault(one.said.edition, one)
            if not _follows(one.said, about) or first.envelope != one.envelope:
                raise AboutAnother(place)
    last = chain[max(chain)].said
    revoked: Revocation | None = None
    for place, one in enumerate(later):
        if isinstance(one.said, Revocation):
            once = revoked in (None, one.said)
            revoked = one.said
            fits = once and _of_family(revoked, about) and _ends(revoked, chain)
        else:
            fits = _linked(one.said, chain)
        if not fits:
            raise AboutAnother(place)
    end = revoked.edition if revoked else last.edition
    newest = last if isinstance(last, CertificateFacts) and last is not about else None
    return Since(newest, revoked, whole=end - about.edition < len(chain))


def _follows(later: CertificateFacts, about: CertificateFacts) -> bool:
    return later.edition > about.edition and _of_family(later, about)


def _of_family(later: CertificateFacts | Revocation, about: CertificateFacts) -> bool:
    """Whether it is an edition of the same certificate, or its revocation, by the keeper's name."""
    first = about.certificate.partition(EDITION)[0]
    named = first if later.edition == 1 else f"{first}{EDITION}{later.edition}"
    whose = (later.certificate, later.list, later.entrustor)
    return whose == (named, about.list, about.entrustor)


def _linked(later: CertificateFacts, chain: Mapping[int, Signed]) -> bool:
    """Whether it names the edition before it, if that is here, to the byte."""
    before = chain.get(later.edition - 1)
    return before is None or concerns(later.replaces, before.envelope)


def _ends(revoked: Revocation, chain: Mapping[int, Signed]) -> bool:
    """Whether it is of the last edition, to the byte, or of one after it."""
    last = max(chain)
    if revoked.edition == last:
        return concerns(revoked, chain[last].envelope)
    return revoked.edition > last
