"""What can go wrong on the overseers' side."""

from calllist.errors import CalllistError


class CertificateUnknown(CalllistError):
    """No such certificate, or not this entrustor's."""

    code = "unknown_certificate"


class CertificateChanged(CalllistError):
    """What is kept under this name is not the certificate that was issued under it."""

    code = "certificate_changed"


class NotInForce(CalllistError):
    """This certificate was replaced or revoked: it is not one to confirm receipt of."""

    code = "certificate_not_in_force"


class PdfNotYet(CalllistError):
    """The certificate is there, its PDF is still being made: come again."""

    code = "pdf_not_yet"


class NotRevoked(CalllistError):
    """No revocation of this certificate is here."""

    code = "not_revoked"


class HandoverChanged(CalllistError):
    """The results waiting are no longer those of the fetched file: fetch it again."""

    code = "handover_changed"


class NothingToHandOver(CalllistError):
    """No result waits to be fetched."""

    code = "nothing_to_hand_over"


class PeriodMalformed(CalllistError):
    """A report is of a day (2026-11-23) or a month (2026-11)."""

    code = "period_malformed"
