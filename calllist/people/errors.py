"""What can go wrong around accounts. No text says whether a login exists."""

from datetime import datetime

from calllist.errors import CalllistError


class SignInRefused(CalllistError):
    """Unknown login, wrong password, stopped or not yet enrolled: the same for all."""

    code = "sign_in_refused"
    keeps = True  # the failure is counted


class Throttled(CalllistError):
    """Too many wrong passwords for this login, existing or not. Try again at `until`."""

    code = "throttled"
    keeps = True

    def __init__(self, until: datetime) -> None:
        super().__init__("throttled")
        self.until = until


class NotSignedIn(CalllistError):
    """No session, or one that is over or has not passed the second factor."""

    code = "not_signed_in"


class CommandCodeUnknown(CalllistError):
    """No such code for the command line, or it is used, over, or its shift has ended."""

    code = "command_code_unknown"


class GrantNotLent(CalllistError):
    """The command line's session was begun without the shift's grant."""

    code = "grant_not_lent"


class RoleRefused(CalllistError):
    """This role may not do that."""

    code = "role_refused"


class InvitationUnknown(CalllistError):
    """No such invitation, or it is used or expired."""

    code = "invitation_unknown"


class CredentialUnreadable(CalllistError):
    """Not what a browser brings from a security key."""

    code = "credential_unreadable"


class TokenMissing(CalllistError):
    """No hardware token has been handed over to this person."""

    code = "token_missing"


class PasswordTooWeak(CalllistError):
    """Shorter than 12 characters, contains the login, or one of too few characters."""

    code = "password_too_weak"


class LoginTaken(CalllistError):
    """Another account has this login."""

    code = "login_taken"


class LoginMalformed(CalllistError):
    """A login is 2 to 64 letters, digits, dots, hyphens, underscores, @."""

    code = "login_malformed"


class RoleIncomplete(CalllistError):
    """An operator or manager needs a party, an entrustor's officer an entrustor."""

    code = "role_incomplete"


class PersonUnknown(CalllistError):
    """No such account."""

    code = "person_unknown"


class StatementForeign(CalllistError):
    """The statement concerns another entrustor, or none."""

    code = "statement_foreign"


class StatementUnreadable(CalllistError):
    """The uploaded file is not a signed statement."""

    code = "statement_unreadable"
