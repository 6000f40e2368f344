"""The documents that `calllist verify` is given: the JSON, or the PDF that holds it.

Whatever its form, what counts is the signed original; a PDF is checked first, whole, by the
pinned certificate of its signer.
"""

from dataclasses import dataclass
from pathlib import Path

from calllist.commands.console import NO, CommandFailed, Console, read
from retention import certificates
from retention.errors import NotAuthentic
from retention.succession import Signed
from retention.verify import is_revocation, revocation, verify

MAGIC = b"%PDF-"


@dataclass(frozen=True)
class Pinned:
    """What was received another way, and no document can bring along."""

    key: bytes  # of certificates, Ed25519
    document: Path | None  # the certificate of the PDFs' signer
    stamp_roots: Path | None  # those that may vouch for a timestamp; None: any


def opened(speak: Console, file: Path, pinned: Pinned) -> Signed:
    """A certificate in either form, or a revocation; of a PDF it is said that it is genuine.

    Fails, naming the file, with what is not genuine, and without what a PDF needs.
    """
    content = read(file)
    try:
        if content.startswith(MAGIC):
            return _of_pdf(speak, file, content, pinned)
        if is_revocation(content):
            return Signed(revocation(content, pinned.key), content)
        return Signed(verify(content, pinned.key), content)
    except NotAuthentic as refused:
        raise refusal(speak, file, refused) from None


def refusal(speak: Console, file: Path, why: NotAuthentic) -> CommandFailed:
    """The sentence for a document that is not accepted."""
    reason = certificates.reason(why.reason, speak.lang)
    return CommandFailed("refused_certificate", NO, file=file, reason=reason)


def _of_pdf(speak: Console, file: Path, content: bytes, pinned: Pinned) -> Signed:
    """Check the PDF, then the original inside. Raises NotAuthentic."""
    from retention.pdf import checking  # noqa: PLC0415  # a PDF reader: 0.2 s, here only

    if pinned.document is None:
        raise CommandFailed("needs_document_certificate")
    roots = pinned.stamp_roots
    chain = checking.certificates(read(pinned.document))
    vouching = checking.certificates(read(roots)) if roots else None
    found = checking.check(content, pinned.key, chain, vouching)
    speak.say("document_authentic", file=file, certificate=pinned.document)
    if found.stamp is None and roots:
        raise CommandFailed("stamp_missing", NO)
    if found.stamp is None:
        speak.say("document_not_stamped")
    else:
        at = certificates.moment(found.stamp.at, speak.lang)
        said = "document_stamped" if roots else "document_stamped_by_somebody"
        speak.say(said, at=at, authority=found.stamp.authority)
    return Signed(found.facts, found.envelope)
